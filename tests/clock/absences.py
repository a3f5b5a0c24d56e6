"""By hand: a real Monitor that is stopped, killed and started again, and the chart and uptimes of it all.

    python -m tests.clock.absences FOLDER

Takes nine minutes: forty seconds stopped (too short to see), 150 stopped, killed and gone for 150. Leaves
`resources-dark.png` in the folder and prints the gaps, the uptimes and the worst lag of the event loop.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from monitoring.charts import draw
from monitoring.model import HOUR, MINUTE, Instant
from monitoring.monitor import Monitor
from monitoring.settings import load_settings
from monitoring.window import Scope, Window

RUN, NAP, STOP, AWAY = 75.0, 40.0, 150.0, 150.0


def monitor_of(folder: Path) -> Monitor:
    """A monitor with a store in the folder, which probes a TCP port of this machine."""
    return Monitor(
        load_settings(
            _env_file=None,
            database_url=f"sqlite:///{folder / 'store.sqlite3'}",
            timezone="UTC",
            probe_interval_seconds=10,
            probe_tcp=["port=127.0.0.1:18765"],
        )
    )


async def child(folder: Path) -> None:
    """Monitor until killed."""
    await monitor_of(folder).start()
    await asyncio.Event().wait()


async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A service that accepts connections."""
    writer.close()


async def begin(folder: Path) -> asyncio.subprocess.Process:
    """A child that monitors."""
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.clock.absences", str(folder), "child")


async def story(folder: Path) -> None:
    """Everything that happens, then what is told of it."""
    async with await asyncio.start_server(answer, "127.0.0.1", 18765):
        process = await begin(folder)
        for stopped in (NAP, STOP):
            await asyncio.sleep(RUN)
            say(f"stopped for {stopped:.0f} s")
            process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(stopped)
            process.send_signal(signal.SIGCONT)
            say("goes on")

        await asyncio.sleep(RUN)
        process.kill()
        await process.wait()
        say("killed")
        await asyncio.sleep(AWAY)
        say("started")
        process = await begin(folder)
        await asyncio.sleep(RUN)
        process.terminate()
        await process.wait()

    await tell(folder)


async def tell(folder: Path) -> None:
    """The gaps, the uptimes, the worst lag, and the chart."""
    monitor = monitor_of(folder)
    await monitor.start()
    end = monitor.clock.now()
    window = Window(end - 20 * MINUTE, end, "UTC", "")
    found = await monitor.resources(window)
    for gap in found.gaps:
        say(f"gap {clock_of(gap.start)} to {clock_of(gap.end)}")

    for line in found.lines:
        say(f"{line.name}: highest {line.peak}")

    health = await monitor.health(host=True, scope=Scope(None))
    for service in health.services:
        say(f"{service.name}: {service.health.value}, uptime of 24 h {service.uptime_24h}")

    (folder / "resources-dark.png").write_bytes(draw("resources", found))
    say(f"probes stored: {(await monitor.store.series('probe', end - HOUR, end, 0)).total(lambda k: k[1]).keys()}")
    await monitor.close()


def clock_of(at: Instant) -> str:
    """The time of day in UTC."""
    return f"{datetime.fromtimestamp(at / 1000, UTC):%H:%M:%S}"


def say(text: str) -> None:
    """With the time before it."""
    sys.stdout.write(f"{datetime.now(UTC):%H:%M:%S} {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    where = Path(sys.argv[1])
    where.mkdir(parents=True, exist_ok=True)
    asyncio.run(child(where) if sys.argv[2:] == ["child"] else story(where))
