"""Opening and letting go of one connection to a SQLite file."""

from __future__ import annotations

import asyncio
import sqlite3
from threading import Thread
from typing import TypeAlias

import aiosqlite

Connection: TypeAlias = aiosqlite.Connection


async def connect(uri: str, mode: str, busy_ms: int) -> Connection:
    """A connection in a thread of its own; `mode` is rw or ro, and a statement waits `busy_ms` for another process.

    Raises sqlite3.Error.
    """
    connecting = aiosqlite.connect(f"{uri}?mode={mode}", uri=True, isolation_level=None)
    _let_end(connecting)
    connection = await connecting
    try:
        await wait_at_most(connection, busy_ms)
        if mode == "rw":
            await connection.execute_fetchall("PRAGMA journal_mode = WAL")
            await connection.execute("PRAGMA synchronous = FULL")
            await connection.execute("PRAGMA journal_size_limit = 16777216")
        else:
            await connection.execute("PRAGMA query_only = ON")
    except BaseException:
        await let_go(connection)
        raise

    return connection


async def wait_at_most(connection: Connection, milliseconds: int) -> None:
    """How long a statement waits for another process from now on."""
    await connection.execute(f"PRAGMA busy_timeout = {milliseconds}")


async def let_go(connection: Connection | None) -> None:
    """Close a connection, whatever state it is in."""
    if connection is None:
        return

    try:
        await connection.close()
    except (sqlite3.Error, ValueError):
        # What cannot even be closed (the disk is gone) is given up; its thread ends with the close that was asked for.
        await asyncio.sleep(0)


async def empty_log(connection: Connection) -> None:
    """Bring the whole log into the file it belongs to, as far as that is still possible; waits for readers."""
    await _checkpoint(connection, "TRUNCATE")


async def carry_over(connection: Connection) -> None:
    """Bring as much of the log into the file as that is possible without waiting."""
    await _checkpoint(connection, "PASSIVE")


async def _checkpoint(connection: Connection, mode: str) -> None:
    try:
        await connection.execute_fetchall(f"PRAGMA wal_checkpoint({mode})")
    except (sqlite3.Error, ValueError):
        await asyncio.sleep(0)  # Nothing is lost: the log is as it was.


def _let_end(connection: Connection) -> None:
    """Keep the connection's thread from keeping the program alive when it ends, by an error say, without closing.

    Cut off there, a transaction is as safe as when the process is killed. The thread is not begun yet; aiosqlite gives
    no other way to it (up to 0.21 the connection is itself the thread).
    """
    thread = getattr(connection, "_thread", connection)
    if isinstance(thread, Thread):
        thread.daemon = True
