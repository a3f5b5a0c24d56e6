"""The write-ahead log: what keeps it short, and what is said when another program keeps it from being so.

Everything that is written goes to the log first; a checkpoint carries it over into the file, and the log begins anew.
That cannot happen while somebody still reads an older state of the file. Our own readers are short, or give up before
the log is long; of another program's reader (an open shell, a copying tool) one can only tell.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from monitoring import phrasing
from monitoring.errors import StoreError
from monitoring.store.connection import Connection

SHORT = 16 * 1024 * 1024
"""Bytes that the log may keep lying there for use again; above, tending cuts it to nothing."""
OURS = 40 * 1024 * 1024
"""Bytes that the log may grow by while we read one state of the store: a copy or a look at all of it."""
LONG = 64 * 1024 * 1024
"""Bytes from which the log is a problem that is told."""


def log_size(path: Path) -> int:
    """Bytes of the log of a store; 0 where there is none."""
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def bound(path: Path) -> Callable[[], None]:
    """A guard for a reader of ours: raises StoreError once the log grew by more than is ours to cause."""
    most = log_size(path) + OURS

    def guard() -> None:
        if log_size(path) > most:
            raise StoreError(
                f"{path.name} is being written to faster than it can be read as a whole; tried again later."
            )

    return guard


async def shorten(db: Connection, path: Path) -> None:
    """Carry the log over into the file, as far as readers let it, and cut a long log to nothing. Waits for nobody.

    Only ever done by the one connection that writes: SQLite before 3.51.3 can damage a file where one connection
    checkpoints while another writes (https://www.sqlite.org/wal.html#walresetbug).
    """
    # No checkpoint runs inside a transaction. This one has written nothing; the one begun in its place writes nothing.
    await db.execute("COMMIT")
    ((patience,),) = await db.execute_fetchall("PRAGMA busy_timeout")
    await db.execute("PRAGMA busy_timeout = 0")
    try:
        mode = "TRUNCATE" if log_size(path) > SHORT else "PASSIVE"
        await db.execute_fetchall(f"PRAGMA wal_checkpoint({mode})")
    finally:
        await db.execute(f"PRAGMA busy_timeout = {patience}")

    await db.execute("BEGIN")


def complaint(path: Path, size: int) -> str:
    """What people are told of a log of so many bytes; "" while it is no problem."""
    if size <= LONG:
        return ""

    return (
        f"The log beside the store ({path.name}-wal) has grown past {phrasing.size(LONG)}: another program has been "
        "reading the store for a long time, an open sqlite3 shell or a copying tool say. Nothing is lost; end that "
        "program, and the log is cut short within a minute."
    )
