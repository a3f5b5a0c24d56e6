"""Who takes part in conversations: runs of messages of users and personas in a channel, from raw messages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from monitoring.model import HOUR, MINUTE, Instant
from monitoring.store.connection import Connection

GAP = 15 * MINUTE
"""The longest silence within a conversation."""
BACK = 6 * HOUR
"""How far before a window a conversation is looked for that is still going on as the window begins."""

_SAID = """
SELECT count(*), group_concat(at - :start), group_concat(CASE WHEN persona IS NULL THEN coalesce(user, 0) ELSE -1 END)
FROM message
WHERE at >= :start - :back AND at < :end AND NOT failed AND NOT placeholder
  AND (:guild IS NULL OR guild = :guild)
GROUP BY channel
"""
"""A row for each channel, since a quarter of a million messages row by row would take seconds."""

Said = Sequence[tuple[int, str, str]]
"""For each channel the number of messages, when each was, and who wrote it: -1 a persona, 0 somebody unknown."""


async def said(db: Connection, start: Instant, end: Instant, guild_id: int | None) -> Said:
    """Who wrote when in [start, end) and a while before, by channel; times are milliseconds since `start`."""
    asked = {"start": start, "end": end, "back": BACK, "guild": guild_id}
    return [(row[0], row[1], row[2]) for row in await db.execute_fetchall(_SAID, asked)]


def conversing(rows: Said) -> tuple[int, int]:
    """People in conversations that began in the span, and those of them in two or more. For a thread."""
    found = of_each(rows)
    return len(found), int((found > 1).sum())


def of_each(rows: Said, user: int | None = None) -> np.ndarray:
    """In how many conversations that began in the span each person took part who did in any; or only one person."""
    if not rows:
        return np.zeros(0, dtype=np.int64)

    channel = np.repeat(np.arange(len(rows)), [n for n, _, _ in rows])
    at = np.fromstring(",".join(row[1] for row in rows), dtype=np.int64, sep=",")
    who = np.fromstring(",".join(row[2] for row in rows), dtype=np.int64, sep=",")
    order = np.lexsort((at, channel))
    channel, at, who = channel[order], at[order], who[order]
    begins = np.append(True, (channel[1:] != channel[:-1]) | (at[1:] - at[:-1] > GAP))
    edges = np.flatnonzero(begins)
    mixed = (np.minimum.reduceat(who, edges) < 0) & (np.maximum.reduceat(who, edges) >= 0)
    run = np.cumsum(begins) - 1
    taken = (who > 0 if user is None else who == user) & (mixed & (at[edges] >= 0))[run]
    # One number for each person and conversation: sorting pairs of them would take three times as long.
    parts = np.sort(who[taken] * len(edges) + run[taken])
    persons = parts[np.append(True, parts[1:] != parts[:-1])[: len(parts)]] // len(edges)
    return np.bincount(np.cumsum(np.append(0, persons[1:] != persons[:-1]))) if len(persons) else persons
