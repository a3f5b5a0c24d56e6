"""From facts to a batch: every fact is tried, what it adds to the rollups is added, who-answered-whom is told of it.

Runs in the flush, where `own_thread.py` says. A fact that cannot be is refused and harms nothing (F17).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import countOf
from typing import Protocol, cast

from monitoring.interfaces import Batch
from monitoring.model import (
    MINUTE,
    SECOND,
    CommandRan,
    Happening,
    Health,
    Instant,
    MessageDeleted,
    MessageEdited,
    MessageSeen,
    OperationDone,
    ProbeResult,
    ReactionSeen,
    Recorded,
    Sample,
    Seen,
    Told,
)
from monitoring.operations import Operations
from monitoring.recording import telling, voice
from monitoring.recording.capping import Capping
from monitoring.recording.columns import Fields, gather, operations_in
from monitoring.recording.counting import rollups_of
from monitoring.recording.deltas import add
from monitoring.recording.facts import text_of
from monitoring.recording.label_cap import LabelCap
from monitoring.recording.label_numbers import MOST, LabelNumbers
from monitoring.recording.own_thread import SHORT
from monitoring.recording.prices import Prices
from monitoring.recording.recent import KEPT, STEP, Point, Recent
from monitoring.recording.sentiment import load
from monitoring.recording.told import operation_of
from monitoring.recording.unread import read_all
from monitoring.recording.valid import fitting
from monitoring.rollup import merge_tables
from monitoring.rows import MessageRow
from monitoring.seen import VoiceStay
from monitoring.steps import Columns
from monitoring.tally import regrouped

log = logging.getLogger(__name__)

LATE = 2 * SECOND
"""How late an event may arrive and still count before what was due meanwhile is settled."""
OPERATION_TAKES, FACT_TAKES, CHARACTER_TAKES, TABLE_TAKES = 1.6e-6, 40e-6, 0.2e-6, 0.3
"""Seconds of CPU that digesting each takes, about (docs/performance.md; an emoji takes ten times what a letter does),
and reading the table of prices, which the first model that may have one needs."""
RESPONSE = "response"
_NAME, _MODEL = OperationDone._fields.index("operation"), OperationDone._fields.index("model")
_TALK = (MessageSeen, MessageEdited, MessageDeleted, ReactionSeen)
_FOLLOWED = (*_TALK, OperationDone)


class Following(Protocol):
    """Who answered whom, as `conversation.py` finds out."""

    def take(
        self,
        seen: MessageSeen | MessageEdited | MessageDeleted | ReactionSeen | CommandRan | OperationDone,
        batch: Batch,
    ) -> None:
        """Add what follows from one event, and before it what is due by its time."""

    def settle(self, now: Instant, batch: Batch) -> None:
        """Add what became certain because nothing came until now."""

    def learn(self, operations: Operations) -> None:
        """Hear of operations that were done, all of a flush at once."""

    def warm(self, rows: Sequence[MessageRow], until: Instant) -> None:
        """Take up again where the stored messages end."""


@dataclass(slots=True)
class RecordingBatch(Batch):
    """A batch that remembers what was added of late, for the ring that rules are judged by."""

    points_from: Instant = 0
    """What is older goes into no ring."""
    points: list[Point] = field(default_factory=list)
    """Single things."""
    ring: list[tuple[str, Columns]] = field(default_factory=list)
    """Many at once, by metric, in steps of ten seconds."""
    responses: bool = False
    """Whether there are whole responses among the operations."""


def merge(into: Batch, more: Batch) -> None:
    """Add one batch to another that is still to be written."""
    into.messages.extend(more.messages)
    into.changes.extend(more.changes)
    into.operations.extend(more.operations)
    into.exchanges.extend(more.exchanges)
    into.presences |= more.presences
    into.settled = max(into.settled, more.settled)
    into.mark = more.mark or into.mark
    into.told.extend(more.told)
    for key, table in more.deltas.items():
        merge_tables(into.deltas.setdefault(key, {}), table)

    for metric, rows in more.columns.items():
        into.columns.setdefault(metric, []).extend(rows)


class Deriver:
    """Turns facts into batches, and feeds the ring. To be used by one thread at a time."""

    def __init__(self, conversations: Following, prices: Prices, recent: Recent) -> None:
        self._conversations = conversations
        self._prices = prices
        self._recent = recent
        self._numbers = LabelNumbers()
        self._capping = Capping(LabelCap())
        self._complained: set[str] = set()

    def load(self) -> None:
        """Load what texts are looked at with, before a flush needs it."""
        try:
            load()
        except Exception:
            self._complain("What texts are looked at with could not be loaded.")

    def effort(self, facts: Sequence[Recorded]) -> float:
        """Seconds of CPU, about, that digesting facts takes; of more than SHORT, at least how many."""
        told = countOf(map(type, facts), tuple)
        rest = len(facts) - told
        seconds = told * OPERATION_TAKES + rest * FACT_TAKES
        if seconds > SHORT:
            # By how much need not be known, and of thousands it would take long to find out.
            return seconds

        text = sum(map(text_of, facts)) if rest else 0
        reads = not self._prices.loaded and any(map(self._prices.reads, _models(facts)))
        return seconds + text * CHARACTER_TAKES + reads * TABLE_TAKES

    def digest(self, facts: Sequence[Recorded], now: Instant, *, live: bool = True) -> tuple[Batch, list[Recorded]]:
        """The batch of facts in order of time, and the facts that were refused.

        What is due before a message is settled as it is taken, by its own time, so that history gives the same figures
        as it gave live; at the end of live facts, it is settled until now.
        """
        batch = RecordingBatch(points_from=now - KEPT - STEP)
        # Mostly there are only operations and no whole response among them, of which nobody else hears.
        done = operations_in(facts)
        only = done is facts
        facts = facts if only else read_all(facts, self._complain)
        refused: list[Recorded] = list(self._operations(done, batch, now))
        if batch.responses or refused or not only:
            unfit = {id(seen) for seen in refused}
            refused += [seen for seen in _told(facts, unfit) if not self._take(seen, batch, now)]

        if live:
            self._settle(now, batch)
        else:
            batch.settled = 0

        return self._finish(batch), refused

    def settle(self, now: Instant) -> Batch:
        """What became certain until now, at the end of a history."""
        batch = RecordingBatch()
        self._settle(now, batch)

        return self._finish(batch)

    def hear(self, facts: Sequence[Recorded], now: Instant) -> None:
        """Let the ring know of facts that found no room to be stored, so that rules see what happens (F11)."""
        batch = RecordingBatch()
        self._operations(operations_in(facts), batch, now)
        for seen in facts:
            if not isinstance(seen, (*_TALK, tuple)) and fitting(seen, now):
                self._count(seen, batch)

        self._finish(batch)

    def _operations(self, done: Sequence[Fields], batch: RecordingBatch, now: Instant) -> Sequence[Fields]:
        """Add all operations at once; answers with those that were refused."""
        if not done:
            return []

        try:
            if len(self._numbers.labels) > MOST:
                self._numbers.begin()
                self._capping.begin()

            operations, refused = gather(done, now, self._numbers)
            operations = replace(operations, cost=self._prices.told(operations, self._numbers.model))
            batch.responses = self._numbers.operation.among((RESPONSE,), operations.which)
            live = bool((operations.at >= batch.points_from).any())
            for metric, found in rollups_of(operations, STEP if live else MINUTE, self._numbers):
                rows = self._capping.columns(metric, found)
                if live:
                    batch.ring.append((metric, rows))

                batch.columns.setdefault(metric, []).append(regrouped(rows, MINUTE) if live else rows)
        except Exception:
            self._complain("Operations could not be digested and are left out.")
            return done

        if len(operations):
            batch.operations.append(operations)
            self._conversations.learn(operations)

        return refused

    def _take(self, seen: Seen, batch: RecordingBatch, now: Instant) -> bool:
        try:
            if not fitting(seen, now):
                return False

            if isinstance(seen, _FOLLOWED):
                self._conversations.take(seen, batch)
            else:
                self._count(seen, batch)
                if isinstance(seen, CommandRan):
                    self._conversations.take(seen, batch)
        except Exception:
            # A bug of ours or a fact stranger than `fitting` knows: the rest of the flush must not suffer.
            self._complain(f"A {type(seen).__name__} could not be digested and is left out.")
            return False

        return True

    def _settle(self, now: Instant, batch: RecordingBatch) -> None:
        try:
            self._conversations.settle(now - LATE, batch)
        except Exception:
            self._complain("What became due in conversations could not be settled.")

    def _complain(self, sentence: str) -> None:
        """Log the exception at hand, once for each sentence: the next flush would say it again."""
        if sentence not in self._complained:
            self._complained.add(sentence)
            log.exception(sentence)

    def _finish(self, batch: RecordingBatch) -> Batch:
        self._recent.feed(batch.points, batch.ring)
        self._capping.tables(batch.deltas)
        batch.points = []
        batch.ring = []

        return batch

    def _count(self, seen: Seen, batch: RecordingBatch) -> None:
        match seen:
            case CommandRan():
                self._command(seen, batch)
            case Sample():
                add(batch, "gauge", seen.at, (seen.metric,), seen.value)
            case Happening():
                add(batch, "event", seen.at, (seen.event, str(seen.guild_id)))
            case ProbeResult():
                failed = seen.health not in (Health.HEALTHY, Health.DEGRADED)
                answer = (seen.service, seen.health.value)
                add(batch, "probe", seen.at, answer, seen.response_time, failed=failed)
            case Told():
                telling.count(seen, batch)
            case VoiceStay():
                voice.count(seen, batch)
            case _:
                return

    def _command(self, ran: CommandRan, batch: RecordingBatch) -> None:
        guild = str(ran.guild_id)
        add(batch, "command", ran.at, (ran.name, ran.kind, guild), ran.duration, failed=ran.error is not None)
        if ran.error is not None:
            add(batch, "failure", ran.at, ("commands", ran.name, ran.error.value, guild))


def _models(facts: Sequence[Recorded]) -> Iterator[object]:
    """The models of all operations among facts."""
    for seen in facts:
        if isinstance(seen, tuple) and type(seen) in (tuple, OperationDone) and len(seen) > _MODEL:
            yield seen[_MODEL]


def _told(facts: Sequence[Recorded], unfit: Collection[int]) -> list[Seen]:
    """The facts that are looked at one by one: all but operations, and of those the whole responses."""
    good = [seen for seen in facts if id(seen) not in unfit] if unfit else facts
    found = [
        seen
        for seen in good
        if (type(seen) is not tuple and type(seen) is not OperationDone)
        or (type(seen[_NAME]) is str and seen[_NAME] == RESPONSE)
    ]
    return [operation_of(seen) if type(seen) is tuple else cast("Seen", seen) for seen in found]
