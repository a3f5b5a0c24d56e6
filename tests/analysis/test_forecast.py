"""What a month will amount to, and when a gauge reaches its limit."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.analysis.forecast import days_left, month_end, reaches
from monitoring.model import DAY, HOUR
from tests.benchmarks import forecasts
from tests.thorough import examples

NOW = 20 * DAY


def test_even_days_go_on_as_they_are() -> None:
    """Thirty days of a hundred each, ten to come: eleven hundred with the one at hand, and hardly any doubt."""
    found = month_end([100.0] * 30, weekday=0, days_left=10)

    assert found is not None
    assert found.value == pytest.approx(1_100)
    assert found.high - found.low < 1
    assert (found.n, len(found.days)) == (30, 11)


def test_weekends_are_told_apart() -> None:
    """Ten on weekdays, fifty on Saturdays and Sundays: a weekend to come costs what weekends cost."""
    daily = [50.0 if day % 7 >= 5 else 10.0 for day in range(28 + 5)]
    found = month_end(daily, weekday=5, days_left=1)

    assert found is not None
    assert found.value == pytest.approx(100, rel=0.1)


def test_what_is_spent_is_counted_and_today_only_for_its_rest() -> None:
    """At noon of the month's last day half of it is still to come."""
    found = month_end([100.0] * 28, weekday=0, days_left=0, so_far=2_750, today=50, passed=0.5)

    assert found is not None
    assert found.value == pytest.approx(2_800)


def test_few_days_tell_nothing() -> None:
    """Six days are too few; days without monitoring are none."""
    assert month_end([1.0] * 6, weekday=0, days_left=3) is None
    assert month_end([1.0] * 6 + [None] * 20, weekday=0, days_left=3) is None
    assert month_end([0.0] * 7, weekday=0, days_left=3) is not None


def test_the_days_left_of_a_month() -> None:
    """In December too."""
    assert [days_left(date(2026, 12, 1)), days_left(date(2028, 2, 28)), days_left(date(2026, 4, 30))] == [30, 1, 0]


amounts = st.one_of(st.none(), st.floats(0, 1e9))


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(amounts, max_size=40), st.integers(0, 6), st.integers(0, 30), st.floats(0, 1))
def test_a_range_is_a_range(daily: list[float | None], weekday: int, left: int, passed: float) -> None:
    """Whatever came before: low ≤ value ≤ high, never less than what is spent, and growing by the day."""
    found = month_end(daily, weekday=weekday, days_left=left, so_far=5.0, today=5.0, passed=passed)
    if found is None:
        assert sum(value is not None for value in daily) < 7
        return

    assert 5.0 <= found.low <= found.value <= found.high
    for before, after in zip(found.days, found.days[1:], strict=False):
        assert all(a <= b * (1 + 1e-9) for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize("kind", list(forecasts.KINDS))
def test_ranges_hold_what_they_promise(kind: str) -> None:
    """Of simulated months of many kinds, about eight in ten end within their range: see the benchmark for the table."""
    share, _ = forecasts.covered(forecasts.KINDS[kind], 60, seed=11)
    assert 64 <= share <= 99


# --- gauges


def leak(per_day: float, *, days: int = 10, start: float = 40.0, noise: float = 0.5) -> list[tuple[int, float | None]]:
    """A gauge by the hour up to NOW that grows by so much a day."""
    dice = np.random.default_rng(4)
    hours = days * 24
    return [
        (NOW - (hours - 1 - k) * HOUR, start + per_day * k / 24 + float(dice.normal(0, noise))) for k in range(hours)
    ]


def test_a_leak_reaches_its_limit() -> None:
    """Forty percent and two more a day for ten days: ninety in fifteen days."""
    found = reaches(leak(2.0), 90, now=NOW)

    assert found is not None
    assert found.latest is not None
    assert found.earliest <= found.at <= found.latest
    assert found.at == pytest.approx(NOW + 15 * DAY, abs=DAY)
    assert found.per_day == pytest.approx(2.0, abs=0.2)
    assert found.level == pytest.approx(60, abs=1)


@pytest.mark.parametrize(
    ("points", "why"),
    [
        (leak(0.0), "it wavers"),
        (leak(-1.0), "it falls"),
        (leak(2.0)[:10], "ten readings"),
        (leak(0.1), "years away"),
        ([(at, None) for at, _ in leak(2.0)], "nothing was monitored"),
        ([], "nothing at all"),
    ],
)
def test_what_is_not_on_its_way_is_not_told(points: list[tuple[int, float | None]], why: str) -> None:
    """No date is made up."""
    assert reaches(points, 90, now=NOW) is None, why


def test_a_restart_begins_anew() -> None:
    """Memory grew to eighty, was freed, and grows again: the pace since the restart counts."""
    before = [(at - 10 * DAY, value) for at, value in leak(4.0)]
    found = reaches([*before, *leak(2.0)], 90, now=NOW)

    assert found is not None
    assert found.per_day == pytest.approx(2.0, abs=0.2)


def test_a_cache_that_has_filled_is_no_leak() -> None:
    """Ten days of growth, ten of standing still."""
    grown = [(at - 10 * DAY, value) for at, value in leak(3.0)]
    still = [(at, 70.0 + k % 2) for k, (at, _) in enumerate(leak(0.0))]

    assert reaches([*grown, *still], 90, now=NOW) is None


def test_a_limit_that_is_passed_is_reached_now() -> None:
    """Not in the past."""
    found = reaches(leak(5.0, start=50), 90, now=NOW)

    assert found is not None
    assert found.at == NOW
