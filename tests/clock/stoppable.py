"""A process to be stopped and let go on: it probes a slow service and measures its event loop, and prints all of it."""

from __future__ import annotations

import asyncio
import sys

from monitoring.interfaces import SystemClock
from monitoring.model import ProbeResult, Sample, Seen
from monitoring.probes.call import CallProbe
from monitoring.probes.rounds import Rounds
from monitoring.recording.looplag import LoopLag

ANSWERS_AFTER, WAITED_FOR = 0.6, 1.5


def say(*words: str) -> None:
    """Print a line at once."""
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def tell(seen: Seen) -> None:
    """Say a probe's health, or a lag with its culprit."""
    if isinstance(seen, ProbeResult):
        say("probe", seen.health.value)
    elif isinstance(seen, Sample):
        say("lag", f"{seen.value:.2f}", *seen.labels)


async def answer() -> bool:
    """A service that takes its time."""
    await asyncio.sleep(ANSWERS_AFTER)
    return True


async def main() -> None:
    """Until the process is ended."""
    clock = SystemClock()
    LoopLag(tell, clock).start()
    rounds = Rounds(tell)
    rounds.add(CallProbe("slow", answer, clock=clock, limit=WAITED_FOR))
    while True:
        say("round")
        await rounds.ask_all()


if __name__ == "__main__":
    asyncio.run(main())
