"""What the tests of recording share: a clock that is set by hand, a store that can be told to refuse, and facts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from monitoring.errors import StoreError
from monitoring.interfaces import Batch
from monitoring.model import (
    MINUTE,
    CommandRan,
    Instant,
    MessageDeleted,
    MessageEdited,
    MessageSeen,
    OperationDone,
    ReactionSeen,
)
from monitoring.operations import Operations
from monitoring.recording.derive import Following
from monitoring.recording.prices import Prices
from monitoring.recording.recent import Recent
from monitoring.recording.recorder import Recorder
from monitoring.rollup import Deltas, Rollup, merge_tables
from monitoring.rows import MessageRow
from monitoring.steps import merge

NOON: Instant = 1_780_000_020_000


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: Instant = NOON) -> None:
        self.at = at
        self.seconds = 100.0

    def now(self) -> Instant:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def pass_by(self, seconds: float) -> None:
        self.at += round(seconds * 1000)
        self.seconds += seconds


class Listeners:
    """Stands where conversations are followed: keeps what it is told, and of each message its row."""

    def __init__(self) -> None:
        self.taken: list[object] = []
        self.settled: list[Instant] = []

    def take(
        self,
        seen: MessageSeen | MessageEdited | MessageDeleted | ReactionSeen | CommandRan | OperationDone,
        batch: Batch,
    ) -> None:
        self.taken.append(seen)
        if isinstance(seen, MessageSeen):
            batch.messages.append(MessageRow(seen.message_id, seen.guild_id, seen.channel_id, seen.at))

    def settle(self, now: Instant, batch: Batch) -> None:
        self.settled.append(now)

    def learn(self, operations: Operations) -> None:
        pass

    def warm(self, rows: Sequence[MessageRow], until: Instant) -> None:
        pass


class Shelf:
    """A store that keeps batches in a list; `before` comes before each write; while `broken`, it refuses them."""

    def __init__(self, before: Callable[[], Awaitable[None]] | None = None) -> None:
        self.before = before
        self.batches: list[Batch] = []
        self.broken = False

    async def write(self, batch: Batch) -> None:
        if self.before is not None:
            await self.before()

        if self.broken:
            raise StoreError("The disk is full.")

        self.batches.append(batch)

    @property
    def operations(self) -> list[OperationDone]:
        return [done for batch in self.batches for columns in batch.operations for done in columns]

    def total(self, metric: str) -> Rollup:
        """Everything of a metric that was written, merged."""
        whole = Rollup()
        for batch in self.batches:
            for (name, minute), table in added(batch).items():
                assert minute % MINUTE == 0
                if name == metric:
                    for rollup in table.values():
                        whole.merge(rollup)

        return whole


def added(batch: Batch) -> Deltas:
    """All that a batch adds to the rollups, from its tables and its columns."""
    whole: Deltas = {}
    for key, table in batch.deltas.items():
        merge_tables(whole.setdefault(key, {}), table)

    for metric, parts in batch.columns.items():
        for start, table in merge(parts).tables().items():
            merge_tables(whole.setdefault((metric, start), {}), table)

    return whole


class Desk:
    """A recorder with all it needs, for a test to work with."""

    def __init__(
        self,
        *,
        limit: int = 20_000,
        flush_size: int = 500,
        flush_every: float = 0.25,
        before: Callable[[], Awaitable[None]] | None = None,
        conversations: Following | None = None,
    ) -> None:
        self.clock = HandClock()
        self.listeners = Listeners()
        self.shelf = Shelf(before)
        self.recent = Recent(self.clock)
        self.recorder = Recorder(
            conversations or self.listeners,
            self.shelf.write,
            clock=self.clock,
            prices=Prices(),
            recent=self.recent,
            limit=limit,
            flush_every=flush_every,
            flush_size=flush_size,
        )

    def adds_up(self) -> bool:
        """Accepted = stored + buffered + dropped, in total and by class."""
        counts = self.recorder.counts
        for kind, accepted in counts.accepted.items():
            dropped = sum(n for (of, _), n in counts.dropped.items() if of == kind)
            if accepted != counts.stored[kind] + counts.buffered[kind] + dropped:
                return False

        return counts.total_accepted == counts.total_stored + counts.total_buffered + counts.total_dropped


def done(service: str = "llm", operation: str = "llm_inference", **more: object) -> OperationDone:
    """An operation of a second that ended well, unless told otherwise."""
    fields: dict[str, object] = {"at": NOON - 2_000, "duration": 1.0} | more
    return OperationDone(service, operation, **fields)  # type: ignore[arg-type]


def message(number: int = 1, at: Instant = NOON - 1_000, content: str = "Hi") -> MessageSeen:
    """A user's message."""
    return MessageSeen(number, 7, 8, 9, "Ada", content, at)
