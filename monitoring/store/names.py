"""Names and users as small numbers, so that a row of raw facts takes tens of bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable

from monitoring.interfaces import Batch
from monitoring.model import Instant
from monitoring.store.connection import Connection

_MOST = 50_000
"""Numbers remembered of each kind; then it begins anew, and asks the store again."""


class Numbers:
    """The numbers of names (`name`) and users (`person`), remembered once their transaction is through."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.users: dict[str, int] = {}

    def learn(self, more: Numbers) -> None:
        """Remember what a finished transaction found out."""
        for mine, theirs in ((self.names, more.names), (self.users, more.users)):
            if len(mine) + len(theirs) > _MOST:
                mine.clear()

            mine.update(theirs)

    def forget_users(self) -> None:
        """Remember no user any more, since some of them were deleted."""
        self.users.clear()


async def number(db: Connection, batch: Batch, known: Numbers) -> Numbers:
    """The numbers of every name and user in a batch, new ones written."""
    result = Numbers()
    names = names_in(batch)
    missing = sorted(names - known.names.keys())
    if missing:
        await db.executemany(
            "INSERT INTO name (text) VALUES (?) ON CONFLICT (text) DO NOTHING", [(n,) for n in missing]
        )

    result.names = {name: known.names[name] for name in names - set(missing)}
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


def names_in(batch: Batch) -> set[str]:
    """Every name that the rows of a batch bear."""
    names: set[str] = set()
    for message in batch.messages:
        names.add(message.persona)
        names.update(message.addressed)

    for exchange in batch.exchanges:
        names.update((exchange.starter, exchange.ender, *exchange.personas))

    names.update(presence.persona for presence in batch.presences)
    names.discard("")

    return names


def users_in(batch: Batch) -> dict[str, Instant]:
    """Every user (a keyed hash) in a batch, with the last time it appears."""
    seen: dict[str, Instant] = {}

    def note(users: Iterable[str], at: Instant) -> None:
        for user in users:
            seen[user] = max(at, seen.get(user, at))

    for message in batch.messages:
        note((message.user, *message.named_users), message.at)

    for presence in batch.presences:
        note((presence.user,), presence.hour)

    seen.pop("", None)
    return seen
