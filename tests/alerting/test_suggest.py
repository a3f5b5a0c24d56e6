"""Limits from a bot's own history, with what speaks for them."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from monitoring.alerting.past import Past
from monitoring.alerting.rules import built_in
from monitoring.alerting.suggest import suggest
from monitoring.incident import Rule
from monitoring.model import DAY, HOUR, MINUTE
from monitoring.rollup import Rollup, Series, Table
from monitoring.window import Window

from .history import History, monitor_of
from .scene import NOON, ManualClock

SLOW = Rule("slow", "Mean response", "response", "mean", above=5.0, recovery=4.5, minimum=5)
BEGIN = NOON - 30 * DAY
WINDOW = Window(BEGIN, NOON, "Europe/Berlin", "30d")


def hours(values: list[float], failures: list[int] | None = None) -> Past:
    """Hours of twenty answers each."""
    tables: list[Table] = []
    for at, value in enumerate(values):
        rollup = Rollup(failures[at] if failures else 0, failures[at] if failures else 0)
        rollup.add(value, weight=20, sketch=True)
        tables.append({("Mira", "1", "reported"): rollup})

    starts = tuple(range(BEGIN, BEGIN + len(values) * HOUR, HOUR))
    return Past(
        Series("response", starts, tuple(at + HOUR for at in starts), tuple(tables)),
        Series("response", (), (), ()),
    )


def wandering(middle: float, seed: int = 3) -> list[float]:
    """A month of hours around a value."""
    dice = random.Random(seed)
    return [middle * dice.lognormvariate(0, 0.1) for _ in range(720)]


def test_a_limit_in_the_midst_of_the_usual_is_raised() -> None:
    """With how many incidents there would have been, now and then."""
    found = suggest(SLOW, hours(wandering(4.4)), WINDOW)
    assert found is not None
    assert found.now == 5.0
    assert 5.5 < found.proposed < 7.5
    assert found.times_now > 14
    assert found.times_then <= 4
    assert f"{found.times_now} incidents in 30" in found.why
    assert f"it would be {found.times_then}" in found.why


def test_a_limit_that_is_never_near_is_lowered() -> None:
    """At three times the worst hour nothing is told in time."""
    found = suggest(replace(SLOW, above=20.0, recovery=18.0), hours(wandering(1.0)), WINDOW)
    assert found is not None
    assert 1.5 < found.proposed < 3.0
    assert (found.times_now, found.times_then) == (0, 0)
    assert "The worst hour" in found.why


def test_a_limit_that_serves_well_is_left_alone() -> None:
    """Nothing to say is said by saying nothing."""
    assert suggest(SLOW, hours(wandering(2.5)), WINDOW) is None


def test_a_share_of_successes_is_lowered_within_its_whole() -> None:
    """A provider that fails one in ten all month."""
    rule = Rule("ok", "Success", "response", "success", below=0.9, recovery=0.92, minimum=10, unit="rate")
    dice = random.Random(4)
    found = suggest(rule, hours([1.0] * 720, [dice.choice((1, 2, 3, 4)) for _ in range(720)]), WINDOW)
    assert found is not None
    assert 0.7 < found.proposed < 0.86
    assert found.times_then < found.times_now


@pytest.mark.parametrize("rule", [rule for rule in built_in() if rule.name in ("service_unhealthy", "persona_slow")])
def test_nothing_is_proposed_where_there_is_no_figure(rule: Rule) -> None:
    """Well or not well has no limit, and several figures have no one history."""
    assert suggest(rule, hours(wandering(1.0)), WINDOW) is None


def test_little_history_proposes_nothing() -> None:
    """Four busy days at the least."""
    assert suggest(SLOW, hours(wandering(9.0)[:50]), WINDOW) is None


async def test_the_book_looks_at_the_rules_that_are_on(tmp_path: Path) -> None:
    """A busy CPU all month is proposed another limit, the noisiest rule first."""
    monitor = await monitor_of(tmp_path, ManualClock())
    history = History()
    history.quiet(BEGIN, NOON, 60)
    for hour in range(0, 720, 9):
        for minute in range(0, 60, 10):
            history.add("gauge", BEGIN + hour * HOUR + minute * MINUTE, ("cpu_percent",), history.times(*[88.0] * 50))

    await history.store(monitor)
    for rule in monitor.rules.all():
        if rule.name not in ("cpu", "response_time", "persona_slow"):
            await monitor.rules.enable(rule.name, False)

    found = await monitor.rules.suggest()
    assert found[0].rule == "cpu"
    assert 80 < found[0].proposed < 95
    assert found[0].times_now > 20
    monitor.questions.close()
    await monitor.store.close()
