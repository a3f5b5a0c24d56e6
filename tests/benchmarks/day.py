"""A compressed day: ten million events through recorder and store, to see that nothing grows with time.

`python tests/benchmarks/day.py [--events N]` lets a clock run through 24 hours, folds and cleans up every minute of
it, and prints each hour what is held. Status 1 if memory, objects, files, threads, tasks or the log grew once warm.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from heapq import merge
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from monitoring.model import DAY, MINUTE, SECOND, MessageSeen, ReactionSeen, Sample, Seen  # noqa: E402
from tests.benchmarks.ours import APPLICATION, HOOK, NOW, DataPath, ToldClock, data_path  # noqa: E402
from tests.benchmarks.traffic import EPOCH, GUILDS, PERSONAS, operations  # noqa: E402

EVENTS = 10_000_000
OPERATIONS, MESSAGES, REACTIONS = 0.74, 0.22, 0.02
"""Shares of a bot that answers and whose pipeline is instrumented; the rest are samples."""
FLUSH = 400
USERS = 5_000
WARM = 6
"""Hours after which everything must have reached its size."""
MOST_GROWTH = 0.05
"""Growth from then on, by a straight line through what was seen, as a share."""
LEAST = {"rss": 4.0, "wal": 2.0}
"""MB below which growth is the noise of an allocator, or of a log that is a few flushes longer."""
GAUGES = ("cpu_percent", "memory_percent", "process_memory", "loop_lag", "gateway_latency", "alive")
WORDS = (
    "rain", "tower", "lantern", "music", "dragon", "coffee", "winter", "market", "river", "engine", "garden", "cheese",
    "rocket", "puzzle", "mirror",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """What is held at the end of an hour; sizes in MB."""

    hour: int
    events: int
    rss: float
    objects: int
    files: int
    threads: int
    tasks: int
    store: float
    wal: float
    seconds: float


def events_of(n: int, start: int, end: int, seed: int = 1) -> Iterator[Seen]:
    """So many events between two instants in order of time, in real proportions."""
    dice = np.random.default_rng([seed, n])
    samples = n - sum(counts := [round(n * share) for share in (OPERATIONS, MESSAGES, REACTIONS)])
    return merge(
        operations(counts[0], start, end, seed),
        _messages(dice, counts[1], start, end),
        _reactions(dice, counts[2], start, end),
        _samples(samples, start, end),
        key=lambda seen: seen.at,
    )


def _messages(dice: np.random.Generator, n: int, start: int, end: int) -> Iterator[MessageSeen]:
    """Users ask, personas answer through the bot's webhook, others talk among themselves."""
    for number, at in enumerate(np.sort(dice.integers(start, end, n)).tolist()):
        guild = GUILDS[int(dice.integers(len(GUILDS)))]
        user = int(dice.integers(USERS)) + 1_000_000
        persona = PERSONAS[user % len(PERSONAS)]
        words = " ".join(WORDS[int(i)] for i in dice.integers(0, len(WORDS), 8))
        place = (((at - EPOCH) << 22) + number % 4096, guild, guild + 1 + number % 3)
        if number % 3 == 1:
            yield MessageSeen(*place, HOOK, persona, f"{words}!", at, True, False, HOOK, APPLICATION)
        else:
            yield MessageSeen(*place, user, f"user {user}", f"{persona if number % 3 else ''} {words}?", at)


def _reactions(dice: np.random.Generator, n: int, start: int, end: int) -> Iterator[ReactionSeen]:
    for number, at in enumerate(np.sort(dice.integers(start, end, n)).tolist()):
        guild = GUILDS[number % len(GUILDS)]
        message = ((at - 5 * SECOND - EPOCH) << 22) + number % 4096
        yield ReactionSeen(message, guild, guild + 1, 1_000_000 + number % USERS, "👍", True, at)


def _samples(n: int, start: int, end: int) -> Iterator[Sample]:
    for number in range(n):
        yield Sample(GAUGES[number % len(GAUGES)], float(number % 100), start + (end - start) * number // n)


async def day(path: DataPath, events: int, begin: int, *, hours: int = 24) -> list[Held]:
    """Live through a day of so many events, or its first hours, and look at what is held at the end of each."""
    seen: list[Held] = []
    done, process, began = 0, psutil.Process(), time.monotonic()
    for minute in range(hours * 60):
        # Each as busy as the other, so that what follows the traffic is not taken for what grows with time.
        done += await _minute(path, events * (minute + 1) // 1440 - events * minute // 1440, begin + minute * MINUTE)
        if minute % 60 == 59:
            seen.append(_held(minute // 60 + 1, done, process, path, time.monotonic() - began))
            print(_line(seen[-1]), flush=True)

    return seen


async def _minute(path: DataPath, events: int, start: int) -> int:
    """Record a minute's events in the order of their time, and tend the store as the Monitor does."""
    done = 0
    for fact in events_of(events, start, start + MINUTE, start // MINUTE):
        path.recorder.record(fact)
        done += 1
        if done % FLUSH == 0:
            path.clock.at = fact.at
            await path.recorder.flush()

    path.clock.at = start + MINUTE
    await path.recorder.flush()
    await path.store.tend(path.clock.at)
    return done


def _line(held: Held) -> str:
    cells = (f"{value:,.1f}" if isinstance(value, float) else f"{value:,}" for value in astuple(held))
    return "  ".join(f"{cell:>12}" for cell in cells)


def _held(hour: int, done: int, process: psutil.Process, path: DataPath, seconds: float) -> Held:
    gc.collect()
    file = path.store.path
    wal = file.with_name(file.name + "-wal")
    return Held(
        hour,
        done,
        process.memory_info().rss / 2**20,
        len(gc.get_objects()),
        process.num_fds(),
        process.num_threads(),
        len(asyncio.all_tasks()),
        file.stat().st_size / 2**20,
        wal.stat().st_size / 2**20 if wal.exists() else 0.0,
        seconds,
    )


def growing(seen: Sequence[Held]) -> list[str]:
    """What grew after the first hours, as sentences: a straight line through it rises by more than is allowed."""
    warm = seen[WARM - 1 :]
    found = []
    for name in ("rss", "objects", "files", "threads", "tasks", "wal"):
        values = [float(getattr(one, name)) for one in warm]
        slope, first = np.polyfit(np.arange(len(values)), values, 1)
        grown, allowed = slope * (len(values) - 1), MOST_GROWTH * max(first, 1.0)
        if grown > max(allowed, LEAST.get(name, 1.0)):
            found.append(f"{name} grew by {grown:,.1f} from {first:,.1f} in {len(values) - 1} hours.")

    return found


async def main(events: int) -> int:
    """The day, the verdict, the exit status."""
    print("  ".join(f"{one.name:>12}" for one in fields(Held)))
    begin = NOW - DAY
    with TemporaryDirectory(prefix="greenroom-day-") as folder:
        async with data_path(Path(folder) / "store.sqlite3", ToldClock(begin)) as path:
            seen = await day(path, events, begin)
            counts = path.recorder.counts

    found = growing(seen)
    lost = counts.total_dropped
    if lost:
        found.append(f"{lost:,} of {seen[-1].events:,} events were dropped: {counts.dropped}")

    print(
        "\n".join(found)
        or f"Flat: after {WARM} hours nothing grew by more than {MOST_GROWTH:.0%}; nothing was dropped."
    )
    return 1 if found else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS, help="events of the day (10,000,000)")
    sys.exit(asyncio.run(main(parser.parse_args().events)))
