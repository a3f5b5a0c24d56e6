"""Letting go of what is past its time, a little at a time, so that no flush waits for it."""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.store import told_sqlite
from monitoring.store.connection import Connection
from monitoring.store.segments import Kept

ROWS = 500
"""Rows of each table that one transaction deletes at most."""
PAGES = 500
"""Pages that one call gives back to the file system at most."""
LOOKED = 5_000
"""Users, and names, that one call looks at; all of them in turn, a minute after the other."""

_RAW = (
    "DELETE FROM message WHERE id IN (SELECT id FROM message WHERE at < :raw ORDER BY at LIMIT :rows)",
    # Five blocks are a few megabytes, whose pages all have to be read: fifty would hold up writing for 0.2 s.
    "DELETE FROM operation_block WHERE id IN (SELECT id FROM operation_block WHERE last < :raw LIMIT :rows / 100)",
    # Ids of messages follow the time: what comes before the first young one is old, and no more need be looked at.
    "DELETE FROM exchange WHERE id IN (SELECT id FROM exchange WHERE id < coalesce("
    "(SELECT id FROM exchange WHERE at >= :raw ORDER BY id LIMIT 1), 9223372036854775807) ORDER BY id LIMIT :rows)",
    "DELETE FROM presence WHERE (hour, guild, persona, user) IN ("
    "SELECT hour, guild, persona, user FROM presence WHERE hour < :hours LIMIT :rows)",
)
_NUMBERED = """
DELETE FROM {table} WHERE id IN (
  SELECT id FROM (
    SELECT id, seen FROM {table} WHERE id > :turn % ((SELECT max(id) FROM {table}) / :looked + 1) * :looked
    ORDER BY id LIMIT :looked
  ) WHERE seen < :oldest LIMIT :rows
)
"""
_SEGMENTS = """
WITH RECURSIVE named (metric) AS (
  SELECT min(metric) FROM segment
  UNION ALL
  SELECT (SELECT min(metric) FROM segment s WHERE s.metric > named.metric) FROM named WHERE named.metric IS NOT NULL
)
DELETE FROM segment WHERE (metric, width, start) IN (
  SELECT s.metric, s.width, s.start FROM named JOIN segment s ON s.metric = named.metric
  WHERE s.width = :width AND s.start < :since LIMIT :rows
)
"""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """How many rows one step deleted, and whether users or names were among them."""

    rows: int
    numbers: bool
    more: bool
    """Whether a table had so many that the next step will find some too."""


async def clean(db: Connection, raw: Instant, kept: Kept) -> Cleaned:
    """Delete at most ROWS rows of each table: raw ones before `raw`, steps and presences before they are kept."""
    values = {"raw": raw, "hours": kept.hours, "rows": ROWS}
    counts = [(await db.execute(sql, values)).rowcount for sql in _RAW]
    for width in (MINUTE, HOUR, DAY):
        cursor = await db.execute(_SEGMENTS, {"width": width, "since": kept.since(width), "rows": ROWS})
        counts.append(cursor.rowcount)

    counts.append(await told_sqlite.clean(db, kept.days, ROWS))
    # A number outlives every row that bears it, with two hours to spare: those of presences are full ones, and names
    # and users are noted as seen once an hour.
    old = {"oldest": min(raw, kept.hours) - 2 * HOUR, "turn": raw // MINUTE, "looked": LOOKED, "rows": ROWS}
    numbered = [(await db.execute(_NUMBERED.format(table=table), old)).rowcount for table in ("person", "name")]
    counts += numbered

    return Cleaned(sum(counts), any(numbered), max(counts) >= ROWS)


async def shrink(db: Connection) -> None:
    """Give some free pages back to the file system, in a transaction of its own beside the one it is called in."""
    ((free,),) = await db.execute_fetchall("PRAGMA freelist_count")
    if free:
        # A script, since Python's sqlite3 takes only the first step of this pragma otherwise, which is one page. It
        # commits what was begun, and begins anew what its caller will commit.
        await db.executescript(f"PRAGMA incremental_vacuum({PAGES}); BEGIN IMMEDIATE")
