"""Reading series: quantiles of few samples, widths, wider steps, gaps."""

from __future__ import annotations

import pytest

from monitoring.analysis.figure import Figure, Gap
from monitoring.analysis.series import (
    amount,
    chart_width,
    counted,
    days_since,
    gaps,
    label,
    only,
    outside,
    recorded,
    regroup,
    stored_width,
    timing,
    unlit,
)
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.rollup import Rollup, Series
from monitoring.window import SPANS, Window, window_of
from tests.analysis.tables import BERLIN, at, many, one, series, times, window

NOON = at("2026-03-11 12:00")


# --- quantiles


def test_nineteen_answers_are_too_few_for_a_p95() -> None:
    """P95 needs twenty samples; mean, median and extremes are told of any number."""
    found = timing(times(*range(1, 20)))

    assert (found.n, found.p95, found.p99) == (19, None, None)
    assert found.mean == 10
    assert found.p50 == pytest.approx(10, rel=0.01)
    assert (found.low, found.high) == (1, 19)


def test_twenty_answers_have_a_p95_but_no_p99() -> None:
    """By nearest rank the P95 of 1…20 is the nineteenth value."""
    found = timing(times(*range(1, 21)))

    assert found.p95 == pytest.approx(19, rel=0.01)
    assert found.p99 is None


@pytest.mark.parametrize(("n", "p99"), [(99, None), (100, 99)])
def test_p99_needs_a_hundred_answers(n: int, p99: float | None) -> None:
    """The P99 of 1…100 is the ninety-ninth value; of ninety-nine values there is none."""
    found = timing(times(*range(1, n + 1))).p99

    assert found == (None if p99 is None else pytest.approx(p99, rel=0.01))


def test_failures_do_not_help_a_p95() -> None:
    """Nineteen successes and a failure are twenty attempts, but nineteen samples."""
    found = timing(times(*[2.0] * 19, failed=1))

    assert (found.n, found.failures, found.p95) == (20, 1, None)
    assert found.mean == 2.0
    assert found.rate == 0.05


def test_timing_of_nothing_knows_nothing() -> None:
    """Without an answer every figure is unknown, none is zero."""
    found = timing(Rollup())

    assert (found.n, found.mean, found.p50, found.p95, found.low, found.rate) == (0, None, None, None, None, None)


# --- choosing


def test_only_keeps_what_has_all_the_wanted_values() -> None:
    """A label that is not asked for, or asked for as None, may have any value."""
    keep = only("response", persona="Mira", guild=None)

    assert keep(("Mira", "1", "inferred"))
    assert not keep(("Rex", "1", "inferred"))


def test_label_groups_what_is_kept() -> None:
    """Two guilds of one persona are one group; what is not kept is in none."""
    table = {
        ("Mira", "1", "inferred"): many(2),
        ("Mira", "2", "inferred"): many(3),
        ("Rex", "1", "reported"): many(5),
    }
    found = one("response", table).total(label("response", "persona", only("response", source="inferred")))

    assert {name: rollup.count for name, rollup in found.items()} == {"Mira": 5}


# --- amounts against the window before


def test_nothing_before_is_no_yardstick() -> None:
    """A count is compared with the one before only where there was one."""
    assert counted(many(5), many(4), whole=True) == Figure(5.0, 4.0, 5)
    assert counted(many(5), many(0), whole=True) == Figure(5.0, None, 5)


def test_window_before_that_recording_began_in_is_no_yardstick() -> None:
    """Three recorded days of seven would make any week look busier."""
    week = window("2026-03-08 00:00", "2026-03-15 00:00")

    assert recorded(week.before, at("2026-03-01 00:00"))
    assert not recorded(week.before, at("2026-03-05 00:00"))
    assert not recorded(week.before, None)
    assert amount(70, 30, n=70, whole=False) == Figure(70.0, None, 70)


# --- widths


@pytest.mark.parametrize(
    ("name", "width", "steps"),
    [
        ("1h", MINUTE, 60),
        ("6h", 5 * MINUTE, 72),
        ("24h", 15 * MINUTE, 96),
        ("7d", HOUR, 168),
        ("30d", 6 * HOUR, 120),
        ("90d", DAY, 90),
    ],
)
def test_charts_have_sixty_to_two_hundred_steps(name: str, width: int, steps: int) -> None:
    """The window's start is a little earlier than its name says; that makes no other width."""
    asked = window_of(name, NOON + 59_999)

    assert chart_width(asked) == width
    assert asked.length // width == steps
    assert set(SPANS) == {"1h", "6h", "24h", "7d", "30d", "90d"}


