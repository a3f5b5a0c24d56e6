"""What is kept of a wall clock that jumped: an event that charts can count, and a row of the audit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from monitoring.interfaces import Clock, Store
from monitoring.model import Happening, Instant, Seen
from monitoring.rows import Change, Document

KIND, WHAT = "audit", "clock_jump"
MOST = 200
"""Jumps that are kept; of a clock that jumps all the time, the newest."""


class Sink(Protocol):
    """Where facts go: the recorder."""

    def record(self, seen: Seen) -> None: ...


class ClockJumps:
    """Hears of jumps at once and writes them down when the store takes it."""

    def __init__(self, store: Store, recorder: Sink, clock: Clock) -> None:
        self._store = store
        self._record: Callable[[Seen], None] = recorder.record
        self._clock = clock
        self._untold: list[tuple[Instant, float]] = []

    def noticed(self, seconds: float) -> None:
        """The wall clock was set by so many seconds; it already shows the new time."""
        now = self._clock.now()
        self._record(Happening(WHAT, now))
        self._untold = [*self._untold, (now, seconds)][-MOST:]

    async def write(self) -> None:
        """Write down what was noticed and let go of the oldest; raises StoreError, and tries again the next time."""
        if not self._untold:
            return

        told = list(self._untold)
        stored = [row for row in await self._store.load(KIND) if row.key.endswith(f" {WHAT}")]
        known = {row.key for row in stored}
        rows = [_document(at, seconds) for at, seconds in told]
        changes = [Change(row) for row in rows if row.key not in known]
        surplus = max(len(stored) + len(changes) - MOST, 0)
        changes += [Change(row, delete=True) for row in stored[:surplus]]
        if await self._store.save(changes):
            self._untold = [jump for jump in self._untold if jump not in told]


def _document(at: Instant, seconds: float) -> Document:
    return Document(KIND, f"{at:015} {WHAT}", 0, {"what": WHAT, "at": at, "seconds": round(seconds, 3)})
