"""How late the event loop is, and which callback held it up.

A task sleeps a tenth of a second again and again; by how much it wakes too late is the lag, and the worst of a second
is recorded. A thread looks whether the task still wakes; when it does not, it reads from the stack what the loop is at.
Time in which the whole process stood still is no lag: no callback held it up, and it is told as an absence (F8).
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

from monitoring.interfaces import Clock
from monitoring.model import Sample, Seen
from monitoring.recording.stillness import Stillness

TICK = 0.1
"""Seconds between two looks at the loop."""
ROUND = 10
"""Looks that are summed up in one sample."""
LOOK = 0.05
"""Seconds between two looks of the thread while the loop is late."""
LONG = 0.1
"""Seconds without a sign of the loop after which it asks what the loop is at."""
LONGEST = 100
"""Characters of a callback's name."""


class LoopLag:
    """Measures the lag of the loop it is started in, by the loop's own monotonic clock."""

    def __init__(self, record: Callable[[Seen], None], clock: Clock) -> None:
        self.blocker: tuple[str, float] | None = None
        """The callback that last held up the loop, and for how many seconds at least."""
        self._record = record
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._due = 0.0
        self._seen = ""
        self._stillness = Stillness(0.0, 0.0)

    def start(self) -> None:
        """Begin to measure; to be called in the loop."""
        if self._task is not None:
            return

        loop = asyncio.get_running_loop()
        self._stop = threading.Event()
        self._due = loop.time() + TICK
        self._stillness = Stillness(loop.time(), time.process_time())
        self._task = asyncio.create_task(self._measure(loop), name="monitoring-loop-lag")
        self._thread = threading.Thread(
            target=self._watch,
            args=(loop, threading.get_ident(), self._stop),
            name="monitoring-loop-watch",
            daemon=True,
        )
        self._thread.start()

    async def close(self) -> None:
        """Stop measuring and end the thread."""
        self._stop.set()
        task, self._task = self._task, None
        thread, self._thread = self._thread, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        if thread is not None:
            thread.join()

    def take(self, lags: list[float]) -> None:
        """Record the worst of a round of lags (seconds), with the name of what held up the loop, if it was long."""
        worst, seen = max(lags, default=0.0), self._seen
        self._seen = ""
        labels: tuple[str, ...] = ()
        if seen and worst >= LONG:
            self.blocker = (seen, worst)
            labels = (seen,)

        self._record(Sample("loop_lag", max(worst, 0.0), self._clock.now(), labels))

    async def _measure(self, loop: asyncio.AbstractEventLoop) -> None:
        lags = []
        while True:
            self._due = loop.time() + TICK
            await asyncio.sleep(TICK)
            now = loop.time()
            still = self._stillness.within(self._due - TICK, now, time.process_time()) if now - self._due >= LONG else 0
            lags.append(now - self._due - still)
            if len(lags) == ROUND:
                self.take(lags)
                lags = []

    def _watch(self, loop: asyncio.AbstractEventLoop, ident: int, stop: threading.Event) -> None:
        resumed = 0.0
        rest = LOOK
        while not stop.wait(rest):
            now = loop.time()
            if self._stillness.beat(now, time.process_time(), rest + LONG):
                resumed = now

            late = now - self._due >= LONG
            # While the loop keeps up, it is when its next turn could be late: each look wakes the machine.
            rest = LOOK if late else self._due + TICK + LONG - now

            # What the loop is at right after a stop is not what it was late for.
            if not late or now - resumed < LONG:
                continue

            frame = sys._current_frames().get(ident)
            if frame is not None:
                self._seen = callback_in(frame) or self._seen

            # A frame keeps alive all that the host's code holds.
            del frame


def callback_in(frame: FrameType | None) -> str:
    """The name of the callback or coroutine that the loop runs in this stack; "" where it runs none."""
    inner = None
    while frame is not None:
        if frame.f_code.co_name == "_run" and frame.f_globals.get("__name__") == "asyncio.events":
            break

        frame, inner = frame.f_back, frame

    if frame is None or inner is None:
        return ""

    return f"{inner.f_globals.get('__name__', '?')}.{inner.f_code.co_qualname}"[:LONGEST]
