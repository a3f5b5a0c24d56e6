"""The store in one SQLite file (WAL, one writer, readers beside it)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from monitoring.errors import StoreError
from monitoring.interfaces import Batch, Clock, People, StoreStatus
from monitoring.model import DAY, Instant
from monitoring.rollup import Series
from monitoring.rows import Change, Document, MessageRow
from monitoring.store import cleanup, documents, fold, presence, rows_sqlite, segments
from monitoring.store.backup import Backups
from monitoring.store.connection import Connection, Connections
from monitoring.store.mend import Preparation, look_only
from monitoring.store.names import Numbers, number
from monitoring.store.rollups import Rollups
from monitoring.store.segments import Kept
from monitoring.store.threads import Threads

CLEAN_ROUNDS = 20
"""Transactions of one clean-up at most: a busy bot writes more in a minute than one of them deletes."""
COUNT_EVERY = 60.0
"""Seconds for which a count of rows is good enough."""


class SQLiteStore:
    """Keeps everything in one SQLite file; hours and days are those of the zone.

    `raw_days`, `minute_hours`, `hour_days`, `day_days`: how long raw rows and steps are kept; the newest `backups` are
    kept in `backup_dir` (by default `backups` beside the file). With `read_only`, another process may own the file.
    A statement waits `busy_ms` for another process. An opened store has threads and files until it is closed.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        clock: Clock,
        zone: str = "UTC",
        raw_days: int = 7,
        minute_hours: int = 48,
        hour_days: int = 90,
        day_days: int = 730,
        backups: int = 7,
        backup_dir: str | Path | None = None,
        read_only: bool = False,
        busy_ms: int = 5_000,
    ) -> None:
        self.path = Path(path)
        self.mended = ""
        """What was mended when it was opened, as a sentence for the ops channel."""
        self._clock = clock
        self._zone = zone
        self._raw_days = raw_days
        self._retention = {"minute_hours": minute_hours, "hour_days": hour_days, "day_days": day_days}
        self._backups = Backups(self.path, Path(backup_dir or self.path.parent / "backups"), backups)
        self._read_only = read_only
        self._busy_ms = busy_ms
        self._numbers = Numbers()
        self._fold: asyncio.Task[None] | None = None
        self._latency: float | None = None
        self._counted: tuple[float, int] | None = None
        self._begin()

    def _begin(self) -> None:
        self._threads = Threads()
        self._db = Connections(self.path, read_only=self._read_only, busy_ms=self._busy_ms)
        self._rollups = Rollups(self._db, self._threads, self._zone)

    async def open(self) -> None:
        """Create, migrate or mend the file; may be tried again. Raises StoreTooNew (newer schema) or StoreError."""
        if self._db.closed:
            self._begin()

        try:
            if self._read_only:
                await self._threads.run(look_only, self.path)
            else:
                self.mended = await self._threads.run(Preparation(self.path, self._backups, self._clock.now()).run)
                await self._rollups.recall()
                await self._rollups.settle(self._kept(self._clock.now()))
        except BaseException:
            await self._let_go()
            raise

    async def close(self) -> None:
        """Fold what is pending and let go of everything; what cannot be folded now lies safely in the journal."""
        try:
            if not self._read_only:
                with contextlib.suppress(StoreError):
                    await self._rollups.fold(self._kept(self._clock.now()))
        finally:
            await self._let_go()

    async def _let_go(self) -> None:
        if self._fold is not None:
            await asyncio.wait([self._fold])

        await self._db.close()
        self._threads.close()

    def _kept(self, now: Instant) -> Kept:
        return segments.kept_at(now, self._zone, **self._retention)

    async def append(self, batch: Batch) -> None:
        """Write a batch in one transaction, or nothing of it: then StoreError, and the batch is still the caller's.

        A call that is cancelled is carried through.
        """
        if not batch:
            return

        began = self._clock.monotonic()
        blob = await self._rollups.encode(batch.deltas)
        raw = rows_sqlite.current(batch, self._clock.now() - self._raw_days * DAY)
        row, numbers = await self._db.write(partial(self._append, raw, blob))
        self._numbers.learn(numbers)
        if row is not None:
            self._rollups.added(row, blob)

        self._latency = self._clock.monotonic() - began
        if self._rollups.full and (self._fold is None or self._fold.done()):
            self._fold = asyncio.create_task(self._fold_beside())

    async def _append(self, batch: Batch, blob: bytes, db: Connection) -> tuple[int | None, Numbers]:
        numbers = await number(db, batch, self._numbers)
        for sql, rows in await self._threads.run(rows_sqlite.statements, batch, numbers):
            await db.executemany(sql, rows)

        return await fold.append(db, blob) if blob else None, numbers

    async def _fold_beside(self) -> None:
        """Fold without being asked; if it cannot be done now, the next append or `tend` tries again."""
        with contextlib.suppress(StoreError):
            await self._rollups.fold(self._kept(self._clock.now()))

    async def series(self, metric: str, start: Instant, end: Instant, width: int) -> Series:
        """The rollups of one metric in steps of `width`, or (0) as one step; what was just appended included."""
        return await self._rollups.series(metric, start, end, width, self._kept(self._clock.now()))

    async def messages(self, start: Instant, end: Instant) -> list[MessageRow]:
        """Stored messages of that time, oldest first."""
        return await self._db.read(lambda db: rows_sqlite.messages(db, start, end))

    async def people(self, start: Instant, end: Instant, guild_id: int | None = None) -> Mapping[str, People]:
        """Distinct users by persona, under "" all active ones, in the hours that the span touches."""
        oldest = self._kept(self._clock.now()).hours
        return await self._db.read(lambda db: presence.people(db, max(start, oldest), end, guild_id, self._zone))

    async def load(self, kind: str, *, key: str | None = None, due: Instant | None = None) -> list[Document]:
        """Documents of a kind by key; or only the one of that key; or those due at or before an instant."""
        return await self._db.read(lambda db: documents.load(db, kind, key, due))

    async def save(self, changes: Sequence[Change]) -> bool:
        """Apply all changes in one transaction if every version is as expected, else none: then False."""
        if not changes:
            return True

        try:
            await self._db.write(lambda db: documents.save(db, changes))
        except documents.Refused:
            return False

        return True

    async def tend(self, now: Instant, *, backup: bool = False) -> None:
        """Fold what is pending, clean up in small steps, back up if asked. Raises StoreError."""
        kept = self._kept(now)
        await self._rollups.fold(kept)
        raw = now - self._raw_days * DAY
        for _ in range(CLEAN_ROUNDS):
            cleaned = await self._db.write(lambda db: cleanup.clean(db, raw, kept))
            if cleaned.users:
                self._numbers.forget_users()

            if not cleaned.more:
                break

        await self._db.write(cleanup.shrink)
        if backup:
            await self._threads.run(self._backups.make, now)

    async def status(self) -> StoreStatus:
        """Size, rows (counted once a minute) and latency as they are now."""
        size, last = await self._threads.run(self._look)
        rows, schema = await self._db.read(self._count)

        return StoreStatus(size, rows, self._latency, last, schema)

    def _look(self) -> tuple[int, Instant | None]:
        files = (self.path, self.path.with_name(self.path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists()), self._backups.last()

    async def _count(self, db: Connection) -> tuple[int, int]:
        ((schema,),) = await db.execute_fetchall("PRAGMA user_version")
        now = self._clock.monotonic()
        if self._counted is None or now - self._counted[0] > COUNT_EVERY:
            ((rows,),) = await db.execute_fetchall(
                "SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM operation)"
            )
            self._counted = (now, rows)

        return self._counted[1], schema
