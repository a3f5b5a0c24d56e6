"""What we add to a host's memory, and what the process that draws takes."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

from .frame import Bench, Row

ROOT = Path(__file__).resolve().parent.parent.parent
EVENTS = 50_000
"""Of a day, recorded before it is looked."""
MB = 2**20


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """Each round is a process of its own."""
    found = [await _host(bench.size(EVENTS, 500)) for _ in range(min(bench.rounds, 3))]
    added, worker = (statistics.median(one[name] for one in found) / MB for name in ("added", "worker"))
    yield Row("memory added to the host process", added, "MB", gate=80, goal=40)
    yield Row("memory of the process that draws", worker, "MB", gate=150)


async def _host(events: int) -> dict[str, int]:
    with TemporaryDirectory(prefix="greenroom-benchmark-") as folder:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(Path(__file__).with_name("host.py")),
            folder,
            str(events),
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        told, _ = await process.communicate()

    assert process.returncode == 0, told
    result: dict[str, int] = json.loads(told.splitlines()[-1])
    return result
