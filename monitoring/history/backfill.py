"""Reading the history of channels in the background: one channel at a time, gently, resumable after a kill.

Where it stands is a document, written in one transaction with what was read; so after a kill it goes on where it was,
and no message counts twice. Who reads (Discord's API) is given; this only says what comes next.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar

from monitoring.errors import MonitoringError, StoreError
from monitoring.history import ChannelHistory, Counts, Documents, History
from monitoring.history.job import KEY, KIND, SPANS, Job
from monitoring.history.spans import id_at, instant_of
from monitoring.interfaces import Clock
from monitoring.model import DAY, HOUR, SECOND, Instant
from monitoring.recording.history import HistoryMessage
from monitoring.recording.recorder import Recorder
from monitoring.rows import Change, Document

log = logging.getLogger(__name__)

PAUSE = 0.3
"""Seconds between two pages, so that the host's own requests find room."""
BUSY = 2_000
"""Facts that wait to be stored from which on live recording goes first."""
AGAIN = 30.0
"""Seconds after Discord could not be reached."""
NOW = 10 * SECOND
"""What is younger than this is heard live."""
MOST_SPANS = 100
"""Spans of time that are remembered as read."""
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Page:
    """Some messages in their order, up to which id was read, and whether there may be more."""

    messages: Sequence[HistoryMessage]
    last: int
    more: bool


class Unreadable(MonitoringError):
    """A channel whose history is closed to the bot, or which is gone."""


class Later(MonitoringError):
    """Discord cannot be asked now; `after` in seconds."""

    def __init__(self, text: str, after: float = AGAIN) -> None:
        super().__init__(text)
        self.after = after


class Source(Protocol):
    """Who can be asked for history."""

    async def places(self, only: int | None, since: Instant) -> tuple[list[int], list[int]]:
        """The channels to read, and those that are closed, by their ids. May raise Later."""

    async def page(self, channel_id: int, after: int, before: int) -> Page:
        """The next messages after an id. Raises Unreadable, or Later."""


