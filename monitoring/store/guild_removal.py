"""Taking one guild out of the store, in small steps beside the recording."""

from __future__ import annotations

import numpy as np

from monitoring import step_bytes
from monitoring.metrics import METRICS
from monitoring.model import Instant
from monitoring.steps import Columns
from monitoring.store.connection import Connection
from monitoring.store.unreadable import UNREADABLE

ROWS = 2_000
"""Rows of a table that one transaction deletes at most."""
SEGMENTS = 200
"""Segments that one transaction looks at."""
Segment = tuple[str, int, Instant, bytes]
"""Metric, width, start and bytes."""
Rewritten = list[tuple[Segment, bytes | None]]
"""Segments, and what becomes of them; None: nothing is left."""

GUILDED: tuple[tuple[str, int], ...] = tuple(
    (metric.name, metric.labels.index("guild")) for metric in METRICS.values() if "guild" in metric.labels
)
"""Metrics that know guilds, with the place of that label."""
_TABLES = (
    "DELETE FROM message WHERE id IN (SELECT id FROM message WHERE guild = :guild LIMIT :rows)",
    "DELETE FROM exchange WHERE id IN (SELECT id FROM exchange WHERE guild = :guild LIMIT :rows)",
    "DELETE FROM told WHERE id IN (SELECT id FROM told WHERE guild = :guild LIMIT :rows)",
    "DELETE FROM presence WHERE (hour, guild, persona, user) IN ("
    "SELECT hour, guild, persona, user FROM presence WHERE guild = :guild LIMIT :rows)",
)
_PERSONS = """
DELETE FROM person WHERE seen < :before AND NOT EXISTS (SELECT 1 FROM presence p WHERE p.user = person.id)
"""
_NEXT = "SELECT metric, width, start, blob FROM segment WHERE metric = ? AND (width, start) > (?, ?) ORDER BY 2, 3"
_REPLACE = "UPDATE segment SET blob = ? WHERE metric = ? AND width = ? AND start = ?"
_DELETE = "DELETE FROM segment WHERE metric = ? AND width = ? AND start = ?"


async def remove_rows(db: Connection, guild_id: int) -> int:
    """Delete some rows of the guild from each table; how many. Call it until there are none."""
    asked = {"guild": guild_id, "rows": ROWS}
    return sum([(await db.execute(sql, asked)).rowcount for sql in _TABLES])


async def remove_strangers(db: Connection, before: Instant) -> int:
    """Delete the hashes of people who are nowhere any more and were last seen before an instant."""
    return (await db.execute(_PERSONS, {"before": before})).rowcount


async def following(metric: str, width: int, start: Instant, db: Connection) -> list[Segment]:
    """The next segments of a metric."""
    rows = await db.execute_fetchall(f"{_NEXT} LIMIT {SEGMENTS}", (metric, width, start))
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def without(found: list[Segment], place: int, guild: str) -> Rewritten:
    """Those segments that know the guild, and what they become without it; None for nothing. For a thread."""
    changed: Rewritten = []
    for segment in found:
        try:
            if all(own[place] != guild for own in step_bytes.decode(segment[3], {place}).labels):
                continue

            rows = _others(step_bytes.decode(segment[3]), place, guild)
        except UNREADABLE:
            continue  # Folding sets it aside.

        changed.append((segment, step_bytes.encode(rows) if len(rows) else None))

    return changed


async def write(changed: Rewritten, db: Connection) -> None:
    """Put segments in the place of what they are made of; no fold that began before may end after it."""
    for (*place, _), blob in changed:
        if blob is None:
            await db.execute(_DELETE, place)
        else:
            await db.execute(_REPLACE, (blob, *place))

    await db.execute("UPDATE fold SET number = number + 1")


def _others(rows: Columns, place: int, guild: str) -> Columns:
    """The rows of all other guilds."""
    stays = np.array([own[place] != guild for own in rows.labels], dtype=bool)
    keep = stays[rows.which]
    bins = np.repeat(keep, rows.sizes)
    number = np.cumsum(stays) - 1
    return Columns(
        [own for own, kept in zip(rows.labels, stays.tolist(), strict=True) if kept],
        number[rows.which[keep]],
        rows.starts[keep],
        rows.ints[:, keep],
        rows.sizes[keep],
        rows.index[bins],
        rows.counts[bins],
    )
