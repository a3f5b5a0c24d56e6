"""Letting go of people and guilds on request, with all that a file keeps of what was deleted (docs/privacy.md)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from monitoring.model import DAY, Instant
from monitoring.rows import Forgotten, PersonRows
from monitoring.store import cleanup, guild_removal, person_export, person_removal
from monitoring.store.appending import Appending
from monitoring.store.backup import Backups
from monitoring.store.connection import Connection, Connections
from monitoring.store.raw_operations import RawOperations
from monitoring.store.rollups import Rollups
from monitoring.store.threads import Threads

BACKUP_DAYS = 7
"""Days after which no backup holds any more what was deleted."""
_OPERATION_COLUMNS = ("which", "manner", "at", "duration", "message", "prompt", "completion")


class Forgetting:
    """Deletes, and hands out what there is."""

    def __init__(
        self,
        db: Connections,
        threads: Threads,
        rollups: Rollups,
        operations: RawOperations,
        backups: Backups,
        appending: Appending,
        now: Callable[[], Instant],
    ) -> None:
        self._db, self._threads = db, threads
        self._rollups, self._operations = rollups, operations
        self._backups, self._appending = backups, appending
        self.now = now
        """The time by which things are let go of: a clock that was set wrong is not believed (F10)."""
        self._unsettled = False

    async def rows(self, user: str) -> PersonRows:
        """Every row about the person with this keyed hash."""
        found = await self._db.read(lambda db: person_export.rows(db, user))
        if not found.messages:
            return found

        ids = [int(str(row["id"])) for row in found.messages]
        since = int(str(found.messages[0]["at"])) - person_export.BACK
        done = await self._operations.between(since, 1 << 62, _OPERATION_COLUMNS)
        return replace(found, operations=await self._threads.run(person_export.operations, done, ids))

    async def person(self, user: str) -> Forgotten:
        """Delete everything about one person, in file and log. What is still in the recorder is not known here."""
        operations = await person_removal.unlink_operations(self._db, self._threads, user)
        gone = await self._db.write(partial(person_removal.remove, user), lambda _: self._appending.let_go(user))
        while await self._db.write(_shrunk):
            pass

        return replace(gone, operations=operations, settled=await self.settle(again=True))

    async def settle(self, *, again: bool = False) -> bool:
        """Empty the log, where that is owed (or asked for `again`); False while somebody reads what is in it."""
        if again or self._unsettled:
            self._unsettled = not await self._db.write(_emptied)

        return not self._unsettled

    async def guilds(self) -> set[int]:
        """Every guild of which rows are kept; those of figures are in their series."""
        return await self._db.read(_with_rows)

    async def guild(self, guild_id: int, before: Instant) -> None:
        """Delete everything about one guild that is folded, and people last seen before an instant and nowhere now."""
        while await self._db.write(lambda db: guild_removal.remove_rows(db, guild_id)):
            pass

        for metric, place in guild_removal.GUILDED:
            await self._rollups.rewrite(metric, partial(guild_removal.without, place=place, guild=str(guild_id)))

        # Whose number was known would get another one when they come back.
        forget = self._appending.numbers.forget
        await self._db.write(lambda db: guild_removal.remove_strangers(db, before), lambda _: forget())
        await self.settle(again=True)

    def expire(self, deletions: Collection[Instant]) -> list[Path]:
        """Remove backups of more than 7 days; which. The newest stays, unless something was deleted since."""
        return list(self._expire(self.now(), deletions))

    def _expire(self, now: Instant, deletions: Collection[Instant]) -> Iterator[Path]:
        made = [(self._backups.made(path) or 0, path) for path in self._backups.all()]
        newest = max((at for at, _ in made), default=0)
        for at, path in made:
            if now - at >= BACKUP_DAYS * DAY and (at != newest or any(at <= deleted for deleted in deletions)):
                path.unlink(missing_ok=True)
                yield path


async def _with_rows(db: Connection) -> set[int]:
    tables: Iterable[str] = ("message", "exchange", "told", "presence")
    query = " UNION ".join(f"SELECT guild FROM {table}" for table in tables)
    return {int(guild) for (guild,) in await db.execute_fetchall(query)}


async def _shrunk(db: Connection) -> bool:
    """Give free pages back, with whatever an earlier version left in them; whether there are more."""
    await cleanup.shrink(db)
    ((free,),) = await db.execute_fetchall("PRAGMA freelist_count")
    return bool(free)


async def _emptied(db: Connection) -> bool:
    """Carry the log over and cut it to nothing, waiting a moment for readers; whether that was possible.

    No checkpoint runs inside a transaction: this one has written nothing, nor does the one begun in its place.
    """
    await db.execute("COMMIT")
    ((busy, _, _),) = await db.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
    await db.execute("BEGIN IMMEDIATE")
    return not busy
