"""What the host told of its personas, as rows: how it is written to SQLite, read, and let go of."""

from __future__ import annotations

from typing import Any

from monitoring.interfaces import Batch
from monitoring.model import Instant, Told
from monitoring.store.connection import Connection

MOST = 200_000
"""Rows that are kept at most, the newest ones."""
_SHIFT = 20
"""An id is the time shifted by this, plus a number: so rows lie in order of time without an index."""

# Under the next free id of the millisecond.
_INSERT = """
INSERT INTO told (id, what, persona, other, name, value, guild)
VALUES (coalesce((SELECT max(id) + 1 FROM told WHERE id >= ?1 AND id < ?2), ?1), ?3, ?4, ?5, ?6, ?7, ?8)
"""
_SELECT = """
SELECT what, id >> 20, persona, other, name, value, guild FROM told
WHERE id >= ?1 AND id < ?2 AND (?3 IS NULL OR what = ?3) ORDER BY id
"""
_DELETE = """
DELETE FROM told WHERE id IN (
  SELECT id FROM told
  WHERE id < max(:oldest, coalesce((SELECT id FROM told ORDER BY id DESC LIMIT 1 OFFSET :most - 1), 0))
  ORDER BY id LIMIT :rows
)
"""


def write(batch: Batch) -> tuple[str, list[tuple[Any, ...]]]:
    """The statement that writes what a batch was told, and its rows."""
    return _INSERT, [
        (one.at << _SHIFT, (one.at + 1) << _SHIFT, one.what, one.persona, one.other, one.name, one.value, one.guild_id)
        for one in batch.told
    ]


async def told(db: Connection, start: Instant, end: Instant, what: str | None = None) -> list[Told]:
    """What was told in [start, end), of one kind or all, oldest first."""
    rows = await db.execute_fetchall(_SELECT, (start << _SHIFT, end << _SHIFT, what))
    return [Told(*row) for row in rows]


async def clean(db: Connection, oldest: Instant, rows: int) -> int:
    """Delete at most so many rows that are older, or beyond the newest 200,000; how many that were."""
    cursor = await db.execute(_DELETE, {"oldest": oldest << _SHIFT, "most": MOST, "rows": rows})
    return cursor.rowcount
