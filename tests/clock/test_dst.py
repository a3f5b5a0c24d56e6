"""Days on which clocks change, at midnight too: steps, windows, gaps and people of every hour exactly once (F10)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.analysis.series import gaps, regroup
from monitoring.interfaces import Batch
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.rollup import Rollup, Series
from monitoring.rows import Presence
from monitoring.store import SQLiteStore
from monitoring.store.segments import kept_at, starts_in
from monitoring.window import SPANS, Window, next_step, step_start, window_of
from tests.store.building import message_batch
from tests.store.conftest import StillClock

CHANGES = [
    ("America/Santiago", "2026-09-06", 23),  # Midnight is skipped.
    ("America/Santiago", "2026-04-04", 25),  # 23:00 comes twice.
    ("Asia/Beirut", "2026-03-29", 23),
    ("Asia/Beirut", "2026-10-24", 25),
    ("America/Havana", "2026-11-01", 25),  # Midnight comes twice.
    ("Europe/Berlin", "2026-03-29", 23),
    ("Australia/Lord_Howe", "2026-04-05", 24.5),
    ("Australia/Lord_Howe", "2026-10-04", 23.5),
]
"""Zone, local date, hours of that date."""


def midnight(zone: str, date: str) -> Instant:
    """When a local date begins; the first time, where that comes twice."""
    local = datetime.fromisoformat(date).replace(tzinfo=ZoneInfo(zone))
    return step_start(round(local.timestamp() * 1000), DAY, zone)


@pytest.mark.parametrize(("zone", "date", "hours"), CHANGES)
async def test_f10_a_day_has_its_hours_and_each_counts_once(tmp_path: Path, zone: str, date: str, hours: float) -> None:
    """A message each half hour for three days: days, hours and the whole are the same sum, before and after folding."""
    start = midnight(zone, date)
    end = next_step(start, DAY, zone)
    assert (end - start) / HOUR == hours
    first, last = step_start(start - 1, DAY, zone), next_step(end, DAY, zone)
    store = SQLiteStore(tmp_path / "store.sqlite3", clock=StillClock(last), zone=zone)
    await store.open()
    await store.append(message_batch(1, list(range(first, last, 30 * MINUTE))))
    for _ in range(2):
        days = await store.series("message", first, last, DAY)
        steps = await store.series("message", first, last, HOUR)
        whole = await store.series("message", first, last, 0)
        lengths = [b - a for a, b in zip(days.starts, days.ends, strict=True)]
        assert [rollup.count for rollup in days.line()] == [2 * length // HOUR for length in lengths]
        assert days.ends[1] - days.starts[1] == end - start
        assert days.sum().count == steps.sum().count == whole.sum().count == (last - first) // (30 * MINUTE)
        assert regroup(steps, DAY, zone).starts == days.starts
        await store.tend(last)

    await store.close()


@pytest.mark.parametrize(("zone", "date", "hours"), CHANGES)
async def test_f10_who_comes_on_two_local_days_comes_again(tmp_path: Path, zone: str, date: str, hours: float) -> None:
    """In the last hour of one local day and the first of the next; not twice on the long day."""
    start = midnight(zone, date)
    end = next_step(start, DAY, zone)
    last_hour = step_start(end - 1, HOUR, zone)
    store = SQLiteStore(tmp_path / "store.sqlite3", clock=StillClock(end + DAY), zone=zone)
    await store.open()
    await store.append(
        Batch(
            presences={
                Presence(start, 1, "", "one day"),
                Presence(last_hour, 1, "", "one day"),
                Presence(last_hour, 1, "", "two days"),
                Presence(end, 1, "", "two days"),
            }
        )
    )
    people = (await store.people(start, end + HOUR))[""]
    assert (people.users, people.repeat, hours) == (2, 1, hours)
    await store.close()


@given(st.sampled_from(CHANGES), st.integers(-3 * HOUR, 28 * HOUR), st.sampled_from([MINUTE, HOUR, DAY]), st.data())
def test_f10_every_instant_lies_in_one_step(
    change: tuple[str, str, float], offset: int, width: int, data: st.DataObject
) -> None:
    """And steps follow each other without holes, around the change too."""
    zone, date, _ = change
    at = midnight(zone, date) + offset
    start = step_start(at, width, zone)
    end = next_step(start, width, zone)
    assert start <= at < end
    assert step_start(end, width, zone) == end
    assert step_start(end - 1, width, zone) == start
    assert starts_in(start, end, width, zone) == [start]
    span = data.draw(st.sampled_from(sorted(SPANS)))
    asked = window_of(span, at, zone)
    # A window begins at most a little before its name says, even where the clocks went forward in between.
    assert SPANS[span] <= asked.length <= SPANS[span] + DAY + HOUR
    kept = kept_at(at, zone, minute_hours=48, hour_days=90, day_days=730)
    assert kept.days <= kept.hours <= kept.minutes <= at - 47 * HOUR


@pytest.mark.parametrize(("zone", "date", "hours"), CHANGES)
def test_f8_a_long_or_short_day_that_was_watched_is_no_gap(zone: str, date: str, hours: float) -> None:
    """The marks that are asked for are those of its own length."""
    start = midnight(zone, date)
    end = next_step(start, DAY, zone)
    for part, dark in ((10, False), (11, True)):
        marks = (end - start) // 10_000 // part
        day = Series("gauge", (start,), (end,), ({("alive",): Rollup(count=marks)},))
        assert bool(gaps(day, Window(start, end, zone), start - DAY)) is dark
    assert hours > 22
