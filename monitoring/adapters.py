"""For bots that keep levels, traits and relationships themselves: their state is read now and then, never written.

    await follow(monitor, read_state, name="evolution", every=60)

Only what changed since the last look is told; what was told is remembered over restarts. Docs: docs/adapters.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

from monitoring.errors import MonitoringError, StoreError
from monitoring.monitor import Monitor
from monitoring.recording.host_state import MOST, Baseline, Facts, facts_of

log = logging.getLogger(__name__)

Read: TypeAlias = Callable[[], object | Awaitable[object]]
"""Gives the present state; see `monitoring.recording.host_state.facts_of` for its form.

A coroutine function runs on the event loop, where the bot's own objects are; any other in a thread of its own.
"""
_BUSY = 1.0
"""Seconds that a reader of a database waits for others."""


class Follower:
    """Reads a state every so many seconds and tells what changed, until its Monitor stops. Never raises.

    `limit`: seconds that one reading may take.
    """

    def __init__(self, monitor: Monitor, read: Read, *, name: str, every: float, limit: float) -> None:
        self._monitor = monitor
        self._read = read
        self._name = name
        self._every = every
        self._limit = limit
        self._baseline: Baseline | None = None
        self._task: asyncio.Task[None] | None = None
        self._reading = False
        """A thread reads, be it that nobody waits for it any more."""
        self._said: dict[str, str] = {}
        self.total_polls = 0
        self.total_failures = 0
        """Readings that raised, or took too long."""
        self.total_refused = 0
        """Values that cannot be."""
        self.total_told = 0

    async def start(self) -> None:
        """Begin to look; started already, it changes nothing."""
        if self._task is None:
            self._task = asyncio.create_task(self._go_on(), name=f"greenroom-adapter-{self._name}")

    async def close(self) -> None:
        """Stop looking; a thread that still reads is left to itself."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    async def poll(self) -> int:
        """Look once, and tell what changed: how much that was."""
        self.total_polls += 1
        try:
            baseline = self._baseline = self._baseline or await self._remembered()
        except StoreError:
            # Without what was told before, all of it would be told again.
            return 0

        try:
            facts = facts_of(await self._state(), self._monitor.clock.now())
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise

            # Something of the bot's own was cancelled, not we.
            self._failed(error)
            return 0
        except Exception as error:
            self._failed(error)
            return 0

        self._say("failed", "")
        self._judge(facts)
        news = baseline.news(facts)
        for told in news:
            self._monitor.recorder.record(told)

        self.total_told += len(news)
        await self._save(baseline)
        return len(news)

    async def _go_on(self) -> None:
        while True:
            try:
                await self.poll()
            except Exception:
                log.exception("The adapter %r failed; it goes on in %g s.", self._name, self._every)

            await asyncio.sleep(self._every)

    async def _state(self) -> object:
        """What the host gives, within the limit; its own exceptions pass."""
        if inspect.iscoroutinefunction(self._read) or inspect.iscoroutinefunction(type(self._read).__call__):
            async with asyncio.timeout(self._limit):
                return await self._read()  # type: ignore[misc]  # a coroutine function, as was asked

        if self._reading:
            raise TimeoutError

        async with asyncio.timeout(self._limit):
            return await self._aside()

    def _aside(self) -> asyncio.Future[object]:
        """Read in a thread that no end of the program waits for."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[object] = loop.create_future()

        def tell(result: object, error: BaseException | None) -> None:
            if future.done():
                return

            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

        def read() -> None:
            result, error = None, None
            try:
                result = self._read()
            except BaseException as raised:
                # Some cannot be handed on: a future takes no StopIteration, and a thread's SystemExit is not ours.
                fit = isinstance(raised, Exception) and not isinstance(raised, StopIteration)
                error = raised if fit else RuntimeError()

            self._reading = False
            with contextlib.suppress(RuntimeError):
                # The loop may be closed by now.
                loop.call_soon_threadsafe(tell, result, error)

        self._reading = True
        threading.Thread(target=read, name=f"greenroom-adapter-{self._name}", daemon=True).start()
        return future

    async def _remembered(self) -> Baseline:
        return Baseline(await self._monitor.setting(self._key))

    async def _save(self, baseline: Baseline) -> None:
        """Remember what was told; what cannot be stored now is with the next look."""
        if baseline.changed:
            with contextlib.suppress(StoreError):
                await self._monitor.set_setting(self._key, baseline.stored())
                baseline.changed = False

    @property
    def _key(self) -> str:
        return f"adapter {self._name}"

    def _failed(self, error: BaseException) -> None:
        self.total_failures += 1
        # Its text may hold what users wrote.
        why = "it took too long" if isinstance(error, TimeoutError) else type(error).__name__
        self._say("failed", f"The adapter {self._name} could not read the bot's state ({why}); it tries again.")

    def _judge(self, facts: Facts) -> None:
        """Say what of a state could not be taken."""
        self.total_refused += facts.refused
        columns = ", ".join(sorted(facts.unknown)[:3])
        self._say("unknown", f"The adapter {self._name} was given what it does not know: {columns}." if columns else "")
        refused = f"The adapter {self._name} was given values that cannot be; docs/adapters.md says which can."
        self._say("refused", refused if facts.refused else "")

    def _say(self, about: str, sentence: str) -> None:
        """Put a sentence in the place of the one before, in `problems`; in the log once, until it is mended."""
        problems, before = self._monitor.problems, self._said.get(about, "")
        if sentence == before:
            return

        self._said[about] = sentence
        problems[:] = [one for one in problems if one != before]
        if sentence:
            problems.append(sentence)
            log.warning("%s", sentence)


async def follow(monitor: Monitor, read: Read, *, name: str, every: float = 60.0, limit: float = 5.0) -> Follower:
    """Follow a state that the bot keeps itself, from now on and until the Monitor stops.

    `name` tells adapters apart, also over restarts. Raises MonitoringError for one that is followed already.
    """
    if any(isinstance(one, Follower) and one._name == name for one in monitor.faces.behind):
        raise MonitoringError(f"An adapter called {name} is there already; give this one another name.")

    follower = Follower(monitor, read, name=name, every=max(every, 1.0), limit=limit)
    monitor.faces.behind.append(follower)
    await follower.start()
    return follower


def sqlite_rows(path: Path | str, *queries: str, limit: float = 4.0) -> Callable[[], list[dict[str, Any]]]:
    """A reader of rows from the bot's own SQLite file: what the queries give, their columns named as in the docs.

    The file is opened for reading only, for each look anew; it gives up after `limit` seconds.
    """
    address = f"{Path(path).absolute().as_uri()}?mode=ro"

    def read() -> list[dict[str, Any]]:
        until = time.monotonic() + limit
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=_BUSY)) as db:
            db.execute("PRAGMA query_only = ON")
            db.set_progress_handler(lambda: time.monotonic() > until, 10_000)
            db.row_factory = sqlite3.Row
            return [dict(row) for query in queries for row in db.execute(query).fetchmany(MOST)]

    return read
