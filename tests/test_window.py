"""Steps of the calendar, in the zones where it is hard."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.window import SPANS, Window, next_step, step_start, window_of

ZONES = [
    "UTC",
    "Europe/Berlin",
    "Asia/Kolkata",
    "America/Santiago",
    "America/Havana",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
]


def at(text: str, zone: str = "UTC") -> Instant:
    """The instant of a local time."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def local(instant: Instant, zone: str) -> str:
    """An instant as the zone's wall clock shows it."""
    return datetime.fromtimestamp(instant / 1000, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2025-03-30", 23),
        ("Europe/Berlin", "2025-10-26", 25),
        ("Europe/Berlin", "2025-06-01", 24),
        ("America/Santiago", "2024-09-08", 23),
        ("America/Santiago", "2024-04-06", 25),
        ("America/Santiago", "2024-09-09", 24),
        ("America/Havana", "2024-11-03", 25),
        ("Asia/Kolkata", "2025-03-30", 24),
    ],
)
def test_day_lasts_as_long_as_the_zone_says(zone: str, day: str, hours: int) -> None:
    """A day whose clocks change has 23 or 25 hours, even where they change at midnight."""
    start = step_start(at(f"{day} 12:00", zone), DAY, zone)

    assert next_step(start, DAY, zone) - start == hours * HOUR


def test_day_without_midnight_begins_at_one() -> None:
    """Where clocks go forward at midnight, the day begins at its first moment and the next one at midnight again."""
    start = step_start(at("2024-09-08 12:00", "America/Santiago"), DAY, "America/Santiago")

    assert local(start, "America/Santiago") == "2024-09-08 01:00"
    assert local(next_step(start, DAY, "America/Santiago"), "America/Santiago") == "2024-09-09 00:00"


def test_hours_are_the_zones_own() -> None:
    """In Kolkata, half an hour off UTC, an hour begins when the clock there says so."""
    start = step_start(at("2025-01-01 10:45", "Asia/Kolkata"), HOUR, "Asia/Kolkata")

    assert local(start, "Asia/Kolkata") == "2025-01-01 10:00"
    assert start % HOUR == HOUR // 2


def test_repeated_hour_is_two_steps() -> None:
    """The hour that the clock shows twice in autumn is two steps."""
    first = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    starts = {step_start(round(first.timestamp() * 1000) + i * HOUR, HOUR, "Europe/Berlin") for i in (0, 1)}

    assert len(starts) == 2


@given(
    st.integers(min_value=at("2000-01-01"), max_value=at("2036-12-31")),
    st.sampled_from(ZONES),
    st.sampled_from([MINUTE, HOUR, DAY]),
)
def test_every_instant_lies_in_its_step(instant: Instant, zone: str, width: int) -> None:
    """A step holds the instant it was asked for, and begins where its own beginning says."""
    start = step_start(instant, width, zone)

    assert start <= instant < next_step(start, width, zone)
    assert step_start(start, width, zone) == start


@given(
    st.integers(min_value=at("2000-01-01"), max_value=at("2036-12-31")),
    st.sampled_from(ZONES),
    st.sampled_from([HOUR, DAY]),
)
def test_steps_follow_each_other_without_gap(instant: Instant, zone: str, width: int) -> None:
    """From one step to the next, every instant's step is met: none is skipped where clocks change."""
    start = step_start(instant, width, zone)
    following = next_step(start, width, zone)

    assert step_start(following, width, zone) == following
    assert step_start(following - 1, width, zone) == start


@pytest.mark.parametrize("name", SPANS)
def test_window_begins_at_a_full_step_and_ends_now(name: str) -> None:
    """A named window ends now and begins at a full minute, beyond 48 h at a full hour of the zone."""
    now = at("2025-05-05 10:17") + 31_234
    window = window_of(name, now, "Asia/Kolkata")
    width = MINUTE if SPANS[name] <= 2 * DAY else HOUR

    assert window.end == now
    assert step_start(window.start, width, "Asia/Kolkata") == window.start
    assert 0 <= window.length - SPANS[name] < width


def test_window_before_is_as_long_and_adjoins() -> None:
    """What a window is compared with ends where it begins and is as long."""
    window = Window(1_000, 5_000, "UTC", "x")

    assert (window.before.start, window.before.end) == (-3_000, 1_000)
