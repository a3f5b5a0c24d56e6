"""Names and users as small numbers, so that a row of raw facts takes tens of bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable

from monitoring.interfaces import Batch
from monitoring.model import HOUR, Instant
from monitoring.store.connection import Connection

_MOST = 50_000
"""Numbers remembered of each kind; then it begins anew, and asks the store again."""


class Numbers:
    """The numbers of names (`name`) and users (`person`), remembered once their transaction is through."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.touched: dict[str, Instant] = {}
        """When names were last noted as seen; no more than once an hour."""
        self.users: dict[str, int] = {}

    def learn(self, more: Numbers) -> None:
        """Remember what a finished transaction found out."""
        for mine, theirs in ((self.names, more.names), (self.touched, more.touched), (self.users, more.users)):
            if len(mine) + len(theirs) > _MOST:
                mine.clear()

            mine.update(theirs)

    def forget(self) -> None:
        """Remember nothing any more, since some of it was deleted."""
        self.names.clear()
        self.touched.clear()
        self.users.clear()


async def number(db: Connection, batch: Batch, known: Numbers) -> Numbers:
    """The numbers of every name and user in a batch, new ones written."""
    result = Numbers()
    names = names_in(batch)
    result.touched = {name: at for name, at in names.items() if at >= known.touched.get(name, at - HOUR) + HOUR}
    missing = sorted(names.keys() - known.names.keys())
    await db.executemany(
        "INSERT INTO name (text, seen) VALUES (?, ?) ON CONFLICT (text) DO UPDATE SET seen = max(seen, excluded.seen)",
        [(name, names[name]) for name in sorted(result.touched.keys() | set(missing))],
    )
    result.names = {name: known.names[name] for name in names.keys() - set(missing)}
    result.names.update(await _found(db, "SELECT text, id FROM name WHERE text IN", missing))

    seen = users_in(batch)
    if not seen:
        return result

    await db.executemany(
        "INSERT INTO person (hash, seen) VALUES (?, ?) "
        "ON CONFLICT (hash) DO UPDATE SET seen = max(seen, excluded.seen)",
        sorted(seen.items()),
    )
    missing = sorted(seen.keys() - known.users.keys())
    result.users = {user: known.users[user] for user in seen.keys() - set(missing)}
    result.users.update(await _found(db, "SELECT hash, id FROM person WHERE hash IN", missing))

    return result


async def _found(db: Connection, select: str, texts: list[str]) -> dict[str, int]:
    if not texts:
        return {}

    rows = await db.execute_fetchall(f"{select} (SELECT value FROM json_each(?))", (json.dumps(texts),))
    return {text: int(row) for text, row in rows}


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
