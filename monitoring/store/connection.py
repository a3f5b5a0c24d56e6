"""The connections to one SQLite file: one writer, one reader beside it, and what becomes of errors."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from threading import Thread
from typing import Any, TypeAlias, TypeVar

import aiosqlite

from monitoring.errors import StoreError

T = TypeVar("T")
Connection: TypeAlias = aiosqlite.Connection
Work: TypeAlias = Callable[[Connection], Awaitable[T]]

_STAYS = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CONSTRAINT}
"""Errors after which the connection is as good as before; after any other it is opened anew."""


class Connections:
    """Runs work in transactions. Each connection lives in a thread of its own and is opened when first needed."""

    def __init__(self, path: Path, *, read_only: bool, busy_ms: int) -> None:
        self._uri = path.absolute().as_uri()
        self._read_only = read_only
        self._busy_ms = busy_ms
        self.closed = False
        self._writer: Connection | None = None
        self._reader: Connection | None = None
        self._writing = asyncio.Lock()
        self._reading = asyncio.Lock()
        self._under_way: set[asyncio.Task[Any]] = set()

    async def write(self, work: Work[T]) -> T:
        """Do work in one transaction, or nothing of it: then StoreError, or what the work raised.

        Carried through when the caller is cancelled: half a transaction must not be left open, and a flush that is
        cancelled at shutdown has handed its batch over already.
        """
        if self._read_only:
            raise StoreError("The store was opened for reading only.")

        return await self._shielded(self._write(work))

    async def read(self, work: Work[T]) -> T:
        """Do work on one snapshot of the store. Raises StoreError."""
        return await self._shielded(self._read(work))

    async def close(self) -> None:
        """Let what is under way end, then close both connections."""
        self.closed = True
        if self._under_way:
            await asyncio.wait(self._under_way)

        for connection in (self._reader, self._writer):
            await _let_go(connection)

        self._reader = self._writer = None

    async def _shielded(self, work: Coroutine[Any, Any, T]) -> T:
        if self.closed:
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

    async def _write(self, work: Work[T]) -> T:
        async with self._writing:
            try:
                if self._writer is None:
                    self._writer = await _connect(self._uri, "rw", self._busy_ms)

                # IMMEDIATE: a transaction that begins by reading could find itself unable to write later.
                await self._writer.execute("BEGIN IMMEDIATE")
                result = await work(self._writer)
                await self._writer.execute("COMMIT")
            except (sqlite3.Error, OSError) as error:
                await self._undo(drop=_code(error) not in _STAYS)
                raise StoreError(f"The store could not write: {error}.") from error
            except BaseException as error:
                # A cancelled statement may still be running in its thread, so the state of the connection is unknown.
                await self._undo(drop=isinstance(error, asyncio.CancelledError))
                raise

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
            await _let_go(writer)

    async def _read(self, work: Work[T]) -> T:
        async with self._reading:
            try:
                if self._reader is None:
                    self._reader = await _connect(self._uri, "ro", self._busy_ms)

                await self._reader.execute("BEGIN")
                result = await work(self._reader)
                await self._reader.execute("COMMIT")
            except BaseException as error:
                reader, self._reader = self._reader, None
                await _let_go(reader)
                if isinstance(error, sqlite3.Error | OSError):
                    raise StoreError(f"The store could not be read: {error}.") from error

                raise

            return result


async def _connect(uri: str, mode: str, busy_ms: int) -> Connection:
    connecting = aiosqlite.connect(f"{uri}?mode={mode}", uri=True, isolation_level=None)
    _let_end(connecting)
    connection = await connecting
    try:
        await connection.execute(f"PRAGMA busy_timeout = {busy_ms}")
        if mode == "rw":
            await connection.execute_fetchall("PRAGMA journal_mode = WAL")
            await connection.execute("PRAGMA synchronous = FULL")
            await connection.execute("PRAGMA journal_size_limit = 16777216")
        else:
            await connection.execute("PRAGMA query_only = ON")
    except BaseException:
        await _let_go(connection)
        raise

    return connection


def _let_end(connection: Connection) -> None:
    """Keep the connection's thread from keeping the program alive when it ends, by an error say, without closing.

    Cut off there, a transaction is as safe as when the process is killed. The thread is not begun yet; aiosqlite gives
    no other way to it (up to 0.21 the connection is itself the thread).
    """
    thread = getattr(connection, "_thread", connection)
    if isinstance(thread, Thread):
        thread.daemon = True


async def _let_go(connection: Connection | None) -> None:
    if connection is None:
        return

    try:
        await connection.close()
    except (sqlite3.Error, ValueError):
        # What cannot even be closed (the disk is gone) is given up; its thread ends with the close that was asked for.
        await asyncio.sleep(0)


def _code(error: Exception) -> int:
    """The primary result code of SQLite; the extended ones say more than is needed here."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF
