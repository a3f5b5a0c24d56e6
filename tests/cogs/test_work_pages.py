"""Errors, the operations of a service, throughput: what the embeds say, and the pages in use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import discord
import pytest
import pytest_asyncio

from cogs._embeds import REFUSAL
from cogs._errors_embed import errors_embed
from cogs._format import name_key
from cogs._performance_embed import performance_embed
from cogs._service_embed import throughput_embed, work_embed
from monitoring.analysis.figure import Figure, Timing
from monitoring.analysis.services import ServicePage, Work
from monitoring.model import MINUTE, Band, CommandRan, ErrorKind, OperationDone

from . import story, story_work
from .conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


def fields(embed: discord.Embed) -> dict[str, str]:
    """The fields by name, with plain spaces."""
    return {field.name or "": (field.value or "").replace("\u00a0", " ") for field in embed.fields}


def said(text: str | None) -> str:
    """A text with plain spaces."""
    return (text or "").replace("\u00a0", " ")


async def test_errors_say_what_the_rate_is_of() -> None:
    """The rate that is judged is the overview's, of answers; beside it stands that of all that was tried."""
    embed = errors_embed(story_work.errors())
    found = fields(embed)

    assert embed.title == "More errors than good, increasing"
    assert said(embed.description).startswith("310 of 14,120 operations and commands failed, 2.2 %.")
    assert found["Answers failed"] == "**2.2 %** 🔶 warning\n▲ 0.9 points worse"
    assert found["Errors"] == "**310**\n▲ 7 % more"
    assert found["Last 6 h"] == "**increasing**\n190 after 120"
    assert said(embed.footer.text) == "24 h to 18:00 Europe/Berlin · n 14,120 · ▲▼ against the 24 h before"


async def test_errors_name_kinds_places_and_the_newest() -> None:
    """Count, share, severity and last time; how much fails where; by what a failure is known again."""
    found = fields(errors_embed(story_work.errors()))
    stamp = story.at("14:40") // 1000

    assert found["Kinds: number, share, severity, last"].split("\n")[1] == (
        f"`rate_limit` **50** · 16 % · high · <t:{stamp}:R>"
    )
    assert found["By service"] == "`llm` 250 (2.8 %) · `commands` 60 (20 %)"
    assert found["By command"] == "`imagine` 60 (50 %)"
    assert found["Newest"].startswith("`timeout` in `llm_inference` `llm_inference` <t:")
    assert " · `a1b2c3d4e5f6`" in found["Newest"]


async def test_the_worst_hour_is_told() -> None:
    """With the kind that most of it was of."""
    words = said(errors_embed(story_work.errors()).description)

    assert f"Most from <t:{story.at('14:00') // 1000}:t>" in words
    assert "160, 150 of them `timeout`." in words


async def test_errors_of_a_service_have_their_own_rate() -> None:
    """Its name is in the title, and the rate is of its operations."""
    embed = errors_embed(story_work.errors(service="llm"))

    assert embed.title == "llm: more errors than good, increasing"
    assert fields(embed)["Error rate"].startswith("**2.2 %** 🔶 warning")
    assert "By service" not in fields(embed)


async def test_no_error_is_good_news_and_nothing_tried_is_none() -> None:
    """Two lines; where only Discord's events are known, failed answers are all that there is to tell."""
    calm, empty = errors_embed(story_work.no_errors(900)), errors_embed(story_work.no_errors())
    seen = errors_embed(replace(story_work.no_errors(), answers=Figure(0.02, None, 300, Band.WARNING)))

    assert (calm.title, len(calm.fields)) == ("Nothing failed", 0)
    assert "900 operations and commands, none of them failed." in said(calm.description)
    assert empty.title == "⚪ No data yet"
    assert said(seen.title) == "300 answers, 2.0 % of them failed"


async def test_too_few_errors_have_no_trend() -> None:
    """It is said that there is none."""
    found = fields(errors_embed(replace(story_work.errors(), trend=None)))

    assert found["Last 6 h"] == "**too few**\nto see a trend"


