"""When digests are due: once for each local date and each week, whatever clocks do (F9)."""

from __future__ import annotations

import datetime as dates
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.digest import dates as digest
from monitoring.model import HOUR, MINUTE, Instant

from .thorough import THOROUGH

ZONES = ["Europe/Berlin", "America/Santiago", "Asia/Kolkata", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe"]
"""Santiago and Cairo change their clocks at midnight, Lord Howe by half an hour."""
BERLIN = "Europe/Berlin"


def each_at_its_times(times: list[Any]) -> list[tuple[str, Any]]:
    """Every zone at some time, and Berlin at all of them; with THOROUGH=1 every zone at all of them."""
    return [
        (zone, time)
        for number, zone in enumerate(ZONES)
        for place, time in enumerate(times)
        if THOROUGH or zone == BERLIN or number % len(times) == place
    ]


def at(text: str, zone: str = BERLIN) -> Instant:
    """A local time as an instant."""
    return round(dates.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(("zone", "time"), each_at_its_times(["09:00", "00:00", "02:30"]))
def test_f9_exactly_one_digest_for_each_date_of_a_year(zone: str, time: str) -> None:
    """Looked at every hour or so, each date's digest is due exactly once, in order, in its time."""
    marks: list[str] = []
    now, end = at("2026-01-01T12:00", zone), at("2027-01-03T12:00", zone)
    first = digest.first_full_day(now, zone)
    while now < end:
        day = digest.due(marks[-5:], now, zone, time, first)
        if day is not None:
            assert 0 <= now - digest.sent_at(day, zone, time) < 61 * MINUTE
            marks.append(day.isoformat())

        now += 61 * MINUTE

    expected = [(dates.date(2026, 1, 2) + dates.timedelta(days=n)).isoformat() for n in range(len(marks))]
    assert marks == expected
    assert marks[-1] >= "2026-12-31"


@pytest.mark.parametrize("zone", ZONES)
@given(hours=st.lists(st.floats(0.1, 60), min_size=1, max_size=60))
def test_f9_with_absences_never_twice_and_only_the_newest_is_caught_up(zone: str, hours: list[float]) -> None:
    """However long the bot was away: no date twice, and none older than the newest whose time has come."""
    now = at("2026-03-20T12:00", zone)
    marks: list[str] = []
    first = digest.first_full_day(now, zone)
    for away in hours:
        now += round(away * HOUR)
        day = digest.due(marks, now, zone, "09:00", first)
        if day is not None:
            assert day.isoformat() not in marks
            assert digest.sent_at(day, zone) <= now < digest.sent_at(day + dates.timedelta(days=1), zone)
            marks.append(day.isoformat())
            assert digest.due(marks, now, zone, "09:00", first) is None

    assert marks == sorted(marks)


def test_f9_a_send_time_that_does_not_exist_is_the_first_instant_after_it() -> None:
    """On 29 March 2026 Berlin has no 02:30: the digest goes out at 03:00."""
    assert digest.sent_at(dates.date(2026, 3, 28), BERLIN, "02:30") == at("2026-03-29T03:00")


def test_f9_a_send_time_that_occurs_twice_counts_once() -> None:
    """On 25 October 2026 Berlin has 02:30 twice: the first one counts."""
    sent = digest.sent_at(dates.date(2026, 10, 24), BERLIN, "02:30")
    assert sent == at("2026-10-25T02:30")
    assert digest.due(["2026-10-24"], sent + HOUR, BERLIN, "02:30") is None


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [("2026-03-29", BERLIN, 23), ("2026-10-25", BERLIN, 25), ("2026-07-01", BERLIN, 24), ("2026-09-06", ZONES[1], 23)],
)
def test_f9_a_day_has_23_24_or_25_hours(day: str, zone: str, hours: int) -> None:
    """From local midnight to local midnight, even where midnight itself is skipped (Santiago)."""
    window = digest.day_window(dates.date.fromisoformat(day), zone)
    assert window.length == hours * HOUR
    assert digest.day_window(dates.date.fromisoformat(day) + dates.timedelta(days=1), zone).start == window.end


def test_f9_a_fresh_install_has_nothing_to_catch_up() -> None:
    """Installed on Wednesday at 15:00: the first digest is Thursday's, on Friday."""
    first = digest.first_full_day(at("2026-03-11T15:00"), BERLIN)
    assert first == "2026-03-12"
    assert digest.due([], at("2026-03-12T09:05"), BERLIN, first_full_day=first) is None
    assert digest.due([], at("2026-03-13T08:59"), BERLIN, first_full_day=first) is None
    assert digest.due([], at("2026-03-13T09:00"), BERLIN, first_full_day=first) == dates.date(2026, 3, 12)


def test_f9_of_missed_ones_only_the_newest_is_sent_and_marked_late() -> None:
    """Back after five days in the afternoon: yesterday's digest, late."""
    now = at("2026-03-17T15:00")
    day = digest.due(["2026-03-11"], now, BERLIN)
    assert day == dates.date(2026, 3, 16)
    assert digest.is_late(day, now, BERLIN)


def test_f9_a_clock_set_back_sends_nothing_twice_and_drops_marks_of_the_future() -> None:
    """Marks up to tomorrow stand; later ones come from a wrong clock and no longer block."""
    now = at("2026-03-12T09:30")
    assert digest.due(["2026-03-11", "2026-03-12"], now, BERLIN) is None
    assert digest.due(["2026-03-10", "2031-01-01"], now, BERLIN) == dates.date(2026, 3, 11)
    assert digest.ahead(["2026-03-10", "2026-03-13", "2026-03-14"], now, BERLIN) == {"2026-03-14"}


@pytest.mark.parametrize(("zone", "sent"), each_at_its_times([(0, "09:00"), (6, "00:00")]))
def test_f9_exactly_one_digest_for_each_week_of_a_year(zone: str, sent: tuple[int, str]) -> None:
    """Also where it goes out on the very night the clocks change: Sundays mostly."""
    weekday, time = sent
    marks: list[str] = []
    now, end = at("2026-01-01T12:00", zone), at("2027-01-06T12:00", zone)
    first = digest.first_full_day(now, zone)
    while now < end:
        day = digest.due(marks[-5:], now, zone, time, first, weekday=weekday)
        if day is not None:
            assert 0 <= now - digest.sent_at(day, zone, time) < 181 * MINUTE
            assert (day + dates.timedelta(days=1)).weekday() == weekday
            marks.append(day.isoformat())

        now += 181 * MINUTE

    steps = {dates.date.fromisoformat(b) - dates.date.fromisoformat(a) for a, b in pairwise(marks)}
    assert steps == {dates.timedelta(days=7)}
    assert len(marks) in (51, 52)


def test_f9_a_week_is_told_once_all_of_it_was_recorded() -> None:
    """Installed on a Wednesday: not on the next Monday, but on the one after."""
    first = digest.first_full_day(at("2026-03-11T15:00"), BERLIN)
    assert digest.due([], at("2026-03-16T09:00"), BERLIN, first_full_day=first, weekday=0) is None
    assert digest.due([], at("2026-03-23T08:59"), BERLIN, first_full_day=first, weekday=0) is None
    assert digest.due([], at("2026-03-23T09:00"), BERLIN, first_full_day=first, weekday=0) == dates.date(2026, 3, 22)


def test_f9_weeks_have_167_168_or_169_hours() -> None:
    """From the first midnight to the last."""
    for last, hours in (("2026-03-29", 167), ("2026-10-25", 169), ("2026-07-05", 168)):
        assert digest.week_window(dates.date.fromisoformat(last), BERLIN).length == hours * HOUR


def test_f9_what_was_not_wanted_is_not_caught_up() -> None:
    """Turned on at noon, or put to another day: the next one is the first."""
    noon = at("2026-03-17T12:00")
    assert digest.due(["2026-03-10"], noon, BERLIN, since=noon) is None
    tomorrow = at("2026-03-18T09:00")
    assert digest.due(["2026-03-10"], tomorrow, BERLIN, since=noon) == dates.date(2026, 3, 17)


def test_f9_a_date_that_never_was_is_not_told() -> None:
    """Samoa went from 29 to 31 December 2011 in one midnight."""
    apia = "Pacific/Apia"
    marks = ["2011-12-28"]
    told = []
    for hour in range(24 * 4):
        now = at("2011-12-29T12:00", apia) + hour * HOUR
        day = digest.due(marks, now, apia)
        if day is not None:
            told.append(day.isoformat())
            marks.append(day.isoformat())

    assert told == ["2011-12-29", "2011-12-31", "2012-01-01", "2012-01-02"]


def test_marks_that_decide_nothing_any_more_go() -> None:
    """The newest forty stay, however far a clock was set ahead meanwhile."""
    days = [(dates.date(2026, 1, 1) + dates.timedelta(days=n)).isoformat() for n in range(45)]
    assert digest.spent([*days, "2031-01-01"]) == set(days[:6])
    assert digest.spent(days[:3]) == frozenset()
