"""Does a SQLite file answer?"""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from monitoring.interfaces import Clock
from monitoring.model import Health, ProbeResult


class SqliteProbe:
    """Opens a file read-only and reads its schema: healthy if it answers within the limit (seconds)."""

    def __init__(
        self, service: str, path: Path, *, clock: Clock, critical: bool = False, limit: float = 5.0, slow: float = 3.0
    ) -> None:
        self.service = service
        self.critical = critical
        self.slow = slow
        self._path = path
        self._limit = limit
        self._clock = clock

    async def ask(self) -> ProbeResult:
        """The answer. Never raises."""
        at, began = self._clock.now(), self._clock.monotonic()
        # A thread of its own each time: the loop's executor is the host's, and a file on a dead disk may hang.
        thread = ThreadPoolExecutor(1, thread_name_prefix="monitoring-probe")
        try:
            async with asyncio.timeout(self._limit + 1):
                await asyncio.get_running_loop().run_in_executor(thread, self._read)
        except TimeoutError:
            return ProbeResult(self.service, Health.UNHEALTHY, at, None, f"no answer in {self._limit:g} s")
        except sqlite3.Error as error:
            return ProbeResult(self.service, Health.UNHEALTHY, at, None, str(error)[:80])
        finally:
            thread.shutdown(wait=False)

        return ProbeResult(self.service, Health.HEALTHY, at, self._clock.monotonic() - began)

    def _read(self) -> None:
        connection = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True, timeout=self._limit)
        try:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        finally:
            connection.close()
