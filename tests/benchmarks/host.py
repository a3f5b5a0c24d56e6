"""A bot of somebody else's, before and after our cogs are loaded and used: prints the bytes that it has for itself."""

from __future__ import annotations

import asyncio
import json
import pickle
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import discord
import psutil
from discord.ext import commands

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from monitoring.monitor import Monitor
FACTS = "facts.pickle"
"""Of a day, made by another process, so that this one holds no more of them than a host would: flush by flush."""
TENDED = 5
"""Flushes after which the store is tended; the Monitor does it each minute, so on a day as long as that more often."""


def own_bytes(pid: int | None = None) -> int:
    """Memory that no other process shares."""
    return int(psutil.Process(pid).memory_full_info().uss)


async def main(folder: str) -> None:
    """A host with a client and nothing else, then with monitoring that has worked for a while."""
    bot = commands.Bot("!", intents=discord.Intents.default(), help_command=None)
    await asyncio.sleep(0.1)
    before = own_bytes()
    worker = await _with_monitoring(bot, folder)
    print(json.dumps({"before": before, "added": own_bytes() - before, "worker": worker}))
    await bot.close()


async def _with_monitoring(bot: commands.Bot, folder: str) -> int:
    from monitoring.monitor import Monitor
    from monitoring.settings import load_settings
    from monitoring.window import Scope
    from tests.benchmarks.ours import APPLICATION, BOT

    monitor = Monitor(load_settings(_env_file=None, database_url=f"sqlite:///{folder}/store.sqlite3"))
    await monitor.start()
    bot.monitor = monitor  # type: ignore[attr-defined]  # where our cogs look for it
    monitor.identify(user_id=BOT, application_id=APPLICATION, name="host")
    with (Path(folder) / FACTS).open("rb") as file:
        await _live(monitor, file)

    await bot.load_extension("cogs")
    for name in ("24h", "30d"):
        for _ in range(3):
            value = await monitor.questions.performance(monitor.window(name), Scope())
            await monitor.drawing.draw("response_times", value)
            await monitor.questions.overview(monitor.window(name), Scope())

    # As the Monitor does by itself once a minute.
    await monitor.store.tend(time.time_ns() // 1_000_000)
    pid = monitor.drawing.pid
    return own_bytes(pid) if pid is not None else 0


async def _live(monitor: Monitor, facts: BinaryIO) -> None:
    flushes = 0
    with suppress(EOFError):
        while True:
            for fact in pickle.load(facts):
                monitor.recorder.record(fact)

            await monitor.recorder.flush()
            flushes += 1
            if flushes % TENDED == 0:
                await monitor.store.tend(time.time_ns() // 1_000_000)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
