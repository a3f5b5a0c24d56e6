"""When what is done: APScheduler with the settings that alerting needs, and a watch over the clock."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from monitoring.interfaces import Clock

_log = logging.getLogger(__name__)

EXECUTOR = "monitoring"
# APScheduler tells of every run at INFO, many times a minute, and warns of one that is due while the last one goes on;
# its loggers are our own here, so that the host's stay as they are.
for _noisy in (logging.getLogger(f"apscheduler.executors.{EXECUTOR}"), _log.getChild("jobs")):
    _noisy.setLevel(logging.ERROR)

JUMP = 5.0
"""Seconds by which the wall clock may part from the monotonic one before it counts as a jump."""
LOOK_EVERY = 2.0
FINISH_WITHIN = 2.0
"""Seconds that jobs under way get at the end; what they left is done at the next start."""


def machine_slept() -> float:
    """Seconds this machine was suspended since it booted: the monotonic clock stands still then, another does not.

    Where the system does not tell (CLOCK_BOOTTIME is Linux's), a suspension is taken for a jump of the wall clock.
    """
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return 0.0 if boot_time is None else time.clock_gettime(boot_time) - time.monotonic()


class Every(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """Fires every so many seconds, and never for a time that is past.

    APScheduler asks for every missed run before it makes one of them all: after a clock was set forward by a year, its
    own trigger lists three million of them for a job of every ten seconds, and holds the event loop for that long too.
    """

    def __init__(self, seconds: float) -> None:
        self._interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """One interval after the last run, or after now where that is past or a clock set back has put it far off."""
        following = (previous_fire_time or now) + self._interval
        return following if now < following <= now + self._interval else now + self._interval


class Schedule:
    """Repeats jobs every so many seconds. A job that is due late runs once, never twice at a time (F10).

    APScheduler follows the wall clock, so that a clock set back would let it sleep; jumps are noticed by the monotonic
    clock and every job is armed anew. What is due is decided by the jobs themselves, from the store. `jumped` hears
    by how many seconds the wall clock was set, while the machine was awake; `slept` is how long it was not.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        jumped: Callable[[float], None] = lambda _: None,
        slept: Callable[[], float] = machine_slept,
    ) -> None:
        self._clock = clock
        self._jumped = jumped
        self._slept = slept
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            executors={EXECUTOR: AsyncIOExecutor()},
            logger=_log.getChild("jobs"),
        )
        self._watch: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._offset = 0.0
        self._asleep = 0.0

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

        self._scheduler.add_job(
            run, Every(seconds), id=name, name=name, executor=EXECUTOR, next_run_time=datetime.now(UTC)
        )

    async def start(self) -> None:
        """Begin; needs a running event loop."""
        self._offset, self._asleep = self._distance(), self._slept()
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
        """Compare the clocks once: seconds by which they parted since the last look, 0 if they did not.

        Only what happens between two looks is a jump: clocks that are slewed part by seconds too, over hours.
        """
        distance, asleep = self._distance(), self._slept()
        moved, nap = distance - self._offset, asleep - self._asleep
        self._offset, self._asleep = distance, asleep
        if abs(moved) <= JUMP:
            return 0.0

        jump = round(moved - nap, 3)
        if abs(jump) > JUMP:
            _log.warning("The clock jumped by %+.0f s; all jobs are armed anew.", jump)
            self._jumped(jump)

        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))

        return round(moved, 3)

    def _distance(self) -> float:
        return self._clock.now() / 1000 - self._clock.monotonic()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                self.look()
            except Exception:  # without this watch a clock set back would stop all jobs for good
                _log.exception("the clocks could not be compared; they are again in %g s", LOOK_EVERY)
