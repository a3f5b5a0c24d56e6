"""Incidents and rules when the wall clock is set, while the bot runs and while it does not (F10)."""

from __future__ import annotations

import pytest

from monitoring.incident import Stage
from tests.alerting.scene import SLOW, ManualClock, MemoryStore, Scene

DAY, YEAR = 86_400, 31_536_000
JUMPS = [-YEAR, -DAY, -600, 600, DAY, YEAR]


def scene_of() -> Scene:
    """A watch that has run for a while."""
    return Scene(MemoryStore(), ManualClock(), rules=[SLOW])


@pytest.mark.parametrize("jump", JUMPS)
async def test_f10_what_holds_opens_in_time_after_a_jump(jump: float) -> None:
    """Thirty seconds before the clock is set and thirty after are a minute."""
    scene = scene_of()
    await scene.answers(5.0, 30)
    scene.clock.set(jump)
    await scene.answers(5.0, 50)
    assert (await scene.incident()).stage is Stage.OPEN


@pytest.mark.parametrize("jump", JUMPS)
async def test_f10_what_holds_opens_in_time_when_the_clock_was_set_meanwhile(jump: float) -> None:
    """Restarted under another time: at the latest, the minute begins anew."""
    scene = scene_of()
    await scene.answers(5.0, 30)
    scene.clock.set(jump)
    scene.start()
    await scene.answers(5.0, 80)
    assert (await scene.incident()).stage is Stage.OPEN


@pytest.mark.parametrize("jump", JUMPS)
async def test_f10_an_incident_ends_in_time_when_the_clock_was_set_meanwhile(jump: float) -> None:
    """It was on its way back when the bot was restarted under another time."""
    scene = scene_of()
    await scene.answers(5.0, 120)
    await scene.answers(1.0, 60)
    assert (await scene.incident()).stage is Stage.RECOVERING
    scene.clock.set(jump)
    scene.start()
    await scene.answers(1.0, 90)
    assert (await scene.incident()).stage is Stage.RESOLVED


@pytest.mark.parametrize("jump", [-YEAR, -DAY, -600])
async def test_f10_a_silence_lasts_as_long_as_meant_when_the_clock_was_set_back(jump: float) -> None:
    """Ten minutes, of which five were over."""
    scene = scene_of()
    await scene.answers(5.0, 120)
    await scene.watch.silence(1, "olivia", 600)
    await scene.answers(5.0, 300)
    scene.clock.set(jump)
    scene.start()
    await scene.answers(5.0, 340)
    assert (await scene.incident()).silenced_until is None


@pytest.mark.parametrize("jump", JUMPS)
def test_f10_the_last_reading_of_a_gauge_is_the_newest_one(jump: float) -> None:
    """A reading from before the clock was set back lies in the future and would stand for as long as that lasts."""
    scene = scene_of()
    scene.figures.gauge("cpu_percent", 95.0)
    scene.clock.set(jump)
    scene.clock.go(10)
    scene.figures.gauge("cpu_percent", 10.0)
    assert scene.figures.last("cpu_percent") == (10.0, scene.clock.now())
