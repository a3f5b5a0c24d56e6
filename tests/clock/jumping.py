"""A process whose wall clock is set while it runs: says when its job ran, and by how much its clock jumped."""

from __future__ import annotations

import asyncio
import sys
import time

from monitoring import schedule
from monitoring.interfaces import SystemClock

EVERY, LOOK = 0.5, 0.25


def say(*words: object) -> None:
    """Print a line at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def job() -> None:
    """Says when, by the monotonic clock, that all processes of a machine share."""
    say("ran", time.monotonic())


async def main() -> None:
    """Until the process is ended."""
    schedule.LOOK_EVERY = LOOK
    jobs = schedule.Schedule(SystemClock(), jumped=lambda seconds: say("jumped", round(seconds)))
    jobs.every(EVERY, "job", job)
    await jobs.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
