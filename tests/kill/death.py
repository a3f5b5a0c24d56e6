"""Where a process dies: in the middle of a chosen stage of the store, told by the statements that SQLite begins."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

from .ledger import Ledger, Word

STAGES: dict[str, str] = {
    "append": r"INSERT INTO (message|operation\w*|journal|presence|exchange)\b",
    "fold": r"UPDATE fold|INSERT INTO segment|DELETE FROM journal",
    "clean": r"DELETE FROM (message|operation\w*|exchange|presence|person|segment)\b|incremental_vac|RECURSIVE named",
    "save": r"(INSERT INTO|UPDATE|DELETE FROM) document",
    "backup": r"page_count|journal_mode = (OFF|DELETE)|quick_check",
    "open": r".",
    "migrate": r"^(?!PRAGMA busy|PRAGMA journal)",
}
"""What statements of a stage look like; `append` is a write of facts, `save` one of state."""
NAMES = list(STAGES)


class Death:
    """Kills its own process at the `count`-th statement of a stage, `delay` seconds after it began."""

    def __init__(self, ledger: Ledger, stage: str, count: int, delay: float) -> None:
        self.armed = False
        self.left = count
        """Statements of the stage that it still lets pass."""
        self._ledger = ledger
        self._stage = NAMES.index(stage)
        self._pattern = re.compile(STAGES[stage])
        self._delay = delay
        self._dying = False

    def watch(self) -> None:
        """See every statement of every connection that is opened from now on."""
        connect: Callable[..., sqlite3.Connection] = sqlite3.connect

        def watched(*args: Any, **options: Any) -> sqlite3.Connection:
            connection = connect(*args, **options)
            connection.set_trace_callback(_Watch(self).see)
            return connection

        sqlite3.connect = watched  # type: ignore[assignment]

    def fits(self, statement: str) -> bool:
        """Whether a statement belongs to the stage."""
        return self._pattern.search(statement) is not None

    def come(self) -> None:
        """A statement of the stage begins."""
        if not self.armed or self._dying:
            return

        self.left -= 1
        if self.left <= 0:
            self._dying = True
            if self._delay:
                threading.Thread(target=self._die_later, daemon=True).start()
            else:
                self.die()

    def _die_later(self) -> None:
        time.sleep(self._delay)
        self.die()

    def die(self) -> None:
        """Now, and so that nothing can be done about it."""
        self._ledger[Word.STAGE] = self._stage + 1
        self._ledger[Word.KILLED] = round(time.monotonic() * 1e6)
        os.kill(os.getpid(), signal.SIGKILL)


class _Watch:
    """One connection: the commit of a transaction belongs to the stage that its statements belong to."""

    def __init__(self, death: Death) -> None:
        self._death = death
        self._within = False

    def see(self, statement: str) -> None:
        if statement.startswith("BEGIN"):
            self._within = False
        elif statement.startswith("COMMIT"):
            if self._within:
                self._death.come()
        elif self._death.fits(statement):
            self._within = True
            self._death.come()


def chosen(seed: random.Random, stage: str) -> tuple[int, float]:
    """A random place in a stage: which of its statements, and how long after it began, in seconds."""
    most = {"append": 400, "fold": 25, "clean": 12, "save": 6, "backup": 5, "open": 12, "migrate": 12}[stage]
    return seed.randint(1, most), seed.choice([0.0, 0.0, seed.uniform(0, 0.003), seed.uniform(0, 0.02)])
