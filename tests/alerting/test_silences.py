"""Silences by what incidents are about, maintenance windows, quiet hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.alerting.silences import (
    Recurrence,
    Silence,
    problems,
    quiet_hours,
    silence_document,
    silence_of,
)
from monitoring.errors import UnknownName
from monitoring.incident import Incident, Rule, Stage
from monitoring.model import DAY, HOUR, MINUTE, Instant, Severity

from .scene import NOON, MemoryStore, Scene
from .semantics import PROMPT, loud, quiet_noon, scene, silence

PROBE = Rule("service_unhealthy", "{group} is unhealthy", "probe", "last", above=0.5)
SICK = Incident(1, "service_unhealthy", "llm", Stage.OPEN, Severity.CRITICAL, NOON)


def at(text: str, zone: str = "UTC") -> Instant:
    """An instant from a local time."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("matchers", "matches"),
    [
        ((), True),
        ((("rule", "service_unhealthy"),), True),
        ((("rule", "service_unhealthy"), ("group", "tts")), False),
        ((("severity", "critical"), ("service", "llm")), True),
        ((("service", "tts"),), False),
        ((("mood", "good"),), False),
    ],
)
def test_all_that_is_named_must_hold(matchers: tuple[tuple[str, str], ...], matches: bool) -> None:
    """A label that nobody knows matches nothing."""
    assert Silence("x", "me", matchers).matches(SICK, PROBE) is matches


def test_a_service_is_matched_by_what_a_rule_looks_at_too() -> None:
    """Errors of one service, told for all of it."""
    rule = Rule("llm_errors", "Errors", "failure", "count", where=(("service", "llm"),))
    assert Silence("x", "me", (("service", "llm"),)).matches(replace(SICK, rule="llm_errors", group=""), rule)


def test_a_window_past_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    """From Saturday 23:00 to Sunday 02:00, and at no other time."""
    window = Recurrence("23:00", "02:00", "Europe/Berlin", days=(5,))
    begin = at("2026-03-07T23:00", "Europe/Berlin")
    assert window.span(begin) == (begin, begin + 3 * HOUR)
    assert window.span(begin + 3 * HOUR - 1) == (begin, begin + 3 * HOUR)
    assert window.span(begin - 1) is None
    assert window.span(begin + 3 * HOUR) is None
    assert window.span(begin + DAY) is None


def test_a_beginning_that_clocks_leave_out_is_the_first_moment_after() -> None:
    """Berlin, 29 March 2026: after 01:59 comes 03:00."""
    window = Recurrence("02:30", "04:00", "Europe/Berlin")
    begin = at("2026-03-29T01:00")
    assert window.span(begin) == (begin, begin + HOUR)
    assert window.span(begin - 1) is None


ZONES = ["UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Cairo"]


@given(
    st.sampled_from(ZONES),
    st.integers(0, 23),
    st.integers(0, 23),
    st.integers(0, 365 * 24 * 4),
)
def test_a_daily_window_is_one_span_a_day(zone: str, first: int, last: int, quarter: int) -> None:
    """Any zone, any quarter of an hour of 2026: the span holds the moment, and is the same all through."""
    window = Recurrence(f"{first:02}:00", f"{last:02}:30", zone)
    now = at("2026-01-01T00:00") + quarter * 15 * MINUTE
    span = window.span(now)
    local = datetime.fromtimestamp(now / 1000, ZoneInfo(zone)).hour * 60
    local += datetime.fromtimestamp(now / 1000, ZoneInfo(zone)).minute
    begin, end = first * 60, last * 60 + 30
    inside = begin <= local < end if begin < end else local >= begin or local < end
    if inside:
        assert span is not None

    if span is not None:
        assert span[0] <= now < span[1]
        assert window.span(span[0]) == window.span(span[1] - 1) == span
        assert span[1] - span[0] <= DAY + 2 * HOUR


def test_a_silence_comes_back_from_its_document() -> None:
    """As it was, with its window."""
    window = Recurrence("02:00", "04:00", "Europe/Berlin", (0, 6))
    full = Silence("ab12", "olivia", (("rule", "cpu"),), NOON, NOON + DAY, window, "backups", "ben")
    assert silence_of(silence_document(full)) == full
    assert silence_of(silence_document(replace(full, recurring=None, end=None))).recurring is None


