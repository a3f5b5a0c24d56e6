"""Batches on their way to the store: in order, one at a time, kept while the store refuses (F11)."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from monitoring.errors import StoreError
from monitoring.interfaces import Batch
from monitoring.recording.buffer import Buffer
from monitoring.recording.derive import merge
from monitoring.recording.facts import FactClass

log = logging.getLogger(__name__)

CHUNK = 2_500
"""Facts up to which batches that wait are put together, so that a store that is back has few to write."""


@dataclass(slots=True)
class Parcel:
    """A batch, and how many facts of each class are in it."""

    batch: Batch
    facts: Counter[FactClass] = field(default_factory=Counter)
    tried: bool = False
    """Handed to the store once: it may be stored although the store could not say so, so nothing joins it any more."""


class Delivery:
    """Hands parcels to `write` and tells the buffer what became of their facts. Lives in the event loop."""

    def __init__(self, write: Callable[[Batch], Awaitable[None]], buffer: Buffer) -> None:
        self.refused: StoreError | None = None
        """Why the store refused the last batch; None while all is well."""
        self._write = write
        self._buffer = buffer
        self._waiting: deque[Parcel] = deque()
        self._lock = asyncio.Lock()

    def put(self, parcel: Parcel) -> None:
        """Add a parcel; it joins the one before while that is small and was not handed to the store yet."""
        last = self._waiting[-1] if self._waiting else None
        if last is not None and not last.tried and last.facts.total() + parcel.facts.total() <= CHUNK:
            merge(last.batch, parcel.batch)
            last.facts.update(parcel.facts)
        else:
            self._waiting.append(parcel)

    @property
    def busy(self) -> bool:
        """A write is under way."""
        return self._lock.locked()

    async def send(self) -> None:
        """Write what waits, the oldest first, until all is written or the store refuses."""
        async with self._lock:
            while self._waiting:
                parcel = self._waiting[0]
                try:
                    if parcel.batch:
                        parcel.tried = True
                        await self._write(parcel.batch)
                except StoreError as error:
                    self._keep(error)
                    return
                except Exception:
                    # A bug, not a store in need: the same batch would fail for ever and hold up all that follow.
                    log.exception("A batch could not be written and is left out.")
                    self._done("lost")
                else:
                    self._done()

    def clear(self) -> None:
        """Let go of everything that waits."""
        self._waiting.clear()

    def _keep(self, error: StoreError) -> None:
        if self.refused is None:
            log.warning("The store refuses what is recorded; it is kept and tried again: %s", error)

        self.refused = error

    def _done(self, reason: str | None = None) -> None:
        if self.refused is not None and reason is None:
            log.warning("The store takes what is recorded again.")

        self.refused = None
        parcel = self._waiting.popleft()
        self._buffer.settle(parcel.facts, reason)