class Backfill:
    """One reading at a time; ended with the Monitor, and gone on with by whoever can ask.

    `changed` is called after every step.
    """

    def __init__(self, history: History, recorder: Recorder, clock: Clock) -> None:
        self.job: Job | None = None
        """The one that runs, or the last one."""
        self.changed: Callable[[], None] = lambda: None
        self.date_back: Callable[[Instant], Awaitable[None]] = _nothing
        """Told since when is recorded now."""
        self.pause = PAUSE
        self._history, self._recorder, self._clock = history, recorder, clock
        self._task: asyncio.Task[None] | None = None
        self._beginning = asyncio.Lock()
        history.patience = self._wait_for_store

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self._task is not None and not self._task.done()

    async def start(self) -> None:
        """Nothing yet: it waits for somebody who can ask."""

    async def begin(self, source: Source, asked: Instant, *, days: int, only: int | None, who: str) -> Job:
        """Begin a new one. With one under way, that one. Raises StoreError.

        `asked`: when that was, by Discord's clock: what the machine's says may lie ahead, and then messages would be
        read whose events are still on their way.
        """
        async with self._beginning:
            if not self.running or self.job is None:
                self.job = await self._begun(source, asked, days, only, who)

            return self.job

    async def _begun(self, source: Source, asked: Instant, days: int, only: int | None, who: str) -> Job:
        since = (asked - days * DAY) // HOUR * HOUR
        job = self.job = Job(since, asked - NOW, who=who, only=only, began=self._clock.now())
        await self._recorder.flush()
        await self.keep()
        self._run(source)
        return job

    async def go_on(self, source: Source) -> bool:
        """Take up again what a kill or restart broke off; False if nothing was under way. Raises StoreError."""
        async with self._beginning:
            if self.running:
                return False

            found = await self._history.store.load(KIND, key=KEY)
            self.job = Job.of(found[0].body) if found else None
            if self.job is None or self.job.state != "running":
                return False

            self._run(source)
            return True

    async def stop(self) -> None:
        """End it for good; what was read stays. Raises StoreError."""
        async with self._beginning:
            await self.close()
            if self.job is not None and self.job.state == "running":
                self.job.state, self.job.ended = "stopped", self._clock.now()
                await self.keep()
                await self._date_back()
                self.changed()

    async def close(self) -> None:
        """Leave off; the next start goes on."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None

    async def keep(self) -> None:
        """Store where it stands. Raises StoreError."""
        assert self.job is not None, "there is one"
        saved = False
        while not saved:
            found = await self._history.store.load(KIND, key=KEY)
            version = found[0].version if found else 0
            saved = await self._history.store.save([Change(Document(KIND, KEY, version, self.job.document()))])

    def _run(self, source: Source) -> None:
        assert self.job is not None, "there is one"
        self._task = asyncio.create_task(self._all(source, self.job), name="monitoring-backfill")

    async def _all(self, source: Source, job: Job) -> None:
        try:
            await self._patiently(lambda: self._history.prepare(job.since))
            if not job.listed:
                await self._list(source, job)

            while job.done < len(job.places):
                await self._channel(source, job, job.places[job.done])

            job.state, job.ended = "done", self._clock.now()
            await self._patiently(self.keep)
            await self._patiently(self._date_back)
            await self._patiently(self._remember)
        except asyncio.CancelledError:
            raise
        except Exception:
            # A bug of ours: it must be told, and must not be tried for ever.
            log.exception("Reading the history broke off")
            job.state, job.ended = "failed", self._clock.now()
            await self._patiently(self.keep)

        job.doing = ""
        self.changed()

    async def _list(self, source: Source, job: Job) -> None:
        """Find out which channels there are: in many guilds, that takes minutes."""
        while True:
            try:
                job.places, job.closed = await source.places(job.only, job.since)
            except Later as error:
                await self._pause_for(job, "Discord", error.after)
            else:
                break

        job.doing, job.listed = "", True
        await self._patiently(self.keep)
        self.changed()

    async def _channel(self, source: Source, job: Job, channel_id: int) -> None:
        channel = await self._patiently(lambda: self._history.channel(channel_id))
        after, before = channel.begin(job.since), id_at(job.until)
        try:
            while after + 1 < before:
                page = await self._page(source, job, channel_id, after, before)
                await self._room(job)
                counts = await channel.add(page.messages, partial(_noted, job, page))
                job.take(counts, page.messages)
                after = max(page.last, after)
                job.reached = max(instant_of(after), job.since)
                self.changed()
                if not page.more:
                    break

                await asyncio.sleep(self.pause)
        except Unreadable:
            job.closed.append(channel_id)
            await self._end(job, channel, whole=False)
        else:
            await self._end(job, channel, whole=True)

    async def _end(self, job: Job, channel: ChannelHistory, *, whole: bool) -> None:
        ended = job.moved_on()
        await channel.close(job.until, lambda _: {(KIND, KEY): ended.document()}, whole=whole)
        job.done, job.reached = ended.done, job.since
        self.changed()

    async def _page(self, source: Source, job: Job, channel_id: int, after: int, before: int) -> Page:
        while True:
            try:
                page = await source.page(channel_id, after, before)
            except Later as error:
                await self._pause_for(job, "Discord", error.after)
            else:
                job.doing = ""
                return page

    async def _room(self, job: Job) -> None:
        """Wait while live recording needs the store for itself."""
        while self._recorder.dropping or self._recorder.counts.total_buffered > BUSY:
            await self._pause_for(job, "live recording", 1.0)

    async def _wait_for_store(self, error: StoreError) -> None:
        if self.job is None:
            raise error

        await self._pause_for(self.job, "the store", 2.0)

    async def _pause_for(self, job: Job, what: str, seconds: float) -> None:
        job.doing = what
        self.changed()
        await asyncio.sleep(seconds)

    async def _patiently(self, call: Callable[[], Awaitable[Result]]) -> Result:
        while True:
            try:
                return await call()
            except StoreError as error:
                await self._wait_for_store(error)

    async def _remember(self) -> None:
        """That of this span of time the history is read, so that charts do not show it as unknown."""
        job, store = self.job, self._history.store
        saved = job is None or job.only is not None
        while job is not None and not saved:
            found = await store.load(KIND, key=SPANS)
            before = found[0].body["spans"] if found else []
            spans = [*before, [job.since, job.until]] if isinstance(before, list) else [[job.since, job.until]]
            body: dict[str, object] = {"spans": spans[-MOST_SPANS:]}
            saved = await store.save([Change(Document(KIND, SPANS, found[0].version if found else 0, body))])

    async def _date_back(self) -> None:
        if self.job is not None and self.job.first:
            await self.date_back(self.job.first)


async def _nothing(_: Instant) -> None:
    return


def _noted(job: Job, page: Page, counts: Counts) -> Documents:
    """Where it stands once a page is stored."""
    told = replace(job, counts=replace(job.counts))
    told.take(counts, page.messages)
    return {(KIND, KEY): told.document()}