@pytest.mark.parametrize(
    ("ago", "length", "width"),
    [
        (DAY, DAY, MINUTE),
        (2 * DAY, DAY, MINUTE),
        (3 * DAY, DAY, HOUR),
        (30 * DAY, 30 * DAY, HOUR),
        (90 * DAY, 90 * DAY, DAY),
        (120 * DAY, DAY, DAY),
    ],
)
def test_steps_are_read_that_are_still_kept(ago: int, length: int, width: int) -> None:
    """Minutes are there for two days and hours for ninety; what is older is read in days."""
    assert stored_width(Window(NOON - ago, NOON - ago + length), NOON) == width


# --- wider steps


def hours(start: Instant, count: int) -> Series:
    """One message in each hour."""
    return series("message", start, HOUR, *[{("user", "", "1", "9"): many(1)}] * count)


def test_minutes_make_quarters_of_an_hour() -> None:
    """Sums stay, and the last step ends where the minutes do."""
    minutes = series("message", at("2026-03-11 12:10"), MINUTE, *[{("user", "", "1", "9"): many(1)}] * 25)
    found = regroup(minutes, 15 * MINUTE, "UTC")

    assert found.starts == (at("2026-03-11 12:00"), at("2026-03-11 12:15"), at("2026-03-11 12:30"))
    assert found.ends == (at("2026-03-11 12:15"), at("2026-03-11 12:30"), at("2026-03-11 12:35"))
    assert [rollup.count for rollup in found.line()] == [5, 15, 5]


