"""A bot of somebody else's, before and after our cogs are loaded and used: prints the bytes that it has for itself."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import discord
import psutil
from discord.ext import commands

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
TENDED = 2_000
"""Events after which the store is tended; on a day of the real length it is after some thirty, so this is unkind."""


def own_bytes(pid: int | None = None) -> int:
    """Memory that no other process shares."""
    return int(psutil.Process(pid).memory_full_info().uss)


async def main(folder: str, events: int) -> None:
    """A host with a client and nothing else, then with monitoring that has worked for a while."""
    bot = commands.Bot("!", intents=discord.Intents.default(), help_command=None)
    await asyncio.sleep(0.1)
    before = own_bytes()
    worker = await _with_monitoring(bot, folder, events)
    print(json.dumps({"added": own_bytes() - before, "worker": worker}))
    await bot.close()


async def _with_monitoring(bot: commands.Bot, folder: str, events: int) -> int:
    from monitoring.model import DAY
    from monitoring.monitor import Monitor
    from monitoring.settings import load_settings
    from monitoring.window import Scope
    from tests.benchmarks.day import FLUSH, events_of
    from tests.benchmarks.ours import APPLICATION, BOT

    monitor = Monitor(load_settings(_env_file=None, database_url=f"sqlite:///{folder}/store.sqlite3"))
    await monitor.start()
    bot.monitor = monitor  # type: ignore[attr-defined]  # where our cogs look for it
    monitor.identify(user_id=BOT, application_id=APPLICATION, name="host")
    now = time.time_ns() // 1_000_000
    for number, fact in enumerate(events_of(events, now - DAY, now), 1):
        monitor.recorder.record(fact)
        if number % FLUSH == 0:
            await monitor.recorder.flush()

        if number % TENDED == 0:
            await monitor.store.tend(now)

    await bot.load_extension("cogs")
    for name in ("24h", "30d"):
        for _ in range(3):
            value = await monitor.questions.performance(monitor.window(name), Scope())
            await monitor.drawing.draw("response_times", value)
            await monitor.questions.overview(monitor.window(name), Scope())

    # As the Monitor does by itself once a minute.
    await monitor.store.tend(now)
    pid = monitor.drawing.pid
    return own_bytes(pid) if pid is not None else 0


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
