"""Draws charts in a process of its own, so that neither the event loop nor the host's memory feels it.

`spawn` and `forkserver` would import the host's main module again, which could start a second bot: the worker is
started as a module, over pipes.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import pickle
import shutil
import struct
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import OrderedDict

from monitoring.charts.worker import DRAWN, WARM
from monitoring.errors import ChartError
from monitoring.interfaces import Clock, SystemClock

LIMIT, IDLE = 20.0, 600.0
"""Seconds a chart may take; seconds without one after which the worker ends."""
WARM_AFTER = 2.0
"""Seconds from the start until a worker is warmed."""
CACHE_BYTES, CACHE_SECONDS = 32_000_000, 20.0
_LARGEST = 64_000_000
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")
"""All that the worker gets of the environment: no token, no key."""
_SPARING = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "200000"}
"""Keeps the worker small: NumPy would hold a thread for each core, glibc what was freed."""


class Drawing:
    """Pictures of values: from the cache, or from the worker, one at a time."""

    def __init__(self, *, clock: Clock | None = None, limit: float = LIMIT, idle: float = IDLE) -> None:
        self._clock, self._limit, self._idle = clock or SystemClock(), limit, idle
        self._process: Process | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._pictures = Pictures()
        self._warming: asyncio.Task[None] | None = None
        self._nap: asyncio.TimerHandle | None = None
        self._folder = ""
        self._closed = False

    async def start(self) -> None:
        """Warm a worker a little later, without waiting for it: the first chart then takes as long as any other."""
        self._warming = asyncio.create_task(self._warm(), name="monitoring-charts-warm")

    async def draw(self, kind: str, value: object, theme: str = "dark") -> bytes:
        """The PNG of a chart. Raises ChartError where it cannot be drawn in time or at all."""
        try:
            request = pickle.dumps((kind, value, theme), pickle.HIGHEST_PROTOCOL)
        except Exception as error:  # a value can hold anything; what cannot be sent cannot be drawn
            raise ChartError(f"The value of {kind!r} cannot be sent to be drawn: {error}") from error

        key = hashlib.blake2b(request, digest_size=16).digest()
        async with self._turn:
            picture = self._pictures.get(key, self._clock.monotonic())
            if picture is None:
                picture = await self._drawn(request)
                self._pictures.put(key, picture, self._clock.monotonic())

            return picture

    async def close(self) -> None:
        """End the worker and forget all pictures; nothing is drawn any more."""
        self._closed = True
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)

        if self._nap is not None:
            self._nap.cancel()

        await self._end()
        await asyncio.gather(*self._ending, return_exceptions=True)
        self._pictures = Pictures()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = ""

    @property
    def pid(self) -> int | None:
        """The worker's process id, None while there is none."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    # --- the worker

    async def _warm(self) -> None:
        # The host logs in first: a worker takes a second of CPU to load what it draws with.
        await asyncio.sleep(WARM_AFTER)
        # A worker that does not start is told when a chart is asked for.
        with contextlib.suppress(ChartError):
            async with self._turn:
                await self._drawn(pickle.dumps((WARM, None, "")))

    async def _drawn(self, request: bytes) -> bytes:
        """Ask the worker; one that died meanwhile is started anew once."""
        for last in (False, True):
            try:
                answer = await asyncio.wait_for(self._ask(request), self._limit)
                break
            except TimeoutError:
                await self._end()
                raise ChartError(f"The chart took longer than {self._limit:.0f} s.") from None
            except (OSError, EOFError, ValueError) as error:
                await self._end()
                if last:
                    raise ChartError(f"The process that draws ended: {error}") from error
            except BaseException:
                # Its answer would come in place of the next one's.
                self._kill()
                raise

        self._rest()
        if answer[:1] != DRAWN:
            raise ChartError(answer[1:].decode(errors="replace"))

        return answer[1:]

    async def _ask(self, request: bytes) -> bytes:
        process = await self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(struct.pack(">I", len(request)) + request)
        await process.stdin.drain()
        size = struct.unpack(">I", await process.stdout.readexactly(4))[0]
        if size > _LARGEST:
            raise ValueError("its answer makes no sense")

        return await process.stdout.readexactly(size)

    async def _running(self) -> Process:
        if self._closed:
            raise ChartError("No more charts are drawn: monitoring is stopping.")

        if self._process is None or self._process.returncode is not None:
            if not sys.executable:
                raise ChartError("Charts need a Python that can be started; this one does not know its own path.")

            if not self._folder:
                self._folder = tempfile.mkdtemp(prefix="monitoring-charts-")

            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "monitoring.charts.worker",
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env=self._environment(),
            )

        return self._process

    def _environment(self) -> dict[str, str]:
        passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        # The same modules as here are found, whether installed or run from a checkout.
        path = os.pathsep.join(os.path.abspath(place) for place in sys.path if place)
        return passed | _SPARING | {"PYTHONPATH": path, "MPLCONFIGDIR": self._folder}

    def _rest(self) -> None:
        """End the worker once nothing has been drawn for a while."""
        if self._nap is not None:
            self._nap.cancel()

        self._nap = asyncio.get_running_loop().call_later(self._idle, self._retire)

    def _retire(self) -> None:
        if self._turn.locked():
            self._rest()
        else:
            self._kill()

    def _kill(self) -> None:
        """Send the worker away at once, and see it off in the background."""
        process, self._process = self._process, None
        if process is not None:
            seen_off = asyncio.create_task(_ended(process), name="monitoring-charts-end")
            self._ending.add(seen_off)
            seen_off.add_done_callback(self._ending.discard)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await _ended(process)


async def _ended(process: Process) -> None:
    """Kill a process and wait until it is gone: no zombie, no open pipe."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()

    if process.stdin is not None:
        process.stdin.close()

    await process.wait()


class Pictures:
    """PNGs by key, the least recently used dropped first, none older than a while."""

    def __init__(self, *, size: int = CACHE_BYTES, keep: float = CACHE_SECONDS) -> None:
        self._size, self._keep = size, keep
        self._held: OrderedDict[bytes, tuple[float, bytes]] = OrderedDict()
        self.bytes = 0

    def get(self, key: bytes, now: float) -> bytes | None:
        """The picture, if it was put there less than `keep` seconds before `now` (monotonic)."""
        self._expire(now)
        if key not in self._held:
            return None

        self._held.move_to_end(key)
        return self._held[key][1]

    def put(self, key: bytes, picture: bytes, now: float) -> None:
        """Keep a picture as long as there is room."""
        self._drop(key)
        self._held[key] = (now, picture)
        self.bytes += len(picture)
        while self.bytes > self._size:
            self._drop(next(iter(self._held)))

    def _expire(self, now: float) -> None:
        for key in [key for key, (since, _) in self._held.items() if now - since >= self._keep]:
            self._drop(key)

    def _drop(self, key: bytes) -> None:
        if key in self._held:
            self.bytes -= len(self._held.pop(key)[1])
