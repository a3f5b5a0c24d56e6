"""Who was there on which local day: what retention and active users are counted from."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from monitoring.model import DAY, HOUR, Instant
from monitoring.rows import Attendance
from monitoring.store.connection import Connection
from monitoring.window import next_step, step_start

QUARTER = HOUR // 4
"""Hours of every zone begin at a full quarter of UTC's: in Lord Howe at its half, in Kathmandu at its third quarter."""

_HOURS = f"""
SELECT count(*), group_concat((p.hour - :base) / {QUARTER})
FROM person CROSS JOIN presence p INDEXED BY presence_user ON p.user = person.id AND p.persona = 0 AND p.hour < :end
WHERE :guild IS NULL OR p.guild = :guild
GROUP BY person.id
"""
"""By the index of users, so that hours with personas are not even looked at; one row for each user, as to read half a
million hours row by row would take most of the time."""

Rows = Sequence[tuple[int, str]]
"""For each user the number of known hours, and these hours in quarters since a base, separated by commas."""


async def hours(db: Connection, end: Instant, guild_id: int | None) -> Rows:
    """When each user was there, as far back as presences are kept."""
    found = await db.execute_fetchall(_HOURS, {"guild": guild_id, "end": end, "base": _base(end)})
    return [(row[0], row[1]) for row in found]


def attendance(rows: Rows, start: Instant, end: Instant, zone: str) -> Attendance:
    """Who was there in the hours that [start, end) touches, by the zone's days. For a thread: it takes a while."""
    begins = start - HOUR + 1
    days = _days(begins, end, zone)
    if not rows:
        return Attendance(tuple(days), tuple(array("I") for _ in days))

    counts = np.array([n for n, _ in rows], dtype=np.int64)
    quarters = np.fromstring(",".join(text for _, text in rows), dtype=np.int64, sep=",")
    at = quarters * QUARTER + _base(end)
    edges = np.concatenate(([0], np.cumsum(counts)[:-1]))
    first, last = np.minimum.reduceat(at, edges), np.maximum.reduceat(at, edges)
    there = last >= begins
    # Numbers that mean nothing outside of this answer: how many of those there come before.
    persons = np.repeat(np.cumsum(there) - 1, counts)
    inside = at >= begins
    who = _by_day(np.searchsorted(days, at[inside], side="right") - 1, persons[inside], len(days), int(there.sum()))

    return Attendance(tuple(days), who, array("q", first[there].tobytes()), array("q", last[there].tobytes()))


def _by_day(day: np.ndarray, persons: np.ndarray, days: int, most: int) -> tuple[array[int], ...]:
    """For each day the persons there, in order, each once."""
    pairs = day * max(most, 1) + persons
    # A user's hours come in order: those of one day are neighbours, and sorting has half as much to do.
    pairs = _without_repeats(np.sort(_without_repeats(pairs)))
    edges = np.searchsorted(pairs, np.arange(days + 1) * max(most, 1))
    numbers = (pairs % max(most, 1)).astype(np.uint32)
    return tuple(array("I", numbers[a:b].tobytes()) for a, b in pairwise(edges))


def _without_repeats(numbers: np.ndarray) -> np.ndarray:
    """The numbers without those that equal the one before."""
    return numbers[np.append(True, numbers[1:] != numbers[:-1])] if len(numbers) else numbers


def _base(end: Instant) -> Instant:
    return end - end % QUARTER


def _days(begins: Instant, end: Instant, zone: str) -> list[Instant]:
    """When the local days begin that [begins, end) touches; `begins` itself may lie within the first."""
    days = []
    at = step_start(begins, DAY, zone)
    while at < end:
        days.append(at)
        at = next_step(at, DAY, zone)

    return days
