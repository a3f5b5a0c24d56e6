"""The connections to one SQLite file: one writer, readers beside it, and what becomes of errors."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from monitoring.errors import StoreError
from monitoring.store import faults
from monitoring.store.connecting import Connection, Lane, Line, carry_over, connect, empty_log, let_go, wait_at_most
from monitoring.store.faults import Displaced, Suspicion, refused
from monitoring.store.migrate import migrations, refuse_schema
from monitoring.store.place import Place
from monitoring.store.threads import Threads

__all__ = ["Connection", "Connections", "Mend", "Work"]

T = TypeVar("T")
Work: TypeAlias = Callable[[Connection], Awaitable[T]]
Mend: TypeAlias = Callable[[Suspicion], Awaitable[None]]
"""Has a sound file at the path again; called while nothing else uses it. Raises StoreError."""

IMPATIENT_MS = 250
"""How long a write waits for another process that has just kept one waiting in vain: what comes behind it waits too."""
_FAILED = (sqlite3.Error, OSError, Displaced)


class Connections:
    """Runs work in transactions. Each connection lives in a thread of its own and is opened when first needed.

    Where an error, or a look at the path before each commit, says that the file is damaged or no longer the one that
    lies there, `mend` is called and the work is done once more on what it left: so work must not depend on what was
    read before. As long as it cannot be mended, every call tries it again and raises StoreError.
    """

    def __init__(
        self, path: Path, *, read_only: bool, busy_ms: int, threads: Threads, mend: Mend | None = None
    ) -> None:
        self._path = path.absolute()
        self._read_only = read_only
        self._busy_ms = busy_ms
        self._threads = threads
        self._mender = None if read_only else mend
        self._known = migrations()
        self._place = Place(self._path, self._known)
        self.closed = False
        self._begun = read_only
        self.mends = 0
        """How often the file was looked at anew while in use."""
        self._suspicion: Suspicion | None = None
        self._impatient = False
        self._writer: Line | None = None
        self._writing = asyncio.Lock()
        self._lanes = Lane(), Lane()
        self._under_way: set[asyncio.Task[Any]] = set()

    async def begin(self) -> None:
        """From now on, and not before, it is the file that lies at the path that is used. Raises StoreError."""
        try:
            await self._threads.run(self._place.hold)
        except OSError as error:
            raise refused("be opened", error) from error

        self._begun = True

    async def write(self, work: Work[T], done: Callable[[T], None] = lambda _: None) -> T:
        """Do work in one transaction, or nothing of it: then StoreError, or what the work raised.

        `done` is told the result before anything else uses the file. Carried through when the caller is cancelled:
        half a transaction must not be left open, and a flush that is cancelled at shutdown has handed its batch over
        already.
        """
        if self._read_only:
            raise StoreError("The store was opened for reading only.")

        return await self._shielded(self._write(work, done))

    async def read(self, work: Work[T], *, state: bool = False) -> T:
        """Do work on one snapshot of the store; `state` does not wait for the long ones. Raises StoreError."""
        return await self._shielded(self._read(work, self._lanes[state]))

    async def report(self, suspicion: Suspicion, mends: int) -> None:
        """Have the file mended that was found wanting when `mends` was as given. Raises StoreError."""
        await self._shielded(self._report(suspicion, mends))

    async def close(self) -> None:
        """Let what is under way end, then close all connections."""
        self.closed = True
        if self._under_way:
            await asyncio.wait(self._under_way)

        await self._close_all()
        self._place.let_go()

    async def _shielded(self, work: Coroutine[Any, Any, T]) -> T:
        if self.closed or not self._begun:
            work.close()
            raise StoreError("The store is closed.")

        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._ended)

        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # Looked at, so that a caller who went away leaves no complaint behind.

    async def _write(self, work: Work[T], done: Callable[[T], None]) -> T:
        async with self._writing:
            await self._mend()
            try:
                result = await self._transaction(work)
            except _FAILED as error:
                self._suspect(error, "write")
                await self._mend()
                try:
                    result = await self._transaction(work)
                except _FAILED as again:
                    await self._stand_back(again)
                    raise refused("write", again) from again

            done(result)
            return result

    async def _transaction(self, work: Work[T]) -> T:
        try:
            if self._writer is None:
                self._writer = await self._open("rw")

            result = await self._writer.run(partial(self._at_once, work))
        except _FAILED as error:
            await self._undo(drop=faults.spoils(error) and not isinstance(error, Displaced))
            await self._make_room(error)
            await self._wait(impatient=faults.code(error) == sqlite3.SQLITE_BUSY)
            raise
        except BaseException as error:
            # A cancelled statement may still be running in its thread, so the state of the connection is unknown.
            await self._undo(drop=isinstance(error, asyncio.CancelledError))
            raise

        await self._wait(impatient=False)
        return result

    async def _at_once(self, work: Work[T], db: Connection) -> T:
        # IMMEDIATE: a transaction that begins by reading could find itself unable to write later.
        await db.execute("BEGIN IMMEDIATE")
        ((version,),) = await db.execute_fetchall("PRAGMA user_version")
        refuse_schema(self._path, version, self._known)
        result = await work(db)
        self._place.look()
        await db.execute("COMMIT")
        return result

    async def _undo(self, *, drop: bool) -> None:
        """Roll back what SQLite has not rolled back itself (it does on a full disk), or drop the connection."""
        writer = self._writer
        if writer is None:
            return

        try:
            if not drop and writer.in_transaction:
                await writer.execute("ROLLBACK")
        except (sqlite3.Error, ValueError):
            drop = True

        if drop:
            self._writer = None
            await let_go(writer)

    async def _make_room(self, error: BaseException) -> None:
        """On a full disk, carry the log over: then it begins anew in the room that it takes already."""
        if self._writer is not None and faults.code(error) == sqlite3.SQLITE_FULL:
            await carry_over(self._writer)

    async def _wait(self, *, impatient: bool) -> None:
        """Wait less for another process as long as it holds the file, so that alerts do not queue up behind facts."""
        if self._writer is not None and impatient != self._impatient:
            await wait_at_most(self._writer, min(self._busy_ms, IMPATIENT_MS) if impatient else self._busy_ms)
            self._impatient = impatient

    async def _read(self, work: Work[T], lane: Lane) -> T:
        mends = self.mends
        if self._suspicion is None:
            try:
                async with lane.lock:
                    return await self._snapshot(work, lane)
            except _FAILED as error:
                found = self._doubt(error)
                if found is None:
                    raise refused("be read", error) from error

            await self._report(found, mends)
        else:
            async with self._writing:
                await self._mend()

        try:
            async with lane.lock:
                return await self._snapshot(work, lane)
        except _FAILED as error:
            raise refused("be read", error) from error

    async def _snapshot(self, work: Work[T], lane: Lane) -> T:
        try:
            if lane.reader is None:
                lane.reader = await self._open("ro")

            return await lane.reader.run(partial(_snapshot, work))
        except BaseException:
            reader, lane.reader = lane.reader, None
            await let_go(reader)
            raise

    async def _open(self, mode: str) -> Line:
        """Open the file that is held, and no other: opening one would already change its folder."""
        await self._threads.run(self._place.look)
        self._impatient = self._impatient and mode != "rw"
        connection = await connect(self._path.as_uri(), mode, self._busy_ms)
        try:
            await self._threads.run(self._place.opened)
        except BaseException:
            await let_go(connection)
            raise

        return connection

    def _doubt(self, error: BaseException) -> Suspicion | None:
        return faults.suspicion(error) if self._mender is not None else None

    def _suspect(self, error: BaseException, what: str) -> None:
        """Remember what an error says of the file; raise StoreError where it says nothing."""
        self._suspicion = self._doubt(error)
        if self._suspicion is None:
            raise refused(what, error) from error

    async def _report(self, suspicion: Suspicion, mends: int) -> None:
        async with self._writing:
            if mends == self.mends:
                self._suspicion = suspicion

            await self._mend()

    async def _mend(self) -> None:
        """Have the file mended that is under suspicion; called by whoever holds `_writing`."""
        found = self._suspicion
        if found is None or self._mender is None:
            return

        async with self._lanes[False].lock, self._lanes[True].lock:
            found = self._suspicion = await self._threads.run(self._place.seen, found)
            # A damaged file is closed after it was moved aside (where open ones can be moved), so that SQLite leaves it
            # as it is.
            if not found.damaged or os.name != "posix":
                await self._release(found)

            await self._mender(found)
            await self._close_all()
            await self.begin()
            self._suspicion = None
            self.mends += 1

    async def _stand_back(self, error: BaseException) -> None:
        """Keep nothing open that cannot be written to, so that its disk can be unmounted, checked and mounted again."""
        self._suspicion = self._doubt(error)
        if self._suspicion is not None and not self._suspicion.damaged:
            async with self._lanes[False].lock, self._lanes[True].lock:
                await self._release(self._suspicion)

    async def _release(self, found: Suspicion) -> None:
        moved = found.moved and not found.damaged
        if moved and self._writer is not None:
            # All of it into the file that is gone from here, so that it is whole wherever it is now.
            await empty_log(self._writer)

        await self._close_all()
        await self._threads.run(self._place.leave if moved else self._place.let_go)

    async def _close_all(self) -> None:
        for lane in self._lanes:
            reader, lane.reader = lane.reader, None
            await let_go(reader)

        writer, self._writer = self._writer, None
        await let_go(writer)


async def _snapshot(work: Work[T], db: Connection) -> T:
    """Do work on what the store is at one moment."""
    await db.execute("BEGIN")
    result = await work(db)
    await db.execute("COMMIT")
    return result
