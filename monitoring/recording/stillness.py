"""When nothing of this process ran: it was stopped (SIGSTOP, a frozen container), or its machine was.

Two things tell it from an event loop that is held up: a thread that does nothing but beat stood still as well, and the
process used no CPU time. A callback that hogs the interpreter's lock keeps the thread from beating too, but computes.
"""

from __future__ import annotations

from collections import deque

STILL = 3.0
"""Seconds without a beat from which it is told; a starving machine can cause less than that, and that is a real lag."""
BUSY = 0.1
"""Share of a CPU from which something did run."""


class Stillness:
    """Knows when a thread beat. Times are those of one monotonic clock, CPU times the process's; all in seconds."""

    def __init__(self, at: float, cpu: float) -> None:
        self._last = (at, cpu)
        self._spans: deque[tuple[float, float]] = deque(maxlen=16)

    def beat(self, at: float, cpu: float, least: float) -> bool:
        """The thread beats; answers whether nothing ran for so many seconds before."""
        before = self._last
        if _still(before, at, cpu, STILL):
            self._spans.append((before[0], at))

        self._last = (at, cpu)
        return _still(before, at, cpu, least)

    def within(self, start: float, end: float, cpu: float) -> float:
        """Seconds between `start` and `end` (now) in which nothing ran; may be asked from another thread."""
        # In this order: where the thread beats meanwhile, the span is there twice, which does no harm.
        last = self._last
        spans = list(self._spans)
        if _still(last, end, cpu, STILL):
            spans.append((last[0], end))

        total, until = 0.0, start
        for begin, stop in sorted(spans):
            begin, stop = max(begin, until), min(stop, end)
            if stop > begin:
                total, until = total + stop - begin, stop

        return total


def _still(since: tuple[float, float], at: float, cpu: float, least: float) -> bool:
    length = at - since[0]
    return length >= least and cpu - since[1] < BUSY * length
