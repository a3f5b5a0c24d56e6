"""When a digest is due: local dates, their windows, and the moments they are sent at (F9)."""

from __future__ import annotations

import datetime as dates
from collections.abc import Collection, Iterable
from zoneinfo import ZoneInfo

from monitoring.model import MINUTE, Instant
from monitoring.window import Window

LATE_AFTER = 10 * MINUTE
"""A digest sent so long after its time is marked late."""
ONE = dates.timedelta(days=1)
WEEK = 7
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
KEPT = 40
"""Marks of the newest so many dates are kept: one is all that is needed while no clock is set back."""


def day_window(day: dates.date, zone: str) -> Window:
    """A local date from its first instant to the next date's: 23, 24 or 25 hours."""
    return Window(instant_of(day, dates.time(), zone), instant_of(day + ONE, dates.time(), zone), zone, day.isoformat())


def week_window(last: dates.date, zone: str) -> Window:
    """The seven local dates up to this one, it included, from midnight to midnight."""
    first = last - (WEEK - 1) * ONE
    return Window(day_window(first, zone).start, day_window(last, zone).end, zone, f"week to {last.isoformat()}")


def sent_at(day: dates.date, zone: str, at: str = "09:00") -> Instant:
    """When the digest of a date is sent: the day after at that time, or the first valid instant after it."""
    return instant_of(day + ONE, dates.time.fromisoformat(at), zone)


def due(
    marks: Collection[str],
    now: Instant,
    zone: str,
    at: str = "09:00",
    first_full_day: str | None = None,
    *,
    weekday: int | None = None,
    since: Instant | None = None,
) -> dates.date | None:
    """The local date whose digest is to be sent now, or None (F9).

    `marks` are the dates that were sent; `first_full_day` is the first date recorded from its beginning. Of missed
    ones only the newest is caught up. Marks of days that have not begun to come are not counted. With `weekday`
    (Monday is 0) it is the last date of a week whose digest goes out on that day, and all seven of it must have been
    recorded. What should have gone out before `since` is not caught up: it was not wanted then.
    """
    newest = newest_over(now, zone, at, weekday)
    began = newest if weekday is None else newest - (WEEK - 1) * ONE
    if first_full_day is not None and began < dates.date.fromisoformat(first_full_day):
        return None

    if since is not None and sent_at(newest, zone, at) < since:
        return None

    dropped = ahead(marks, now, zone)
    counted = [mark for mark in marks if mark not in dropped]
    return newest if all(mark < newest.isoformat() for mark in counted) else None


def newest_over(now: Instant, zone: str, at: str, weekday: int | None = None) -> dates.date:
    """The newest date whose digest's time has come; with `weekday`, the newest that ends a week told on that day."""
    newest = local_date(now, zone) - ONE
    while (
        (weekday is not None and (newest + ONE).weekday() != weekday)
        or sent_at(newest, zone, at) > now
        # Samoa had no 30 December 2011: a date that never was has nothing to tell.
        or not day_window(newest, zone).length
    ):
        newest -= ONE

    return newest


def next_at(now: Instant, zone: str, at: str, weekday: int | None = None) -> Instant:
    """When the next digest goes out."""
    day = local_date(now, zone) - ONE
    while (weekday is not None and (day + ONE).weekday() != weekday) or sent_at(day, zone, at) <= now:
        day += ONE

    return sent_at(day, zone, at)


def ahead(marks: Iterable[str], now: Instant, zone: str) -> frozenset[str]:
    """Marks later than tomorrow: left from before a clock was set back, to be dropped."""
    tomorrow = (local_date(now, zone) + ONE).isoformat()
    return frozenset(mark for mark in marks if mark > tomorrow)


def spent(marks: Iterable[str]) -> frozenset[str]:
    """Marks so old that they decide nothing any more."""
    return frozenset(sorted(marks)[:-KEPT])


def is_late(day: dates.date, now: Instant, zone: str, at: str = "09:00") -> bool:
    """Whether the digest of a date goes out later than it should have."""
    return now - sent_at(day, zone, at) > LATE_AFTER


def first_full_day(began: Instant, zone: str) -> str:
    """The first local date that is recorded from its beginning."""
    day = local_date(began, zone)
    return (day if day_window(day, zone).start == began else day + ONE).isoformat()


def last_complete_day(now: Instant, zone: str) -> str:
    """Yesterday."""
    return (local_date(now, zone) - ONE).isoformat()


def local_date(at: Instant, zone: str) -> dates.date:
    """The date in a zone."""
    return dates.datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).date()


def instant_of(day: dates.date, at: dates.time, zone: str) -> Instant:
    """A local time as an instant: the first of two, and for one that does not exist the first valid one after it."""
    info = ZoneInfo(zone)
    local = dates.datetime.combine(day, at, info)
    early, late = (round(local.replace(fold=fold).timestamp() * 1000) for fold in (1, 0))
    if dates.datetime.fromtimestamp(late / 1000, info).replace(tzinfo=None) == local.replace(tzinfo=None):
        return late

    # The clocks skip this time: somewhere between both readings they are set forward.
    while late - early > 1:
        middle = (early + late) // 2
        if dates.datetime.fromtimestamp(middle / 1000, info).replace(tzinfo=None) < local.replace(tzinfo=None):
            early = middle
        else:
            late = middle

    return late
