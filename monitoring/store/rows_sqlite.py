"""Raw rows: how messages, changes, exchanges and presences are written to SQLite, and messages read."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from monitoring.interfaces import Batch
from monitoring.model import Instant
from monitoring.rows import ExchangeRow, MessageChange, MessageRow, Presence
from monitoring.store import told_sqlite
from monitoring.store.connection import Connection
from monitoring.store.names import Numbers

Statement = tuple[str, list[tuple[Any, ...]]]
"""SQL and the rows to run it with."""

_CHANGED = MessageChange._fields[1:]
"""What a change may change: all but the id of the message."""
_CHANGE = f"UPDATE message SET {', '.join(f'{name} = coalesce(?, {name})' for name in _CHANGED)} WHERE id = ?"
_NAMES = "(SELECT json_group_array({0}) FROM json_each(m.{1}) j JOIN {2} x ON x.id = j.value)"
_MESSAGES = f"""
SELECT m.id, m.guild, m.channel, m.at, coalesce(n.text, ''), coalesce(p.hash, ''), m.length, m.words, m.question,
  m.emoji, m.mentions, m.sentiment, m.reference, {_NAMES.format("x.text", "addressed", "name")},
  {_NAMES.format("x.hash", "named_users", "person")}, m.answers, m.chunk_of, m.placeholder, m.failed, m.command
FROM message m LEFT JOIN name n ON n.id = m.persona LEFT JOIN person p ON p.id = m.user
WHERE m.at >= ? AND m.at < ?
"""
_IN_ORDER = "ORDER BY m.at, m.id"


def current(batch: Batch, oldest: Instant) -> Batch:
    """The batch without the raw rows that are past their time, as in told history: they would only be deleted again."""
    return replace(
        batch,
        messages=[row for row in batch.messages if row.at >= oldest],
        exchanges=[row for row in batch.exchanges if row.at >= oldest],
    )


def has_rows(batch: Batch) -> bool:
    """Whether a batch has rows; operations and rollups are written otherwise."""
    return bool(batch.messages or batch.changes or batch.exchanges or batch.presences or batch.told)


def statements(batch: Batch, numbers: Numbers) -> list[Statement]:
    """Everything that writes the rows of a batch, in order."""
    made = [
        _messages(batch.messages, numbers),
        _changes(batch.changes),
        _exchanges(batch.exchanges, numbers),
        _presences(batch.presences, numbers),
        told_sqlite.write(batch),
    ]

    return [statement for statement in made if statement[1]]


@cache
def _insert(table: str, columns: str, conflict: str = "") -> str:
    marks = ", ".join("?" * len(columns.split(",")))
    return f"INSERT INTO {table} ({columns}) VALUES ({marks}) {conflict}"


def _messages(rows: list[MessageRow], numbers: Numbers) -> Statement:
    """Those already stored are left as they are."""
    columns = (
        "id, guild, channel, at, persona, user, length, words, question, emoji, mentions, sentiment, reference, "
        "addressed, named_users, answers, chunk_of, placeholder, failed, command"
    )
    name, user = numbers.names.get, numbers.users.get
    values = [
        (
            m.id, m.guild_id, m.channel_id, m.at, name(m.persona), user(m.user), m.length, m.words, m.question, m.emoji,
            m.mentions, m.sentiment, m.reference_id, _listed(m.addressed, numbers.names),
            _listed(m.named_users, numbers.users), m.answers, m.chunk_of, m.placeholder, m.failed, m.command,
        )
        for m in rows
    ]  # fmt: skip

    return _insert("message", columns, "ON CONFLICT (id) DO NOTHING"), values


def _listed(texts: Iterable[str], numbers: dict[str, int]) -> str | None:
    found = [numbers[text] for text in texts if text]
    # JSON, without its library: this is done twice for each message.
    return f"[{','.join(map(str, found))}]" if found else None


def _changes(rows: list[MessageChange]) -> Statement:
    """What is None leaves its column as it is; a message that is not stored stays so."""
    return _CHANGE, [(*change[1:], change.id) for change in rows]


def _exchanges(rows: list[ExchangeRow], numbers: Numbers) -> Statement:
    """Inserted, or replaced where the id is stored already."""
    columns = "id, guild, channel, at, until, turns, messages, starter, ender, personas, success"
    updates = ", ".join(f"{c.strip()} = excluded.{c.strip()}" for c in columns.split(",")[1:])
    name = numbers.names.get
    values = [
        (
            e.id, e.guild_id, e.channel_id, e.at, e.until, e.turns, e.messages, name(e.starter), name(e.ender),
            _listed(e.personas, numbers.names) or "[]", e.success,
        )
        for e in rows
    ]  # fmt: skip

    return _insert("exchange", columns, f"ON CONFLICT (id) DO UPDATE SET {updates}"), values


def _presences(rows: set[Presence], numbers: Numbers) -> Statement:
    """Persona "" is number 0, since a key cannot hold NULL; nobody ("") is not there."""
    values = sorted(
        (p.hour, p.guild_id, numbers.names.get(p.persona, 0), numbers.users[p.user]) for p in rows if p.user
    )
    return _insert("presence", "hour, guild, persona, user", "ON CONFLICT DO NOTHING"), values


async def count(db: Connection) -> int:
    """How many raw rows there are."""
    ((rows,),) = await db.execute_fetchall(
        "SELECT (SELECT count(*) FROM message) + (SELECT coalesce(sum(rows), 0) FROM operation_block)"
    )
    return int(rows)


async def messages(db: Connection, start: Instant, end: Instant, ids: Collection[int] | None) -> list[MessageRow]:
    """Stored messages of that time, oldest first; with `ids` only those."""
    sql, values = _MESSAGES, list[int | str]((start, end))
    if ids is not None:
        sql += "AND m.id IN (SELECT value FROM json_each(?)) "
        values.append(json.dumps(list(ids)))

    rows = await db.execute_fetchall(sql + _IN_ORDER, values)
    return [
        MessageRow(
            id=r[0], guild_id=r[1], channel_id=r[2], at=r[3], persona=r[4], user=r[5], length=r[6], words=r[7],
            question=bool(r[8]), emoji=r[9], mentions=r[10], sentiment=r[11], reference_id=r[12],
            addressed=tuple(json.loads(r[13])), named_users=tuple(json.loads(r[14])), answers=r[15], chunk_of=r[16],
            placeholder=bool(r[17]), failed=bool(r[18]), command=bool(r[19]),
        )
        for r in rows
    ]  # fmt: skip