async def test_a_service_is_told_by_operation() -> None:
    """Count, failures and throughput in one line, times with the words of their bands in the next."""
    embed = work_embed(story_work.page())
    found = fields(embed)
    count, times = found["llm_inference"].split("\n")

    assert count == "n 9,860 · 2.4 % failed 🔶 warning · 6.8 a minute, 411 an hour"
    assert times == "mean **1.4 s** 🟢 good · P50 1.2 s · P95 **4.1 s** 🔶 warning · P99 **8.7 s** 🔶 warning"
    assert said(embed.title) == "llm: 2.4 % of embedding fail"
    assert found["Slowest"].startswith("**4.2 s** `llm_inference` <t:")
    assert "`timeout`" in found["Failed"]
    assert said(embed.description) == "19,700 operations · 480 failed (2.4 %) · 14 a minute, 821 an hour"


async def test_single_operations_of_long_windows_are_of_the_last_day() -> None:
    """Which is said."""
    found = fields(work_embed(replace(story_work.page(), window=story.MONTH)))

    assert {"Slowest, last 24 h", "Newest, last 24 h", "Failed, last 24 h"} <= {said(name) for name in found}


async def test_a_service_that_did_nothing_says_so() -> None:
    """And so does a bot whose host reports no operations."""
    idle = ServicePage(story.DAY_WINDOW, "tts", Work("tts", Timing(), None, None), Timing())

    assert work_embed(idle).title == "⚪ tts did nothing in this window"
    assert work_embed(replace(idle, service="")).title == "⚪ No operations in this window"


async def test_throughput_by_minute_and_hour() -> None:
    """Answers and messages; of a service its operations alone."""
    embed = throughput_embed(story_work.throughput())

    assert said(embed.title) == "411 answers an hour, 12 % more"
    assert fields(embed)["Messages an hour"] == "**1,560**"
    assert throughput_embed(story_work.throughput("llm")).title == "llm: 411 operations an hour, 12\u00a0% more"
    assert not throughput_embed(story_work.throughput("llm")).fields


async def test_performance_has_range_level_and_efficiency() -> None:
    """Mean 1.9 s: acceptable, 81 for speed; 120 of 9,860 failed: 87.8 for success; 84 together."""
    found = fields(performance_embed(story.performance()))

    assert found["Overall"] == "fastest 0.30 s, slowest 12.0 s · level acceptable · efficiency 84 of 100"


# --- in use


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def failing(house: House) -> AsyncIterator[House]:
    """An LLM that fails now and then in one guild, speech in the other, and a command that failed."""
    now, monitor = house.clock.now(), house.monitor
    for k in range(60):
        monitor.recorder.record(
            OperationDone(
                "llm",
                "llm_inference",
                now - (60 - k) * MINUTE // 2,
                1.0 + k / 100,
                ErrorKind.TIMEOUT if k % 6 == 0 else None,
                "a1b2c3d4e5f6" if k % 6 == 0 else "",
                persona="Scav",
                model="llama3.1:8b",
                guild_id=house.ops,
            )
        )

    for k in range(5):
        monitor.recorder.record(
            OperationDone("tts", "tts_generation", now - (k + 1) * MINUTE, 0.5, guild_id=house.other)
        )

    monitor.recorder.record(
        CommandRan("imagine", "slash", house.ops, house.talk, 7, now - MINUTE, 0.1, ErrorKind.VALIDATION)
    )
    await monitor.recorder.flush()
    yield house


async def use(house: House, who: str, name: str, options: dict[str, Any], where: int = 0) -> dict[str, Any]:
    """Use a command after a pause, and get what is shown."""
    house.clock.ahead += 11
    answer = await house.sandbox.command(house.people[who], where or house.talk, name, options)
    assert answer.error is None, f"{name}: {answer.error}; {house.sandbox.refused}"
    return dict(answer.message)


