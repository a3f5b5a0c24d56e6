"""The one recorder: takes facts from anywhere without waiting, and gets them written every quarter second.

`record` appends to a bounded buffer. The flush takes facts from it, derives what follows (many of them in a thread of
its own), feeds the ring that rules are judged by, and hands batches to the store. What the store refuses is kept and
tried again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import weakref
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from math import ceil
from typing import Any, TypeVar

from monitoring.errors import StoreError
from monitoring.interfaces import Batch, Clock
from monitoring.model import Instant, Recorded, Seen
from monitoring.recording.buffer import Buffer
from monitoring.recording.delivery import CHUNK, Delivery, Parcel
from monitoring.recording.deltas import rollup_at
from monitoring.recording.derive import Deriver, Following
from monitoring.recording.drop_episode import DropEpisode
from monitoring.recording.facts import Counts, classes_of
from monitoring.recording.own_thread import OwnThread
from monitoring.recording.prices import Prices
from monitoring.recording.recent import Recent

log = logging.getLogger(__name__)

SLOWEST = 2.0
"""Seconds between two tries while the store refuses."""
IDLE = 4
"""Without new facts, only every so many rounds look for what became due."""
MARGIN = 0.01
"""Seconds by which a flush is early, since it may take longer than those before."""
LEAST = 0.05
"""Seconds between two looks at least, however long a flush takes, unless many facts wait."""
FAREWELL = 4.0
"""Seconds that `close` gives the last write."""

Result = TypeVar("Result")


class Recorder:
    """Takes in what is seen and gets it written. `write` may raise StoreError; then the batch is kept for later.

    `standing`: what is under way, to be written with each batch (`under_way.py`); `conversing`: what of conversations.
    """

    def __init__(
        self,
        conversations: Following,
        write: Callable[[Batch], Awaitable[None]],
        *,
        clock: Clock,
        prices: Prices,
        recent: Recent,
        standing: Callable[[], Mapping[str, object]] = dict,
        conversing: Callable[[Instant], object] = lambda _: [],
        limit: int = 20_000,
        flush_every: float = 0.25,
        flush_size: int = 250,
    ) -> None:
        self.clock = clock
        self._deriver = Deriver(conversations, prices, recent)
        self._buffer = Buffer(limit, flush_size, self._wake_up)
        self.lane = self._buffer
        self._queue = self._buffer.queue
        self._delivery = Delivery(write, self._buffer)
        self._standing, self._conversing = standing, conversing
        self._every = flush_every
        self._thread = OwnThread()
        self._digesting = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._waking = False
        self._running: asyncio.Task[None] | None = None
        self._sending: asyncio.Task[None] | None = None
        self._took = flush_every / 2  # The first one loads what it needs.
        self._works: set[asyncio.Task[None]] = set()
        self._drops = DropEpisode()
        _recorders.add(self)

    def record(self, seen: Recorded) -> None:
        """Take in one fact. Never waits, never raises, from any thread; drops by class when full."""
        waiting = len(self._queue)
        if waiting < self._buffer.soon or (type(seen) is tuple and waiting < self._buffer.wide):
            self._queue.append(seen)
        else:
            self._buffer.admit(seen)

    def refuse(self) -> None:
        """Count telemetry that is too strange to become a fact."""
        self._buffer.refuse()

    @property
    def counts(self) -> Counts:
        """Where every fact since the start is: accepted = stored + buffered + dropped, by class and reason."""
        return self._buffer.counts()

    @property
    def dropping(self) -> bool:
        """Whether an episode of drops is going on: something found no room within the last seconds."""
        return self._drops.going_on

    @property
    def refused(self) -> StoreError | None:
        """Why the store refused the last batch; None while all is well."""
        return self._delivery.refused

    async def start(self) -> None:
        """Begin to flush by itself; started already, it goes on."""
        if self._running is None:
            self._loop = asyncio.get_running_loop()
            self._buffer.open()
            self._running = asyncio.create_task(self._run(), name="monitoring-recorder")
            self._work(self.aside(self._deriver.load))

    async def close(self) -> None:
        """Take in nothing more, write what is there, and let go of the thread. What the store refuses now is lost."""
        self._buffer.close()
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

        with suppress(TimeoutError):
            await asyncio.wait_for(self.flush(), FAREWELL)

        for work in tuple(self._works):
            work.cancel()

        await asyncio.gather(*self._works, return_exceptions=True)
        self._delivery.clear()
        self._buffer.abandon("lost")
        self._thread.close()
        self._loop = None

    async def flush(self) -> None:
        """Digest all that was recorded until now and write it; when the store refuses, nothing is raised but `refused`.

        Cancelled, it goes on by itself: a flush is never torn in the middle.
        """
        await asyncio.shield(self._work(self._flush()))

    async def replay(self, seen: Iterable[Seen], *, chunk: int = 2_000) -> None:
        """Take in history with its own times, in their order, and write it in chunks as it comes.

        Raises StoreError when the store refuses a chunk, which is kept and tried again with the next flush. History
        older than what is recorded live wants a recorder and conversations of its own.
        """
        await asyncio.shield(self._work(self._replay(iter(seen), chunk)))

    async def _flush(self) -> None:
        await self._digest_all()
        await self._delivery.send()

    async def _replay(self, seen: Iterator[Seen], chunk: int) -> None:
        async with self._digesting:
            facts: Sequence[Recorded]
            while facts := await self.aside(lambda: [*islice(seen, chunk)]):
                self._buffer.bring(facts)
                await self._digest(facts)
                await self._delivery.send()
                if self._delivery.refused is not None:
                    raise self._delivery.refused

            self._delivery.put(Parcel(await self.aside(lambda: self._deriver.settle(self.clock.now()))))

        await self._delivery.send()

    async def _run(self) -> None:
        loop, delay, idle = asyncio.get_running_loop(), self._rest(self.clock.monotonic()), 0
        while True:
            # Not a time limit, which ends in an exception: that would cost as much as a small flush's way to the disk.
            ringing = loop.call_later(delay, self._wake.set)
            try:
                await self._wake.wait()
            finally:
                ringing.cancel()

            looked = self.clock.monotonic()
            self._wake.clear()
            self._waking = False
            idle = 0 if self._buffer.waiting else idle + 1
            if idle % IDLE == 0 or self.refused:
                await self._round()

            delay = min(max(delay, self._every) * 2, SLOWEST) if self.refused else self._rest(looked)

    def _rest(self, looked: float) -> float:
        """Seconds until the next look, so that what came right after this one is on the disk in time (F1)."""
        spent = self.clock.monotonic() - looked
        return max(self._every - MARGIN - self._took - spent, min(LEAST, self._every))

    def _learn(self, seconds: float) -> None:
        """Remember how long it takes of late from a look until what was found is on the disk."""
        self._took = min(max(seconds, self._took * 0.9), self._every / 2)

    async def _round(self) -> None:
        """Digest what came, and have it written beside."""
        try:
            if self._sending is not None and not self._sending.done():
                # More at once is digested in less time; but rules are to hear the news also while a write is stuck.
                await asyncio.wait([self._sending], timeout=self._every)

            began = self.clock.monotonic()
            if self._little():
                self._delivery.put(self._thread.at_once(self._derive))
            else:
                # Carried through when the rounds end: facts that were taken would be lost with it.
                await asyncio.shield(self._work(self._digest_all()))

            if not self._delivery.busy:
                self._sending = self._work(self._delivery.send())
                self._sending.add_done_callback(lambda _: self._learn(self.clock.monotonic() - began))
        except Exception:
            # The host goes on whatever happens here, and so does the next round.
            log.exception("A flush of the recorder failed.")
        finally:
            self._drops.look(self.clock.monotonic(), self._buffer.dropped)

    def _little(self) -> bool:
        """Whether what waits is digested here and now, which saves the way through a task of its own."""
        if self._digesting.locked() or self._buffer.waiting > CHUNK:
            return False

        return self._thread.spares(self._deriver.effort(self._buffer.peek()))

    async def _digest_all(self) -> None:
        """Digest what is in the buffer now; what comes meanwhile is left to the next time."""
        async with self._digesting:
            # One at least, for what is due without a fact.
            for _ in range(max(ceil(self._buffer.waiting / CHUNK), 1)):
                await self._digest()

    async def _digest(self, history: Sequence[Recorded] | None = None) -> None:
        """Digest the oldest facts that wait; or some of history, which came otherwise."""
        if history is None:
            parcel = await self._thread.digest(self._derive, self._deriver.effort(self._buffer.peek()))
        else:
            parcel = await self.aside(lambda: self._derive(history))

        self._delivery.put(parcel)

    def _derive(self, history: Sequence[Recorded] | None = None) -> Parcel:
        live = history is None
        facts = self._buffer.take(CHUNK) if history is None else history
        classes, now = self._buffer.classes, self.clock.now()
        # Before the digest, which takes its time: what ends from now on comes with the next batch.
        standing = self._standing() if live else {}
        batch, refused = self._deriver.digest(facts, now, live=live)
        if standing:
            batch.mark = {**standing, "settled": batch.settled, "conversations": self._conversing(now)}

        self._deriver.hear(self._buffer.take_missed(), now)
        invalid = classes_of(refused)
        self._buffer.settle(invalid, "invalid")
        for labels, n in self._buffer.take_drops().items():
            rollup_at(batch, "drop", now, labels).add(weight=n)

        return Parcel(batch, classes - invalid)

    async def aside(self, work: Callable[[], Result]) -> Result:
        """Do something in the recorder's own thread, where nothing is digested meanwhile."""
        return await self._thread.run(work)

    def _work(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(coroutine)
        self._works.add(task)
        task.add_done_callback(self._works.discard)
        return task

    def _wake_up(self) -> None:
        """Called from any thread when enough facts for a flush are there."""
        loop = self._loop
        if loop is None or self._waking:
            return

        self._waking = True
        # A loop that was closed meanwhile has nobody left to wake.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._wake.set)


_recorders: weakref.WeakSet[Recorder] = weakref.WeakSet()


def _after_fork() -> None:
    for recorder in _recorders:
        recorder._buffer.fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
