"""What is to be decided when: a heap of things due, in the time of the events, never of the wall clock."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeAlias

from monitoring.interfaces import Batch
from monitoring.model import Instant

About = ParamSpec("About")
Decision: TypeAlias = Callable[Concatenate[Instant, Batch, About], None]
"""Decides something at the instant it was due and writes it into the batch; told last what it is about."""
_Due: TypeAlias = tuple[Any, ...]
"""When; a number, which keeps those of one instant in their order; what decides; and about what."""
NEVER: Instant = 1 << 62
"""Later than anything."""
_MOST = 200_000
"""Beyond this many undecided things, new ones are left undecided: they are counted nowhere, and memory is bounded."""


class Agenda:
    """Things due, run in order of time."""

    def __init__(self) -> None:
        self._heap: list[_Due] = []
        self._number = 0

    def after(self, limit: Instant, decide: Decision[About], *about: About.args, **_: About.kwargs) -> bool:
        """Decide as soon as the time is later than `limit`: what happens at the limit itself still counts.

        Answers whether there was room for it.

        `decide` is given what it is about, as a function made anew for each thing would cost more than most decisions.
        """
        if len(self._heap) >= _MOST:
            return False

        self._number += 1
        due: _Due = (limit + 1, self._number, decide, *about)
        heapq.heappush(self._heap, due)
        return True

    def run(self, now: Instant, batch: Batch) -> None:
        """Decide everything that is due by now; what decisions put on the agenda is run too if due."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            due, _, decide, *about = heapq.heappop(heap)
            decide(due, batch, *about)

    def __len__(self) -> int:
        return len(self._heap)
