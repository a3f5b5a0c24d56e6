"""The mark by which a new start knows how long nobody watched."""

from __future__ import annotations

from monitoring.alerting.shelf import Shelf
from monitoring.errors import StoreError
from monitoring.model import SECOND, Instant
from monitoring.rows import Change, Document

EVERY = 30 * SECOND


class AliveMark:
    """A document that says when the watch was last awake, to half a minute."""

    def __init__(self, store: Shelf) -> None:
        self._store = store
        self._version = 0
        self._written: Instant | None = None

    async def read(self) -> Instant | None:
        """When it was last awake; None for a fresh store. Raises StoreError."""
        found = await self._store.load("mark", key="watch")
        if not found:
            return None

        self._version = found[0].version
        at = found[0].body.get("at")
        return at if isinstance(at, int) else None

    async def write(self, now: Instant) -> None:
        """Say that it is awake, at most twice a minute. Another cluster's mark, or a broken store, is no matter."""
        if self._written is not None and 0 <= now - self._written < EVERY:
            return

        try:
            if await self._store.save([Change(Document("mark", "watch", self._version, {"at": now}))]):
                self._version += 1
            else:
                await self.read()
        except StoreError:
            return

        self._written = now
