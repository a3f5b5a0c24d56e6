"""Reads and writes of rollups: the journal and the segments it is folded into."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitoring.model import DAY, Instant
from monitoring.store import journal
from monitoring.store.connection import Connection
from monitoring.store.documents import Refused
from monitoring.store.journal import Part, Pending
from monitoring.store.segments import Span
from monitoring.store.unreadable import UNREADABLE

Blobs = Mapping[int, Mapping[Instant, bytes]]
"""Encoded segments of one metric by width and start."""


@dataclass(frozen=True, slots=True)
class Unfolded:
    """The journal as one snapshot shows it: `number` counts the folds before."""

    number: int
    ids: list[int]
    parts: dict[str, list[Part]]
    """What the rows add, by metric."""


async def append(db: Connection, blob: bytes) -> int:
    """Write a row of the journal; answers with its id, which no row had before."""
    cursor = await db.execute("INSERT INTO journal (blob) VALUES (?)", (blob,))
    assert cursor.lastrowid is not None

    return cursor.lastrowid


async def unfolded(db: Connection, pending: Pending, metric: str | None = None) -> Unfolded:
    """What is not folded yet, of one metric or all; rows that are not in memory are read.

    Of all, raises one of UNREADABLE for a row that cannot be read; of one metric, passes over it.
    """
    ((number,),) = await db.execute_fetchall("SELECT number FROM fold")
    ids = [row[0] for row in await db.execute_fetchall("SELECT id FROM journal ORDER BY id")]
    # Taken at once: a fold that ends while the rest is read lets go of them.
    held = pending.held(ids)
    missing = json.dumps([row for row in ids if row not in held])
    for row, blob in await db.execute_fetchall(
        "SELECT id, blob FROM journal WHERE id IN (SELECT value FROM json_each(?))", (missing,)
    ):
        try:
            held[row] = journal.decode(blob)
        except UNREADABLE:
            if metric is None:
                raise

            held[row] = {}

    parts: dict[str, list[Part]] = {}
    for row in ids:
        for name, part in held[row].items():
            if metric is None or name == metric:
                parts.setdefault(name, []).append(part)

    return Unfolded(number, ids, parts)


async def spans(db: Connection, metric: str, wanted: Iterable[Span]) -> list[bytes]:
    """The stored segments of some spans."""
    found: list[bytes] = []
    for span in wanted:
        rows = await db.execute_fetchall(
            "SELECT blob FROM segment WHERE metric = ? AND width = ? AND start >= ? AND start < ?",
            (metric, span.width, span.start, span.end),
        )
        found.extend(blob for (blob,) in rows)

    return found


async def starts(db: Connection, metric: str, wanted: Iterable[Span]) -> dict[int, frozenset[Instant]]:
    """The starts of the stored segments of some spans, by width."""
    found: dict[int, frozenset[Instant]] = {}
    for span in wanted:
        rows = await db.execute_fetchall(
            "SELECT start FROM segment WHERE metric = ? AND width = ? AND start >= ? AND start < ?",
            (metric, span.width, span.start, span.end),
        )
        found[span.width] = found.get(span.width, frozenset()).union(start for (start,) in rows)

    return found


async def stored(db: Connection, metric: str, starts: Mapping[int, list[Instant]]) -> Blobs:
    """The stored segments with these starts, by width."""
    result: dict[int, dict[Instant, bytes]] = {}
    for width, wanted in starts.items():
        rows = await db.execute_fetchall(
            "SELECT start, blob FROM segment WHERE metric = ? AND width = ? "
            "AND start IN (SELECT value FROM json_each(?))",
            (metric, width, json.dumps(wanted)),
        )
        result[width] = dict(rows)

    return result


async def zone(db: Connection) -> str:
    """The zone that the stored days are those of; "" for none yet."""
    ((name,),) = await db.execute_fetchall("SELECT zone FROM fold")
    return str(name)


async def metrics(db: Connection) -> list[str]:
    """Every metric that has segments."""
    rows = await db.execute_fetchall("SELECT DISTINCT metric FROM segment ORDER BY metric")
    return [metric for (metric,) in rows]


async def rezone(db: Connection, name: str, since: Instant, days: Mapping[str, Mapping[Instant, bytes]]) -> None:
    """Put days of another zone in the place of those stored since an instant."""
    await db.execute("DELETE FROM segment WHERE width = ? AND start >= ?", (DAY, since))
    await _put(db, {metric: {DAY: starts} for metric, starts in days.items()})
    await db.execute("UPDATE fold SET zone = ?, number = number + 1", (name,))


async def write(db: Connection, rows: Unfolded, changed: Mapping[str, Blobs]) -> None:
    """Write segments and delete the journal they came from. Raises Refused if somebody else has folded meanwhile."""
    cursor = await db.execute("UPDATE fold SET number = number + 1 WHERE number = ?", (rows.number,))
    if cursor.rowcount != 1:
        raise Refused("fold")

    await _put(db, changed)
    await db.execute("DELETE FROM journal WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(rows.ids),))


async def _put(db: Connection, changed: Mapping[str, Blobs]) -> None:
    await db.executemany(
        "INSERT INTO segment (metric, width, start, blob) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (metric, width, start) DO UPDATE SET blob = excluded.blob",
        [
            (metric, width, start, blob)
            for metric, widths in changed.items()
            for width, starts in widths.items()
            for start, blob in starts.items()
        ],
    )
