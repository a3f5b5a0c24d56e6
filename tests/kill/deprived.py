"""How busy the machine is elsewhere: what it had no time for is not lost by us.

Where it cannot be known (no Linux), the machine is taken to be idle.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from pathlib import Path

from .ledger import Ledger, Word

EVERY = 0.025
WINDOW = 40
"""Readings that make up the last second."""


def waited(leave_out: frozenset[int] = frozenset(), process: int | str = "self") -> float:
    """Seconds for which threads of a process were ready to run and no core was free, since they began."""
    total = 0
    try:
        for task in Path(f"/proc/{process}/task").iterdir():
            if int(task.name) not in leave_out:
                total += int((task / "schedstat").read_text().split()[1])
    except (OSError, IndexError):
        # A thread that ended meanwhile, or a system that does not tell.
        pass

    return total / 1e9


class Deprived:
    """Writes down how long, in the last second, threads waited for a core and a small write for the disk."""

    def __init__(self, ledger: Ledger, scratch: Path, leave_out: frozenset[int]) -> None:
        self._ledger = ledger
        self._scratch = scratch
        self._leave_out = leave_out
        self._disk = deque([0.0] * WINDOW, WINDOW)

    def begin(self) -> None:
        """Two threads that look for ever."""
        for look in (self._look, self._write):
            threading.Thread(target=look, daemon=True).start()

    def _look(self) -> None:
        before = deque([waited(self._leave_out)] * WINDOW, WINDOW)
        while True:
            time.sleep(EVERY)
            now = waited(self._leave_out)
            self._ledger[Word.DEPRIVED] = round((max(now - before[0], 0) + max(self._disk)) * 1e6)
            before.append(now)

    def _write(self) -> None:
        with self._scratch.open("wb") as file:
            while True:
                began = time.monotonic()
                file.seek(0)
                file.write(b"x" * 4_096)
                file.flush()
                os.fsync(file.fileno())
                self._disk.append(time.monotonic() - began)
                time.sleep(EVERY)
