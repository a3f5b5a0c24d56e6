"""Having a store to oneself: nobody else may have it open while its file is exchanged."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from monitoring.errors import StoreError
from monitoring.store.header import read_header

_LOCKS = Path("/proc/locks")


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Hold a store so that nobody can open it; true if all of it lies in its one file now, with nothing in a log.

    False for what is no store that SQLite could ask (nothing there, a damaged file, a folder). Raises StoreError while
    somebody else has it open, and sqlite3.Error or OSError.
    """
    if not path.is_file() or read_header(path) is None:
        # SQLite is not asked: it would throw away a log that it cannot read.
        if holders(path):
            raise StoreError(in_use(path))

        yield False
        return

    with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=1)) as db:
        whole = _take(db, path)
        yield whole


def _take(db: sqlite3.Connection, path: Path) -> bool:
    """Lock everybody out, and carry the log over: a log that stays behind would be added to the next file there."""
    try:
        # In this mode SQLite takes the lock of the file itself, which every open connection shares in.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("BEGIN EXCLUSIVE")
        db.execute("COMMIT")
        (mode,) = db.execute("PRAGMA journal_mode = DELETE").fetchone()
        db.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StoreError(in_use(path)) from error

        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return False

        raise

    return bool(mode == "delete")


def in_use(path: Path) -> str:
    """What people are told of a store that somebody else has open."""
    found = [f"{name} (process {number})" for number, name in holders(path)]
    who = " and ".join(found) or "another program, the bot most likely"
    return (
        f"The store is in use by {who}. Stop the bot first (Ctrl+C where it runs, or systemctl stop and the name of "
        "its service), then try again. Nothing was changed."
    )


def holders(path: Path, locks: Path = _LOCKS) -> list[tuple[int, str]]:
    """Number and name of the processes that hold a lock on a file, where Linux tells; never this one."""
    try:
        inode = path.stat().st_ino
        lines = locks.read_text().splitlines()
    except OSError:
        return []

    found = {}
    for line in lines:
        fields = line.replace("->", "").split()
        if len(fields) >= 6 and fields[5].rpartition(":")[2] == str(inode) and fields[4].isdecimal():
            number = int(fields[4])
            if number not in (0, os.getpid()):
                found[number] = _name(number)

    return sorted(found.items())


def _name(number: int) -> str:
    """A process by the name of its program: its arguments could hold secrets."""
    try:
        return Path(f"/proc/{number}/comm").read_text().strip() or "a program"
    except OSError:
        return "a program"
