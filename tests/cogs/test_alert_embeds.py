"""Incidents in every stage, rules, rehearsals, silences and history read as the looks say."""

from __future__ import annotations

from dataclasses import replace

import discord
import pytest

from cogs._alert_history_pages import history_embed
from cogs._alert_silences_pages import moment, silence_embed, window_of
from cogs._embeds import STRIPE
from cogs._incident_embed import incident_embed, ping_text, recovery_text
from cogs._incident_pages import incident_view
from cogs._rehearsal_embed import rehearsal_embed, unrehearsed_embed
from cogs._rules_embed import rule_embed, rules_embed, standing
from cogs._trial_embed import trial_embed
from monitoring.alerting.calmer import calmer
from monitoring.alerting.silences import Silence
from monitoring.incident import Rule

from . import story
from .story_alerts import BETTER_NOW, SILENCE, WEEKLY, down, flapping, past, rehearsed, stages, together

STAGES = {
    "open": ("🔶 Open: P95 response 3.9 s", "warning", "Acknowledge, Silence, Details"),
    "open-critical": ("🟥 Open, critical: P95 response 8.3 s", "critical", "Acknowledge, Silence, Details"),
    "acknowledged": ("👤 Acknowledged: P95 response 8.3 s", "acknowledged", "Acknowledged, Silence, Details"),
    "silenced": ("🔕 Silenced: P95 response 8.3 s", "unknown", "Acknowledged, End silence, Details"),
    "silenced-by-rule": ("🔕 Silenced: P95 response 8.3 s", "unknown", "Acknowledge, Details"),
    "quiet-because-of-another": ("🔕 Silenced: P95 response 6.9 s", "unknown", "Acknowledge, Details"),
    "quiet-hours": ("🔕 Silenced: P95 response 6.9 s", "unknown", "Acknowledge, Silence, Details"),
    "told-again": ("🔶 Open: P95 response 8.3 s", "warning", "Acknowledge, Silence, Details"),
    "recovering": ("⏳ Recovering: P95 response 2.4 s", "warning", "Acknowledged, Silence, Details"),
    "resolved": ("🟢 Resolved: P95 response back to 2.2 s", "good", "Details, Why"),
    "flapping": (
        "🔁 Flapping: P95 response crossed 3.0 s 5 times in an hour",
        "warning",
        "Try 3.8 s, Silence, Details",
    ),
    "no-data": ("⚪ Open, no data: P95 response", "unknown", "Acknowledge, Silence, Details"),
    "cause-with-symptoms": ("🟥 Open, critical: llm is unhealthy", "critical", "Acknowledge, Silence, Details"),
    "grouped": ("🟥 Open, critical: 4 incidents at once", "critical", "Acknowledge, Silence, Details"),
    "grouped-resolved": ("🟢 Resolved: all 4 incidents are over", "good", "Details, Why"),
}


def plain(text: str | None) -> str:
    """With plain spaces."""
    return (text or "").replace("\u00a0", " ")


def fields(embed: discord.Embed) -> dict[str, str]:
    """Name → value."""
    return {field.name or "": plain(field.value) for field in embed.fields}


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_has_its_title_stripe_and_buttons(stage: str) -> None:
    """The title begins with the stage; three buttons at most."""
    title, stripe, buttons = STAGES[stage]
    card = stages()[stage]
    embed = incident_embed(card)

    assert plain(embed.title) == title
    assert embed.color == discord.Color(STRIPE[stripe])
    assert embed.timestamp is not None
    assert len(title) <= 60
    labels = [item.item.label for item in incident_view(card).children]  # type: ignore[attr-defined]
    assert plain(", ".join(labels)) == buttons


def test_the_story_knows_every_stage() -> None:
    """A new face needs a picture and a line here."""
    assert set(stages()) == set(STAGES)


def test_quiet_says_why_and_until_when() -> None:
    """A silence of somebody, another incident, quiet hours."""
    until = story.at("18:00") // 1000
    by_rule = plain(incident_embed(stages()["silenced-by-rule"]).description)
    assert by_rule.startswith(
        f"Silence of olivia: new GPU until <t:{until}:t>, <t:{until}:R>. `/alerts unsilence` ends it."
    )
    cause = plain(incident_embed(stages()["quiet-because-of-another"]).description)
    assert cause.startswith("It follows from incident 4133, llm is unhealthy, and stays quiet until that is over.")
    hours = plain(incident_embed(stages()["quiet-hours"]).description)
    assert hours.startswith(f"Quiet hours until <t:{until}:t>")