async def test_errors_page_and_its_menu(failing: House) -> None:
    """Eleven errors with a chart; another window of the same service is a click away."""
    message = await use(failing, "viewer", "stats errors", {"window": "1h"})
    assert "11 of " in message["embeds"][0]["description"]
    assert failing.sandbox.files(message)
    one = await use(failing, "viewer", "stats errors", {"window": "1h", "service": "LLM"})
    assert one["embeds"][0]["title"].startswith("llm: ")
    menu = f"mon:stats:errors:s{name_key('llm')}:window"
    failing.clock.ahead += 11
    again = await failing.sandbox.select(failing.people["viewer"], one["id"], menu, ["7d"])
    assert again.message["embeds"][0]["title"].startswith("llm: ")
    assert "7\u00a0d to" in again.message["embeds"][0]["footer"]["text"]


async def test_failed_commands_are_a_service_of_their_own(failing: House) -> None:
    """Suggested beside the others."""
    message = await use(failing, "viewer", "stats errors", {"window": "1h", "service": "commands"})
    assert "`validation`" in str(message["embeds"][0]["fields"])
    offered = await failing.sandbox.autocomplete(
        failing.people["viewer"], failing.talk, "stats errors", "service", "com"
    )
    assert [one["value"] for one in offered] == ["commands"]


async def test_an_unknown_service_is_refused(failing: House) -> None:
    """Like what is not allowed, in errors, performance and reports."""
    for name, options in (
        ("stats errors", {}),
        ("stats performance", {}),
        ("report", {"kind": "throughput"}),
        ("report", {"kind": "errors"}),
    ):
        failing.clock.ahead += 11
        await failing.sandbox.command(failing.people["viewer"], failing.talk, name, {**options, "service": "nobody"})

    def refusals() -> list[Any]:
        viewer = failing.people["viewer"]
        return [one for one in failing.sandbox.messages(failing.talk, viewer) if one["content"] == REFUSAL]

    await failing.until("four refusals", lambda: len(refusals()) == 4)


async def test_operations_of_a_service_and_all_services(failing: House) -> None:
    """A button beside the pictures, and a menu of services with all of them side by side."""
    viewer = failing.people["viewer"]
    message = await use(failing, "viewer", "stats performance", {"window": "1h", "service": "llm"})
    failing.clock.ahead += 11
    shown = await failing.sandbox.click(viewer, message["id"], f"mon:chart:operations:1h:s{name_key('llm')}")
    embed = shown.message["embeds"][0]
    assert [field["name"] for field in embed["fields"]][3] == "llm_inference"
    assert "`llama3.1:8b`" in str(embed["fields"])
    assert failing.sandbox.files(dict(shown.message))
    failing.clock.ahead += 11
    every = await failing.sandbox.select(viewer, message["id"], "mon:stats:performance:1h:service", ["*"])
    assert "service" in every.message["embeds"][0]["title"]
    assert not failing.sandbox.files(dict(every.message))
    failing.clock.ahead += 11
    one = await failing.sandbox.select(viewer, message["id"], "mon:stats:performance:1h:service", ["llm"])
    assert one.message["embeds"][0]["title"].startswith("llm: ")


async def test_other_guilds_work_is_not_seen(failing: House) -> None:
    """Elsewhere nobody has an LLM, and nothing failed; its name is suggested only where it is probed or worked."""
    message = await use(failing, "manager", "stats errors", {"window": "1h"}, failing.other_channel)
    assert message["embeds"][0]["title"] == "Nothing failed"
    assert "5 operations" in message["embeds"][0]["description"]


async def test_reports_of_errors_and_throughput(failing: House) -> None:
    """With charts; throughput of a service too."""
    for options in ({"kind": "errors"}, {"kind": "throughput", "service": "llm"}):
        message = await use(failing, "viewer", "report", {"window": "1h", **options})
        assert failing.sandbox.files(message), options
