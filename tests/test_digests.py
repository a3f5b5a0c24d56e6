"""Digests go out: a year of days in four zones, catching up, other times, all from a real store (F9)."""

from __future__ import annotations

import datetime as dates
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from monitoring.alerting.documents import DIGEST, NOTICE
from monitoring.digest.timetable import Timetable
from monitoring.digests import SETTING, WEEK_SCOPE, Digests
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.questions.digest import Editions
from monitoring.rows import Change, Document
from monitoring.store.sqlite import SQLiteStore

from .thorough import THOROUGH

BERLIN = "Europe/Berlin"
ZONES = (BERLIN, "America/Santiago", "Africa/Cairo", "Australia/Lord_Howe")


class HandClock:
    """Stands where it is put."""

    at: Instant = 0

    def now(self) -> Instant:
        """The instant."""
        return self.at

    def monotonic(self) -> float:
        """Goes along."""
        return self.at / 1000


def at(text: str, zone: str = BERLIN) -> Instant:
    """A local time as an instant."""
    return round(dates.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.fixture
def clock() -> HandClock:
    """Set by the test."""
    return HandClock()


@pytest_asyncio.fixture
async def store(tmp_path: Path, clock: HandClock) -> AsyncIterator[SQLiteStore]:
    """A store with nothing in it."""
    made = SQLiteStore(tmp_path / "store.sqlite3", clock=clock, zone="UTC")
    await made.open()
    yield made
    await made.close()


def digests(
    store: SQLiteStore, clock: HandClock, zone: str = BERLIN, *, since: Instant = 0, table: Timetable | None = None
) -> Digests:
    """The sender, with one place to tell; what a digest says is not asked here."""
    return Digests(
        store,
        cast("Editions", None),
        clock=clock,
        zone=zone,
        standard=table or Timetable(),
        targets=lambda: ["discord"],
        first_at=lambda: since or None,
    )


async def told(store: SQLiteStore) -> list[tuple[str, str, bool]]:
    """(scope, date, late) of every notice, oldest first, of one moment the day before the week."""
    found = sorted(await store.load(NOTICE), key=lambda d: cast("int", d.body["at"]))
    bodies = [(d.body["at"], cast("dict[str, Any]", d.body["body"])) for d in found]
    return [
        (body["scope"], body["date"], body["late"]) for _, body in sorted(bodies, key=lambda b: (b[0], b[1]["scope"]))
    ]


@pytest.mark.parametrize("zone", ZONES if THOROUGH else ZONES[1:3])
async def test_f9_a_year_of_days_and_weeks_is_told_once_each(store: SQLiteStore, clock: HandClock, zone: str) -> None:
    """Asked every eleven hours, so that some are late, through all changes of the clocks."""
    table = Timetable(daily_time="00:00", weekly="sunday", weekly_time="00:00")
    start = at("2026-01-01T12:00", zone)
    sender = digests(store, clock, zone, since=start, table=table)
    for step in range(366 * 24 // 11 + 2):
        clock.at = start + step * 11 * HOUR
        await sender.send_due()

    found = await told(store)
    days = [date for scope, date, _ in found if scope == "bot"]
    first = dates.date(2026, 1, 2)
    assert days == [(first + dates.timedelta(days=n)).isoformat() for n in range(len(days))]
    assert days[-1] == "2027-01-01"
    weeks = [dates.date.fromisoformat(date) for scope, date, _ in found if scope == WEEK_SCOPE]
    saturday = dates.date(2026, 1, 10)
    assert weeks == [saturday + dates.timedelta(weeks=n) for n in range(51)]
    assert len(await store.load(DIGEST)) <= 82, "old marks go"


async def test_f9_of_a_week_away_one_day_and_one_week_are_caught_up(store: SQLiteStore, clock: HandClock) -> None:
    """The newest of each, marked late; asked again, nothing more."""
    sender = digests(store, clock, since=at("2026-02-01T00:00"))
    clock.at = at("2026-03-09T09:00")
    assert await sender.send_due()
    clock.at = at("2026-03-18T15:00")
    assert await sender.send_due()
    assert not await sender.send_due()
    assert await told(store) == [
        ("bot", "2026-03-08", False),
        (WEEK_SCOPE, "2026-03-08", False),
        ("bot", "2026-03-17", True),
        (WEEK_SCOPE, "2026-03-15", True),
    ]


async def test_f9_a_clock_set_ahead_and_back_tells_nothing_twice(store: SQLiteStore, clock: HandClock) -> None:
    """A mark of a year that is not there yet is dropped with the next digest."""
    sender = digests(store, clock, since=at("2026-02-01T00:00"), table=Timetable(weekly="off"))
    for moment in ("2026-03-10T09:00", "2027-03-10T09:00", "2026-03-10T10:00", "2026-03-11T09:00"):
        clock.at = at(moment)
        await sender.send_due()

    assert [date for _, date, _ in await told(store)] == ["2026-03-09", "2026-03-10", "2027-03-09"]
    assert [document.body["date"] for document in await store.load(DIGEST)] == ["2026-03-09", "2026-03-10"]


async def test_f9_a_fresh_install_tells_nothing_before_its_first_full_day(store: SQLiteStore, clock: HandClock) -> None:
    """Installed at noon: nothing the next morning, the first one the morning after."""
    sender = digests(store, clock, since=at("2026-03-10T12:00"))
    clock.at = at("2026-03-11T09:30")
    assert not await sender.send_due()
    clock.at = at("2026-03-12T09:30")
    assert await sender.send_due()
    assert await told(store) == [("bot", "2026-03-11", True)]
    assert not await digests(store, clock).send_due(), "nothing was recorded yet"


async def test_other_times_hold_at_once_and_after_a_restart(store: SQLiteStore, clock: HandClock) -> None:
    """Turned off and on: what lay between is not told; another time is the new one's."""
    sender = digests(store, clock, since=at("2026-02-01T00:00"))
    clock.at = at("2026-03-10T10:00")
    await sender.send_due()
    await sender.change(daily=False, weekly="off")
    clock.at = at("2026-03-14T10:00")
    assert not await sender.send_due()
    times = await sender.change(daily=True, daily_time="18.30", weekly="wednesday")
    assert (times.daily, times.weekly) == (at("2026-03-14T18:30"), at("2026-03-18T09:00"))

    again = digests(store, clock, since=at("2026-02-01T00:00"))
    assert (await again.times()) == times
    assert not await again.send_due()
    clock.at = at("2026-03-14T18:30")
    assert await again.send_due()
    assert not await again.send_due()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"daily_time": "9 pm"}, "“9 pm” is no time of day: write it as 09:00, from 00:00 to 23:59."),
        ({"weekly_time": "24:00"}, "“24:00” is no time of day: write it as 09:00, from 00:00 to 23:59."),
        ({"weekly": "mon"}, "“mon” is no day of the week: write monday to sunday, or off."),
        ({"daily_time": "@everyone"}, "“@\u2060everyone” is no time of day: write it as 09:00, from 00:00 to 23:59."),
    ],
)
async def test_times_that_make_no_sense_are_said_in_words(
    store: SQLiteStore, clock: HandClock, change: dict[str, Any], words: str
) -> None:
    """And change nothing."""
    sender = digests(store, clock)
    with pytest.raises(ValueError, match="is no") as found:
        await sender.change(**change)

    assert str(found.value) == words
    assert await sender.timetable() == Timetable()


async def test_a_remembered_timetable_that_makes_no_sense_is_as_in_the_settings(
    store: SQLiteStore, clock: HandClock
) -> None:
    """Part by part: of another version, or written by hand."""
    sender = digests(store, clock, table=Timetable(daily_time="08:00"))
    clock.at = DAY
    strange = {"daily": "yes", "daily_time": "25:00", "weekly": "someday", "weekly_time": "10:15", "weekly_since": "x"}
    assert await store.save([Change(Document("setting", SETTING, 0, {"value": strange}))])
    assert await sender.timetable() == Timetable(daily_time="08:00", weekly_time="10:15")


async def test_two_clusters_tell_it_once(store: SQLiteStore, clock: HandClock) -> None:
    """Both find it due at the same moment; another minute changes nothing."""
    one = digests(store, clock, since=at("2026-02-01T00:00"), table=Timetable(weekly="off"))
    two = digests(store, clock, since=at("2026-02-01T00:00"), table=Timetable(weekly="off"))
    clock.at = at("2026-03-10T09:00")
    assert [await one.send_due(), await two.send_due()] == [True, False]
    clock.at += MINUTE
    assert not await two.send_due()
    assert len(await told(store)) == 1
