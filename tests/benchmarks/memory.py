"""What we add to a host's memory, and what the process that draws takes."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import statistics
import sys
import time
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from monitoring.model import DAY

from .day import FLUSH, events_of
from .frame import Bench, Row
from .host import FACTS

ROOT = Path(__file__).resolve().parent.parent.parent
EVENTS = 50_000
"""Of a day, recorded before it is looked."""
MB = 2**20


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """Each round is a process of its own."""
    found = [await _host(bench.size(EVENTS, 500)) for _ in range(min(bench.rounds, 3))]
    names = ("before", "added", "worker")
    before, added, worker = (statistics.median(one[name] for one in found) / MB for name in names)
    yield Row("memory added to the host process", added, "MB", gate=80, goal=40)
    yield Row("memory of the host process with us", before + added, "MB", before, "the same host without us")
    yield Row("memory of the process that draws", worker, "MB", gate=150)


async def _host(events: int) -> dict[str, int]:
    with TemporaryDirectory(prefix="greenroom-benchmark-") as folder:
        await asyncio.to_thread(_write, Path(folder) / FACTS, events)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(Path(__file__).with_name("host.py")),
            folder,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        told, _ = await process.communicate()

    assert process.returncode == 0, told
    result: dict[str, int] = json.loads(told.splitlines()[-1])
    return result


def _write(path: Path, events: int) -> None:
    """The day until now, in the flushes that it comes in."""
    now = time.time_ns() // 1_000_000
    facts = events_of(events, now - DAY, now)
    with path.open("wb") as file:
        while flush := list(islice(facts, FLUSH)):
            pickle.dump(flush, file)
