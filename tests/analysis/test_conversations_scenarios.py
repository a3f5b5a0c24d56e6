"""How users and personas talk, scenarios, and one person's own figures."""

from __future__ import annotations

from monitoring.analysis.conversations import conversations
from monitoring.analysis.figure import Figure, Gap
from monitoring.analysis.person import Stored, personal
from monitoring.analysis.scenarios import scenarios
from monitoring.model import DAY
from monitoring.rows import PersonRecord
from tests.analysis.tables import BERLIN, at, empty, many, one, series, times, window

ASKED = window("2026-03-09 00:00", "2026-03-12 00:00")
START = ASKED.start
LONG_AGO = START - 99 * DAY
DAYS = series(
    "conversation",
    START,
    DAY,
    {("length", "1"): times(4, 8), ("duration", "1"): times(60, 120), ("follow_up", "1"): many(2, failures=1)},
    {},
    {("length", "2"): times(12), ("duration", "2"): times(300), ("follow_up", "2"): many(1)},
)
BEFORE = one(
    "conversation",
    {("length", "1"): times(2, 2), ("duration", "1"): times(30, 30), ("follow_up", "1"): many(2, failures=2)},
)


def test_conversations_have_length_duration_and_questions() -> None:
    """Three of 4, 8 and 12 messages; in two a user asked on."""
    found = conversations(ASKED, DAYS, BEFORE, first_at=LONG_AGO, going_on=2)

    assert found.count == Figure(3.0, 2.0, 3)
    assert found.length == Figure(8.0, 2.0, 3)
    assert found.duration == Figure(160.0, 30.0, 3)
    assert found.follow_up == Figure(2 / 3, 0.0, 3)
    assert (found.longest, found.going_on) == (12, 2)
    assert found.per_day.value == 1.0
    assert [point.value for point in found.days] == [2, 0, 1]


def test_guild_has_its_own_conversations() -> None:
    """One of twelve messages."""
    found = conversations(ASKED, DAYS, BEFORE, guild="2", first_at=LONG_AGO)

    assert (found.count.value, found.length.value, found.follow_up.value, found.going_on) == (1, 12.0, 1.0, None)


def test_repeat_rate_is_of_people_in_conversations() -> None:
    """One of four; unknown where raw messages do not go back so far, and not told of two people."""
    assert conversations(ASKED, DAYS, BEFORE, people=(4, 1)).repeat_rate == 0.25
    assert conversations(ASKED, DAYS, BEFORE).repeat_rate is None
    assert conversations(ASKED, DAYS, BEFORE, people=(2, 1)).repeat_rate is None


def test_silence_has_no_mean() -> None:
    """Zero conversations, unknown lengths; a dark day is not zero."""
    quiet = series("conversation", START, DAY, {}, {}, {})
    found = conversations(ASKED, quiet, empty("conversation"), (Gap(START, START + DAY),), first_at=LONG_AGO)

    assert (found.count.value, found.length.value, found.follow_up.value, found.longest) == (0, None, None, None)
    assert [point.value for point in found.days] == [None, 0, 0]


def test_scenarios_are_begun_and_finished() -> None:
    """Of ten heists six were finished and two given up; the race is still on."""
    told = one(
        "scenario",
        {
            ("heist", "started", "1"): many(10),
            ("heist", "completed", "1"): times(60, 60, 60, 120, 120, 120),
            ("heist", "abandoned", "1"): many(2),
            ("race", "started", "2"): many(2),
        },
    )
    found = scenarios(ASKED, told, one("scenario", {("heist", "started", "1"): many(6)}), first_at=LONG_AGO)
    heist, race = found.rows

    assert (found.starts, found.abandoned) == (Figure(12.0, 6.0, 12), 2)
    assert found.completion == Figure(0.5, 0.0, 12)
    assert found.length == Figure(90.0, None, 6)
    assert (heist.starts, heist.completed, heist.abandoned, heist.completion, heist.before) == (10, 6, 2, 0.6, 6)
    assert (race.completion, race.length, race.before) == (0.0, None, 0)
    assert [row.name for row in scenarios(ASKED, told, empty("scenario"), guild="2").rows] == ["race"]


def test_what_began_before_the_window_is_no_more_than_all() -> None:
    """Three ends of one start: a completion of two thirds, not of 200 %."""
    told = one(
        "scenario",
        {
            ("heist", "started", "1"): many(1),
            ("heist", "completed", "1"): many(2),
            ("heist", "abandoned", "1"): many(1),
        },
    )

    assert scenarios(ASKED, told, empty("scenario")).rows[0].completion == 2 / 3


def test_no_scenario_is_not_known_to_fail() -> None:
    """Nothing begun, nothing to finish."""
    found = scenarios(ASKED, empty("scenario"), empty("scenario"))

    assert (found.starts.value, found.completion.value, found.length.value) == (0, None, None)


def test_person_has_days_hours_and_a_favourite() -> None:
    """Hours and days are those of the zone: 23:00 and 00:00 in Berlin are two days."""
    month = window("2026-03-01 00:00", "2026-03-31 00:00", BERLIN)
    hours = tuple(
        at(text, BERLIN) for text in ("2026-02-01 08:00", "2026-03-28 23:00", "2026-03-29 00:00", "2026-03-30 23:00")
    )
    record = PersonRecord(hours, (("Mira", 25), ("Rex", 3)), (1, 2, 3), {"Mira": 2, "Rex": 1}, 4, 5)
    found = personal(month, record, raw_days=7, hour_days=90)

    assert (found.first_seen, found.last_seen) == (hours[0], hours[-1])
    assert (found.days, found.busiest) == (3, (23, 0))
    assert (found.favourite, found.together, found.level, found.exchanged) == ("Mira", 25, "regular", 2)
    assert (found.messages, found.answered, found.conversations) == (3, 3, 4)
    assert found.stored == Stored(3, 4, 5, 7, 90)


def test_stranger_has_nothing() -> None:
    """No favourite, no level, no hour."""
    found = personal(ASKED, PersonRecord(), raw_days=7, hour_days=90)

    assert (found.first_seen, found.favourite, found.level, found.busiest, found.days) == (None, "", "", (), 0)
    assert found.stored.hours == 0
