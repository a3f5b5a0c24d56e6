"""Gives a running store a sound file again, with what is in memory in it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from monitoring.errors import StoreError
from monitoring.interfaces import Clock
from monitoring.store.backup import Backups
from monitoring.store.faults import Suspicion
from monitoring.store.memory import Memory
from monitoring.store.mend import Preparation
from monitoring.store.names import Numbers


@dataclass(frozen=True, slots=True)
class TakenOver:
    """Another file has taken over: a sentence about it, and the rows of its journal."""

    said: str
    rows: list[tuple[int, bytes]]
    again: Numbers
    """Those of the names and users in the raw rows that were written to it again."""


@dataclass(slots=True)
class Takeover:
    """Runs while the store is in use, with everything else held back. Its own memory outlives a try that fails."""

    path: Path
    backups: Backups
    clock: Clock
    zone: str
    memory: Memory
    _said: list[str] = field(default_factory=list)
    """What was done already, of which the last step (writing down what is in memory) did not go through yet."""

    def run(self, suspicion: Suspicion) -> TakenOver | None:
        """Mend what lies at the path; None if there was nothing to mend after all. Raises StoreError."""
        # Tried again, what was met before is no news of the file that lies there now.
        said = Preparation(self.path, self.backups, self.clock.now()).run(Suspicion() if self._said else suspicion)
        if said:
            self._said.append(said)

        if not self._said:
            return None

        try:
            rows, again = self.memory.pour(self.path, self.zone)
        except sqlite3.Error as error:
            raise StoreError(f"What is in memory could not be written to {self.path}: {error}.") from error

        told = " ".join((*self._said, "What was in memory was written to it."))
        self._said.clear()
        return TakenOver(told, rows, again)
