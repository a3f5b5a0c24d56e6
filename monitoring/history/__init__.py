"""The past, counted once: what of a channel's history is there already, and counting what is not.

Known by heart are, for each channel, the spans of ids that were read (a document, written in one transaction with what
they add). What was seen live is known by its row for as long as rows are kept; beyond, and of what leaves no row, by
the hours in which the bot was connected.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from monitoring.errors import StoreError
from monitoring.history.spans import Spans, id_at
from monitoring.interfaces import Batch, Clock, Store
from monitoring.model import DAY, HOUR, Instant, MessageSeen
from monitoring.recording.history import HistoryMessage, Past, Standing
from monitoring.recording.identity import UserHash
from monitoring.recording.personas import Personas
from monitoring.recording.recorder import Recorder
from monitoring.recording.valid import fitting

KIND = "history"
CONNECTED = "gateway_latency"
"""The gauge that is read every ten seconds while the bot is connected, and only then."""
FULL = 345
"""Of 360 readings, so many make an hour in which all was heard."""
CONTEXT = 6 * HOUR
"""How far back a reading that goes on reads again, where people talk without a pause."""
PAUSE = HOUR // 2
"""A pause after which what was said before bears on nothing that follows."""
Patience: TypeAlias = Callable[[StoreError], Awaitable[None]]
Documents: TypeAlias = dict[tuple[str, str], Mapping[str, object]]


@dataclass(slots=True)
class Counts:
    """What was read; those of other bots and foreign webhooks are in none of the rest."""

    read: int = 0
    users: int = 0
    personas: int = 0
    known: int = 0
    """Counted already."""
    refused: int = 0
    """Cannot be, and are left out."""

    def add(self, other: Counts) -> None:
        """Add what was found elsewhere."""
        self.read += other.read
        self.users += other.users
        self.personas += other.personas
        self.known += other.known
        self.refused += other.refused


Noted: TypeAlias = Callable[[Counts], Documents]
"""What else is to be stored with what was counted: documents by kind and key."""


def nothing_noted(counts: Counts) -> Documents:
    """Store nothing else."""
    return {}


async def impatient(error: StoreError) -> None:
    """Do not wait for a store that refuses."""
    raise error


@dataclass(slots=True)
class History:
    """Counts the past into a store, beside live recording or without it."""

    store: Store
    recorder: Recorder
    personas: Personas
    user_hash: UserHash
    clock: Clock
    zone: Callable[[], str]
    raw_days: int
    patience: Patience = impatient
    """Awaited while the store refuses; may raise."""
    _hours: Mapping[Instant, int] = field(default_factory=dict)
    _past: Past | None = None
    """What is remembered of the channel that is read."""

    async def prepare(self, since: Instant) -> None:
        """Learn in which hours since then the bot was connected. Raises StoreError."""
        now = self.clock.now()
        marks = await self.store.series("gauge", since - HOUR, now, HOUR, only={"name": CONNECTED})
        each = zip(marks.starts, marks.steps, strict=True)
        self._hours = {start // HOUR: sum(one.count for one in step.values()) for start, step in each}

    async def channel(self, channel_id: int) -> ChannelHistory:
        """The history of one channel. Raises StoreError."""
        found = await self.store.load(KIND, key=str(channel_id))
        past = self._past = Past(self.personas, self.user_hash, zone=self.zone())
        return ChannelHistory(self, channel_id, Spans.of(found[0].body if found else {}), past)

    def forget(self, user: str) -> None:
        """Remember nothing of somebody (a keyed hash) in the channel that is read."""
        if self._past is not None:
            self._past.leaving.ask(user)

    async def stored(self, numbers: Sequence[int]) -> frozenset[int]:
        """Those of these messages of which there is a row. Raises StoreError."""
        rows = await self.store.messages(0, self.clock.now() + DAY, numbers) if numbers else []
        return frozenset(row.id for row in rows)

    def standing(self, seen: MessageSeen, spans: Spans, stored: frozenset[int], past: Past) -> Standing:
        """How a message stands to what is stored; asked in the recorder's thread."""
        known = spans.standing(seen.message_id)
        if known is Standing.NEW and self._live(seen, stored, past):
            return Standing.COUNTED

        return known

    def _live(self, seen: MessageSeen, stored: frozenset[int], past: Past) -> bool:
        """Whether it was seen live, as far as can be told; in doubt it was, so that nothing counts twice."""
        if seen.message_id in stored:
            return True

        marks = self._hours.get(seen.at // HOUR, 0)
        if not marks or marks >= FULL:
            return marks >= FULL

        # An hour of which a part was heard: a row would be there, unless it is too old or none is ever written.
        oldest = self.clock.now() - self.raw_days * DAY + HOUR
        return seen.at < oldest or not past.leaves_row(seen)

    async def write(self, batch: Batch) -> None:
        """Store a batch, however often it takes; the very same one is never stored twice."""
        while True:
            try:
                await self.store.append(batch)
            except StoreError as error:
                await self.patience(error)
            else:
                return


class ChannelHistory:
    """Reads on in one channel: messages come in order of their ids, in pieces of any size."""

    def __init__(self, history: History, channel_id: int, spans: Spans, past: Past) -> None:
        self._history, self._spans, self._past = history, spans, past
        self._place = KIND, str(channel_id)
        self._last_at: Instant = 0
        self._pause = 0
        """The id of the first message after the last pause."""

    def begin(self, since: Instant) -> int:
        """Read from then on: the id after which there is something to read, as far as is known."""
        return self._spans.begin(id_at(since))

    async def add(self, messages: Sequence[HistoryMessage], noted: Noted = nothing_noted) -> Counts:
        """Count those that are not counted yet, with what is `noted` of it, in one transaction.

        Raises StoreError where the history has no patience with it.
        """
        now = self._history.clock.now()
        fit = [one for one in messages if fitting(one.seen, now)]
        refused = len(messages) - len(fit)
        if not fit:
            return Counts(refused, refused=refused)

        self._spans.start(fit[0].seen.message_id)
        fresh = [one.seen.message_id for one in fit if self._spans.standing(one.seen.message_id) is Standing.NEW]
        stored = await self._history.stored(fresh)
        batch, counts = await self._history.recorder.aside(lambda: self._read(fit, stored))
        counts.add(Counts(refused, refused=refused))
        self._reach(fit)
        batch.documents = {self._place: self._spans.document(), **noted(counts)}
        await self._history.write(batch)

        return counts

    async def close(self, until: Instant, noted: Noted = nothing_noted, *, whole: bool = False) -> None:
        """Nothing more comes: what was due by then is decided. `whole`: all up to then was read. Raises StoreError."""
        batch = await self._history.recorder.aside(lambda: self._past.leave(until))
        if whole and self._spans.open is not None:
            self._spans.reach(id_at(until) - 1, 0)

        self._spans.close()
        batch.documents = {self._place: self._spans.document(), **noted(Counts())}
        await self._history.write(batch)

    def _read(self, messages: Sequence[HistoryMessage], stored: frozenset[int]) -> tuple[Batch, Counts]:
        history, past = self._history, self._past
        each = [(one, history.standing(one.seen, self._spans, stored, past)) for one in messages]
        batch = past.read(each)
        personas = sum(1 for row in batch.messages if row.persona)
        again = sum(1 for _, standing in each if standing is Standing.OURS)
        known = sum(1 for _, standing in each if standing is Standing.COUNTED)
        return batch, Counts(len(each) - again, len(batch.messages) - personas, personas, known)

    def _reach(self, messages: Sequence[HistoryMessage]) -> None:
        for one in messages:
            if one.seen.at - self._last_at > PAUSE:
                self._pause = one.seen.message_id

            self._last_at = max(self._last_at, one.seen.at)

        self._spans.reach(messages[-1].seen.message_id, max(self._pause, id_at(self._last_at - CONTEXT)))
