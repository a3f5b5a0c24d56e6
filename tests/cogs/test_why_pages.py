"""`/why`, and uptime, promises and incidents: what the embeds say, to whom, and the pages in use."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import discord
import pytest
import pytest_asyncio

from cogs._embeds import REFUSAL
from cogs._insights_embed import insights_embed
from cogs._reliability_embed import incidents_embed, slo_embed, uptime_embed
from cogs._why_embed import why_embed
from monitoring.analysis.advice import Priority
from monitoring.analysis.figure import Figure
from monitoring.analysis.slo import UPTIME
from monitoring.analysis.uptime import Uptime
from monitoring.model import HOUR, MINUTE, OperationDone

from . import story, story_insight
from .conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


def fields(embed: discord.Embed) -> dict[str, str]:
    """The fields by name, with plain spaces."""
    return {field.name or "": (field.value or "").replace("\u00a0", " ") for field in embed.fields}


def said(text: str | None) -> str:
    """A text with plain spaces."""
    return (text or "").replace("\u00a0", " ")


# --- why


async def test_why_reads_as_the_looks_say() -> None:
    """The verdict, what rose, who explains how much, what does not, what to do."""
    embed = why_embed(story_insight.why())
    start, end = (moment // 1000 for moment in (story.SPELL.start, story.SPELL.end))

    assert embed.title == "llm_inference made it slow"
    assert said(embed.description) == (
        f"Mean response rose from 1.4 s to **4.6 s**, <t:{start}:t> to <t:{end}:t>.\n"
        "`llm_inference` in guild **Tavern** takes **3.9 s**, before 1.0 s. That is 91 % of the change."
    )
    assert fields(embed) == {
        "What explains it": (
            "1. `llm_inference` **+2.9 s**, 91 %\n2. model `llama3.1:8b` **+2.4 s**, 75 %\n"
            "3. persona **dagoth\\_ur** **+1.3 s**, 41 %"
        ),
        "What does not": "`discord_send` and `rag` are as usual.",
        "What to do": "Use a faster model or shorter prompts, and keep one model loaded on each GPU.",
    }
    assert said(embed.footer.text) == "47 min against the 47 min before · n 580 and 610"
    assert embed.color is None


async def test_nothing_changed_is_said_plainly() -> None:
    """Two lines, no fields."""
    embed = why_embed(replace(story_insight.why(), sure=False, top=None))

    assert embed.title == "Nothing changed beyond what is usual"
    assert not embed.fields
    assert said(embed.description).endswith("\nSo much it moves by itself.")


async def test_a_rise_without_a_cause_names_none() -> None:
    """What explains most is listed all the same."""
    embed = why_embed(replace(story_insight.why(), top=None))

    assert embed.title == "Slower, and no single part explains it"
    assert "No single part of it stands out." in said(embed.description)
    assert "What to do" not in fields(embed)


async def test_too_little_to_compare_is_said() -> None:
    """Answers are too few; amounts were not recorded."""
    few = why_embed(replace(story_insight.why(), before=None))
    new = why_embed(replace(story_insight.why(figure="tokens"), now=9_860.0, before=None))

    assert (few.title, new.title) == ("Too few answers to compare", "No whole window before to compare with")
    assert "at least ten answers" in said(few.description)
    assert said(new.description).startswith("**9,860** in this window.")


# --- what stands out


async def test_a_quiet_day_is_two_lines() -> None:
    """Nothing to do, nothing unusual, promises kept, and where the month is heading."""
    embed = insights_embed(story_insight.quiet(), story_insight.promises(), owner=False)

    assert embed.title == "Nothing stands out"
    assert said(embed.description).split("\n") == [
        "Nothing to do, nothing unusual; all promises kept, least budget left 58 %.",
        "This month: **24.1 M** (20.0 M to 28.0 M) tokens",
    ]
    assert not embed.fields


async def test_what_stands_out_has_evidence_and_action() -> None:
    """Priority and proof, the unusual hour, promises, and what is to come with its range."""
    burning = story_insight.promise(bad=0.005, burn=16)
    found = story_insight.insights(story_insight.advice(), story_insight.advice("cache", "Caches miss"))
    embed = insights_embed(found, story_insight.promises(burning, story_insight.promise(UPTIME)), owner=True)
    shown, hour = fields(embed), story.at("14:00") // 1000

    assert embed.title == "Answers are slow, and 1 more to do"
    assert shown["Worth doing"].startswith(
        "**Answers are slow** (medium). Mean 4.6 s, warning from 2 s.\n→ Free the GPU."
    )
    assert shown["Unusual for its hour of the week"] == f"Mean response **4.6 s**, usual 1.4 s: <t:{hour}:f>, 1 h"
    assert shown["Promises over 30 d"].split("\n") == [
        f"🟥 Answers succeed **99.50 %** of 99 % · 50 % of budget left · burn 16.2 in 1 h, 16.0 in 6 h, 16.0 in 3 d"
        f" · gone <t:{burning.gone_at // 1000 if burning.gone_at else 0}:R>",
        "🟢 1 other kept; least budget left 58 %",
    ]
    assert "**$83** ($74 to $96)" in shown["To come"]
    assert "Disk reaches 95 % **<t:" in shown["To come"]
    assert " to never), now 81 %" in shown["To come"]


async def test_money_and_the_machine_are_for_owners() -> None:
    """Neither forecasts nor recommendations of them are shown to others."""
    dear = story_insight.advice("expensive", "`gpt-4o` is dear", Priority.HIGH)
    full = story_insight.advice("disk", "The disk fills", Priority.HIGH)
    viewer = insights_embed(story_insight.insights(dear, full), story_insight.promises(), owner=False)
    owner = insights_embed(story_insight.insights(dear, full), story_insight.promises(), owner=True)

    assert viewer.title == "1 unusual time, nothing to do"
    assert not {"$", "Disk", "dear", "disk"} & set(str(viewer.to_dict()).replace("`", " ").split())
    assert "$83" not in str(viewer.to_dict())
    assert owner.title == "gpt-4o is dear, and 1 more to do"


# --- uptime, promises, incidents


async def test_uptime_names_who_was_away() -> None:
    """For how long; else two lines."""
    embed = uptime_embed(story_insight.uptime())
    calm = uptime_embed(replace(story_insight.uptime(), services=story_insight.uptime().services[1:]))

    assert said(embed.title) == "llm was down, lowest uptime 96.73 %"
    assert said(embed.description) == "**llm** **96.73 %** · down 47 min · slow 1 min"
    assert said(calm.description) == "No service was down.\n**tts** was slow for 10 min."
    assert uptime_embed(Uptime(story.DAY_WINDOW, HOUR, ())).title == "⚪ No service was probed"


async def test_incidents_have_their_means() -> None:
    """How many, how bad, how soon taken and over; none is said."""
    embed = incidents_embed(story_insight.incidents())
    none = incidents_embed(replace(story_insight.incidents(), rules=(), opened=Figure(0)))

    assert embed.title == "2 incidents, 1 still open"
    assert fields(embed) == {
        "Opened": "**2**\n▲ 100 % more",
        "Acknowledged after": "**14 min**\nmean of 1",
        "Over after": "**42 min**\nmean of 1",
        "By rule, longest first": "🟥 Mean response 2 times, 1 h 32 min",
    }
    assert none.title == "No incidents in this window"


async def test_promises_with_too_few_are_not_judged() -> None:
    """They come last, as a number."""
    few = story_insight.promise(UPTIME, 0.0, 12, "rag")
    embed = slo_embed(story_insight.promises(story_insight.promise(bad=0.013), few))

    assert embed.title == "1 of 2 promises in trouble"
    assert said(embed.description).split("\n") == [
        "🟥 Answers succeed **98.70 %** of 99 % · budget used up · burn 0.4 in 1 h, 0.4 in 6 h, 0.4 in 3 d",
        "and 1 more, 1 of them with too few to judge",
    ]
    assert slo_embed(story_insight.promises(few)).title == "Too few so far to judge promises"


# --- in use


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def slow(house: House) -> AsyncIterator[House]:
    """Four answers a minute for two hours; in the last five minutes many more, of which one model takes 12 s."""
    now, monitor = house.clock.now(), house.monitor
    monitor.first_at = now - 3 * HOUR
    calm = range(now - 2 * HOUR + 5 * MINUTE, now - 5 * MINUTE, 15_000)
    busy = range(now - 4 * MINUTE, now - 8_000, 2_900)
    for k, at in enumerate((*calm, *busy)):
        model = "llama3.1:8b" if k % 2 else "gpt-4o-mini"
        took = (12.0 if at in busy and k % 2 else 1.0) + 0.1 * (k % 7)
        guild = house.ops if k % 3 else house.other
        for name, service, seconds in (("llm_inference", "llm", took), ("response", "bot", took + 0.2)):
            monitor.recorder.record(
                OperationDone(
                    service,
                    name,
                    at,
                    seconds,
                    persona="Scav",
                    model=model if service == "llm" else "",
                    guild_id=guild,
                    response_id=1_000_000 + k,
                )
            )

    await monitor.recorder.flush()
    yield house


async def use(house: House, who: str, name: str, options: dict[str, Any], where: int = 0) -> dict[str, Any]:
    """Use a command after a pause, and get what is shown."""
    house.clock.ahead += 11
    answer = await house.sandbox.command(house.people[who], where or house.talk, name, options)
    assert answer.error is None, f"{name}: {answer.error}; {house.sandbox.refused}"
    return dict(answer.message)


async def test_why_names_the_slow_model(slow: House) -> None:
    """For the whole bot to the owner: with a chart, and a menu of figures that has cost."""
    message = await use(slow, "owner", "why", {"figure": "mean", "window": "1h"})
    embed = message["embeds"][0]

    assert embed["title"].startswith("llama3.1:8b made it slow")
    assert "model `llama3.1:8b`" in str(embed["fields"])
    assert slow.sandbox.files(message)
    assert [option["value"] for option in message["components"][0]["components"][0]["options"]] == [
        "all", "mean", "p95", "errors", "messages", "tokens", "cost",
    ]  # fmt: skip


async def test_why_of_a_guild_is_its_own(slow: House) -> None:
    """Fewer answers, no other guild, no cost."""
    whole = await use(slow, "owner", "why", {"figure": "mean", "window": "1h"})
    message = await use(slow, "manager", "why", {"figure": "mean", "window": "1h"}, slow.other_channel)

    counts = [int(re.findall(r"n\u00a0(\d+)", one["embeds"][0]["footer"]["text"])[0]) for one in (whole, message)]
    assert 0.3 < counts[1] / counts[0] < 0.4, "every third answer is of that guild"
    assert "Ops" not in str(message["embeds"][0])
    assert "cost" not in str(message["components"])


async def test_menus_ask_about_another_figure_and_window(slow: House) -> None:
    """In place of the page; what stands out is one of the choices."""
    message = await use(slow, "viewer", "why", {"figure": "mean", "window": "1h"})
    viewer = slow.people["viewer"]
    slow.clock.ahead += 11
    other = await slow.sandbox.select(viewer, message["id"], "mon:why:1h:figure", ["errors"])
    assert other.message["embeds"][0]["title"] == "Nothing changed beyond what is usual"
    slow.clock.ahead += 11
    wider = await slow.sandbox.select(viewer, message["id"], "mon:why:errors:window", ["6h"])
    assert wider.message["embeds"][0]["footer"]["text"].replace("\u00a0", " ").startswith("6 h against the 6 h before")
    slow.clock.ahead += 11
    everything = await slow.sandbox.select(viewer, message["id"], "mon:why:6h:figure", ["all"])
    assert "Promises" in str(everything.message["embeds"][0]) or everything.message["embeds"][0]["description"]
    assert not slow.sandbox.files(dict(everything.message))


async def test_cost_is_refused_to_others(slow: House) -> None:
    """Like what is not there; no menu of theirs offers it."""
    viewer = slow.people["viewer"]
    message = await use(slow, "viewer", "why", {"figure": "messages", "window": "1h"})
    assert "cost" not in str(message["components"])
    slow.clock.ahead += 11
    await slow.sandbox.command(viewer, slow.talk, "why", {"figure": "cost"})
    await slow.until(
        "the refusal", lambda: any(one["content"] == REFUSAL for one in slow.sandbox.messages(slow.talk, viewer))
    )


async def test_why_without_a_figure_is_one_page(slow: House) -> None:
    """What stands out, whoever asks."""
    for who in ("owner", "viewer"):
        message = await use(slow, who, "why", {"window": "1h"})
        assert message["embeds"][0]["title"]
        assert not slow.sandbox.files(message)


async def test_reports_of_reliability(slow: House) -> None:
    """Uptime, promises and causes to viewers; incidents to operators only."""
    for kind in ("uptime", "slo", "why"):
        message = await use(slow, "viewer", "report", {"kind": kind})
        assert message["embeds"][0]["title"], kind

    assert "ncident" in (await use(slow, "operator", "report", {"kind": "incidents"}))["embeds"][0]["title"]
    slow.clock.ahead += 11
    refused = await slow.sandbox.command(slow.people["viewer"], slow.talk, "report", {"kind": "incidents"})
    assert (refused.message.get("content"), refused.ephemeral) == (REFUSAL, True)


async def test_an_incident_says_why(slow: House) -> None:
    """Its notice names the cause; Why shows it to the one who asks, over the incident's life, and the errors too."""
    await slow.monitor.watch.tick()
    found = (await slow.monitor.incidents())[0]
    card = await slow.monitor.card(found.number)
    assert card.cause.startswith("`llama3.1:8b` takes **")

    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(custom_id=f"mon:inc:{found.number}:details", label="Details"))
    view.stop()
    message = await slow.bot.get_partial_messageable(slow.ops_channel).send("x", view=view)
    operator = slow.people["operator"]
    details = await slow.sandbox.click(operator, message.id, f"mon:inc:{found.number}:details")
    assert details.message["components"][0]["components"][0]["custom_id"] == f"mon:inc:{found.number}:why"

    slow.clock.ahead += 11
    why = await slow.sandbox.click(operator, details.message["id"], f"mon:inc:{found.number}:why")
    assert why.ephemeral
    assert why.message["embeds"][0]["title"].startswith("llama3.1:8b made it slow")
    slow.clock.ahead += 11
    other = await slow.sandbox.click(operator, why.message["id"], f"mon:inc:{found.number}:why:errors")
    assert other.message["embeds"][0]["title"] == "Nothing changed beyond what is usual"