@pytest.mark.parametrize(("date", "count"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_day_of_changing_clocks_is_one_day(date: str, count: int) -> None:
    """In Berlin the last Sundays of March and October have 23 and 25 hours, and one step each."""
    found = regroup(hours(at(f"{date} 00:00", BERLIN), count + 1), DAY, BERLIN)

    assert [rollup.count for rollup in found.line()] == [count, 1]
    assert found.ends[0] - found.starts[0] == count * HOUR


@pytest.mark.parametrize(
    ("date", "lengths"), [("2026-03-29", [5, 6, 6, 6]), ("2026-10-25", [7, 6, 6, 6]), ("2026-06-01", [6, 6, 6, 6])]
)
def test_quarters_of_a_day_follow_the_clock_on_the_wall(date: str, lengths: list[int]) -> None:
    """They begin at 00, 06, 12 and 18 whatever the clocks do in the night: no day has a fifth one of an hour."""
    found = regroup(hours(at(f"{date} 00:00", BERLIN), sum(lengths)), 6 * HOUR, BERLIN)

    assert found.starts == tuple(at(f"{date} {hour}:00", BERLIN) for hour in ("00", "06", "12", "18"))
    assert [rollup.count for rollup in found.line()] == lengths


def test_hour_that_the_clock_shows_twice_is_two_hours() -> None:
    """02:00 before and after the clocks go back are different steps."""
    night = series("message", at("2026-10-25 02:00", BERLIN), 15 * MINUTE, *[{("user", "", "1", "9"): many(1)}] * 12)
    found = regroup(night, HOUR, BERLIN)

    assert found.starts == (
        at("2026-10-25 02:00", BERLIN),
        at("2026-10-25 02:00", BERLIN, fold=1),
        at("2026-10-25 03:00", BERLIN),
    )
    assert [rollup.count for rollup in found.line()] == [4, 4, 4]


# --- gaps


def alive(start: Instant, width: int, *marks: int) -> Series:
    """So many `alive` marks in each step."""
    return series("gauge", start, width, *({("alive",): many(n)} for n in marks))


def test_minute_without_a_mark_is_a_gap() -> None:
    """Neighbouring dark minutes are one gap; a single mark in a minute is a sign of life."""
    found = gaps(alive(NOON, MINUTE, 6, 0, 0, 1, 0, 6), Window(NOON, NOON + 6 * MINUTE), NOON - DAY)

    assert found == (Gap(NOON + MINUTE, NOON + 3 * MINUTE), Gap(NOON + 4 * MINUTE, NOON + 5 * MINUTE))


@pytest.mark.parametrize(("marks", "dark"), [(35, True), (36, False)])
def test_hour_needs_a_tenth_of_its_marks(marks: int, dark: bool) -> None:
    """An hour has room for 360 marks; 36 of them are enough."""
    found = gaps(alive(NOON, HOUR, 360, marks, 360), Window(NOON, NOON + 3 * HOUR), NOON - DAY)

    assert found == ((Gap(NOON + HOUR, NOON + 2 * HOUR),) if dark else ())


def test_step_in_progress_is_no_gap() -> None:
    """Twenty seconds into a minute its first mark may not be written yet."""
    asked = Window(NOON, NOON + MINUTE + 20_000)

    assert gaps(alive(NOON, MINUTE, 6, 0), asked, NOON - DAY) == ()


def test_hour_in_progress_is_measured_by_what_is_over_of_it() -> None:
    """Ten minutes into an hour, six marks of sixty are a tenth."""
    asked = Window(NOON, NOON + HOUR + 10 * MINUTE)

    assert gaps(alive(NOON, HOUR, 360, 6), asked, NOON - DAY) == ()
    assert gaps(alive(NOON, HOUR, 360, 5), asked, NOON - DAY) == (Gap(NOON + HOUR, NOON + HOUR + 10 * MINUTE),)


def test_time_before_the_first_record_is_a_gap() -> None:
    """It ends exactly where recording began, though the hour as a whole has too few marks."""
    first = NOON + HOUR + 55 * MINUTE
    found = gaps(alive(NOON, HOUR, 0, 30, 360), Window(NOON, NOON + 3 * HOUR), first)

    assert found == (Gap(NOON, first),)


def test_window_before_the_first_record_is_one_gap() -> None:
    """Where nothing was ever recorded, or only later, all of the window is dark."""
    asked = Window(NOON, NOON + 3 * HOUR)

    assert gaps(alive(NOON, HOUR, 0, 0, 0), asked, NOON + DAY) == (Gap(NOON, NOON + 3 * HOUR),)
    assert gaps(alive(NOON, HOUR, 0, 0, 0), asked, None) == (Gap(NOON, NOON + 3 * HOUR),)


def test_step_is_unlit_when_most_of_it_was_not_monitored() -> None:
    """Half an hour of an hour is enough to believe that nothing happened, less is not."""
    asked = Window(NOON, NOON + 3 * HOUR)

    def dark(minutes: int) -> bool:
        return unlit(asked, NOON, NOON + HOUR, (Gap(NOON - HOUR, NOON + minutes * MINUTE),), None)

    assert not dark(30)
    assert dark(31)


def test_time_before_the_first_record_is_not_dark_twice() -> None:
    """It is a gap and known as unrecorded: 25 dark minutes are 25, not 50."""
    first = NOON + 25 * MINUTE

    assert not unlit(Window(NOON, NOON + HOUR), NOON, NOON + HOUR, (Gap(NOON, first),), first)
    assert unlit(Window(NOON, NOON + HOUR), NOON, NOON + HOUR, (), NOON + 2 * HOUR)


def test_only_the_part_of_a_step_inside_the_window_counts() -> None:
    """The first hour of a window that begins at 12:40 has twenty minutes; ten dark ones are half of it."""
    asked = Window(NOON + 40 * MINUTE, NOON + 3 * HOUR)

    assert not unlit(asked, NOON, NOON + HOUR, (Gap(NOON + 50 * MINUTE, NOON + HOUR),), None)
    assert unlit(asked, NOON, NOON + HOUR, (Gap(NOON + 45 * MINUTE, NOON + HOUR),), None)


@pytest.mark.parametrize(
    ("first", "days"), [(None, 7.0), ("2026-02-01 00:00", 7.0), ("2026-03-13 12:00", 1.5), ("2026-03-14 23:59", 1 / 24)]
)
def test_days_count_from_the_first_record(first: str | None, days: float) -> None:
    """Figures per day are of the days that were recorded, of at least an hour."""
    week = window("2026-03-08 00:00", "2026-03-15 00:00")

    assert days_since(week, None if first is None else at(first)) == pytest.approx(days)


def test_history_that_was_read_is_no_gap() -> None:
    """Gaps lie outside of it; slivers at its edges, shorter than an hour, are none."""
    dark = (Gap(0, 10 * HOUR), Gap(20 * HOUR, 30 * HOUR), Gap(40 * HOUR, 41 * HOUR))
    assert outside(dark, []) == dark
    assert outside(dark, [(0, 50 * HOUR)]) == ()
    assert outside(dark, [(2 * HOUR, 29 * HOUR + MINUTE)]) == (Gap(0, 2 * HOUR), dark[2])
    assert outside(dark, [(22 * HOUR, 24 * HOUR)])[1:3] == (Gap(20 * HOUR, 22 * HOUR), Gap(24 * HOUR, 30 * HOUR))
