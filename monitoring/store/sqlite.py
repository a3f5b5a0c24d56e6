"""The store in one SQLite file (WAL, one writer, readers beside it)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path

from monitoring.errors import StoreError
from monitoring.interfaces import Batch, Clock, People, StoreStatus
from monitoring.model import DAY, Instant, Told
from monitoring.operations import COLUMNS, Operations, Stay
from monitoring.rollup import Series
from monitoring.rows import Attendance, Change, Document, ExchangeRow, MessageRow, PersonRecord
from monitoring.store import attendance, cleanup, documents, person_rows, presence, rows_sqlite, talks, told_sqlite, wal
from monitoring.store.appending import Appending
from monitoring.store.backup import Backups
from monitoring.store.checking import Checking
from monitoring.store.connection import Connection, Connections
from monitoring.store.daily_backup import DailyBackup
from monitoring.store.exchange_rows import exchanges
from monitoring.store.faults import Suspicion
from monitoring.store.forgetting import Forgetting
from monitoring.store.free_memory import give_back
from monitoring.store.grouped import Grouped, Grouping
from monitoring.store.memory import Memory
from monitoring.store.mend import WHOLE, Preparation, look_only
from monitoring.store.mounts import network_complaint
from monitoring.store.raw_operations import RawOperations
from monitoring.store.rollups import Rollups
from monitoring.store.segments import DAY_DAYS, HOUR_DAYS, MINUTE_HOURS, Kept, kept_at
from monitoring.store.takeover import Takeover
from monitoring.store.threads import Threads
from monitoring.store.trusted_time import TrustedTime

CLEAN_ROUNDS = 100
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
        minute_hours: int = MINUTE_HOURS,
        hour_days: int = HOUR_DAYS,
        day_days: int = DAY_DAYS,
        backups: int = 7,
        backup_dir: str | Path | None = None,
        read_only: bool = False,
        busy_ms: int = 5_000,
    ) -> None:
        self.path = Path(path)
        self.mended = ""
        """What was mended last, when it was opened or since, as a sentence for the ops channel."""
        self.tell: Callable[[str], None] = lambda _: None
        """Told what was mended or set aside while it is open, as sentences."""
        self._clock = clock
        self._zone = zone
        self._raw_days = raw_days
        self._retention = {"minute_hours": minute_hours, "hour_days": hour_days, "day_days": day_days}
        self._backups = Backups(self.path, Path(backup_dir) if backup_dir else None, backups)
        self._backup = DailyBackup(self._backups)
        self._read_only = read_only
        self._busy_ms = busy_ms
        self._fold: asyncio.Task[None] | None = None
        self._latency: float | None = None
        self._counted = (0.0, 0)
        self._trusted = TrustedTime(clock)
        self._begin()

    def _begin(self) -> None:
        self._threads = Threads()
        self._db = Connections(
            self.path, read_only=self._read_only, busy_ms=self._busy_ms, threads=self._threads, mend=self._mend
        )
        self._memory = Memory()
        self._takeover = Takeover(self.path, self._backups, self._clock, self._zone, self._memory)
        self._checking = Checking(self.path, self._db)
        # Another process may own the file and put another one in its place.
        remembered = Grouped(0) if self._read_only else Grouped()
        self._rollups = Rollups(self._db, self._threads, self._zone, self._memory, remembered)
        self._rollups.sieve.tell = self._say
        self._appending = Appending(self._rollups, self._memory)
        self._operations = raw = RawOperations(self._db, self._threads)
        parts = self._db, self._threads, self._rollups, raw, self._backups, self._appending
        self.forgetting = Forgetting(*parts, self._trusted.now)

    async def open(self) -> None:
        """Create, migrate or mend the file; may be tried again. Raises StoreTooNew (newer schema) or StoreError."""
        if self._db.closed:
            self._begin()

        try:
            if self._read_only:
                await self._threads.run(look_only, self.path)
                await self._db.read(self._trusted.load)
            else:
                self.mended = await self._threads.run(Preparation(self.path, self._backups, self._clock.now()).run)
                await self._db.begin()
                await self._db.read(self._memory.learn)
                await self._db.read(self._trusted.load)
                await self._rollups.recall()
                await self._rollups.settle(self._kept())
                self._checking.start(above=WHOLE)
        except BaseException:
            await self._let_go()
            raise

    async def close(self) -> None:
        """Fold what is pending and let go of everything; what cannot be folded now lies safely in the journal."""
        try:
            if not self._read_only:
                with contextlib.suppress(StoreError):
                    await self._rollups.fold(self._kept())
                    await self._db.write(self._trusted.save)
        finally:
            await self._let_go()

    async def _mend(self, suspicion: Suspicion) -> None:
        """Have a sound file at the path again, and forget what was known of the one before."""
        taken = await self._threads.run(self._takeover.run, suspicion)
        if taken is not None:
            self._counted = (0.0, 0)
            self._appending.begin_anew(taken.again)
            self._rollups.begin_anew(taken.rows)
            self._say(taken.said)

    def _say(self, sentence: str) -> None:
        self.mended = sentence
        self.tell(sentence)

    async def _let_go(self) -> None:
        await self._checking.close()
        if self._fold is not None:
            await asyncio.wait([self._fold])

        await self._backup.close()
        await self._db.close()
        self._threads.close()

    def _forget(self, cleaned: cleanup.Cleaned) -> None:
        if cleaned.numbers:
            self._appending.numbers.forget()

    def _kept(self) -> Kept:
        return kept_at(self._trusted.now(), self._zone, **self._retention)

    async def move(self, zone: str) -> None:
        """Keep days in another zone from now on, made anew where their hours are kept. Raises StoreError."""
        await self._rollups.move(zone, kept_at(self._trusted.now(), zone, **self._retention))
        self._zone = self._takeover.zone = zone

    async def append(self, batch: Batch) -> None:
        """Write a batch in one transaction, or nothing of it: then StoreError, and the batch is still the caller's.

        A call that is cancelled is carried through.
        """
        if not batch:
            return

        began = self._clock.monotonic()
        oldest = self._trusted.now() - self._raw_days * DAY
        await self._db.write(partial(self._appending.write, batch, oldest), self._appending.wrote)
        self._latency = self._clock.monotonic() - began
        if self._rollups.full and (self._fold is None or self._fold.done()):
            self._fold = asyncio.create_task(self._fold_beside())

    async def _fold_beside(self) -> None:
        """Fold without being asked; if it cannot be done now, the next append or `tend` tries again."""
        with contextlib.suppress(StoreError):
            await self._rollups.fold(self._kept())

    async def series(
        self, metric: str, start: Instant, end: Instant, width: int, by: Collection[str] | None = None,
        only: Mapping[str, str] | None = None, wider: int | None = None, *, sketch: bool = True,
    ) -> Series:  # fmt: skip
        """The rollups of one metric in steps of `width`, or (0) as one step; what was just appended included."""
        grouping = Grouping.of(metric, by, only, sketch=sketch)
        return await self._rollups.series(metric, start, end, width, self._kept(), grouping, wider)

    async def messages(self, start: Instant, end: Instant, ids: Collection[int] | None = None) -> list[MessageRow]:
        """Stored messages of that time, oldest first; with `ids` only those."""
        return await self._db.read(lambda db: rows_sqlite.messages(db, start, end, ids))

    async def operations(
        self, start: Instant, end: Instant, columns: Collection[str] = COLUMNS, by: Collection[str] | None = None,
        *, within: Sequence[Stay] | None = None,
    ) -> Operations:  # fmt: skip
        """Stored operations that began in [start, end), oldest first; columns not asked for are all zero."""
        return await self._operations.between(start, end, columns, by, within)

    async def exchanges(self, start: Instant, end: Instant) -> list[ExchangeRow]:
        """Exchanges that began in [start, end), oldest first."""
        return await self._db.read(lambda db: exchanges(db, start, end))

    async def told(self, start: Instant, end: Instant, what: str | None = None) -> list[Told]:
        """What the host told of its personas in that time, of one kind or all, oldest first."""
        return await self._db.read(lambda db: told_sqlite.told(db, start, end, what))

    async def people(self, start: Instant, end: Instant, guild_id: int | None = None) -> Mapping[str, People]:
        """Distinct users by persona, under "" all active ones, in the hours that the span touches."""
        oldest = self._kept().hours
        return await self._db.read(lambda db: presence.people(db, max(start, oldest), end, guild_id, self._zone))

    async def attendance(self, start: Instant, end: Instant, guild_id: int | None = None) -> Attendance:
        """Who was there on which local day, in the hours that the span touches."""
        rows = await self._db.read(lambda db: attendance.hours(db, end, guild_id))
        return await self._threads.run(attendance.attendance, rows, start, end, self._zone)

    async def conversing(self, start: Instant, end: Instant, guild_id: int | None = None) -> tuple[int, int]:
        """People in conversations that began in [start, end), and those of them in two or more."""
        said = await self._db.read(lambda db: talks.said(db, start, end, guild_id))
        return await self._threads.run(talks.conversing, said)

    async def person(self, user: str, start: Instant, end: Instant) -> PersonRecord:
        """What is stored of [start, end) about the person with this keyed hash."""
        found = await self._db.read(lambda db: person_rows.person(db, user, start, end))
        return await self._threads.run(person_rows.with_conversations, *found)

    async def load(self, kind: str, *, key: str | None = None, due: Instant | None = None) -> list[Document]:
        """Documents of a kind by key; or only the one of that key; or those due at or before an instant."""
        return await self._db.read(lambda db: documents.load(db, kind, key, due), state=True)

    async def save(self, changes: Sequence[Change]) -> bool:
        """Apply all changes in one transaction if every version is as expected, else none: then False."""
        if not changes:
            return True

        try:
            await self._db.write(lambda db: documents.save(db, changes), lambda _: self._memory.saved(changes))
        except documents.Refused:
            return False

        return True

    async def tend(self, now: Instant, *, backup: bool = False) -> None:
        """Fold what is pending, clean up in small steps, back up if asked. Raises StoreError."""
        kept = self._kept()
        await self._db.read(self._memory.learn)
        await self._rollups.settle(kept)
        await self._rollups.fold(kept)
        await self._db.write(self._appending.applied.trim)
        await self._operations.pack(self._trusted.now())
        raw = self._trusted.now() - self._raw_days * DAY
        for _ in range(CLEAN_ROUNDS):
            cleaned = await self._db.write(lambda db: cleanup.clean(db, raw, kept), self._forget)
            if not cleaned.more:
                break

        await self._db.write(self._trusted.save)
        await self._db.write(cleanup.shrink)
        await self._db.write(partial(wal.shorten, path=self.path))
        await self._threads.each(give_back)
        if backup:
            self._checking.start()
            await self._backup.make(now)

    async def status(self) -> StoreStatus:
        """Size, rows (counted once a minute) and latency as they are now."""
        size, log, last, network = await self._threads.run(self._look)
        rows, schema = await self._db.read(self._count)
        problems = (self._backup.problem, wal.complaint(self.path, log), network)

        return StoreStatus(
            size, rows, self._latency, last, schema, log, self._backup.failures, tuple(filter(None, problems))
        )

    def _look(self) -> tuple[int, int, Instant | None, str]:
        log = wal.log_size(self.path)
        size = self.path.stat().st_size if self.path.exists() else 0
        return size + log, log, self._backups.last(), network_complaint(self.path)

    async def _count(self, db: Connection) -> tuple[int, int]:
        ((schema,),) = await db.execute_fetchall("PRAGMA user_version")
        now = self._clock.monotonic()
        if not self._counted[1] or now - self._counted[0] > COUNT_EVERY:
            self._counted = (now, await rows_sqlite.count(db))

        return self._counted[1], schema