def test_what_is_told_again_and_what_is_escalated_is_said() -> None:
    """Why it is back, and what happens if nobody takes it."""
    assert "Told again: incident 4133 is over, and this is still broken." in plain(
        incident_embed(stages()["told-again"]).description
    )
    at = story.at("14:25") // 1000
    assert f"Without an acknowledgement by <t:{at}:t> it becomes critical and **mail** is told." in plain(
        incident_embed(stages()["open"]).description
    )


def test_why_it_is_better_and_why_it_is_back() -> None:
    """While it recovers, and after."""
    assert fields(incident_embed(stages()["recovering"]))["Why it is better"] == BETTER_NOW
    found = fields(incident_embed(stages()["resolved"]))
    assert list(found) == ["Cause", "Why it is back", "So that it stays away"]


def test_a_cause_lists_what_is_quiet_because_of_it() -> None:
    """With how bad each is, and its value."""
    embed = incident_embed(down())
    assert "Three alerts follow from this one; they are quiet and listed below." in plain(embed.description)
    assert fields(embed)["Quiet because of it"].splitlines()[:2] == ["🟥 LLM success rate 41 %", "🔶 Error rate 38 %"]
    one = incident_embed(down(symptoms=down().symptoms[:1]))
    assert "One alert follows from this one" in plain(one.description)


def test_several_at_once_are_a_line_each_and_what_is_over_stands_apart() -> None:
    """One message, one reply at the end, buttons for all."""
    found = fields(incident_embed(together()))
    assert found["Not over yet"].splitlines() == ["🔶 P95 response 4.2 s", "🟥 CPU 96 %", "🔶 Event-loop lag 380 ms"]
    assert found["Over"].startswith("🟢 Memory 84 %, over <t:")
    assert found["What to do"] == "Look for one cause first. The buttons count for all of them."
    assert plain(ping_text(together())) == "4 incidents at once, the worst critical."
    over = stages()["grouped-resolved"]
    assert plain(recovery_text(over)) == "🟢 **Resolved after 26 min.** All 4 incidents are over."


def test_several_that_somebody_took_are_acknowledged() -> None:
    """What they have in common is their stage."""
    card = together()
    taken = replace(card, members=tuple(replace(one, face="acknowledged") for one in card.members))
    assert plain(incident_embed(taken).title) == "👤 Acknowledged: 4 incidents at once"


def test_flapping_proposes_a_limit_beyond_what_was_seen() -> None:
    """Above or below; none where no limit would help."""
    card = flapping()
    assert "Between 2.4 s and 3.6 s since" in plain(incident_embed(card).description)
    assert calmer(card) == 3.8
    below = replace(card, limit=3.0, rule=replace(card.rule, above=None, below=3.0, recovery=None))
    assert calmer(below) == 2.2
    share = replace(card.rule, unit="rate", above=0.5)
    assert (
        calmer(replace(card, rule=share, limit=0.5, points=tuple(replace(p, value=0.99) for p in card.points))) is None
    )
    assert calmer(replace(card, points=())) is None


def test_a_rehearsal_says_what_the_rule_is_worth() -> None:
    """Quiet, useful, restless, noisy; when, and my view."""
    titles = {n: plain(rehearsal_embed(rehearsed(n)).title) for n in (0, 1, 4, 12, 60)}
    assert titles == {
        0: "A quiet rule: no alert in 29 days",
        1: "A useful rule: 1 alert in 29 days",
        4: "A useful rule: 4 alerts in 29 days",
        12: "A restless rule: 12 alerts in 29 days",
        60: "A noisy rule: 60 alerts in 29 days",
    }
    embed = rehearsal_embed(rehearsed())
    assert plain(embed.description) == "P95 response above 3.0 s for 1 min; 56 min in all."
    assert fields(embed)["When"].splitlines()[0].endswith("14 min, highest 8.6 s")
    assert fields(embed)["My view"].startswith("3 of 4 fell together with failing answers: worth waking for.")
    assert embed.color is None, "no state, no stripe"


def test_a_rule_that_cannot_be_rehearsed_says_why() -> None:
    """And can be armed all the same."""
    why = replace(rehearsed(), why_not="It is made of several figures.")
    assert rehearsal_embed(why).title == "This rule cannot be rehearsed"
    assert "several figures" in plain(rehearsal_embed(why).description)
    nothing = replace(rehearsed(0), points=())
    assert rehearsal_embed(nothing).title == "Nothing is on record to try this rule on"
    assert "can be armed all the same" in plain(unrehearsed_embed(story.RULE).description)


