"""People of a window: active, new, answered, content; by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.analysis.audience import Crowd, Quality, audience, complete_days, trend
from monitoring.analysis.figure import Figure
from monitoring.model import DAY, HOUR
from monitoring.rows import Attendance
from monitoring.window import Window
from tests.analysis.tables import BERLIN, at, empty, many, one, series, times, window
from tests.analysis.test_retention import of_hours

END = at("2026-03-23 00:00")
ASKED = Window(END - DAY, END, "UTC", "24h")
KEPT = Window(END - 90 * DAY, END, "UTC")
NOBODY = Attendance()
WEEK = complete_days(ASKED)[0]
CROWD = Crowd(
    attendance=NOBODY,
    attendance_before=NOBODY,
    kept=90 * DAY,
    active_now=0,
    message_hours=empty("message"),
    message=empty("message"),
    message_before=empty("message"),
    answered=empty("answered"),
    answered_before=empty("answered"),
    message_days=empty("message"),
    answered_days=empty("answered"),
    satisfaction=empty("satisfaction"),
    satisfaction_before=empty("satisfaction"),
    quality=empty("quality"),
    voice=empty("voice"),
    voice_before=empty("voice"),
    first_at=END - 60 * DAY,
)
BY_USER, BY_PERSONA = ("user", "", "1", ""), ("persona", "", "1", "")


def test_new_and_returning_are_all() -> None:
    """Three in the last day, one for the first time; five in thirty days."""
    hours = [
        [END - 40 * DAY, END - 2 * HOUR],
        [END - 10 * DAY, END - 3 * HOUR],
        [END - HOUR],
        [END - 5 * DAY],
        [END - 20 * DAY],
        [END - 50 * DAY],
    ]
    crowd = replace(CROWD, attendance=of_hours(KEPT, hours), active_now=2)
    found = audience(ASKED, replace(crowd, attendance_before=Attendance(first=(1, 2, 3, 4))))

    assert (found.active_now, found.active) == (2, (3, 4, 5))
    assert found.users == Figure(3, 4, 3)
    assert (found.new, found.returning) == (1, 2)
    assert (len(found.days), found.days[-1].users) == (30, 3)


def test_first_sights_that_cannot_be_told_are_not_told() -> None:
    """A window that reaches into days of which the regulars' first ones are forgotten."""
    long_ago = replace(CROWD, attendance=of_hours(KEPT, [[END - 80 * DAY]]), first_at=END - 300 * DAY)
    found = audience(replace(ASKED, start=END - 90 * DAY, name="90d"), long_ago)

    assert (found.new, found.returning, found.cohorts) == (None, None, ())
    assert audience(ASKED, long_ago).new == 0


def test_window_before_that_recording_began_in_is_no_yardstick() -> None:
    """Otherwise every first day would be a boom of users."""
    crowd = replace(CROWD, attendance_before=Attendance(first=(1,)), first_at=END - DAY - HOUR)

    assert audience(ASKED, crowd).users.before is None


def test_window_before_that_is_forgotten_is_no_yardstick() -> None:
    """Of the ninety days before the last ninety only a few hours are kept."""
    asked = Window(END - 90 * DAY, END, "UTC", "90d")
    crowd = replace(CROWD, attendance_before=Attendance(first=(1,)), first_at=END - 400 * DAY)

    assert audience(asked, crowd).users.before is None


def test_hours_of_two_people_are_not_told() -> None:
    """Of three they are."""
    hours = series("message", ASKED.start, HOUR, {BY_USER: many(5)}, *[{}] * 23)
    two, three = ([[END - k * HOUR] for k in range(1, n + 1)] for n in (2, 3))

    def ask(people: list[list[int]]) -> bool:
        crowd = replace(CROWD, attendance=of_hours(KEPT, people), message_hours=hours)
        return bool(audience(ASKED, crowd).busiest)

    assert (ask(two), ask(three)) == (False, True)


