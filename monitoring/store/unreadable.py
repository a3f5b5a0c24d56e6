"""Rollups whose bytes cannot be understood any more: passed over, set aside, counted, and said once.

SQLite does not notice when a byte inside a row changes; one such row must not keep all others from being read or
folded.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from monitoring import step_bytes
from monitoring.model import Instant
from monitoring.steps import Columns
from monitoring.store import journal
from monitoring.store.connection import Connection
from monitoring.store.journal import Own, Part, Shares, put_together

UNREADABLE = (ValueError, TypeError, LookupError, ArithmeticError, MemoryError, AttributeError, struct.error)
"""What decoding raises for bytes that were changed."""
KEPT = 1_000
"""Rows set aside that are kept, the newest ones."""

Row: TypeAlias = tuple[int, bytes]
"""A row of the journal: its id and its bytes."""
Place: TypeAlias = tuple[str, int, Instant]
"""Where a segment belongs: metric, width, start."""


@dataclass(slots=True)
class Sifted:
    """What was found unreadable: rows of the journal by id, and segments by place."""

    rows: list[int] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows) + len(self.places)


def _all(part: Part) -> Columns:
    return part.rows()


def readable(
    found: Iterable[bytes], parts: Sequence[Part], rows: Callable[[Part], Columns] = _all
) -> tuple[list[Columns], int]:
    """Segments and parts of the journal as columns (`rows` says which), and how many could not be read."""
    result, lost = [], 0
    left: deque[Part] = deque((*map(Own, found), *put_together(parts)))
    while left:
        part = left.popleft()
        try:
            result.append(rows(part))
        except UNREADABLE:
            if isinstance(part, Shares):
                left.extend(part.each)
            else:
                lost += 1

    return result, lost


def whole(row: Row) -> dict[str, Part] | None:
    """A row of the journal by metric; None where any of it cannot be read."""
    try:
        parts = journal.decode(row[1])
        for part in parts.values():
            part.rows()
    except UNREADABLE:
        return None

    return parts


def bad_rows(rows: Iterable[Row]) -> list[int]:
    """The ids of the rows that cannot be read."""
    return [row[0] for row in rows if whole(row) is None]


def bad_places(metric: str, stored: Mapping[int, Mapping[Instant, bytes]]) -> list[Place]:
    """Where the segments are, of some of a metric, that cannot be read."""
    return [
        (metric, width, start) for width, starts in stored.items() for start, blob in starts.items() if not _reads(blob)
    ]


def _reads(blob: bytes) -> bool:
    try:
        step_bytes.decode(blob)
    except UNREADABLE:
        return False

    return True


async def set_aside(db: Connection, sifted: Sifted) -> None:
    """Move what cannot be read out of the way of what can; the bytes are kept."""
    await db.executemany(
        "INSERT INTO set_aside (source, blob) SELECT 'journal', blob FROM journal WHERE id = ?",
        [(row,) for row in sifted.rows],
    )
    await db.executemany("DELETE FROM journal WHERE id = ?", [(row,) for row in sifted.rows])
    of_place = "FROM segment WHERE metric = ? AND width = ? AND start = ?"
    await db.executemany(
        f"INSERT INTO set_aside (source, blob) SELECT metric || ' ' || width || ' ' || start, blob {of_place}",
        sifted.places,
    )
    await db.executemany(f"DELETE {of_place}", sifted.places)
    await db.execute("DELETE FROM set_aside WHERE id <= (SELECT max(id) FROM set_aside) - ?", (KEPT,))
