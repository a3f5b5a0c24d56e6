"""When people are there: the mean of each hour of the week."""

from __future__ import annotations

import pytest

from monitoring.analysis.figure import Gap
from monitoring.analysis.users import activity
from monitoring.model import HOUR, Instant
from monitoring.rollup import Series
from monitoring.window import Window
from tests.analysis.tables import BERLIN, at, many, series, window

MONDAY, TUESDAY, SUNDAY = 0, 1, 6
ASKED = window("2026-03-02 00:00", "2026-03-16 00:00")


def hourly(asked: Window, messages: dict[Instant, int], guild: str = "1") -> Series:
    """Every hour of the window, with so many user messages in some of them, and a persona's in all."""
    tables = []
    for start in range(asked.start, asked.end, HOUR):
        table = {("persona", "Mira", guild, "9"): many(3)}
        if start in messages:
            table[("user", "", guild, "9")] = many(messages[start])

        tables.append(table)

    return series("message", asked.start, HOUR, *tables)


TWO_WEEKS = hourly(
    ASKED,
    {
        at("2026-03-02 14:00"): 6,
        at("2026-03-09 14:00"): 10,
        at("2026-03-03 09:00"): 4,
        at("2026-03-08 20:00"): 3,
        at("2026-03-15 20:00"): 2,
    },
)


def test_cell_is_the_mean_of_the_weeks() -> None:
    """Six and ten messages on two Mondays at 14 make eight; a silent Tuesday counts as none."""
    found = activity(ASKED, TWO_WEEKS, ())

    assert found.n == 25
    assert found.cells[MONDAY][14] == 8
    assert found.cells[TUESDAY][9] == 2
    assert found.cells[SUNDAY][20] == 2.5
    assert found.cells[SUNDAY][3] == 0
    assert found.peak == 8


def test_three_busiest_and_quietest_hours_are_named() -> None:
    """Equal hours go by weekday and hour."""
    found = activity(ASKED, TWO_WEEKS, ())

    assert found.busiest == ((MONDAY, 14), (SUNDAY, 20), (TUESDAY, 9))
    assert found.quietest == ((MONDAY, 0), (MONDAY, 1), (MONDAY, 2))


def test_week_without_monitoring_is_not_a_silent_week() -> None:
    """The hour is the mean of the week in which it was monitored, and unknown where it never was."""
    first_tuesday = Gap(at("2026-03-03 00:00"), at("2026-03-04 00:00"))
    sundays = (Gap(at("2026-03-08 03:00"), at("2026-03-08 04:00")), Gap(at("2026-03-15 03:00"), at("2026-03-15 04:00")))
    silent = hourly(ASKED, {at("2026-03-10 09:00"): 4})
    found = activity(ASKED, silent, (first_tuesday, *sundays))

    assert found.cells[TUESDAY][9] == 4
    assert found.cells[SUNDAY][3] is None
    assert (SUNDAY, 3) not in found.quietest


def test_message_in_a_gap_counts_all_the_same() -> None:
    """What is known of an unmonitored hour, from history, is not thrown away."""
    found = activity(ASKED, TWO_WEEKS, (Gap(at("2026-03-02 00:00"), at("2026-03-03 00:00")),))

    assert found.cells[MONDAY][14] == 8
    assert found.cells[MONDAY][15] == 0


def test_time_before_the_first_record_is_not_silence() -> None:
    """Recording began on the second Monday at noon: one Monday 14 is known, no Monday 9."""
    found = activity(ASKED, hourly(ASKED, {at("2026-03-09 14:00"): 10}), (), first_at=at("2026-03-09 12:00"))

    assert found.cells[MONDAY][14] == 10
    assert found.cells[MONDAY][9] is None
    assert found.cells[TUESDAY][9] == 0


def test_hours_are_those_of_the_zone() -> None:
    """20:00 in Berlin stays 20:00 when summer time begins; the hour the clock skips is not known that week."""
    asked = window("2026-03-23 00:00", "2026-04-06 00:00", BERLIN)
    found = activity(asked, hourly(asked, {at("2026-03-28 20:00", BERLIN): 4, at("2026-04-04 20:00", BERLIN): 6}), ())

    assert found.cells[5][20] == 5
    assert found.n == 10
    week = window("2026-03-23 00:00", "2026-03-30 00:00", BERLIN)
    assert activity(week, hourly(week, {}), ()).cells[SUNDAY][2] is None


def test_hour_that_comes_twice_is_two_hours() -> None:
    """In the night the clocks go back, 02:00 was monitored twice."""
    week = window("2026-10-19 00:00", "2026-10-26 00:00", BERLIN)
    night = {at("2026-10-25 02:00", BERLIN): 4, at("2026-10-25 02:00", BERLIN, fold=1): 8}

    assert activity(week, hourly(week, night), ()).cells[SUNDAY][2] == 6


def test_silent_window_has_no_busiest_hour() -> None:
    """Nobody wrote: zero everywhere, and nothing to name."""
    found = activity(ASKED, hourly(ASKED, {}), ())

    assert (found.n, found.busiest, found.quietest, found.peak) == (0, (), (), 0)


def test_guild_sees_its_own_users() -> None:
    """Another guild's messages do not show."""
    assert activity(ASKED, TWO_WEEKS, (), guild="2").n == 0
    assert activity(ASKED, TWO_WEEKS, (), guild="1").n == 25


@pytest.mark.parametrize(("people", "told"), [(2, False), (3, True), (None, True)])
def test_hours_of_two_people_are_not_told(people: int | None, told: bool) -> None:
    """How much they wrote is; when they did is not."""
    found = activity(ASKED, TWO_WEEKS, (), people=people)

    assert found.n == 25
    assert (found.cells[MONDAY][14] is not None) is told
    assert bool(found.busiest) is told
    assert (found.peak is not None) is told