def test_rules_are_listed_by_state_those_that_need_a_look_first() -> None:
    """Open, without data, off, armed; what is wrong with the file is said."""
    rules: list[Rule] = [
        replace(story.RULE, name="calm"),
        replace(story.RULE, name="off", enabled=False),
        replace(story.RULE, name="p95_response", source="file"),
        replace(story.RULE, name="silent"),
    ]
    embed = rules_embed(standing(rules, past()[1:], frozenset({("silent", "")})), 0, "rules.toml is not right.")
    assert embed.title == "4 rules: 1 armed, 1 open, 1 no data, 1 off"
    text = plain(embed.description).splitlines()
    assert text[0] == "⚠ rules.toml is not right."
    assert text[1:3] == ["🟥 **Open**", "`p95_response` above 3.0 s, critical 8.0 s · file"]
    assert [line for line in text if "**" in line] == ["🟥 **Open**", "⚪ **No data**", "▫️ **Off**", "🟢 **Armed**"]


def test_one_rule_has_its_last_thirty_days() -> None:
    """How often, how long, and whether people acted."""
    found = fields(rule_embed(story.RULE, "armed", past()))
    assert found["Last 30 days"] == "2 times · 47 min in all · 1 open\nAcknowledged 1 of 2, after 14 min at the median."
    assert fields(rule_embed(story.RULE, "off", []))["Last 30 days"] == "It did not open."


def test_history_counts_and_names_who_acted() -> None:
    """An empty one says so."""
    found = past()
    embed = history_embed(found, found, {}, 7, "", (0, 0), story.EVENING)
    assert plain(embed.title) == "2 incidents in 7 days, 4 h 42 min in all"
    assert "acknowledged by olivia after 14 min · silenced for 1 h by olivia after 20 min" in plain(embed.description)
    assert history_embed([], [], {}, 1, "", (0, 0), story.EVENING).title == "No incident in 24 hours"


def test_a_silence_says_until_when_and_about_what() -> None:
    """Once, or at hours that come again."""
    once = silence_embed(SILENCE, 2, story.at("14:00"))
    assert once.title == "🔕 Silenced: p95_response"
    assert "2 incidents that are open now fall under it." in plain(once.description)
    again = silence_embed(WEEKLY, 0, story.at("14:00"))
    assert plain(again.description).startswith("Mon, Wed 02:00 to 04:00 Europe/Berlin.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("18:00", story.at("18:00")),
        ("9:30", story.at("09:30", 12)),
        ("2026-03-20 08:00", story.at("08:00", 20)),
        ("2026-13-01 08:00", None),
        ("25:00", None),
        ("soon", None),
    ],
)
def test_times_are_read_by_local_clocks(text: str, expected: int | None) -> None:
    """The next such time of day, or a date."""
    assert moment(text, story.at("14:12"), story.BERLIN) == expected


def test_a_maintenance_window_is_read_as_people_write_it() -> None:
    """Days in full or short, in any case; what is wrong is said, all of it."""
    texts = {
        "rule": "cpu",
        "group": "",
        "days": "MONDAY tu, sun",
        "start": "2:00",
        "end": "04:00",
        "last": "",
        "reason": "",
    }
    found = window_of(texts, "olivia", story.at("14:12"), story.BERLIN)
    assert isinstance(found, Silence)
    assert found.recurring is not None
    assert (found.recurring.days, found.recurring.start, found.matchers) == ((0, 1, 6), "02:00", (("rule", "cpu"),))
    wrong = window_of(
        texts | {"days": "t", "start": "two", "last": "2020-01-01"}, "olivia", story.at("14:12"), story.BERLIN
    )
    assert isinstance(wrong, list)
    assert len(wrong) == 3


def test_a_trial_reports_each_place() -> None:
    """What is broken first, with what it said."""
    embed = trial_embed([("discord", ""), ("mail", "550 no such user")], "Notices go to discord.")
    assert embed.title == "🟥 1 of 2 places did not take a notice"
    assert plain(embed.description).splitlines() == [
        "🟥 **mail** did not take it: 550 no such user",
        "🟢 **discord** took it",
    ]
    assert trial_embed([], "Notices go to nobody.").title == "⚪ There is no place to try"
