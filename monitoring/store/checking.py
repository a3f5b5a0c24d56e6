"""The look at the whole file beside everything else: of a large store only the ends are looked at before it is used."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

from monitoring.errors import StoreError
from monitoring.store.connection import Connections
from monitoring.store.errand import Errand
from monitoring.store.faults import Suspicion, code
from monitoring.store.pages import tables
from monitoring.store.wal import bound

log = logging.getLogger(__name__)

_NICE = 15
"""How far the thread stands back behind all others, as of 19."""
FAREWELL = 1.0
"""Seconds that a look gets to notice that it is to stop."""
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class Checking:
    """Looks through a store in a thread of its own with a connection of its own, table by table, and has it mended."""

    def __init__(self, path: Path, connections: Connections) -> None:
        self._path = path
        self._db = connections
        self._errand = Errand()
        self._running: asyncio.Task[None] | None = None

    def start(self, *, above: int = 0) -> None:
        """Begin a look, if the file has more than so many bytes and none is under way."""
        if self._running is not None and not self._running.done():
            return

        with suppress(OSError):
            if self._path.stat().st_size > above:
                self._running = asyncio.create_task(self._run(), name="monitoring-store-check")

    async def close(self) -> None:
        """End the look that is under way; one that hangs on a slow disk is left behind."""
        self._errand.stop()
        if self._running is not None and not self._running.done():
            await asyncio.wait([self._running], timeout=FAREWELL)
            self._running.cancel()
            await asyncio.wait([self._running])

    async def _run(self) -> None:
        mends = self._db.mends
        thread = ThreadPoolExecutor(1, thread_name_prefix="monitoring-store-check")
        try:
            wrong = await asyncio.get_running_loop().run_in_executor(thread, self._look)
            if wrong:
                log.warning("The store %s is damaged: %s", self._path.name, wrong)
                await self._db.report(Suspicion(damaged=True), mends)
        except StoreError as error:
            log.info("The look through the whole store came to nothing: %s", error)
        finally:
            thread.shutdown(wait=False)

    def _look(self) -> str:
        """What is wrong with the file in SQLite's words; "" for nothing. Raises StoreError where it cannot be told."""
        _stand_back()
        try:
            with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as db:
                for table in tables(db):
                    # One by one: each is a reader by itself, so that none keeps the log from being emptied for long.
                    with self._errand.watching(db, f"looking through {table}", bound(self._path)):
                        said = [str(row[0]) for row in db.execute(f"PRAGMA quick_check('{table}')")]

                    if said != ["ok"]:
                        return said[0]
        except sqlite3.Error as error:
            if code(error) not in _DAMAGE:
                raise StoreError(f"{self._path} could not be looked through: {error}.") from error

            return str(error)

        return ""


def _stand_back() -> None:
    """Give this thread a lower priority, where threads have one (Linux)."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
