"""A guild that the bot left: its data goes after 30 days, all of it, and of no other guild a single figure."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from monitoring.metrics import METRICS
from monitoring.model import DAY, HOUR, OperationDone, Told
from monitoring.monitor import Monitor
from monitoring.rows import Change, Document
from monitoring.seen import VoiceStay
from monitoring.store.guild_removal import GUILDED
from tests.conftest import PatientClock

from .conftest import ANNA, BERT, GUILD, OTHER, asks


async def busy(monitor: Monitor, clock: PatientClock) -> None:
    """An hour ago both guilds had messages, operations, voice time and affinities; Bert is in the other one only."""
    for guild, user, first in ((GUILD, ANNA, 100), (OTHER, BERT, 200)):
        asks(monitor, first, user, guild=guild)
        at = monitor.clock.now() - 500
        record = monitor.recorder.record
        record(OperationDone("llm", "llm_inference", at, 1.0, guild_id=guild, model="m", persona="Mira"))
        record(VoiceStay(guild, at - 60_000, at, 3))
        record(Told("affinity", at, "Mira", "Söl", value=50.0, guild_id=guild))

    await monitor.recorder.flush()
    clock.ahead += 3_600  # Until then, everything is decided.
    await monitor.recorder.flush()
    await monitor.store.tend(monitor.clock.now())


async def figures(monitor: Monitor, guild: int) -> dict[str, list[int]]:
    """What is kept of a guild, by metric: counts in minutes, hours and days."""
    now, found = monitor.clock.now(), {}
    for metric, place in GUILDED:
        for width in (HOUR, DAY):
            series = await monitor.store.series(metric, now - 60 * DAY, now + DAY, width)
            counts = [r.count for step in series.steps for labels, r in step.items() if labels[place] == str(guild)]
            found[f"{metric} {width}"] = counts

    return {name: counts for name, counts in found.items() if counts}


async def passed(monitor: Monitor, clock: PatientClock, days: float) -> None:
    """So much time passes, and the job that lets go looks again."""
    clock.ahead += days * 86_400
    await monitor.privacy.tend()


async def test_a_guild_goes_thirty_days_after_the_bot_left_it(monitor: Monitor, clock: PatientClock) -> None:
    """Rows, figures in steps of every width, people who were nowhere else; the other guild keeps every figure."""
    await busy(monitor, clock)
    before, other = await figures(monitor, GUILD), await figures(monitor, OTHER)
    assert len(before) > 10
    await monitor.privacy.guild_left(GUILD)
    await passed(monitor, clock, 29.9)
    assert await figures(monitor, GUILD) == before

    await passed(monitor, clock, 0.2)

    assert await figures(monitor, GUILD) == {}
    assert await figures(monitor, OTHER) == other
    assert await monitor.store.forgetting.guilds() <= {OTHER}
    with closing(sqlite3.connect(monitor.store.path)) as db:
        assert db.execute("SELECT count(*) FROM presence WHERE guild = ?", (GUILD,)).fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM told WHERE guild = ?", (GUILD,)).fetchone() == (0,)
        assert [text for (text,) in db.execute("SELECT hash FROM person")] == [monitor.user_hash.of(BERT)]
        assert not db.execute("SELECT 1 FROM document WHERE kind = 'guild_left'").fetchall()


async def test_coming_back_within_thirty_days_keeps_everything(monitor: Monitor, clock: PatientClock) -> None:
    """Leaving again begins anew."""
    await busy(monitor, clock)
    before = await figures(monitor, GUILD)
    await monitor.privacy.guild_left(GUILD)
    await passed(monitor, clock, 20)
    await monitor.privacy.guild_back(GUILD)
    await passed(monitor, clock, 5)
    await monitor.privacy.guild_left(GUILD)
    await passed(monitor, clock, 20)

    assert await figures(monitor, GUILD) == before


async def test_a_guild_left_while_the_bot_was_down_is_noticed(monitor: Monitor, clock: PatientClock) -> None:
    """And one that it was back in before it came up again."""
    await busy(monitor, clock)
    await monitor.privacy.guilds_are({OTHER})
    assert [one.key for one in await monitor.store.load("guild_left")] == [str(GUILD)]
    await passed(monitor, clock, 10)
    await monitor.privacy.guilds_are({OTHER})
    (left,) = await monitor.store.load("guild_left")
    assert left.due is not None
    assert left.due - monitor.clock.now() < 21 * DAY, "it goes on where it was"
    await monitor.privacy.guilds_are({GUILD, OTHER})
    assert await monitor.store.load("guild_left") == []


async def test_incidents_about_that_guild_alone_go_along(monitor: Monitor, clock: PatientClock) -> None:
    """Those of other groups stay."""
    await busy(monitor, clock)
    for number, group in ((1, str(GUILD)), (2, str(OTHER)), (3, "")):
        body: dict[str, object] = {"number": number, "group": group, "stage": "resolved", "severity": "warning"}
        await monitor.store.save([Change(Document("incident", f"{number:010}", 0, body | {"rule": "r", "since": 1}))])

    await monitor.privacy.guild_left(GUILD)
    await passed(monitor, clock, 30.1)

    assert [one.body["number"] for one in await monitor.store.load("incident")] == [2, 3]


def test_every_metric_that_knows_guilds_is_cleared() -> None:
    """A new one too: what is rewritten follows from the table of metrics."""
    assert {metric for metric, _ in GUILDED} == {name for name, one in METRICS.items() if "guild" in one.labels}
    assert len(GUILDED) > 20


@pytest.mark.parametrize("gone", [False, True])
async def test_a_row_of_the_journal_that_is_not_folded_is_no_way_back(
    monitor: Monitor, clock: PatientClock, gone: bool
) -> None:
    """What the guild's last moments added is folded first, and then removed."""
    await monitor.privacy.guild_left(GUILD)
    clock.ahead += 30.1 * 86_400
    asks(monitor, 100, ANNA)
    await monitor.recorder.flush()
    if gone:
        await monitor.privacy.tend()

    assert bool(await figures(monitor, GUILD)) is not gone
