"""From facts to a batch: every fact is tried, what it adds to the rollups is added, who-answered-whom is told of it.

Runs in the flush, off the event loop. A fact that cannot be is refused and harms nothing (F17).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from monitoring.interfaces import Batch
from monitoring.model import (
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
    Sample,
    Seen,
)
from monitoring.recording.deltas import add, rollup_at
from monitoring.recording.prices import Prices
from monitoring.recording.recent import KEPT, STEP, Point, Recent
from monitoring.recording.valid import fitting
from monitoring.rollup import Labels, Rollup, merge_tables
from monitoring.rows import MessageRow

log = logging.getLogger(__name__)

LATE = 2 * SECOND
"""How late an event may arrive and still count before what was due meanwhile is settled."""
_TALK = (MessageSeen, MessageEdited, MessageDeleted, ReactionSeen)


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

    def warm(self, rows: Sequence[MessageRow], until: Instant) -> None:
        """Take up again where the stored messages end."""


@dataclass(slots=True)
class RecordingBatch(Batch):
    """A batch that remembers singly what was added of late, for the ring that rules are judged by."""

    points_from: Instant = 0
    """What is older goes into no ring."""
    points: list[Point] = field(default_factory=list)
    spent: list[tuple[str, Instant, Labels, Rollup]] = field(default_factory=list)
    """Tokens and money of operations, which their points do not bear."""


def merge(into: Batch, more: Batch) -> None:
    """Add one batch to another that is still to be written."""
    into.messages.extend(more.messages)
    into.changes.extend(more.changes)
    into.operations.extend(more.operations)
    into.exchanges.extend(more.exchanges)
    into.presences |= more.presences
    for key, table in more.deltas.items():
        merge_tables(into.deltas.setdefault(key, {}), table)


class Deriver:
    """Turns facts into batches, and feeds the ring. To be used by one thread at a time."""

    def __init__(self, conversations: Following, prices: Prices, recent: Recent) -> None:
        self._conversations = conversations
        self._prices = prices
        self._recent = recent
        self._complained: set[str] = set()

    def digest(self, facts: Sequence[Seen], now: Instant, *, live: bool = True) -> tuple[Batch, list[Seen]]:
        """The batch of facts in order of time, and the facts that were refused.

        What is due before a message is settled as it is taken, by its own time, so that history gives the same figures
        as it gave live; at the end of live facts, it is settled until now.
        """
        batch = RecordingBatch(points_from=now - KEPT - STEP)
        refused = [seen for seen in facts if not self._take(seen, batch, now)]
        if live:
            self._settle(now, batch)

        return self._finish(batch), refused

    def settle(self, now: Instant) -> Batch:
        """What became certain until now, at the end of a history."""
        batch = RecordingBatch()
        self._settle(now, batch)

        return self._finish(batch)

    def hear(self, facts: Sequence[Seen], now: Instant) -> None:
        """Let the ring know of facts that found no room to be stored, so that rules see what happens (F11)."""
        batch = RecordingBatch()
        for seen in facts:
            if not isinstance(seen, _TALK) and fitting(seen, now):
                self._count(seen, batch)

        self._finish(batch)

    def _take(self, seen: Seen, batch: RecordingBatch, now: Instant) -> bool:
        try:
            if not fitting(seen, now):
                return False

            if isinstance(seen, _TALK):
                self._conversations.take(seen, batch)
            else:
                self._count(seen, batch)
                if isinstance(seen, CommandRan) or (isinstance(seen, OperationDone) and seen.operation == "response"):
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
        self._recent.feed(batch.points, batch.spent)
        batch.points = []
        batch.spent = []

        return batch

    def _count(self, seen: Seen, batch: RecordingBatch) -> None:
        match seen:
            case OperationDone():
                self._operation(seen, batch)
            case CommandRan():
                command = (seen.name, seen.kind, str(seen.guild_id))
                add(batch, "command", seen.at, command, seen.duration, failed=seen.error is not None)
            case Sample():
                add(batch, "gauge", seen.at, (seen.metric,), seen.value)
            case Happening():
                add(batch, "event", seen.at, (seen.event, str(seen.guild_id)))
            case ProbeResult():
                failed = seen.health not in (Health.HEALTHY, Health.DEGRADED)
                answer = (seen.service, seen.health.value)
                add(batch, "probe", seen.at, answer, seen.response_time, failed=failed)
            case _:
                return

    def _operation(self, done: OperationDone, batch: RecordingBatch) -> None:
        tokens = done.prompt_tokens + done.completion_tokens
        if done.cost is None and tokens:
            cost = self._prices.cost(done)
            if cost is not None:
                done = done._replace(cost=cost)

        batch.operations.append(done)
        guild, failed = str(done.guild_id), done.error is not None
        labels = (done.service, done.operation, done.model, done.persona, guild, done.feature)
        add(batch, "operation", done.at, labels, done.duration, failed, done.weight)
        if done.response_id is not None:
            add(batch, "component", done.at, (done.operation, done.persona, guild), done.duration, failed, done.weight)

        if tokens or done.cost is not None:
            spent = _spent(done, tokens)
            rollup_at(batch, "operation", done.at, labels).merge(spent)
            if done.at >= batch.points_from:
                batch.spent.append(("operation", done.at, labels, spent))

        if done.first_token is not None:
            first = (done.model, done.persona, guild)
            add(batch, "first_token", done.at, first, done.first_token, failed, done.weight)

        if done.error is not None:
            kind = (done.service, done.operation, done.error.value, guild)
            add(batch, "failure", done.at, kind, weight=done.weight)


def _spent(done: OperationDone, tokens: int) -> Rollup:
    """Tokens and money of one operation and of those it stands for, as a rollup without a count."""
    return Rollup(
        prompt=done.prompt_tokens * done.weight,
        completion=done.completion_tokens * done.weight,
        cached=done.cached_tokens * done.weight,
        cost=(done.cost or 0) * done.weight,
        unpriced=done.weight if tokens and done.cost is None else 0,
    )
