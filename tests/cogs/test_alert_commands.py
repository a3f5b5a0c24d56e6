"""`/alerts`: rules looked at, changed and rehearsed, silences made and ended, and what happened, by real clicks."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from cogs._incident_pages import silence_view
from monitoring.model import SECOND, OperationDone
from monitoring.sandbox.interactions import Answer

from .conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def asked(house: House, name: str, **options: Any) -> Answer:
    """What an operator is answered."""
    answer = await house.sandbox.command(house.people["operator"], house.talk, name, options)
    assert answer.error is None, answer.error
    return answer


def shown(answer: Answer) -> dict[str, Any]:
    """The embed, with plain spaces in its texts."""
    embed = dict(answer.message["embeds"][0])
    embed["title"] = embed["title"].replace("\u00a0", " ")
    embed["description"] = embed.get("description", "").replace("\u00a0", " ")
    embed["fields"] = {one["name"]: one["value"].replace("\u00a0", " ") for one in embed.get("fields", [])}
    return embed


def buttons(answer: Answer) -> dict[str, str]:
    """Custom ids by label; a menu by its placeholder."""
    parts = [part for row in answer.message["components"] for part in row["components"]]
    return {str(part.get("label") or part.get("placeholder")): str(part["custom_id"]) for part in parts}


async def pressed(house: House, answer: Answer, label: str) -> Answer:
    """The button of that label, pressed by the same operator."""
    found = await house.sandbox.click(house.people["operator"], answer.message["id"], buttons(answer)[label])
    assert found.error is None, found.error
    return found


async def sent(house: House, opened: Answer, **values: str) -> Answer:
    """The form, filled in and sent."""
    found = await house.sandbox.submit_modal(house.people["operator"], opened, values)
    assert found.error is None, found.error
    return found


def typed(opened: Answer) -> dict[str, str]:
    """What stands in a form as it opens."""
    assert opened.modal is not None
    return {one["component"]["custom_id"]: one["component"].get("value") or "" for one in opened.modal["components"]}


async def answers(house: House, duration: float, n: int = 30) -> None:
    """Reported answers of the last minute, all as slow; then the rules are judged."""
    now = house.clock.now()
    for i in range(n):
        house.monitor.recorder.record(
            OperationDone("bot", "response", now - i * SECOND, duration, persona="Scav", guild_id=house.ops)
        )

    await house.monitor.recorder.flush()
    await house.monitor.watch.tick()


async def test_all_rules_are_listed_and_one_is_looked_at(house: House) -> None:
    """With state, limit and source; the one has its definition and its last 30 days."""
    listed = await asked(house, "alerts rules")
    embed = shown(listed)
    assert embed["title"].startswith(f"{len(house.monitor.rules.all())} rules: ")
    assert "`response_time` above 5.0 s" in embed["description"]
    assert not listed.ephemeral
    more = await pressed(house, listed, "More")
    assert shown(more)["footer"]["text"].startswith("page 2 of 2")

    menu = buttons(listed)["Look at a rule"]
    first = await pressed(house, more, "Back")
    one = await house.sandbox.select(house.people["operator"], first.message["id"], menu, ["response_time"])
    assert one.ephemeral
    found = shown(one)
    assert found["fields"]["Last 30 days"] == "It did not open."
    assert 'above = "5 s"' in found["fields"]["Definition"]
    assert list(buttons(one)) == ["Change it", "Rehearse", "Switch off"]


async def test_a_rule_is_changed_by_a_form_rehearsed_and_armed(house: House) -> None:
    """A mistake is said in words and loses nothing; what is armed holds at once."""
    opened = await asked(house, "alerts set", rule="response_time")
    before = typed(opened)
    assert (before["limit"], before["for"], before["severity"]) == ("above 5 s", "0 s", "warning")

    wrong = await sent(house, opened, limit="above 6 bananas", severity="urgent")
    assert wrong.ephemeral
    assert shown(wrong)["title"] == "2 things are not right yet"
    assert "severity 'urgent' is not known" in shown(wrong)["description"]
    assert house.monitor.rules.get("response_time").above == 5.0

    again = await pressed(house, wrong, "Change it")
    kept = typed(again)
    assert (kept["limit"], kept["severity"]) == ("above 6 bananas", "urgent")

    right = await sent(house, again, limit="above 6.5 s", severity="warning")
    assert shown(right)["title"] in ("Nothing is on record to try this rule on", "A quiet rule: no alert in a day")
    assert list(buttons(right)) == ["Arm the rule", "Change the limit", "Discard"]
    assert house.monitor.rules.get("response_time").above == 5.0, "nothing is armed before it is said"

    armed = await pressed(house, right, "Arm the rule")
    assert "Before: Mean response above 5.0 s" in shown(armed)["description"]
    rule = house.monitor.rules.get("response_time")
    assert (rule.above, rule.critical_above, rule.source) == (6.5, 13.0, "discord")

    stale = await house.sandbox.click(house.people["operator"], right.message["id"], buttons(right)["Arm the rule"])
    assert stale.error is not None or stale.message["content"].startswith("That is not here")


async def test_a_new_rule_is_made_and_its_draft_outlives_a_restart(house: House) -> None:
    """What was typed is in the store, under the id that the buttons bear; settled, it is gone."""
    opened = await asked(house, "alerts set", rule="mira_slow")
    assert 'name = "mira_slow"' in typed(opened)["more"]
    wrong = await sent(house, opened, limit="above nothing")
    draft = buttons(wrong)["Change it"].split(":")[2]
    (stored,) = await house.monitor.store.load("setting", key="alert_drafts")
    assert dict(stored.body["value"])[draft]["limit"] == "above nothing"  # type: ignore[call-overload]  # a table
    again = await pressed(house, wrong, "Change it")
    assert typed(again)["limit"] == "above nothing"

    made = await pressed(house, await sent(house, again, limit="above 9 s"), "Arm the rule")
    assert shown(made)["title"] == "Armed: Mean response"
    rule = house.monitor.rules.get("mira_slow")
    assert (rule.above, rule.by) == (9.0, ""), "who made it is no label of it"
    (stored,) = await house.monitor.store.load("setting", key="alert_drafts")
    assert draft not in dict(stored.body["value"])  # type: ignore[call-overload]  # a table


async def test_a_rule_of_discord_is_taken_back_after_a_question(house: House) -> None:
    """The built-in one counts again; what was made is gone."""
    listed = await asked(house, "alerts rules")
    menu, operator = buttons(listed)["Look at a rule"], house.people["operator"]
    one = await house.sandbox.select(operator, listed.message["id"], menu, ["response_time"])
    question = await pressed(house, one, "Take back")
    assert shown(question)["title"] == "Take back what was made in Discord?"
    kept = await pressed(house, question, "Keep it")
    gone = await pressed(house, await pressed(house, kept, "Take back"), "Take back")

    assert "built in" in shown(gone)["footer"]["text"]
    assert house.monitor.rules.get("response_time").above == 5.0


async def test_a_rule_is_switched_off_and_on(house: House) -> None:
    """Wherever it is from."""
    listed = await asked(house, "alerts rules")
    menu, operator = buttons(listed)["Look at a rule"], house.people["operator"]
    one = await house.sandbox.select(operator, listed.message["id"], menu, ["error_rate"])
    off = await pressed(house, one, "Switch off")
    assert not house.monitor.rules.get("error_rate").enabled
    await pressed(house, off, "Switch on")
    assert house.monitor.rules.get("error_rate").enabled


async def test_a_rule_is_rehearsed_as_it_is_and_with_another_limit(house: House) -> None:
    """Only for the one who asks, with the chart once there is something to draw."""
    await answers(house, 7.0)
    plain = await asked(house, "alerts rehearse", rule="response_time")
    assert plain.ephemeral
    assert list(buttons(plain)) == ["Change the limit"]
    assert shown(plain)["description"].startswith("Mean response above 5.0 s")

    other = await asked(house, "alerts rehearse", rule="response_time", limit="9")
    assert shown(other)["title"] == "A quiet rule: no alert in a day"
    assert shown(other)["description"].startswith("Mean response above 9.0 s")
    assert len(house.sandbox.files(other.message)) == 1
    discarded = await pressed(house, other, "Discard")
    assert shown(discarded)["title"] == "Discarded"

    await asked(house, "alerts rehearse", rule="nothing")
    operator, talk = house.people["operator"], house.talk
    await house.until("the refusal", lambda: _last(house, talk, operator).startswith("That is not here"))


async def test_a_proposed_limit_is_tried_or_used_by_its_button(house: House) -> None:
    """Tried: rehearsed first. Used: it holds at once, and says what was before."""
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(custom_id="mon:rule:llm_success:try:0.85", label="Try 85 %"))
    view.add_item(discord.ui.Button(custom_id="mon:rule:error_rate:use:0.08", label="Use 8 %"))
    view.add_item(discord.ui.Button(custom_id="mon:rule:error_rate:use:1e", label="Forged"))
    view.stop()
    message = await house.bot.get_partial_messageable(house.talk).send("x", view=view)
    operator = house.people["operator"]
    tried = await house.sandbox.click(operator, message.id, "mon:rule:llm_success:try:0.85")
    assert tried.ephemeral
    assert shown(tried)["description"].startswith("LLM success rate below 85 %")
    assert house.monitor.rules.get("llm_success").below == 0.9

    used = await house.sandbox.click(operator, message.id, "mon:rule:error_rate:use:0.08")
    assert shown(used)["title"] == "Armed: Error rate"
    assert "Before: Error rate above 5.0 %" in shown(used)["description"]
    newest = (await house.monitor.audit.newest(1))[0]
    assert (newest.who, newest.text) == ("operator", "Rule error_rate armed: above 8 %, before above 5 %.")
    rule = house.monitor.rules.get("error_rate")
    assert rule.above == pytest.approx(0.08)
    assert (rule.by, rule.enabled) == ("", True)
    forged = await house.sandbox.click(operator, message.id, "mon:rule:error_rate:use:1e")
    assert not forged.message.get("embeds")


async def test_limits_are_proposed_where_history_speaks(house: House) -> None:
    """An hour of history says nothing."""
    found = await asked(house, "alerts suggest")
    assert found.ephemeral
    assert shown(found)["title"] == "No limit needs a change"


async def test_a_silence_is_made_seen_and_ended(house: House) -> None:
    """By rule, until a time or for hours; what is wrong is said."""
    wrong = await asked(house, "alerts silence", rule="respons_time", until="teatime")
    assert "did you mean response_time?" in shown(wrong)["description"].replace("\\", "")
    assert "“teatime” is no time" in shown(wrong)["description"]

    both = await asked(house, "alerts silence", rule="response_time", until="18:00", hours=2)
    assert "not both" in shown(both)["description"]

    made = await asked(house, "alerts silence", rule="response_time", hours=2, reason="new GPU")
    assert shown(made)["title"] == "🔕 Silenced: response_time"
    assert "One incident that is open now falls under it." in shown(made)["description"]
    assert "new GPU" in shown(made)["description"]
    await house.monitor.watch.tick()
    active = shown(await asked(house, "alerts active"))
    assert active["title"] == "🔕 Nothing that is told is open"
    assert "silence of operator: new GPU" in active["fields"]["Quiet"]
    assert "rule **response\\_time**" in active["fields"]["Silences"]

    offered = await house.sandbox.autocomplete(
        house.people["operator"], house.talk, "alerts unsilence", "silence", "gpu"
    )
    assert [one["name"] for one in offered] == ["response_time · operator · new GPU"]
    ended = await asked(house, "alerts unsilence", silence=str(offered[0]["value"]))
    assert shown(ended)["title"] == "The silence is over"
    assert not [one for one in await house.monitor.watch.silences() if one.active(house.clock.now())]
    deeds = [one.text for one in await house.monitor.audit.newest(2)]
    assert deeds == [f"{did}: response_time · operator · new GPU." for did in ("Ended", "Made")]


async def test_a_maintenance_window_is_made_by_a_form(house: House) -> None:
    """Days and local times; a mistake loses nothing; it can be ended."""
    opened = await asked(house, "alerts silence", rule="everything", weekly=True)
    wrong = await sent(house, opened, days="Mon, Someday", start="2:00", end="25:00")
    assert "“someday” is no day of the week" in shown(wrong)["description"]
    assert "“25:00” is no time of day" in shown(wrong)["description"]
    again = await pressed(house, wrong, "Change it")
    assert typed(again)["days"] == "Mon, Someday"

    made = await sent(house, again, days="mon wed", end="04:00", last="2099-12-31")
    assert shown(made)["title"] == "🔕 Maintenance window: everything"
    assert shown(made)["description"].startswith("Mon, Wed 02:00 to 04:00 UTC, for the last time before <t:")
    (window,) = [one for one in await house.monitor.watch.silences() if one.recurring]
    assert window.recurring is not None
    assert (window.recurring.days, window.matchers) == ((0, 2), ())
    over = await pressed(house, made, "End it")
    assert shown(over)["title"] == "The silence is over"


async def test_groups_of_a_rule_are_offered(house: House) -> None:
    """Services for a rule by service."""
    offered = await house.sandbox.autocomplete(
        house.people["operator"], house.talk, "alerts silence", "group", "", {"rule": "service_unhealthy"}
    )
    assert [one["value"] for one in offered] == sorted(house.monitor.service_names())


async def test_history_says_who_did_what(house: House) -> None:
    """Newest first, with links, by rule; one can be looked at."""
    number = (await house.monitor.incidents())[0].number
    await house.monitor.acknowledge(number, "olivia")
    listed = await asked(house, "alerts history", days=2, rule="response_time")
    embed = shown(listed)
    assert embed["title"].startswith("1 incident of response_time in 2 days")
    assert "acknowledged by olivia after" in embed["description"]
    assert f"[incident {number}](https://discord.com/channels/" in embed["description"]

    menu = buttons(listed)["Look at one"]
    one = await house.sandbox.select(house.people["operator"], listed.message["id"], menu, [str(number)])
    assert one.ephemeral
    assert shown(one)["title"] == f"Incident {number}, so far"
    assert list(buttons(one)) == ["Why", "Change the limit"]
    assert shown(await asked(house, "alerts history", rule="disk"))["title"] == "No incident of disk in 7 days"


async def test_every_place_is_tried_and_reported(house: House) -> None:
    """What works, what does not, and who is told."""
    found = await asked(house, "alerts test")
    assert found.ephemeral
    embed = shown(found)
    assert embed["title"] == "🟢 All 2 places take notices"
    assert "**discord** took it" in embed["description"]
    assert house.sandbox.messages(house.ops_channel)[-1]["content"].startswith("🟢 Test")


async def test_buttons_of_an_incident_that_is_over_say_so(house: House) -> None:
    """The message shows its end; the one who pressed is told in words."""
    operator, number = house.people["operator"], (await house.monitor.incidents())[0].number
    message = next(one for one in house.sandbox.messages(house.ops_channel) if one["components"])
    await house.monitor.rules.enable("response_time", False)
    await house.monitor.watch.tick()
    await house.until("the end", lambda: "Resolved" in _title(house, message["id"]), 10)
    assert (await house.monitor.card(number)).face == "resolved"

    gone = await house.bot.get_partial_messageable(house.ops_channel).send("x", view=silence_view(number))
    answer = await house.sandbox.click(operator, gone.id, f"mon:inc:{number}:silence:1h")
    assert answer.message["embeds"][0]["title"].startswith("🟢 Resolved")

    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(custom_id=f"mon:inc:{number}:ack", label="Acknowledge"))
    view.stop()
    old = await house.bot.get_partial_messageable(house.talk).send("x", view=view)
    said = await house.sandbox.click(operator, old.id, f"mon:inc:{number}:ack")
    assert said.error is None

    def seen() -> list[Any]:
        return house.sandbox.messages(house.talk, operator)

    words = f"Incident {number} is over since <t:"
    await house.until("the words", lambda: any(one["content"].startswith(words) for one in seen()))
    await house.until("its end", lambda: any(one["id"] == str(old.id) and one["embeds"] for one in seen()))
    assert (await house.monitor.card(number)).incident.acknowledged_by == "olivia"


def _last(house: House, channel: int, viewer: int) -> str:
    return str(house.sandbox.messages(channel, viewer)[-1]["content"])


def _title(house: House, message_id: str) -> str:
    found = next(one for one in house.sandbox.messages(house.ops_channel) if one["id"] == message_id)
    return str(found["embeds"][0]["title"])
