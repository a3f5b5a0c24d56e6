"""Opening and letting go of one connection to a SQLite file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from threading import Thread
from typing import Any, TypeAlias, TypeVar, cast

import aiosqlite

T = TypeVar("T")
_WAY_OUT = 0.1
"""Seconds that a connection's thread gets to end, once it is closed."""
Values: TypeAlias = Sequence[Any] | Mapping[str, Any]


class Connection:
    """A connection as work uses it in a transaction, in the thread that it lives in: nothing is waited for there."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    async def execute(self, sql: str, values: Values = ()) -> sqlite3.Cursor:
        """Run a statement. Raises sqlite3.Error, as all of these do."""
        return self._db.execute(sql, values)

    async def executemany(self, sql: str, rows: Iterable[Values]) -> None:
        """Run a statement for each row."""
        self._db.executemany(sql, rows)

    async def execute_fetchall(self, sql: str, values: Values = ()) -> list[Any]:
        """The rows that a statement finds."""
        return self._db.execute(sql, values).fetchall()

    async def executescript(self, sql: str) -> None:
        """Run several statements; commits what is under way before."""
        self._db.executescript(sql)


class Line(aiosqlite.Connection):
    """A connection in a thread of its own, to which work is handed as a whole.

    A statement that crosses from thread to thread by itself costs ten times what it costs there; a transaction has
    half a dozen of them.
    """

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do work in the connection's thread, all at once; it may wait for nothing but the connection."""
        result = await self._execute(at_once, work, self._conn)  # type: ignore[no-untyped-call]  # the library's own
        return cast("T", result)


def at_once(work: Callable[[Connection], Awaitable[T]], db: sqlite3.Connection) -> T:
    """Do work in the thread at hand; it may wait for nothing but the connection."""

    async def whole() -> T:
        return await work(Connection(db))

    running = whole()
    try:
        running.send(None)
    except StopIteration as end:
        return cast("T", end.value)

    running.close()
    raise RuntimeError("work inside a transaction waited for something else than its connection")


class Lane:
    """A connection that reads, and whose turn it is."""

    def __init__(self) -> None:
        self.reader: Line | None = None
        self.lock = asyncio.Lock()


async def connect(uri: str, mode: str, busy_ms: int) -> Line:
    """A connection in a thread of its own; `mode` is rw or ro, and a statement waits `busy_ms` for another process.

    Raises sqlite3.Error.
    """
    connection = Line(lambda: sqlite3.connect(f"{uri}?mode={mode}", uri=True, isolation_level=None), 64)
    _let_end(connection)
    await connection
    try:
        await wait_at_most(connection, busy_ms)
        if mode == "rw":
            await connection.execute_fetchall("PRAGMA journal_mode = WAL")
            await connection.execute("PRAGMA synchronous = FULL")
            await connection.execute("PRAGMA journal_size_limit = 16777216")
            # What is deleted is overwritten in its page (docs/privacy.md), and leaves no copy in a file of its own
            # meanwhile. Whole free pages are not written once more: a deletion of a person gives those back.
            await connection.execute("PRAGMA secure_delete = FAST")
            await connection.execute("PRAGMA temp_store = MEMORY")
        else:
            await connection.execute("PRAGMA query_only = ON")
            # What is read once for a question lies in the system's cache anyway; SQLite's own would be two MB of each.
            await connection.execute("PRAGMA cache_size = -512")
    except BaseException:
        await let_go(connection)
        raise

    return connection


async def wait_at_most(connection: Line, milliseconds: int) -> None:
    """How long a statement waits for another process from now on."""
    await connection.execute(f"PRAGMA busy_timeout = {milliseconds}")


async def let_go(connection: Line | None) -> None:
    """Close a connection, whatever state it is in."""
    if connection is None:
        return

    try:
        await connection.close()
    except (sqlite3.Error, ValueError):
        # What cannot even be closed (the disk is gone) is given up; its thread ends with the close that was asked for.
        await asyncio.sleep(0)
    else:
        # It said so on its way out, which takes it microseconds: so that who closes leaves no thread behind.
        if (thread := _thread_of(connection)) is not None:
            thread.join(_WAY_OUT)


async def empty_log(connection: Line) -> None:
    """Bring the whole log into the file it belongs to, as far as that is still possible; waits for readers."""
    await _checkpoint(connection, "TRUNCATE")


async def carry_over(connection: Line) -> None:
    """Bring as much of the log into the file as that is possible without waiting."""
    await _checkpoint(connection, "PASSIVE")


async def _checkpoint(connection: Line, mode: str) -> None:
    try:
        await connection.execute_fetchall(f"PRAGMA wal_checkpoint({mode})")
    except (sqlite3.Error, ValueError):
        await asyncio.sleep(0)  # Nothing is lost: the log is as it was.


def _let_end(connection: Line) -> None:
    """Name the connection's thread, and keep it from keeping the program alive when it ends without closing.

    Cut off there, a transaction is as safe as when the process is killed. The thread is not begun yet.
    """
    if (thread := _thread_of(connection)) is not None:
        thread.daemon = True
        thread.name = "monitoring-store"


def _thread_of(connection: Line) -> Thread | None:
    """The connection's thread; aiosqlite gives no other way to it (up to 0.21 the connection is itself the thread)."""
    thread = getattr(connection, "_thread", connection)
    return thread if isinstance(thread, Thread) else None
