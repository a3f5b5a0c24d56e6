"""Answers that are kept for some seconds: made and encoded once, however many ask."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from monitoring.web.answer import Ready

MOST_BYTES = 16 * 1024 * 1024
MOST = 500
"""Answers that are kept."""
AT_ONCE = 4
"""Answers that are made at the same time; the next ones wait."""


class Cached:
    """By what was asked; the oldest goes first."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._kept: OrderedDict[str, tuple[float, Ready]] = OrderedDict()
        """Until when it is fresh, and the answer."""
        self.size = 0
        """Bytes of all that is kept."""
        self._making: dict[str, asyncio.Task[Ready]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)

    def fresh(self, asked: str) -> Ready | None:
        """The answer, if there is one that is not too old."""
        found = self._kept.get(asked)
        return found[1] if found is not None and found[0] > self._monotonic() else None

    async def get(self, asked: str, seconds: float, make: Callable[[], Awaitable[bytes]]) -> Ready:
        """The answer; where it must be made, only once for all who ask meanwhile, also if the first one leaves."""
        found = self.fresh(asked)
        if found is not None:
            return found

        making = self._making.get(asked)
        if making is None:
            making = asyncio.create_task(self._make(asked, seconds, make), name="monitoring-web-answer")
            self._making[asked] = making
            making.add_done_callback(lambda task: self._made(asked, task))

        return await asyncio.shield(making)

    def drop(self, asked: str) -> None:
        """Make every answer anew whose address begins so: something was changed."""
        for kept in [kept for kept in self._kept if kept.startswith(asked)]:
            self._forget(kept)

    async def close(self) -> None:
        """End what is being made."""
        making = list(self._making.values())
        for task in making:
            task.cancel()

        await asyncio.gather(*making, return_exceptions=True)
        self._kept.clear()
        self.size = 0

    async def _make(self, asked: str, seconds: float, make: Callable[[], Awaitable[bytes]]) -> Ready:
        async with self._turns:
            ready = Ready.of(await make())

        self._forget(asked)
        self._kept[asked] = (self._monotonic() + seconds, ready)
        self.size += len(ready.body)
        while self.size > MOST_BYTES or len(self._kept) > MOST:
            self._forget(next(iter(self._kept)))

        return ready

    def _made(self, asked: str, task: asyncio.Task[Ready]) -> None:
        self._making.pop(asked, None)
        if not task.cancelled():
            # Looked at, since everybody who waited for it may have left.
            task.exception()

    def _forget(self, asked: str) -> None:
        found = self._kept.pop(asked, None)
        if found is not None:
            self.size -= len(found[1].body)
