"""What is stored about one person."""

from __future__ import annotations

from dataclasses import replace

from monitoring.model import Instant
from monitoring.rows import PersonRecord
from monitoring.store import talks
from monitoring.store.connection import Connection

_HOURS = "SELECT DISTINCT hour FROM presence WHERE user = :user AND persona = 0 AND hour >= :start AND hour < :end"
_PERSONAS = """
SELECT n.text, count(DISTINCT p.hour) AS hours FROM presence p JOIN name n ON n.id = p.persona
WHERE p.user = :user AND p.hour >= :start AND p.hour < :end GROUP BY n.text ORDER BY hours DESC, n.text
"""
_MESSAGES = "SELECT at FROM message WHERE user = :user AND at >= :start AND at < :end ORDER BY at"
_ANSWERS = """
SELECT n.text, count(DISTINCT m.id)
FROM message a JOIN message m ON m.id = a.answers JOIN name n ON n.id = a.persona
WHERE m.user = :user AND m.at >= :start AND m.at < :end GROUP BY n.text
"""
_NAMED = """
SELECT count(*) FROM message m
WHERE m.named_users IS NOT NULL AND EXISTS (SELECT 1 FROM json_each(m.named_users) j WHERE j.value = :user)
"""


async def person(db: Connection, user: str, start: Instant, end: Instant) -> tuple[PersonRecord, int, talks.Said]:
    """What is stored of [start, end) about the person with this keyed hash, all but conversations.

    With the person's number, and who wrote when, for `with_conversations`.
    """
    found = list(await db.execute_fetchall("SELECT id FROM person WHERE hash = ?", (user,)))
    if not found:
        return PersonRecord(), 0, ()

    asked = {"user": found[0][0], "start": start, "end": end}
    ((named,),) = await db.execute_fetchall(_NAMED, asked)
    record = PersonRecord(
        hours=tuple(sorted(row[0] for row in await db.execute_fetchall(_HOURS, asked))),
        personas=tuple((row[0], row[1]) for row in await db.execute_fetchall(_PERSONAS, asked)),
        messages=tuple(row[0] for row in await db.execute_fetchall(_MESSAGES, asked)),
        answers={row[0]: row[1] for row in await db.execute_fetchall(_ANSWERS, asked)},
        named=named,
    )

    return record, asked["user"], await talks.said(db, start, end, None)


def with_conversations(record: PersonRecord, number: int, said: talks.Said) -> PersonRecord:
    """The record with the number of conversations that the person took part in. For a thread."""
    return replace(record, conversations=int(talks.of_each(said, number).sum()))
