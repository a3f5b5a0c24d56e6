"""Who comes back: cohorts by ISO week, days that have not passed, clocks that change."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.analysis.figure import Gap
from monitoring.analysis.retention import AudienceDay, Cohort, Return, active, by_day, cohorts, fresh_since, pooled
from monitoring.model import DAY, HOUR, Instant
from monitoring.rows import Attendance
from monitoring.window import Window, next_step, step_start
from tests.analysis.tables import BERLIN, at, window
from tests.thorough import examples

ASKED = window("2026-03-02 00:00", "2026-03-23 00:00")


def seen(asked: Window, *people: tuple[str, ...]) -> Attendance:
    """People by the local times at which each was there: "2026-03-02 14:00"."""
    hours = [sorted(at(text, asked.zone) for text in one) for one in people]
    return of_hours(asked, hours)


def of_hours(asked: Window, hours: list[list[Instant]]) -> Attendance:
    """People by the hours in which each was there, as the store tells of them."""
    days = [step_start(asked.start, DAY, asked.zone)]
    while (following := next_step(days[-1], DAY, asked.zone)) < asked.end:
        days.append(following)

    who = [
        tuple(k for k, one in enumerate(hours) if any(day <= h < next_step(day, DAY, asked.zone) for h in one))
        for day in days
    ]
    return Attendance(tuple(days), tuple(who), tuple(one[0] for one in hours), tuple(one[-1] for one in hours))


def test_cohort_is_the_week_of_the_first_sight() -> None:
    """Two on Monday and Sunday of one week, one of whom came on the next day; one a week later, back after seven."""
    people = seen(
        ASKED,
        ("2026-03-02 10:00", "2026-03-03 23:00"),
        ("2026-03-08 23:00", "2026-03-10 00:00"),
        ("2026-03-09 00:00", "2026-03-16 12:00"),
    )

    assert cohorts(people, ASKED, (), ASKED.start, ASKED.start) == (
        Cohort(at("2026-03-02 00:00"), 2, (Return(1, 2, 1), Return(7, 2, 0), Return(30, 0, 0))),
        Cohort(at("2026-03-09 00:00"), 1, (Return(1, 1, 0), Return(7, 1, 1), Return(30, 0, 0))),
    )


def test_only_that_very_day_counts() -> None:
    """Back on the third day is neither back on the next day nor after seven."""
    (cohort,) = cohorts(seen(ASKED, ("2026-03-02 10:00", "2026-03-04 10:00")), ASKED, (), ASKED.start, None)

    assert [one.came for one in cohort.returns] == [0, 0, 0]


def test_a_day_that_is_not_over_says_nothing() -> None:
    """First seen yesterday: today may still bring him back, and he counts once the day is over."""
    people = (("2026-03-21 10:00", "2026-03-22 08:00"),)
    noon = window("2026-03-02 00:00", "2026-03-22 12:00")
    (early,) = cohorts(seen(noon, *people), noon, (), noon.start, None)
    (late,) = cohorts(seen(ASKED, *people), ASKED, (), ASKED.start, None)

    assert (early.returns[0], early.returns[0].share) == (Return(1, 0, 0), None)
    assert (late.returns[0], late.returns[0].share) == (Return(1, 1, 1), 1.0)


def test_a_day_without_monitoring_is_no_absence() -> None:
    """Who could not be seen on the next day is left out of those who did not come."""
    dark = (Gap(at("2026-03-03 00:00"), at("2026-03-04 00:00")),)
    people = seen(ASKED, ("2026-03-02 10:00",), ("2026-03-04 10:00",))
    (cohort,) = cohorts(people, ASKED, dark, ASKED.start, None)

    assert (cohort.new, cohort.returns[0]) == (2, Return(1, 1, 0))


def test_regulars_are_not_new_where_their_first_days_are_forgotten() -> None:
    """After ninety days of records the first thirty kept only tell who is known; in a fresh store all is new."""
    end = at("2026-03-23 00:00")
    asked = Window(end - 90 * DAY, end, "UTC")

    assert fresh_since(asked, 90 * DAY, end - 200 * DAY) == asked.start + 30 * DAY
    assert fresh_since(asked, 90 * DAY, end - 20 * DAY) == asked.start
    assert fresh_since(asked, 90 * DAY, None) == asked.start
    known = of_hours(asked, [[asked.start + HOUR, asked.start + 25 * HOUR], [asked.start + 40 * DAY]])
    found = cohorts(known, asked, (), asked.start + 30 * DAY, None)
    assert [one.new for one in found] == [1]
    days = by_day(known, asked, (), asked.start + 30 * DAY, None)
    assert (days[0].users, days[0].new) == (1, None)
    assert (days[40].users, days[40].new) == (1, 1)


@pytest.mark.parametrize("turn", ["2026-03-29", "2025-10-26"])
def test_next_day_is_the_next_date_where_clocks_change(turn: str) -> None:
    """Of 23 or 25 hours: late on the day before, and early on the day after, are two days apart, not one."""
    midnight = at(f"{turn} 00:00", BERLIN)
    following = next_step(midnight, DAY, BERLIN)
    asked = Window(midnight - 7 * DAY, following + 3 * DAY, BERLIN)
    found = of_hours(
        asked,
        [
            [midnight - HOUR, midnight],
            [midnight - HOUR, following],
            [midnight, following - HOUR],
            [midnight, following],
            [following - HOUR, following],
        ],
    )
    weeks = cohorts(found, asked, (), asked.start, None)

    assert sum(week.returns[0].came for week in weeks) == 3
    assert sum(week.returns[0].people for week in weeks) == 5
    monday = at("2026-03-23 00:00", BERLIN) if turn.startswith("2026") else at("2025-10-20 00:00", BERLIN)
    assert [(week.week, week.new) for week in weeks] == [(monday, 5)]


def test_week_begins_on_its_monday_though_clocks_change_within() -> None:
    """First seen after the change on Sunday: of the week whose Monday had winter time."""
    asked = window("2026-03-20 00:00", "2026-04-02 00:00", BERLIN)
    (cohort,) = cohorts(seen(asked, ("2026-03-29 22:00",)), asked, (), asked.start, None)

    assert cohort.week == at("2026-03-23 00:00", BERLIN)


def test_days_tell_all_and_new() -> None:
    """A silent day is zero, one without monitoring is not known, one before the first record neither."""
    people = seen(ASKED, ("2026-03-03 10:00", "2026-03-05 10:00"), ("2026-03-05 11:00",))
    dark = (Gap(at("2026-03-06 00:00"), at("2026-03-07 00:00")),)
    days = by_day(people, ASKED, dark, ASKED.start, at("2026-03-03 00:00"))

    assert days[:5] == (
        AudienceDay(at("2026-03-02 00:00"), None, None),
        AudienceDay(at("2026-03-03 00:00"), 1, 1),
        AudienceDay(at("2026-03-04 00:00"), 0, 0),
        AudienceDay(at("2026-03-05 00:00"), 2, 1),
        AudienceDay(at("2026-03-06 00:00"), None, None),
    )


def test_active_is_to_the_hour() -> None:
    """Seen in the hour in which the span begins counts; the hour before does not."""
    people = seen(ASKED, ("2026-03-21 23:00",), ("2026-03-22 00:00",), ("2026-03-22 20:00",))

    assert active(people, at("2026-03-23 00:30"), DAY) == 2
    assert active(people, at("2026-03-22 23:59"), DAY) == 3


def test_nobody_has_no_cohort() -> None:
    """And nothing to come back to."""
    assert cohorts(seen(ASKED), ASKED, (), ASKED.start, None) == ()
    assert [one.share for one in pooled(())] == [None, None, None]


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 24 * 40 - 1), min_size=1, max_size=6), max_size=15),
    st.sampled_from(["UTC", BERLIN, "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu"]),
)
def test_cohorts_are_what_dates_give(hours: list[list[int]], zone: str) -> None:
    """By the calendar: each person is in the ISO week of its first date, and returns by date; sums are the people."""
    from datetime import datetime, timedelta

    start = at("2026-03-02 00:00", zone)
    asked = Window(start, step_start(start + 40 * DAY + 2 * HOUR, DAY, zone), zone)
    people = [sorted({min(start + h * HOUR, asked.end - 1) for h in one}) for one in hours]
    people.sort()
    dates = [[datetime.fromtimestamp(h / 1000, asked.info).date() for h in one] for one in people]
    today = datetime.fromtimestamp(asked.end / 1000, asked.info).date()
    wanted: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0] * 7)
    for one in dates:
        row = wanted[one[0].isocalendar()[:2]]
        row[0] += 1
        for index, after in enumerate((1, 7, 30)):
            passed = one[0] + timedelta(days=after) < today
            row[1 + 2 * index] += passed
            row[2 + 2 * index] += passed and one[0] + timedelta(days=after) in one

    found = cohorts(of_hours(asked, people), asked, (), asked.start, None)
    told = {
        datetime.fromtimestamp(one.week / 1000 + 43_200, asked.info).date().isocalendar()[:2]: [
            one.new,
            *(figure for back in one.returns for figure in (back.people, back.came)),
        ]
        for one in found
    }
    assert told == dict(wanted)
    assert sum(one.new for one in found) == len(people)
    assert pooled(found)[0].came == sum(one.returns[0].came for one in found)
