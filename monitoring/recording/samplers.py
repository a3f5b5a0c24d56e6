"""What machine and process are doing, read every ten seconds beside the event loop, and the mark of being alive.

The mark is recorded first and by itself, so that a reading which hangs is not taken for an absence of the monitor. In a
container, memory and CPU are those of the container: percent of what it may use.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import psutil

from monitoring.interfaces import Clock, StoreStatus
from monitoring.model import Sample, Seen
from monitoring.recording.cgroup import Cgroup
from monitoring.recording.looplag import LoopLag

log = logging.getLogger(__name__)

INTERVAL = 10.0
"""Seconds between two readings."""


class Sink(Protocol):
    """Where samples go: the recorder."""

    def record(self, seen: Seen) -> None: ...


class Resources:
    """Reads CPU, memory, disk, network and the process; a reading that the system denies is left out."""

    def __init__(self, clock: Clock, paths: Sequence[Path] = (), cgroup: Cgroup | None = None) -> None:
        self._clock = clock
        self._paths = tuple(paths) or (Path("/"),)
        self._process = psutil.Process()
        self._cgroup = cgroup or Cgroup()
        self._traffic: tuple[float, int, int] | None = None
        self._cgroup.busy(clock.monotonic())
        # The first call only sets the mark that the next one measures from.
        psutil.cpu_percent(None)

    def read(self) -> list[Sample]:
        """One snapshot in the units of the gauges; takes a fraction of a millisecond, yet may wait for a slow disk."""
        at = self._clock.now()
        samples = []
        with self._process.oneshot():
            for reading in (
                self._cpu, self._memory, self._disk, self._own, self._files, self._connections, self._load,
                self._network,
            ):  # fmt: skip
                try:
                    samples += [Sample(name, value, at) for name, value in reading()]
                except (psutil.Error, OSError, AttributeError, NotImplementedError):
                    # Denied or not to be had on this system: the others are read all the same.
                    continue

        return samples

    def _cpu(self) -> Iterator[tuple[str, float]]:
        machine, cores = psutil.cpu_percent(None), psutil.cpu_count() or 1
        quota = self._cgroup.cores()
        if quota is None or quota >= cores:
            yield "cpu_cores", float(cores)
            yield "cpu_percent", machine
            return

        yield "cpu_cores", quota
        busy = self._cgroup.busy(self._clock.monotonic())
        if busy is not None:
            yield "cpu_percent", 100 * busy / quota

    def _memory(self) -> Iterator[tuple[str, float]]:
        machine, group = psutil.virtual_memory(), self._cgroup.memory()
        limited = group is not None and group[1] < machine.total
        yield "memory_percent", 100 * group[0] / group[1] if group is not None and limited else machine.percent

    def _disk(self) -> Iterator[tuple[str, float]]:
        # The fullest of the disks that matter is the one that will stop us.
        yield "disk_percent", max(psutil.disk_usage(str(_existing(path))).percent for path in self._paths)

    def _own(self) -> Iterator[tuple[str, float]]:
        yield "process_memory", float(self._process.memory_info().rss)
        yield "process_threads", float(self._process.num_threads())

    def _files(self) -> Iterator[tuple[str, float]]:
        count = getattr(self._process, "num_fds", None) or getattr(self._process, "num_handles", None)
        if count is not None:
            yield "open_files", float(count())

    def _connections(self) -> Iterator[tuple[str, float]]:
        yield (
            "connections",
            float(sum(one.status == psutil.CONN_ESTABLISHED for one in self._process.net_connections("tcp"))),
        )

    def _load(self) -> Iterator[tuple[str, float]]:
        yield "load_1m", psutil.getloadavg()[0]

    def _network(self) -> Iterator[tuple[str, float]]:
        """Bytes per second since the last reading; counters that began anew give none."""
        counters, now, before = psutil.net_io_counters(), self._clock.monotonic(), self._traffic
        if counters is None:
            return

        self._traffic = (now, counters.bytes_sent, counters.bytes_recv)
        if before is None or now <= before[0]:
            return

        sent, received = counters.bytes_sent - before[1], counters.bytes_recv - before[2]
        if sent >= 0 and received >= 0:
            yield "network_sent", sent / (now - before[0])
            yield "network_received", received / (now - before[0])


class OwnState:
    """Turns what the store says of itself into samples: its size, rows, speed, and how old its last backup is."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked: tuple[float, int] | None = None

    def read(self, status: StoreStatus, buffered: int) -> list[Sample]:
        """One sample of each gauge that is known; `buffered`: facts that wait to be written."""
        at, now, before = self._clock.now(), self._clock.monotonic(), self._asked
        found = {"store_size": float(status.size), "store_rows": float(status.rows), "facts_buffered": float(buffered)}
        if status.write_latency is not None:
            found["store_write_latency"] = status.write_latency

        if status.last_backup is not None and status.last_backup <= at:
            found["backup_age"] = (at - status.last_backup) / 1000

        self._asked = (now, status.queries)
        if before is not None and now > before[0] and status.queries > before[1]:
            found["store_queries"] = (status.queries - before[1]) / (now - before[0])

        return [Sample(name, value, at) for name, value in found.items()]


class Samplers:
    """Starts and stops everything that samples; `paths` are those whose disks matter (the store's)."""

    def __init__(self, recorder: Sink, clock: Clock, *, paths: Sequence[Path] = (), interval: float = INTERVAL) -> None:
        self._record: Callable[[Seen], None] = recorder.record
        self._clock = clock
        self._paths = paths
        self._interval = interval
        self._lag = LoopLag(recorder.record, clock)
        self._tasks: list[asyncio.Task[None]] = []
        self._executor: ThreadPoolExecutor | None = None

    @property
    def blocker(self) -> tuple[str, float] | None:
        """The callback that last held up the event loop for long, and for how many seconds at least."""
        return self._lag.blocker

    async def start(self) -> None:
        """Begin to sample; started already, it goes on."""
        if self._tasks:
            return

        self._executor = ThreadPoolExecutor(1, thread_name_prefix="monitoring-sampler")
        self._tasks = [
            asyncio.create_task(self._alive(), name="monitoring-alive"),
            asyncio.create_task(self._resources(self._executor), name="monitoring-resources"),
        ]
        self._lag.start()

    async def close(self) -> None:
        """Stop all of it and let go of the threads."""
        await self._lag.close()
        for task in self._tasks:
            task.cancel()

        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if self._executor is not None:
            # A reading may hang on a dead disk; it must not hold up the end.
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None

    async def _alive(self) -> None:
        while True:
            self._record(Sample("alive", 1.0, self._clock.now()))
            await asyncio.sleep(self._interval)

    async def _resources(self, executor: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        resources = await loop.run_in_executor(executor, Resources, self._clock, self._paths)
        while True:
            await asyncio.sleep(self._interval)
            try:
                for sample in await loop.run_in_executor(executor, resources.read):
                    self._record(sample)
            except Exception:
                log.exception("Host and process could not be read; the next reading may do.")


def _existing(path: Path) -> Path:
    """The path, or the nearest folder above that is there already."""
    path = path.absolute()
    return next((place for place in (path, *path.parents) if place.exists()), path)
