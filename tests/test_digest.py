"""The digest: once for each local date, quiet when nothing happened (F9)."""

from __future__ import annotations

import datetime as dates
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring import digest
from monitoring.alerting.rules import built_in
from monitoring.analysis.figure import Figure, Spell, Strip
from monitoring.analysis.overview import Overview
from monitoring.analysis.relationships import Pair, Relationships
from monitoring.incident import Incident, Stage
from monitoring.model import DAY, HOUR, MINUTE, Band, Health, Instant, Severity

ZONES = ["Europe/Berlin", "America/Santiago", "Asia/Kolkata", "America/New_York"]
BERLIN = "Europe/Berlin"
WEDNESDAY = "2026-03-11"


def at(text: str, zone: str = BERLIN) -> Instant:
    """A local time as an instant."""
    return round(dates.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("time", ["09:00", "00:00", "02:30"])
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


def overview(**figures: Figure) -> Overview:
    """A usual day, but for these figures."""
    window = digest.day_window(dates.date.fromisoformat(WEDNESDAY), BERLIN)
    usual: dict[str, Any] = {
        "messages": Figure(34_650, 34_000, 34_650),
        "persona_messages": Figure(17_000, 17_000, 17_000),
        "p95": Figure(2.3, 2.3, 9_000, Band.GOOD),
        "mean": Figure(1.2, 1.2, 9_000, Band.GOOD),
        "errors": Figure(0.009, 0.009, 9_000, Band.GOOD),
        "users": Figure(318, 310, 318),
        "cost": Figure(2_440_000, 2_400_000),
    }
    return Overview(window, **(usual | figures))


def incident(number: int, start: str, end: str | None, **more: object) -> Incident:
    """An incident of the mean response."""
    since = at(start)
    over = at(end) if end else None
    stage = Stage.RESOLVED if end else Stage.OPEN
    found = Incident(number, "response_time", "", stage, Severity.WARNING, since, opened_at=since, resolved_at=over)
    return replace(found, **more)  # type: ignore[arg-type]


def test_a_quiet_day_is_a_title_and_a_line() -> None:
    """Nothing beyond usual, no incident, nothing to do."""
    found = digest.digest(WEDNESDAY, BERLIN, overview())
    assert found.quiet
    assert found.title == "Wed 11 Mar: a quiet day, all healthy"
    assert found.line == "34,650 messages, P95 2.3\u00a0s, errors 0.9\u00a0%, no incident, $2.44. Nothing needs you."
    assert found.band is Band.GOOD
    assert found.changes == ()


def test_what_changed_most_comes_first_and_at_most_three() -> None:
    """Worse before merely different; slower answers say what they were."""
    pair = Pair("a_b", "scav", 1, 2, affinity=41.0, before=52.0, stage="frenemies", interactions=9, trend="worsening")
    found = digest.digest(
        WEDNESDAY,
        BERLIN,
        overview(
            p95=Figure(3.9, 2.3, 9_000, Band.WARNING),
            users=Figure(500, 300, 500),
            messages=Figure(60_000, 30_000, 60_000),
        ),
        relationships=Relationships(overview().window, (), (pair,), None, None, 9),
    )
    assert not found.quiet
    assert [words.replace("\u00a0", " ") for words in found.changes] == [
        "▲ **P95 3.9 s**, the day before 2.3 s",
        "▲ **Messages** 60,000, 100 % more",
        "▲ **Users** 500, 67 % more",
    ]
    assert found.movers == (pair,)


def test_a_mover_and_a_sick_service_are_named_safely() -> None:
    """Names that look like markup stay names."""
    pair = Pair("a*b", "scav", 1, 2, affinity=41.0, before=52.0, stage="frenemies", interactions=9, trend="worsening")
    begin = overview().window.start
    sick = Strip("llm", (Spell(begin + HOUR, begin + HOUR + 12 * MINUTE, Health.UNHEALTHY),))
    found = digest.digest(
        WEDNESDAY,
        BERLIN,
        replace(overview(), strips=(sick,)),
        relationships=Relationships(overview().window, (), (pair,), None, None, 9),
    )
    assert [words.replace("\u00a0", " ") for words in found.changes] == [
        "▼ `llm` was unhealthy for **12 min**",
        "▼ **a\\*b** and **scav** fell to 41, frenemies",
    ]


def test_the_incidents_of_the_day_are_counted() -> None:
    """Opened, resolved, still open, how long until somebody came; those of other days are left out."""
    late = at("2026-03-11T14:24")
    found = digest.digest(
        WEDNESDAY,
        BERLIN,
        overview(),
        incidents=[
            incident(1, "2026-03-09T10:00", "2026-03-09T11:00"),
            incident(2, "2026-03-11T14:10", "2026-03-11T14:57", acknowledged_by="olivia", acknowledged_at=late),
            incident(3, "2026-03-11T14:20", "2026-03-11T14:40"),
            incident(4, "2026-03-12T01:00", None),
        ],
        rules=built_in(),
    )
    counted = found.incidents
    assert (counted.opened, counted.resolved, counted.open, counted.numbers) == (2, 2, 0, (2, 3))
    assert counted.acknowledge == 14 * 60
    assert found.title == "Wed 11 Mar: a good day but for 47\u00a0min"
    assert found.band is Band.WARNING
    assert len(found.worth_doing) == 1
    assert not found.quiet


def test_a_critical_incident_still_open_makes_the_day_critical() -> None:
    """What is still broken is said first."""
    open_one = incident(2, "2026-03-11T14:10", None, severity=Severity.CRITICAL)
    found = digest.digest(WEDNESDAY, BERLIN, overview(), incidents=[open_one])
    assert found.band is Band.CRITICAL
    assert found.title == "Wed 11 Mar: 1\u00a0incident still open"


def test_a_day_without_anything_says_so() -> None:
    """No message, no answer: quiet, and not called healthy."""
    nothing = Figure(None)
    empty = overview(messages=Figure(0, 0), p95=nothing, mean=nothing, errors=nothing, users=Figure(0, 0), cost=nothing)
    found = digest.digest(WEDNESDAY, BERLIN, empty)
    assert (found.quiet, found.band) == (True, Band.UNKNOWN)
    assert found.title == "Wed 11 Mar: nothing was said"
    assert found.window.length == DAY
