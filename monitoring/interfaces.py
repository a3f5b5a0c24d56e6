"""Every seam on one page: what can be put in another's place. Nothing else is abstract."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from monitoring.incident import Notice
from monitoring.model import Instant, ProbeResult, Told
from monitoring.operations import COLUMNS, Operations, Stay
from monitoring.rollup import Deltas, Series
from monitoring.rows import Attendance, Change, Document, ExchangeRow, MessageChange, MessageRow, PersonRecord, Presence
from monitoring.steps import Columns


class Clock(Protocol):
    """Tells the time: `now` in UTC milliseconds, `monotonic` in seconds for durations."""

    def now(self) -> Instant: ...

    def monotonic(self) -> float: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> Instant:
        """UTC milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        return time.monotonic()


_KEYS = itertools.count(secrets.randbits(62))
"""Keys of batches: from anywhere on, so that no other process that writes to the same store has them too."""


@dataclass(slots=True)
class Batch:
    """What one flush writes, all in one transaction: rows, who was there, and what it adds to the rollups."""

    messages: list[MessageRow] = field(default_factory=list)
    changes: list[MessageChange] = field(default_factory=list)
    operations: list[Operations] = field(default_factory=list)
    exchanges: list[ExchangeRow] = field(default_factory=list)
    """Inserted, or replaced where the id is stored already (an outcome became known)."""
    presences: set[Presence] = field(default_factory=set)
    told: list[Told] = field(default_factory=list)
    deltas: Deltas = field(default_factory=dict)
    key: int = field(default_factory=_KEYS.__next__, compare=False)
    """By which a batch is known that comes again because its end was not seen; nothing may be added to it then."""
    columns: dict[str, list[Columns]] = field(default_factory=dict)
    """More of what it adds to the rollups, by metric, in columns: the many; `deltas` has the few."""
    settled: Instant = 0
    """Until when everything that was due is decided, with this batch; 0: history, which says nothing of now."""
    mark: dict[str, object] | None = None
    """Where recording stands with it: kept as the document `mark`, `recording`."""
    documents: dict[tuple[str, str], Mapping[str, object]] = field(default_factory=dict)
    """More documents that have one writer, by kind and key: each as it is once the batch is stored."""

    def __bool__(self) -> bool:
        rows = self.messages or self.changes or self.operations or self.exchanges or self.presences or self.told
        return bool(rows or self.deltas or self.columns or self.documents)


@dataclass(frozen=True, slots=True)
class People:
    """Distinct users: `users` in the window, `repeat` seen on two or more local days, `new` first seen in it."""

    users: int = 0
    repeat: int = 0
    new: int = 0


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """The store about itself; sizes in bytes, latency in seconds."""

    size: int
    rows: int
    write_latency: float | None
    last_backup: Instant | None
    schema: int
    log: int = 0
    """Of the size, what lies in the write-ahead log."""
    backup_failures: int = 0
    """Backups that could not be made, since the start."""
    problems: tuple[str, ...] = ()
    """What is wrong with it just now, in sentences."""
    queries: int = 0
    """Transactions since the start, reading and writing; 0: not counted."""


class Store(Protocol):
    """Where everything lies. Every method may raise StoreError; none is called from the event loop's hot path."""

    async def open(self) -> None:
        """Create or migrate what is needed. Raises StoreTooNew for a newer schema."""

    async def close(self) -> None:
        """Write what is pending and let go of everything."""

    async def append(self, batch: Batch) -> None:
        """Write a batch in one transaction, or nothing of it. Messages already stored are left as they are."""

    async def series(
        self,
        metric: str,
        start: Instant,
        end: Instant,
        width: int,
        by: Collection[str] | None = None,
        only: Mapping[str, str] | None = None,
        wider: int | None = None,
        *,
        sketch: bool = True,
    ) -> Series:
        """The rollups of one metric in steps of `width` (minute, hour, day), those just appended included.

        Labels whose names are not in `by` are added up and read ""; without it, all are kept apart. With `only`, what
        has other values of these labels is left out.

        A step belongs to it if it begins in [start, end). Where minutes are asked for that are no longer kept, the
        answer is empty there. With width 0: the whole span as one step, put together from the widest steps that fit.
        With `wider`, all steps that begin in the same part of an hour or day, as wide as that, come as one. Without
        `sketch`, rollups come without their bins, which are most of what there is to read: for sums and counts.
        """

    async def messages(self, start: Instant, end: Instant, ids: Collection[int] | None = None) -> list[MessageRow]:
        """Stored messages of that time, oldest first, with what became known later (`answers`, edits).

        With `ids`, only those.
        """

    async def operations(
        self,
        start: Instant,
        end: Instant,
        columns: Collection[str] = COLUMNS,
        by: Collection[str] | None = None,
        *,
        within: Sequence[Stay] | None = None,
    ) -> Operations:
        """Stored operations that began in [start, end), oldest first; columns not asked for are all zero.

        Labels (of the metric `operation`) whose names are not in `by` read ""; without it, all are told. With `within`,
        only those that began in one of these channels while it is meant.
        """

    async def exchanges(self, start: Instant, end: Instant) -> list[ExchangeRow]:
        """Stored exchanges that began in [start, end), oldest first; as far back as raw rows are kept."""

    async def told(self, start: Instant, end: Instant, what: str | None = None) -> list[Told]:
        """What the host told of its personas in that time, of one kind or all, oldest first."""

    async def people(self, start: Instant, end: Instant, guild_id: int | None = None) -> Mapping[str, People]:
        """Distinct users by persona; under "" all active users. To the hour."""

    async def attendance(self, start: Instant, end: Instant, guild_id: int | None = None) -> Attendance:
        """Who was there on which local day, in the hours that the span touches, as far back as presences are kept."""

    async def conversing(self, start: Instant, end: Instant, guild_id: int | None = None) -> tuple[int, int]:
        """People in conversations that began in [start, end), and those of them in two or more; from raw messages."""

    async def person(self, user: str, start: Instant, end: Instant) -> PersonRecord:
        """What is stored of [start, end) about the person with this keyed hash."""

    async def load(self, kind: str, *, key: str | None = None, due: Instant | None = None) -> list[Document]:
        """Documents of a kind by key; or only the one of that key; or those due at or before an instant."""

    async def save(self, changes: Sequence[Change]) -> bool:
        """Apply all changes in one transaction if every version is as expected, else none: then False."""

    async def tend(self, now: Instant, *, backup: bool = False) -> None:
        """Fold what is pending into steps, clean up a little, back up if asked."""

    async def status(self) -> StoreStatus:
        """Size, rows and latency as they are now."""


class Notifier(Protocol):
    """Carries notices to one place."""

    name: str
    """The target's name, as notices bear it."""
    # Two more are made use of where they are there, so that a host's notifier needs neither: `kind`, "always" or
    # "fallback" (told only what another place did not take), and `async test()`, which tells something harmless.

    async def deliver(self, notice: Notice) -> None:
        """Tell it, or raise DeliveryError. May be called again with the same notice: then not told twice."""


class Face(Protocol):
    """Shows what the Monitor knows, in the Monitor's own time: begun with it and ended with it. Must not raise."""

    async def start(self) -> None: ...

    async def close(self) -> None: ...


class Probe(Protocol):
    """Asks one service whether it is well. Must not raise."""

    service: str
    critical: bool
    slow: float
    """Seconds from which a good answer counts as degraded."""

    async def ask(self) -> ProbeResult: ...
