"""A bot as the store's faults meet it: it records all the time, is watched by rules, and must not feel anything."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path

from monitoring.incident import Notice
from monitoring.model import Health, Instant, MessageSeen, ProbeResult
from monitoring.monitor import Monitor
from monitoring.settings import load_settings

TICK = 0.02
"""Seconds between two facts."""
GUILD, CHANNEL, OLIVIA = 10, 20, 40


class Wall:
    """A notifier that remembers what it was told, and when."""

    name = "wall"

    def __init__(self) -> None:
        self.told: list[tuple[float, Notice]] = []

    async def deliver(self, notice: Notice) -> None:
        """Remember it."""
        self.told.append((time.monotonic(), notice))

    def sentences(self) -> list[str]:
        """What was said in plain sentences."""
        return [str(notice.body["text"]) for _, notice in self.told if notice.kind == "message"]

    def incident(self, since: float) -> float | None:
        """How many seconds after a moment an incident was told first."""
        return next((at - since for at, notice in self.told if notice.kind == "incident" and at >= since), None)


class Flaky:
    """A probe whose service can be switched off."""

    service, critical, slow = "flaky", True, 3.0

    def __init__(self) -> None:
        self.down = False

    async def ask(self) -> ProbeResult:
        """How it is."""
        state = Health.UNHEALTHY if self.down else Health.HEALTHY
        return ProbeResult(self.service, state, time.time_ns() // 1_000_000, 0.01)


@dataclass
class Felt:
    """What the host saw: exceptions of ours, the longest call and the longest hold of its loop, in seconds."""

    exceptions: int = 0
    call: float = 0.0
    held: float = 0.0


@dataclass
class Host:
    """A running Monitor with traffic. Facts are messages with the numbers 1, 2, 3, …"""

    path: Path
    wall: Wall = field(default_factory=Wall)
    flaky: Flaky = field(default_factory=Flaky)
    felt: Felt = field(default_factory=Felt)
    recorded: int = 0
    _feeding: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; the traffic too."""
        settings = load_settings(
            _env_file=None,
            database_url=f"sqlite:///{self.path}",
            timezone="UTC",
            alert_grace_seconds=0,
            alert_interval_seconds=1,
            alert_window_seconds=30,
            alert_for_seconds=0,
            performance_alert_cooldown=0,
            probe_interval_seconds=1,
            alert_cpu_percent=100,
            alert_memory_percent=100,
            alert_disk_percent=100,
        )
        self.monitor = Monitor(settings)
        self.monitor.add_notifier(self.wall)
        self.monitor.add_probe(self.flaky)
        await self.monitor.start()
        self._feeding = asyncio.create_task(self._feed())

    async def _feed(self) -> None:
        """A message every 20 ms, as a host would tell of it; nothing may come back out of it."""
        due = time.monotonic()
        while True:
            self.recorded += 1
            began = time.monotonic()
            try:
                self.monitor.recorder.record(message(self.recorded, self.monitor.clock.now()))
            except Exception:
                self.felt.exceptions += 1

            self.felt.call = max(self.felt.call, time.monotonic() - began)
            due = max(due + TICK, time.monotonic())
            await asyncio.sleep(due - time.monotonic())
            self.felt.held = max(self.felt.held, time.monotonic() - due)

    async def quiet(self) -> None:
        """No more traffic; all that was recorded is handed to the store."""
        if self._feeding is not None:
            self._feeding.cancel()
            await asyncio.wait([self._feeding])
            self._feeding = None

        await self.monitor.recorder.flush()

    async def written(self, timeout: float) -> float | None:
        """Seconds until something that is recorded from now on is stored; None if that takes too long."""
        recorder, began = self.monitor.recorder, time.monotonic()
        stored = recorder.counts.total_stored
        while time.monotonic() - began < timeout:
            await asyncio.sleep(0.01)
            if recorder.refused is None and recorder.counts.total_stored > stored:
                return time.monotonic() - began

        return None

    async def all_written(self, timeout: float) -> float | None:
        """Seconds until all that is recorded by now is stored; None if that takes too long."""
        recorder, began = self.monitor.recorder, time.monotonic()
        counts = recorder.counts
        goal = counts.total_stored + counts.total_buffered
        while time.monotonic() - began < timeout:
            await asyncio.sleep(0.01)
            if recorder.refused is None and recorder.counts.total_stored >= goal:
                return time.monotonic() - began

        return None

    async def stored(self) -> list[int]:
        """The numbers of all messages in the store."""
        return [row.id for row in await self.monitor.store.messages(0, 2**45)]

    async def counted(self) -> int:
        """How many messages the figures say there were."""
        now = self.monitor.clock.now()
        return (await self.monitor.store.series("message", now - 3_600_000, now + 60_000, 0)).sum().count

    async def close(self) -> None:
        """End it."""
        if self._feeding is not None:
            self._feeding.cancel()
            await asyncio.wait([self._feeding])

        await self.monitor.close()


def message(number: int, at: Instant) -> MessageSeen:
    """What Olivia says."""
    return MessageSeen(number, GUILD, CHANNEL, OLIVIA, "olivia", "What a lovely evening this is", at)
