"""How services fared: shares, states of steps, and how long they were away."""

from __future__ import annotations

from monitoring.analysis.figure import Gap
from monitoring.analysis.uptime import uptime, uptime_width
from monitoring.model import DAY, HOUR, MINUTE, Health
from monitoring.rollup import Rollup, Series
from monitoring.window import Window

from .tables import BERLIN, at, window


def probes(start: int, width: int, *steps: dict[tuple[str, str], int]) -> Series:
    """Probes by service and health, step after step."""
    starts = tuple(start + width * k for k in range(len(steps)))
    tables = tuple({labels: Rollup(count=n) for labels, n in step.items()} for step in steps)
    return Series("probe", starts, tuple(begin + width for begin in starts), tables)


def test_uptime_is_of_known_probes() -> None:
    """Four of a hundred failed, ten were slow, and of twenty nothing is known: 96 %."""
    over = window("2026-03-11 12:00", "2026-03-11 13:00")
    told = {("llm", "healthy"): 86, ("llm", "degraded"): 10, ("llm", "unhealthy"): 4, ("llm", "unknown"): 20}
    found = uptime(over, probes(over.start, HOUR, told)).services

    assert [(one.name, one.share, one.n) for one in found] == [("llm", 0.96, 100)]


def test_a_failed_probe_stands_for_its_part_of_the_step() -> None:
    """Of twelve steps of five minutes one has ten probes, three of them failed and one slow: 90 s and 30 s."""
    over = window("2026-03-11 12:00", "2026-03-11 13:00")
    step = {("llm", "healthy"): 6, ("llm", "unhealthy"): 3, ("llm", "degraded"): 1}
    found = uptime(over, probes(over.start, 5 * MINUTE, step)).services[0]

    assert (found.down, found.slow) == (90, 30)
    assert [one.health for one in found.steps] == [Health.UNHEALTHY] + [Health.UNKNOWN] * 11


def test_unmonitored_time_is_not_time_away() -> None:
    """Half of the hour was dark: ten of twenty probes failed, which is a quarter of an hour."""
    over = window("2026-03-11 00:00", "2026-03-12 00:00")
    step = {("llm", "healthy"): 10, ("llm", "unhealthy"): 10}
    dark = (Gap(over.start, over.start + HOUR // 2),)

    assert uptime(over, probes(over.start, HOUR, step), dark).services[0].down == 15 * 60


def test_the_worst_that_lasted_gives_a_step_its_state() -> None:
    """One of a hundred is nothing; two are; a failed one counts as slow where slow ones are few."""
    over = window("2026-03-11 00:00", "2026-03-11 06:00")
    told = [
        {("a", "healthy"): 99, ("a", "unhealthy"): 1},
        {("a", "healthy"): 98, ("a", "unhealthy"): 1, ("a", "degraded"): 1},
        {("a", "healthy"): 98, ("a", "unhealthy"): 2},
        {("a", "unknown"): 9},
    ]
    states = [one.health for one in uptime(over, probes(over.start, 15 * MINUTE, *told)).services[0].steps]

    assert states[:4] == [Health.HEALTHY, Health.DEGRADED, Health.UNHEALTHY, Health.UNKNOWN]
    assert len(states) == 24


def test_days_are_the_zones() -> None:
    """A month in which clocks change has as many days, each from midnight to midnight."""
    over = Window(at("2026-03-15 12:00", BERLIN), at("2026-04-14 12:00", BERLIN), BERLIN, "30d")
    hours = [{("llm", "healthy"): 120}] * ((over.end - over.start) // HOUR)
    steps = uptime(over, probes(over.start, HOUR, *hours)).services[0].steps

    assert len(steps) == 31
    assert steps[0].start == at("2026-03-15 00:00", BERLIN)
    assert [(one.end - one.start) // HOUR for one in steps[13:16]] == [24, 23, 24]
    assert [one.known for one in steps[13:16]] == [24 * 120, 23 * 120, 24 * 120]


def test_short_windows_have_narrow_steps() -> None:
    """A dozen to a hundred steps in each window that can be asked for."""
    for length in (HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 90 * DAY):
        over = Window(0, length)
        assert 12 <= length // uptime_width(over) <= 90


def test_who_was_away_longest_comes_first() -> None:
    """Down before slow, slow before well."""
    over = window("2026-03-11 12:00", "2026-03-11 13:00")
    step = {("a", "healthy"): 9, ("b", "degraded"): 9, ("c", "unhealthy"): 9}

    assert [one.name for one in uptime(over, probes(over.start, MINUTE, step)).worst_first] == ["c", "b", "a"]
