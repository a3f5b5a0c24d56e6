"""Names and users as small numbers, so that a row of raw facts takes tens of bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from monitoring.interfaces import Batch
from monitoring.model import HOUR, Instant
from monitoring.store.connection import Connection

_MOST = 50_000
"""Numbers remembered of each kind; then it begins anew, and asks the store again."""


class Numbers:
    """The numbers of names (`name`) and users (`person`), remembered once their transaction is through."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.users: dict[str, int] = {}
        self.borne: dict[str, Instant] = {}
        """When names were last noted as seen; no more than once an hour, or each flush would note them all."""
        self.met: dict[str, Instant] = {}
        """The same of users."""

    def learn(self, more: Numbers) -> None:
        """Remember what a finished transaction found out."""
        _learn(self.names, more.names)
        _learn(self.users, more.users)
        _learn(self.borne, more.borne)
        _learn(self.met, more.met)

    def forget(self) -> None:
        """Remember nothing any more, since some of it was deleted."""
        self.names.clear()
        self.users.clear()
        self.borne.clear()
        self.met.clear()


def _learn(mine: dict[str, int], theirs: Mapping[str, int]) -> None:
    if len(mine) + len(theirs) > _MOST:
        mine.clear()

    mine.update(theirs)


async def number(db: Connection, batch: Batch, known: Numbers) -> Numbers:
    """The numbers of every name and user in a batch, new ones written."""
    result = Numbers()
    result.names = await _numbered(db, "name", "text", names_in(batch), known.names, known.borne, result.borne)
    result.users = await _numbered(db, "person", "hash", users_in(batch), known.users, known.met, result.met)
    return result


async def _numbered(
    db: Connection,
    table: str,
    column: str,
    seen: Mapping[str, Instant],
    known: Mapping[str, int],
    noted: Mapping[str, Instant],
    note: dict[str, Instant],
) -> dict[str, int]:
    """The numbers of these texts; `seen` tells when each was, `note` is told of those of which that was written."""
    missing = sorted(seen.keys() - known.keys())
    due = {text: at for text, at in seen.items() if at >= noted.get(text, at - HOUR) + HOUR}
    if due or missing:
        await db.executemany(
            f"INSERT INTO {table} ({column}, seen) VALUES (?, ?) "
            f"ON CONFLICT ({column}) DO UPDATE SET seen = max(seen, excluded.seen)",
            [(text, seen[text]) for text in sorted(due.keys() | set(missing))],
        )
        note.update(due)

    found = {text: known[text] for text in seen.keys() - set(missing)}
    if missing:
        sql = f"SELECT {column}, id FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))"
        found.update({text: int(row) for text, row in await db.execute_fetchall(sql, (json.dumps(missing),))})

    return found


def names_in(batch: Batch) -> dict[str, Instant]:
    """Every name that the rows of a batch bear, with the last time it appears."""
    names: dict[str, Instant] = {}
    for message in batch.messages:
        _note(names, (message.persona, *message.addressed), message.at)

    for exchange in batch.exchanges:
        _note(names, (exchange.starter, exchange.ender, *exchange.personas), exchange.at)

    for presence in batch.presences:
        _note(names, (presence.persona,), presence.hour)

    names.pop("", None)
    return names


def users_in(batch: Batch) -> dict[str, Instant]:
    """Every user (a keyed hash) in a batch, with the last time it appears."""
    seen: dict[str, Instant] = {}
    for message in batch.messages:
        _note(seen, (message.user, *message.named_users), message.at)

    for presence in batch.presences:
        _note(seen, (presence.user,), presence.hour)

    seen.pop("", None)
    return seen


def _note(seen: dict[str, Instant], texts: Iterable[str], at: Instant) -> None:
    for text in texts:
        seen[text] = max(at, seen.get(text, at))
