"""What is told of clocks that jumped and of times when nobody watched: audit, events, grey, uptimes (F8, F10)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from monitoring.analysis.figure import Gap
from monitoring.clock_jumps import MOST
from monitoring.interfaces import SystemClock
from monitoring.model import DAY, HOUR, MINUTE, SECOND, Health, Instant, ProbeResult, Sample, Seen
from monitoring.monitor import Monitor
from monitoring.settings import Settings, load_settings
from monitoring.window import Scope, Window

from .walls import YEAR, Walls


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A store of its own."""
    return load_settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'store.sqlite3'}", timezone="UTC")


@pytest.fixture
def walls() -> Walls:
    """Clocks that begin with the time of today."""
    return Walls(SystemClock().now())


@pytest.fixture
async def monitor(settings: Settings, walls: Walls) -> AsyncIterator[Monitor]:
    """A running monitor whose clocks can be set."""
    it = Monitor(settings, clock=walls)
    await it.start()
    yield it
    await it.close()


async def test_f10_a_jump_leaves_an_event_and_a_row_of_the_audit(monitor: Monitor, walls: Walls) -> None:
    """With the seconds by which the clock was set, each once, at the time that the clock shows then."""
    for wrong in (YEAR, 0):
        walls.wrong = wrong
        monitor.schedule.look()
        monitor.schedule.look()
        await monitor.clock_jumps.write()
        await monitor.recorder.flush()

    rows = [row.body for row in await monitor.store.load("audit")]
    assert rows == [
        {"what": "clock_jump", "at": walls.true, "seconds": -YEAR / 1000},
        {"what": "clock_jump", "at": walls.true + YEAR, "seconds": YEAR / 1000},
    ]
    events = await monitor.store.series("event", walls.true - DAY, walls.true + 2 * YEAR, 0)
    assert {labels[0]: rollup.count for labels, rollup in events.steps[0].items()}["clock_jump"] == 2


async def test_f10_a_jump_makes_nobody_older(monitor: Monitor, walls: Walls) -> None:
    """How long the bot has been up is a duration: a clock set by a year leaves it as it is."""
    walls.run(HOUR)
    for wrong in (YEAR, -YEAR, 0):
        walls.wrong = wrong
        monitor.schedule.look()
        page = await monitor.health(host=False, scope=Scope(None))
        assert page.uptime == pytest.approx(3600, abs=1)


async def test_f10_a_clock_that_jumps_for_ever_fills_nothing(monitor: Monitor, walls: Walls) -> None:
    """The newest two hundred jumps are kept."""
    for number in range(MOST + 50):
        walls.run(HOUR)
        monitor.clock_jumps.noticed(float(number))
        if number % 20 == 0:
            await monitor.clock_jumps.write()

    await monitor.clock_jumps.write()
    kept = [row.body["seconds"] for row in await monitor.store.load("audit")]
    assert kept == [float(number) for number in range(50, MOST + 50)]


def watched(start: Instant, end: Instant) -> Iterator[Seen]:
    """What a living monitor records."""
    for at in range(start, end, 10 * SECOND):
        yield Sample("alive", 1.0, at)
        yield Sample("cpu_percent", 20.0, at)
        if at % (30 * SECOND) == 0:
            yield ProbeResult("llm", Health.HEALTHY, at, 0.1)


async def test_f8_an_absence_is_grey_and_neither_up_nor_down(monitor: Monitor, walls: Walls) -> None:
    """Twenty minutes without us: a gap to the minute, and uptimes of the probes that were made."""
    end = walls.now() - walls.now() % MINUTE
    gone, back = end - 40 * MINUTE, end - 20 * MINUTE
    monitor.first_at = None
    seen = [*watched(end - HOUR, gone), ProbeResult("llm", Health.UNHEALTHY, back, None), *watched(back, end)]
    await monitor.replay(seen, since=end - HOUR)
    found = await monitor.resources(Window(end - HOUR, end))
    assert found.gaps == (Gap(gone, back),)
    assert (await monitor.questions.uptimes([*monitor.rounds.services()])).keys() >= {"store"}

    probes = await monitor.store.series("probe", end - HOUR, end, 0)
    assert probes.sum(lambda labels: labels[0] == "llm").count == 81
