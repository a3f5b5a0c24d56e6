"""Threads for encoding, decoding and files: our own, since the executor of the loop is the host's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from monitoring.errors import StoreError

T = TypeVar("T")
P = ParamSpec("P")
_THREADS = 2


class Threads:
    """Two of them, begun when first needed."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="monitoring-store")
        self._closed = False

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do work off the event loop. Raises StoreError once closed."""
        if self._closed:
            raise StoreError("The store is closed.")

        return await asyncio.get_running_loop().run_in_executor(self._executor, lambda: work(*args, **kwargs))

    async def each(self, work: Callable[[], object]) -> None:
        """Do short work in each of them: as one does it, the other takes it up, unless that one is busy."""
        await asyncio.gather(*(self.run(work) for _ in range(_THREADS)))

    def close(self) -> None:
        """Let what is running end."""
        self._closed = True
        self._executor.shutdown()
