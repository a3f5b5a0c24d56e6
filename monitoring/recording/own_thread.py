"""Where a flush is digested: in a thread of the recorder's own, or at once where that takes less than the way there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from math import inf
from typing import Any, TypeVar

SHORT = 0.005
"""Seconds of CPU that a flush which is digested in the loop may be expected to take: as long as a thread may keep the
interpreter from the loop anyway (`sys.getswitchinterval`). A quarter second of a lively bot takes half of it."""
SLOW = 2 * SHORT
"""Seconds that the last flush took, if more, after which the next one spares the loop whatever is expected."""
AWAY = 2.0
"""Seconds without a flush after which much may have become due, which is not expected of its facts."""

Result = TypeVar("Result")


class OwnThread:
    """Does one thing at a time, in order: nothing else touches what is derived from facts meanwhile.

    To be used from the event loop. A small flush costs a third less where it is: the thread that is woken for it finds
    neither its code nor the facts in its core's caches, and the loop waits for the interpreter all the same.
    """

    def __init__(self) -> None:
        self._executor: ThreadPoolExecutor | None = None
        self._last: Future[Any] | None = None
        self._took = 0.0
        self._ended = -inf

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do something in the thread; who is cancelled meanwhile leaves it running."""
        if self._executor is None:
            self._executor = ThreadPoolExecutor(1, thread_name_prefix="monitoring-recorder")

        self._last = running = self._executor.submit(work)
        running.add_done_callback(self._through)
        return await asyncio.wrap_future(running)

    async def digest(self, work: Callable[[], Result], expected: float) -> Result:
        """Digest what is expected to take so many seconds of CPU, at once or in the thread."""
        return self.at_once(work) if self.spares(expected) else await self.run(lambda: self.at_once(work))

    def spares(self, expected: float) -> bool:
        """Whether what is expected to take so many seconds of CPU had better be done `at_once`, where the loop is."""
        little = expected <= SHORT and self._took <= SLOW and time.monotonic() - self._ended <= AWAY
        return little and self._idle

    def at_once(self, work: Callable[[], Result]) -> Result:
        """Digest here, and remember how long it took."""
        began = time.thread_time()
        try:
            return work()
        finally:
            self._took, self._ended = time.thread_time() - began, time.monotonic()

    def close(self) -> None:
        """End the thread, when it is through."""
        if self._executor is not None:
            self._executor.shutdown()
            self._executor = None

    def _through(self, done: Future[Any]) -> None:
        # What was derived tells of people: nothing of it stays here.
        if self._last is done:
            self._last = None

    @property
    def _idle(self) -> bool:
        return self._last is None or self._last.done()
