"""Who comes back: people by day and by the week of their first sight, and how many were there again later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

from monitoring.analysis.figure import Gap
from monitoring.analysis.series import unlit
from monitoring.model import DAY, HOUR, Instant
from monitoring.rows import Attendance
from monitoring.window import Window, next_step, step_start

AFTER = (1, 7, 30)
"""Days after their first one on which people are looked for."""
SETTLED = 30
"""Days into what is kept from which a first sight is one, where older presences have been let go of."""


@dataclass(frozen=True, slots=True)
class Return:
    """Of `people` whose day has passed and was monitored, `came` were there again that many days after their first."""

    after: int
    people: int
    came: int

    @property
    def share(self) -> float | None:
        """0..1; None where nobody's day has passed."""
        return self.came / self.people if self.people else None


@dataclass(frozen=True, slots=True)
class Cohort:
    """Those first seen in the ISO week that begins at `week`, a Monday's midnight in the zone."""

    week: Instant
    new: int
    returns: tuple[Return, ...]


@dataclass(frozen=True, slots=True)
class AudienceDay:
    """Distinct people of a local day. None: not monitored; `new` also where first sights cannot be told from others."""

    at: Instant
    users: int | None
    new: int | None


def cohorts(
    attendance: Attendance, window: Window, gaps: tuple[Gap, ...], since: Instant, first_at: Instant | None
) -> tuple[Cohort, ...]:
    """People by the week of their first sight, if that is not before `since`, oldest first."""
    if not attendance.first:
        return ()

    first, there = _table(attendance)
    fresh = (first >= 0) & (np.asarray(attendance.first, np.int64) >= since)
    known = _passed(attendance.days, window) & ~_dark(attendance, window, gaps, first_at)
    weeks = np.array([_monday(at, window.zone) for at in attendance.days], np.int64)[np.maximum(first, 0)]
    found = []
    for week in np.unique(weeks[fresh]):
        persons = np.flatnonzero(fresh & (weeks == week))
        returns = tuple(_returned(there, first, persons, known, after) for after in AFTER)
        found.append(Cohort(int(week), len(persons), returns))

    return tuple(found)


def pooled(found: Sequence[Cohort]) -> tuple[Return, ...]:
    """The returns of all cohorts together."""
    return tuple(
        Return(after, sum(one.returns[i].people for one in found), sum(one.returns[i].came for one in found))
        for i, after in enumerate(AFTER)
    )


def by_day(
    attendance: Attendance, window: Window, gaps: tuple[Gap, ...], since: Instant, first_at: Instant | None
) -> tuple[AudienceDay, ...]:
    """Distinct people of each day, and how many of them are first seen on it."""
    first = _first_days(attendance)
    new = np.bincount(first[first >= 0], minlength=len(attendance.days))
    dark = _dark(attendance, window, gaps, first_at)
    return tuple(
        AudienceDay(at, None if dark[i] else len(who), None if dark[i] or at < since else int(new[i]))
        for i, (at, who) in enumerate(zip(attendance.days, attendance.who, strict=True))
    )


def active(attendance: Attendance, end: Instant, span: int) -> int:
    """Distinct people in the hours that the last `span` milliseconds before `end` touch."""
    return int((np.asarray(attendance.last, np.int64) > end - span - HOUR).sum())


def fresh_since(window: Window, kept: int, first_at: Instant | None) -> Instant:
    """From when on a first sight is one: the first record, or thirty days into what is kept if more was recorded.

    Before that, who had been there for long looks new, since the days when he was first seen are let go of.
    """
    start = step_start(window.end - kept, DAY, window.zone)
    return start + SETTLED * DAY if first_at is not None and first_at <= start else start


def _first_days(attendance: Attendance) -> Any:
    """For each person the number of its first day; -1: before all of them."""
    days = np.asarray(attendance.days, np.int64)
    return np.searchsorted(days, np.asarray(attendance.first, np.int64), side="right") - 1


def _table(attendance: Attendance) -> tuple[Any, Any]:
    """The first day of each person, and who was there when as a table of persons by days."""
    there = np.zeros((len(attendance.first), len(attendance.days)), bool)
    for number, who in enumerate(attendance.who):
        there[np.asarray(who, np.int64), number] = True

    return _first_days(attendance), there


def _returned(there: Any, first: Any, persons: Any, known: Any, after: int) -> Return:
    days = first[persons] + after
    within = days < len(known)
    persons, days = persons[within], days[within]
    passed = known[days]
    return Return(after, int(passed.sum()), int(there[persons[passed], days[passed]].sum()))


def _passed(days: Sequence[Instant], window: Window) -> Any:
    """Which days are over."""
    return np.array([next_step(day, DAY, window.zone) <= window.end for day in days], bool)


def _dark(attendance: Attendance, window: Window, gaps: tuple[Gap, ...], first_at: Instant | None) -> Any:
    """Which days were not monitored and show nobody."""
    if not attendance.days:
        return np.zeros(0, bool)

    over = Window(attendance.days[0], max(window.end, attendance.days[-1] + 1), window.zone)
    edges = pairwise([*attendance.days, next_step(attendance.days[-1], DAY, window.zone)])
    return np.array(
        [not len(who) and unlit(over, *edge, gaps, first_at) for who, edge in zip(attendance.who, edges, strict=True)],
        bool,
    )


def _monday(at: Instant, zone: str) -> Instant:
    """The midnight that begins the ISO week of a local day."""
    info = Window(at, at, zone).info
    date = datetime.fromtimestamp(at / 1000, info).date()
    return round(datetime.combine(date - timedelta(days=date.weekday()), time(), info).timestamp() * 1000)
