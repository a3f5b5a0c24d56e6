"""What is to be decided when: a heap of things due, in the time of the events, never of the wall clock."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import TypeAlias

from monitoring.interfaces import Batch
from monitoring.model import Instant

Decision: TypeAlias = Callable[[Instant, Batch], None]
"""Decides something at the instant it was due and writes it into the batch."""

_MOST = 200_000
"""Beyond this many undecided things, new ones are left undecided: they are counted nowhere, and memory is bounded."""


class Agenda:
    """Things due, run in order of time."""

    def __init__(self) -> None:
        self._heap: list[tuple[Instant, int, Decision]] = []
        self._number = 0

    def after(self, limit: Instant, decide: Decision) -> None:
        """Decide as soon as the time is later than `limit`: what happens at the limit itself still counts."""
        if len(self._heap) < _MOST:
            self._number += 1
            heapq.heappush(self._heap, (limit + 1, self._number, decide))

    def run(self, now: Instant, batch: Batch) -> None:
        """Decide everything that is due by now; what decisions put on the agenda is run too if due."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            due, _, decide = heapq.heappop(heap)
            decide(due, batch)

    def __len__(self) -> int:
        return len(self._heap)
