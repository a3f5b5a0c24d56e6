"""Finished exchanges between personas, read from raw rows."""

from __future__ import annotations

import json

from monitoring.model import Instant
from monitoring.rows import ExchangeRow
from monitoring.store.connection import Connection

_EXCHANGES = """
SELECT e.id, e.guild, e.channel, e.at, e.until, e.turns, e.messages, coalesce(s.text, ''), coalesce(n.text, ''),
  (SELECT json_group_array(x.text) FROM json_each(e.personas) j JOIN name x ON x.id = j.value), e.success
FROM exchange e LEFT JOIN name s ON s.id = e.starter LEFT JOIN name n ON n.id = e.ender
WHERE e.at >= ? AND e.at < ? ORDER BY e.at, e.id
"""


async def exchanges(db: Connection, start: Instant, end: Instant) -> list[ExchangeRow]:
    """Exchanges that began in [start, end), oldest first, with their outcome as far as it is known."""
    return [
        ExchangeRow(
            id=r[0], guild_id=r[1], channel_id=r[2], at=r[3], until=r[4], turns=r[5], messages=r[6], starter=r[7],
            ender=r[8], personas=tuple(json.loads(r[9])), success=None if r[10] is None else bool(r[10]),
        )
        for r in await db.execute_fetchall(_EXCHANGES, (start, end))
    ]  # fmt: skip
