"""Every stored row about one person, as it is handed out to that person."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from monitoring.model import HOUR, Instant
from monitoring.operations import Operations
from monitoring.rows import Cells, PersonRows
from monitoring.store.connection import Connection

_NAMES = "(SELECT json_group_array(n.text) FROM json_each(m.addressed) j JOIN name n ON n.id = j.value) AS addressed"
_MESSAGES = f"""
SELECT m.id, m.guild, m.channel, m.at, m.length, m.words, m.question, m.emoji, m.mentions, m.reference, {_NAMES},
  m.command, m.answered, m.edited_at, m.deleted_at
FROM message m WHERE m.user = :number ORDER BY m.at, m.id
"""
_PRESENCES = """
SELECT p.hour, p.guild, coalesce(n.text, '') AS persona FROM presence p LEFT JOIN name n ON n.id = p.persona
WHERE p.user = :number ORDER BY p.hour, p.guild, persona
"""
_NAMED = """
SELECT m.id, m.guild, m.channel, m.at, coalesce(n.text, '') AS persona
FROM message m LEFT JOIN name n ON n.id = m.persona
WHERE m.named_users IS NOT NULL AND EXISTS (SELECT 1 FROM json_each(m.named_users) j WHERE j.value = :number)
ORDER BY m.at, m.id
"""
_YES_OR_NO = frozenset({"question", "command", "answered"})
BACK = HOUR
"""How long before a message work for it may have begun, at most."""


async def number_of(db: Connection, user: str) -> int | None:
    """The number of the person with this keyed hash; None for one nobody knows."""
    found = await db.execute_fetchall("SELECT id FROM person WHERE hash = ?", (user,))
    return int(found[0][0]) if found else None


async def message_ids(db: Connection, number: int) -> tuple[list[int], Instant]:
    """The ids of a person's messages, and when the first was written."""
    rows = await db.execute_fetchall("SELECT id, at FROM message WHERE user = ?", (number,))
    return [row[0] for row in rows], min((row[1] for row in rows), default=0)


async def rows(db: Connection, user: str) -> PersonRows:
    """Everything in rows, all but operations."""
    number = await number_of(db, user)
    if number is None:
        return PersonRows()

    found = []
    for sql in (_MESSAGES, _PRESENCES, _NAMED):
        cursor = await db.execute(sql, {"number": number})
        names = [column[0] for column in cursor.description]
        found.append(tuple(_cells(names, row) for row in cursor.fetchall()))

    return PersonRows(*found)


def operations(done: Operations, ids: Sequence[int]) -> tuple[Cells, ...]:
    """Those operations that were for some messages. For a thread."""
    mine = done.take(np.isin(done.message, np.array(ids, dtype=np.int64)))
    return tuple(
        {
            "at": one.at,
            "service": one.service,
            "operation": one.operation,
            "persona": one.persona,
            "model": one.model,
            "duration": one.duration,
            "failed": one.error.value if one.error else None,
            "prompt_tokens": one.prompt_tokens,
            "completion_tokens": one.completion_tokens,
            "message": one.message_id,
        }
        for one in mine
    )


def _cells(names: Sequence[str], row: Sequence[object]) -> Cells:
    cells: Cells = dict(zip(names, row, strict=True))
    for name, value in cells.items():
        if name in _YES_OR_NO and value is not None:
            cells[name] = bool(value)
        elif name == "addressed":
            cells[name] = json.loads(str(value))

    return cells