def test_engagement_is_answered_of_what_users_wrote() -> None:
    """Thirty of forty messages make 75; personas' own messages take no part."""
    crowd = replace(
        CROWD,
        message=one("message", {BY_USER: many(40), BY_PERSONA: many(90)}),
        message_before=one("message", {BY_USER: many(10)}),
        answered=one("answered", {("Mira", "1"): many(20), ("Rex", "1"): many(10)}),
        answered_before=one("answered", {("Mira", "1"): many(5)}),
    )

    assert audience(ASKED, crowd).engagement.score == Figure(75.0, 50.0, 40)
    assert audience(ASKED, crowd, guild="2").engagement.score == Figure(None, None, 0)


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        ((50, 50, 50, 0, 55, 55, 55), "steady"),
        ((50, 50, 50, 0, 56, 56, 56), "rising"),
        ((50, 50, 50, 99, 45, 45, 45), "steady"),
        ((50, 50, 50, 99, 44, 44, 44), "falling"),
        ((0, 0, 0, 0, 9, 9, 9), ""),
    ],
)
def test_trend_is_told_beyond_a_tenth(answers: tuple[int, ...], word: str) -> None:
    """Of a hundred messages a day: the middle day takes no part, ten per cent are no change."""
    days = [{BY_USER: many(100)}] * 7
    crowd = replace(
        CROWD,
        message_days=series("message", WEEK, DAY, *days),
        answered_days=series("answered", WEEK, DAY, *[{("Mira", "1"): many(n)} if n else {} for n in answers]),
    )

    assert audience(ASKED, crowd).engagement.trend == word


def test_trend_is_pooled() -> None:
    """One day with many messages outweighs two with few: 10 of 102 against 30 of 102, not the mean of the days."""
    asked = {day: 100 if day in (0, 6) else 1 for day in range(7)}

    assert trend({0: 10, 6: 10, 4: 1, 5: 1}, asked) == "rising"
    assert trend({0: 10, 1: 1, 2: 1, 6: 12}, asked) == "steady"


def test_trend_needs_seven_days_and_messages_in_both_parts() -> None:
    """A part without messages has no score."""
    assert trend({}, dict.fromkeys(range(6), 5)) == ""
    assert trend({0: 1}, {day: 5 if day < 3 else 0 for day in range(7)}) == ""


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=7, max_size=7), st.integers(1, 9))
def test_trend_does_not_depend_on_the_size_of_the_guild(days: list[tuple[int, int]], factor: int) -> None:
    """As many times the answers and messages have the same trend."""
    answered = {day: min(a, n) for day, (a, n) in enumerate(days)}
    asked = {day: n for day, (_, n) in enumerate(days)}

    assert trend(answered, asked) == trend(
        {day: n * factor for day, n in answered.items()}, {day: n * factor for day, n in asked.items()}
    )


def test_complete_days_are_local_ones() -> None:
    """Seven, the last of which ended at today's midnight; one of them has 23 hours."""
    days = complete_days(window("2026-03-30 00:00", "2026-03-31 15:00", BERLIN))

    assert (len(days), days[0], days[-1]) == (8, at("2026-03-24 00:00", BERLIN), at("2026-03-31 00:00", BERLIN))
    assert days[6] - days[5] == 23 * HOUR


def test_votes_scores_and_voice() -> None:
    """The mean of three votes or more; scores by name; seconds in voice."""
    crowd = replace(
        CROWD,
        satisfaction=one("satisfaction", {("Mira", "1", "reaction"): times(5, 4, 3)}),
        satisfaction_before=one("satisfaction", {("Mira", "1", "reaction"): times(5, 5)}),
        quality=one("quality", {("Mira", "1", "relevance"): times(0.5, 1.0), ("Rex", "1", "coherence"): times(0.8)}),
        voice=one("voice", {("1",): many(3, total=5400)}),
        voice_before=one("voice", {("1",): many(2, total=3600)}),
    )
    found = audience(ASKED, crowd)

    assert found.satisfaction == Figure(4.0, None, 3)
    assert found.qualities == (Quality("coherence", 0.8, 1), Quality("relevance", 0.75, 2))
    assert found.voice == Figure(5400.0, 3600.0, 3)
    assert audience(ASKED, CROWD).voice == Figure(None)


def test_nobody_is_nobody() -> None:
    """Zero people, and nothing known of what they did."""
    found = audience(ASKED, CROWD)

    assert found.users == Figure(0, None, 0)
    assert (found.engagement.score.value, found.satisfaction.value, found.cohorts) == (None, None, ())
