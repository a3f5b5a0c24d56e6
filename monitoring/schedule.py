"""When what is done: APScheduler with the settings that alerting needs, and a watch over the clock."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from monitoring.interfaces import Clock

_log = logging.getLogger(__name__)

EXECUTOR = "monitoring"
# APScheduler tells of every run at INFO, many times a minute; its loggers are our own here, so that the host's stay so.
for _noisy in (logging.getLogger(f"apscheduler.executors.{EXECUTOR}"), _log.getChild("jobs")):
    _noisy.setLevel(logging.WARNING)

JUMP = 5.0
"""Seconds by which the wall clock may part from the monotonic one before it counts as a jump."""
LOOK_EVERY = 2.0
FINISH_WITHIN = 2.0
"""Seconds that jobs under way get at the end; what they left is done at the next start."""


class Schedule:
    """Repeats jobs every so many seconds. A job that is due late runs once, never twice at a time (F10).

    APScheduler follows the wall clock, so that a clock set back would let it sleep; jumps are noticed by the monotonic
    clock and every job is armed anew. What is due is decided by the jobs themselves, from the store.
    """

    def __init__(self, clock: Clock, *, jumped: Callable[[float], None] = lambda _: None) -> None:
        self._clock = clock
        self._jumped = jumped
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            executors={EXECUTOR: AsyncIOExecutor()},
            logger=_log.getChild("jobs"),
        )
        self._watch: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._offset = 0.0

    def every(self, seconds: float, name: str, job: Callable[[], Awaitable[None]]) -> None:
        """Run a job every so many seconds, for the first time at once. What it raises is logged; it goes on."""

        async def run() -> None:
            task = asyncio.current_task()
            assert task is not None
            self._running.add(task)
            try:
                await job()
            except Exception:  # a job must outlive any one failure of its own
                _log.exception("the job %r failed; it runs again in %g s", name, seconds)
            finally:
                self._running.discard(task)

        trigger = IntervalTrigger(seconds=seconds, timezone=UTC)
        self._scheduler.add_job(run, trigger, id=name, name=name, executor=EXECUTOR, next_run_time=datetime.now(UTC))

    async def start(self) -> None:
        """Begin; needs a running event loop."""
        self._offset = self._distance()
        self._scheduler.start()
        self._watch = asyncio.create_task(self._look(), name="greenroom-clock-watch")

    async def close(self) -> None:
        """Let running jobs finish in time, then end all of it."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
            self._watch = None

        if self._scheduler.running:
            self._scheduler.pause()
            if self._running:
                await asyncio.wait(self._running, timeout=FINISH_WITHIN)

            self._scheduler.shutdown(wait=False)
            # APScheduler ends its timer in a callback of the loop; let it run before the loop may close.
            await asyncio.sleep(0)

    def look(self) -> float:
        """Compare the clocks once: seconds by which the wall clock jumped, 0 if it did not."""
        moved = self._distance() - self._offset
        if abs(moved) <= JUMP:
            return 0.0

        self._offset += moved
        self._jumped(moved)
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))

        return moved

    def _distance(self) -> float:
        return self._clock.now() / 1000 - self._clock.monotonic()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            moved = self.look()
            if moved:
                _log.warning("the clock jumped by %+.0f s; all jobs were armed anew", moved)
