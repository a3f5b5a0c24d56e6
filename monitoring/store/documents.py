"""Documents of state: read by kind, written only where nobody else was first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from monitoring.model import Instant
from monitoring.rows import Change, Document
from monitoring.store.connection import Connection


class Refused(Exception):
    """A stored version is not the expected one; undoes the transaction it is raised in."""


async def load(db: Connection, kind: str, key: str | None, due: Instant | None) -> list[Document]:
    """Documents of a kind in order of key; or the one of a key; or those due at or before an instant."""
    where = "kind = ?"
    values: list[str | int] = [kind]
    for condition, value in (("key = ?", key), ("due <= ?", due)):
        if value is not None:
            where += f" AND {condition}"
            values.append(value)

    rows = await db.execute_fetchall(
        f"SELECT kind, key, version, body, due FROM document WHERE {where} ORDER BY key", values
    )

    return [Document(kind, key, version, json.loads(body), due) for kind, key, version, body, due in rows]


async def save(db: Connection, changes: Sequence[Change]) -> None:
    """Apply every change, or raise Refused at the first whose version is not the stored one."""
    for change in changes:
        if not await _apply(db, change):
            raise Refused(change.document.kind, change.document.key)


async def put(db: Connection, kind: str, key: str, body: Mapping[str, object]) -> None:
    """Write a document that has one writer, whatever was there before."""
    await db.execute(
        "INSERT INTO document (kind, key, version, body) VALUES (?, ?, 1, ?) "
        "ON CONFLICT (kind, key) DO UPDATE SET version = version + 1, body = excluded.body",
        (kind, key, dumped(body)),
    )


def dumped(body: Mapping[str, object]) -> str:
    """The body of a document as it is stored."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


async def _apply(db: Connection, change: Change) -> bool:
    document = change.document
    place = (document.kind, document.key)
    if change.delete and document.version == 0:
        found = await db.execute_fetchall("SELECT 1 FROM document WHERE kind = ? AND key = ?", place)
        return not list(found)

    if change.delete:
        cursor = await db.execute(
            "DELETE FROM document WHERE kind = ? AND key = ? AND version = ?", (*place, document.version)
        )
        return cursor.rowcount == 1

    body = dumped(document.body)
    if document.version == 0:
        cursor = await db.execute(
            "INSERT INTO document (kind, key, version, due, body) VALUES (?, ?, 1, ?, ?) ON CONFLICT DO NOTHING",
            (*place, document.due, body),
        )
    else:
        cursor = await db.execute(
            "UPDATE document SET version = version + 1, due = ?, body = ? WHERE kind = ? AND key = ? AND version = ?",
            (document.due, body, *place, document.version),
        )

    return cursor.rowcount == 1