def test_mistakes_in_a_silence_are_said_in_words() -> None:
    """What is wrong, and how to mend it."""
    window = Recurrence("2am", "2am", "UTC", (7,))
    found = problems(Silence("", "me", (("mood", "bad"),), NOON, NOON, window))
    assert len(found) == 4
    assert "rule, group, severity, service" in found[0]


async def test_a_wrong_silence_is_refused() -> None:
    """With its problems; one that is not there cannot be ended."""
    told = scene()
    with pytest.raises(ValueError, match="must end after it begins"):
        await told.watch.add_silence(Silence("", "me", (), NOON, NOON))

    with pytest.raises(UnknownName):
        await told.watch.end_silence("nope")


async def test_f7_what_somebody_silenced_is_in_the_history() -> None:
    """Who, why, and who ended it."""
    told = scene()
    await told.answers(5.0, 30)
    made = await told.watch.add_silence(silence(told, 3600))
    await told.answers(5.0, 60)
    await told.watch.end_silence(made.id, "ben")
    await told.answers(5.0, 30)
    words = [words for _, words in (await told.incident()).history]
    assert "quiet, silence of olivia: a new GPU" in words
    assert "silence ended early, ben" in words


async def test_f11_a_silence_counts_while_the_store_is_broken() -> None:
    """And is in it once it works again."""
    store = MemoryStore()
    told = Scene(store, scene().clock, rules=(PROMPT,))
    await told.answers(1.0, 30)
    store.broken = True
    await told.watch.add_silence(silence(told, 3600))
    await told.answers(5.0, 60)
    assert told.place.told == []
    store.broken = False
    await told.answers(5.0, 30)
    told.start()
    await told.answers(5.0, 30)
    assert [s.reason for s in await told.watch.silences()] == ["a new GPU"]
    assert told.place.told == []


async def test_f8_quiet_hours_outlive_a_restart() -> None:
    """Opened in them, told after them by another start, once."""
    told = scene(quiet=quiet_noon())
    await told.answers(5.0, 1800)
    told.start()
    await told.answers(5.0, 1700)
    assert told.place.told == []
    await told.answers(5.0, 300)
    assert loud(told.place) == ["opened"]
    assert "quiet hours" in (await told.incident()).back


async def test_f6_what_came_and_went_in_quiet_hours_is_one_line_over_a_restart() -> None:
    """Of one message, once."""
    told = scene(quiet=quiet_noon())
    await told.answers(5.0, 600)
    await told.answers(1.0, 600)
    told.start()
    await told.answers(1.0, 3000)
    told.start()
    await told.answers(1.0, 600)
    (late,) = told.place.told
    assert [line["number"] for line in late.body["lines"]] == [1]  # type: ignore[attr-defined]
    assert not (await told.incident()).late


async def test_f7_what_is_worse_than_quiet_hours_allow_is_told_at_once() -> None:
    """A warning waits; it becomes critical, and is told with a ping."""
    told = scene(replace(PROMPT, critical_above=8.0), quiet=quiet_noon())
    await told.answers(5.0, 300)
    assert told.place.told == []
    await told.answers(20.0, 60)
    assert [n.body["ping"] for n in told.place.told if not n.body["minor"]] == [True]


async def test_f7_an_end_does_not_wait_for_quiet_hours() -> None:
    """Who heard of it hears that it is over."""
    told = scene(quiet=quiet_hours("12:02-13:00", Severity.WARNING, "Europe/Berlin"))
    await told.answers(5.0, 60)
    await told.answers(1.0, 300)
    assert loud(told.place) == ["opened", "resolved"]


def test_quiet_hours_are_written_as_two_times() -> None:
    """Nothing is none, nonsense is refused with an example."""
    assert quiet_hours(" ", Severity.WARNING, "UTC") is None
    with pytest.raises(ValueError, match="23:00-07:00"):
        quiet_hours("at night", Severity.WARNING, "UTC")

    hours = quiet_hours("23:00-07:00", Severity.WARNING, "UTC")
    assert hours is not None
    night = round(datetime(2026, 3, 11, 2, tzinfo=UTC).timestamp() * 1000)
    assert hours.holds(Severity.WARNING, night)
    assert not hours.holds(Severity.CRITICAL, night)
    assert not hours.holds(Severity.WARNING, night + 6 * HOUR)
