"""The batches written last, so that one that comes again is not counted twice.

A disk that fails at the commit leaves it open whether the transaction took place; the recorder then brings the batch
again. Batches come in order, so few need to be remembered.
"""

from __future__ import annotations

from collections import deque

from monitoring.store.connection import Connection

KEPT = 1_000
"""Batches that the store remembers."""


class Applied:
    """Knows batches by their keys: in memory those begun and not seen through, in the store those that are there."""

    def __init__(self) -> None:
        self._begun: deque[int] = deque(maxlen=KEPT)

    async def already(self, db: Connection, batch: int) -> bool:
        """Whether a batch is stored already; if it is not, the transaction under way stores it."""
        if batch not in self._begun:
            self._begun.append(batch)
        elif await db.execute_fetchall("SELECT 1 FROM applied WHERE batch = ?", (batch,)):
            return True

        await db.execute("INSERT INTO applied (batch) VALUES (?)", (batch,))
        return False

    def through(self, batch: int) -> None:
        """Its transaction was seen through."""
        if batch in self._begun:
            self._begun.remove(batch)

    async def trim(self, db: Connection) -> None:
        """Let the store forget all but the newest."""
        await db.execute("DELETE FROM applied WHERE id <= (SELECT max(id) FROM applied) - ?", (KEPT,))
