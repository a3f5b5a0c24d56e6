"""How long the event loop is held while 10,000 operations a second are recorded and written."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import aiosqlite

from monitoring.model import SECOND, OperationDone

from .frame import Bench, Row
from .ingest import TEXT, TEXT_INSERT, text_row
from .ours import NOW, ToldClock, data_path
from .traffic import operations

RATE = 10_000
BEAT = 0.001
"""Seconds between two looks at the clock."""
PATIENCE = 60.0
"""Seconds after which a contestant hangs."""
Record = Callable[[OperationDone], None]
Stalls = tuple[float, float]
"""P99.9 and the longest, in milliseconds."""


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """The longest stall and the 99.9th percentile, each the median of all rounds."""
    seconds = bench.size(4, 1)
    facts = list(operations(seconds * RATE, NOW, NOW + seconds * SECOND))
    numbers = count(1)
    contestants = (_ours, _in_loop, _aiosqlite)
    found: list[list[Stalls]] = [[] for _ in contestants]
    # What was made for the test is not the contestants' to be searched for garbage.
    gc.collect()
    gc.freeze()
    try:
        for _ in range(bench.rounds):
            for stalls, contestant in zip(found, contestants, strict=True):
                async with asyncio.timeout(PATIENCE):
                    stalls.append(await contestant(bench.folder / f"stalls-{next(numbers)}.sqlite3", facts))
    finally:
        gc.unfreeze()

    ours, loop, beside = (tuple(statistics.median(one) for one in zip(*stalls, strict=True)) for stalls in found)
    named = "in-loop `executemany`, 1 s flush"
    yield Row("longest stall of the event loop, 10,000 events/s", ours[1], "ms", loop[1], named, 0.25, 0.1)
    # No gate: of a few seconds it is the third or fourth longest, and the peer has as many flushes.
    yield Row("the same, P99.9", ours[0], "ms", loop[0], named)
    yield Row("longest stall, against a thread", ours[1], "ms", beside[1], "naive aiosqlite, 1 s flush")


async def _ours(file: Path, facts: Sequence[OperationDone]) -> Stalls:
    async with data_path(file, ToldClock()) as path:
        await path.recorder.start()
        fold = asyncio.get_running_loop().call_later(
            1, lambda: folding.append(asyncio.ensure_future(path.store.tend(NOW)))
        )
        folding: list[asyncio.Future[None]] = []
        found = await _stalls(facts, path.recorder.record)
        fold.cancel()
        await asyncio.gather(*folding)
        await path.recorder.flush()
        counts = path.recorder.counts
        assert counts.total_dropped == 0, counts
        return found


async def _in_loop(file: Path, facts: Sequence[OperationDone]) -> Stalls:
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(TEXT)

        async def write(rows: list[tuple[object, ...]]) -> None:
            db.executemany(TEXT_INSERT, rows)
            db.commit()

        return await _flushing(facts, write)


async def _aiosqlite(file: Path, facts: Sequence[OperationDone]) -> Stalls:
    async with aiosqlite.connect(file) as db:
        await db.execute("PRAGMA journal_mode = WAL")
        await db.executescript(TEXT)

        async def write(rows: list[tuple[object, ...]]) -> None:
            await db.executemany(TEXT_INSERT, rows)
            await db.commit()

        return await _flushing(facts, write)


async def _flushing(
    facts: Sequence[OperationDone], write: Callable[[list[tuple[object, ...]]], Awaitable[None]]
) -> Stalls:
    """Rows gathered in a list, and written every second."""
    waiting: list[tuple[object, ...]] = []

    async def flush() -> None:
        while True:
            await asyncio.sleep(1)
            rows = waiting.copy()
            waiting.clear()
            await write(rows)

    flushing = asyncio.create_task(flush())
    found = await _stalls(facts, lambda done: waiting.append(text_row(done)))
    flushing.cancel()
    with suppress(asyncio.CancelledError):
        await flushing

    return found


async def _stalls(facts: Sequence[OperationDone], record: Record) -> Stalls:
    """Record facts at the rate and look how late the loop comes to what was due."""
    late: list[float] = []
    beating = asyncio.create_task(_beat(late))
    began, done = time.perf_counter(), 0
    for due in _due(len(facts), began):
        while done < due:
            record(facts[done])
            done += 1

        await asyncio.sleep(BEAT)

    beating.cancel()
    late.sort()
    return late[int(len(late) * 0.999)] * 1e3, late[-1] * 1e3


def _due(most: int, began: float) -> Iterator[int]:
    """How many facts should have been recorded by now, until all were."""
    due = 0
    while due < most:
        due = min(int((time.perf_counter() - began) * RATE), most)
        yield due


async def _beat(late: list[float]) -> None:
    while True:
        due = time.perf_counter() + BEAT
        await asyncio.sleep(BEAT)
        late.append(max(time.perf_counter() - due, 0.0))
