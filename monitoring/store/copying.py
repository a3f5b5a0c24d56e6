"""One whole copy of a store that is being written to: paced, so that the writer hardly feels it.

The copy reads one state of the file from its first page to its last. Without that it would begin anew with each flush
and never end; in one go, the disk would be busy with nothing else, and a flush waits for the disk. So it is done by
the megabyte, with a pause as long as the work after each, and what is copied is put on the disk as it goes: all of it
at the end would hold up every other write. Measured with 500 MB under writes: the longest of them took 65 ms instead of
190 to 310; the log grew by 2 MB (docs/store.md).
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from monitoring.errors import StoreError
from monitoring.store.durable import sync_file
from monitoring.store.errand import Errand
from monitoring.store.wal import bound

_PAGES = 256
"""Pages of one step: a megabyte."""
_SYNC = 16
"""Steps after which what was copied is put on the disk."""
_REST = 0.25
"""Seconds of the longest pause."""


def copy(source: Path, target: Path, errand: Errand, *, gently: bool = True) -> None:
    """Copy a store as it is at one moment into one file, which is on the disk when this returns.

    `gently`: with rests, for the sake of those who write to it; without, where nobody does.

    Raises Stopped, StoreError where more is written meanwhile than the log should hold, OSError or sqlite3.Error.
    """
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as reading,
        closing(sqlite3.connect(target, isolation_level=None)) as writing,
    ):
        reading.execute("PRAGMA busy_timeout = 5000")
        # Nobody but us sees the copy before it is whole, so nothing of it needs to be undone.
        writing.execute("PRAGMA journal_mode = OFF")
        writing.execute("PRAGMA synchronous = OFF")
        reading.execute("BEGIN")
        pages, version = _state(reading)
        _run(reading, writing, _pacer(source, target, errand, _REST if gently else 0.0))
        # A backup is one file: nothing of it may lie in a log beside it.
        writing.execute("PRAGMA journal_mode = DELETE")
        if _state(writing) != (pages, version):
            raise StoreError(f"The copy of {source.name} is not as long as the original and was thrown away.")

    sync_file(target)


def _state(db: sqlite3.Connection) -> tuple[int, int]:
    """Pages and schema of a file; in a transaction this is also what holds the one state that is read."""
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return pages, version


def _run(reading: sqlite3.Connection, writing: sqlite3.Connection, step: Callable[[int, int, int], None]) -> None:
    reading.backup(writing, pages=_PAGES, progress=step)


def _pacer(source: Path, target: Path, errand: Errand, longest: float) -> Callable[[int, int, int], None]:
    """What happens after each step: say how far it is, put it on the disk now and then, and rest."""
    guard = bound(source)
    number, began = 0, time.monotonic()

    def step(_: int, left: int, total: int) -> None:
        nonlocal number, began
        number += 1
        errand.at(f"copying {source.name}", 1 - left / total if total else 1.0)
        guard()
        if number % _SYNC == 0 and os.path.exists(target):
            sync_file(target)

        if left and longest:
            errand.rest(min(time.monotonic() - began, longest))

        began = time.monotonic()

    return step
