"""Time that passes only when everybody waits."""

from __future__ import annotations

import asyncio
import heapq


class VirtualTime:
    """A clock in seconds since 1970 and the sleep that goes with it."""

    def __init__(self, start: float) -> None:
        self._now = start
        self._count = 0
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []

    def clock(self) -> float:
        """Now, in seconds."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Waits until so much of this time has passed."""
        self._count += 1
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (self._now + max(0.0, seconds), self._count, future))
        await future

    async def pass_by(self, seconds: float) -> None:
        """Lets so much time pass, waking everybody when it is their time."""
        end = self._now + seconds
        while True:
            for _ in range(30):
                await asyncio.sleep(0)

            if not self._waiting or self._waiting[0][0] > end:
                break

            self._now, _, future = heapq.heappop(self._waiting)
            if not future.done():
                future.set_result(None)

        self._now = end
