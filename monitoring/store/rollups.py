"""The rollups of a SQLite store: series out of segments and journal, and the folding of one into the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from monitoring import steps
from monitoring.model import DAY, HOUR, Instant
from monitoring.rollup import Series
from monitoring.steps import Columns
from monitoring.store import fold, guild_removal, segments
from monitoring.store.connection import Connection, Connections
from monitoring.store.documents import Refused
from monitoring.store.fold import Blobs, Unfolded
from monitoring.store.grouped import Grouped, Grouping, Lot
from monitoring.store.guild_removal import Rewritten, Segment
from monitoring.store.journal import Part, Pending, rows_of
from monitoring.store.layout import Layout
from monitoring.store.memory import Memory
from monitoring.store.segments import Folding, Kept, Span
from monitoring.store.sieve import Sieve
from monitoring.store.threads import Threads
from monitoring.store.unreadable import UNREADABLE, readable

FOLD_ROWS = 240
"""Rows of the journal after which it wants to be folded: a minute of flushes."""
FOLD_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """What one snapshot has for an answer."""

    metric: str
    number: int
    """How often the journal had been folded."""
    parts: list[Part]
    found: list[bytes]
    """The segments, where all labels are wanted."""
    grouping: Grouping | None = None
    wanted: Mapping[int, frozenset[Instant]] = field(default_factory=dict)
    """Where some labels are wanted, the starts of the segments by width,"""
    lots: Mapping[int, Lot] = field(default_factory=dict)
    """what of them is remembered, and maybe more,"""
    stored: Blobs = field(default_factory=dict)
    """and what is not."""


class Rollups:
    """Reads and folds. What is appended is in every series at once, from memory; folded or not makes no difference."""

    def __init__(
        self, connections: Connections, threads: Threads, zone: str, memory: Memory, remembered: Grouped | None = None
    ) -> None:
        self._db = connections
        self._threads = threads
        self._zone = zone
        self._memory = memory
        self._grouped = remembered or Grouped()
        self.sieve = Sieve(connections, threads, zone)
        self._pending = Pending()
        self._folding = asyncio.Lock()

    @property
    def full(self) -> bool:
        """Whether so much is pending that it should be folded."""
        return self._pending.rows > FOLD_ROWS or self._pending.size > FOLD_BYTES

    def added(self, row: int, blob: bytes) -> None:
        """Keep in memory what a finished transaction wrote to the journal."""
        self._pending.add(row, blob)

    async def recall(self) -> None:
        """Take what was appended and not folded before the last end into memory."""
        rows = await self._db.read(lambda db: db.execute_fetchall("SELECT id, blob FROM journal ORDER BY id"))
        self.begin_anew((row, blob) for row, blob in rows)

    def begin_anew(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Know these rows of the journal as pending, and no others; those that cannot be read are left to folding."""
        self._pending = Pending()
        self._grouped.forget()
        for row, blob in rows:
            with contextlib.suppress(*UNREADABLE):
                self._pending.add(row, blob)

    async def settle(self, kept: Kept) -> None:
        """Make the stored days those of the zone: made anew from hours, where it is not the zone they were made in.

        Days of which no hours are kept any more stay as they were.
        """
        if await self._db.read(fold.zone) != self._zone:
            await self._rezone(self._zone, kept)

    async def move(self, zone: str, kept: Kept) -> None:
        """Make the stored days those of another zone, while nothing is folded. Raises StoreError."""
        async with self._folding:
            await self._rezone(zone, kept)
            self._zone = zone
            self.sieve.move(zone)
            self._grouped.forget()

    async def _rezone(self, zone: str, kept: Kept) -> None:
        span = Span(DAY, kept.hours, segments.EVER)
        days: dict[str, dict[Instant, bytes]] = {}
        for metric in await self._db.read(fold.metrics):
            hours = Span(HOUR, kept.hours, segments.EVER)
            found = await self._db.read(partial(fold.spans, metric=metric, wanted=[hours]))
            days[metric] = await self._threads.run(_encoded, found, span, zone)

        await self._db.write(lambda db: fold.rezone(db, zone, kept.hours, days))

    async def series(
        self,
        metric: str,
        start: Instant,
        end: Instant,
        width: int,
        kept: Kept,
        grouping: Grouping | None = None,
        wider: int | None = None,
    ) -> Series:
        """The series as the protocol describes it."""
        if width == 0:
            spans = segments.cover(start, end, kept, self._zone)
            asked = await self._db.read(partial(self._read, metric, spans, grouping))
            table = await self._threads.run(lambda: segments.total(self._rows(asked), spans))
            return Series(metric, (start,), (end,), (table,))

        lay = await self._threads.run(Layout.of, start, end, width, self._zone, wider)
        if not lay.starts:
            return Series(metric, (), (), ())

        span = Span(width, max(lay.firsts[0], kept.since(width)), lay.ends[-1])
        asked = await self._db.read(partial(self._read, metric, [span], grouping))
        tables = await self._threads.run(lambda: lay.tables(self._rows(asked), span))

        return Series(metric, lay.starts, lay.ends, tuple(tables.get(at, {}) for at in lay.starts))

    async def _read(self, metric: str, spans: list[Span], grouping: Grouping | None, db: Connection) -> Asked:
        """Segments and what is pending, as one snapshot shows them: so nothing is there twice or not at all."""
        pending = await fold.unfolded(db, self._pending, metric)
        parts = pending.parts.get(metric, [])
        if grouping is None:
            return Asked(metric, pending.number, parts, await fold.spans(db, metric, spans))

        wanted = await fold.starts(db, metric, spans)
        lots = {width: self._grouped.of(pending.number, metric, grouping, width) for width in wanted}
        missing = {width: sorted(starts - lots[width].starts) for width, starts in wanted.items()}
        stored = await fold.stored(db, metric, missing)

        return Asked(metric, pending.number, parts, [], grouping, wanted, lots, stored)

    def _rows(self, asked: Asked) -> list[Columns]:
        """What can be read of segments and journal: one that cannot must not keep a whole figure from being shown."""
        grouping = asked.grouping
        if grouping is None:
            return readable(asked.found, asked.parts)[0]

        rows, _ = readable([], asked.parts, grouping.chosen)
        for width, starts in asked.wanted.items():
            lot = asked.lots[width]
            rows.append(lot.at(starts & lot.starts))
            fresh = grouping.segments(asked.stored[width])
            if fresh.starts:
                rows.append(fresh.rows)
                self._grouped.remember(asked.number, asked.metric, grouping, width, fresh)

        return rows

    async def fold(self, kept: Kept) -> None:
        """Fold the journal into segments, each row exactly once whatever happens meanwhile.

        What the segments become is worked out beside the appends; only writing it is a transaction.
        """
        async with self._folding:
            try:
                await self._fold(kept)
            except UNREADABLE:
                await self.sieve.sift(self._pending, kept)
                self._grouped.forget()
                await self._fold(kept)

    async def _fold(self, kept: Kept) -> None:
        rows = await self._db.read(lambda db: fold.unfolded(db, self._pending))
        if not rows.ids:
            return

        changed: dict[str, Blobs] = {}
        for metric, parts in sorted(rows.parts.items()):
            changed[metric] = await self._onto_stored(metric, parts, kept)

        # Refused: the store was folded or mended meanwhile; what is left over comes next time.
        with contextlib.suppress(Refused):
            await self._db.write(lambda db: fold.write(db, rows, changed), lambda _: self._folded(rows, changed))

    def _folded(self, rows: Unfolded, changed: Mapping[str, Blobs]) -> None:
        self._pending.drop(rows.ids)
        self._memory.folded(rows.ids)
        self._grouped.folded(rows.number, changed)

    async def rewrite(self, metric: str, change: Callable[[list[Segment]], Rewritten]) -> None:
        """Change the stored segments of a metric, some at a time, and none of them while something is folded."""
        found: list[Segment] = [(metric, 0, 0, b"")]
        while found:
            _, width, start, _ = found[-1]
            async with self._folding:
                found = await self._db.read(partial(guild_removal.following, metric, width, start))
                changed = await self._threads.run(change, found)
                if changed:
                    await self._db.write(partial(guild_removal.write, changed))
                    self._grouped.forget()

    async def _onto_stored(self, metric: str, parts: list[Part], kept: Kept) -> Blobs:
        folding = await self._threads.run(_folding, parts, kept, self._zone)
        stored = await self._db.read(lambda db: fold.stored(db, metric, folding.starts))

        return await self._threads.run(folding.onto, stored)


def _folding(parts: list[Part], kept: Kept, zone: str) -> Folding:
    return Folding.of(rows_of(parts), kept, zone)


def _encoded(found: list[bytes], span: Span, zone: str) -> dict[Instant, bytes]:
    rows, _ = readable(found, [])
    return segments.encoded(steps.merge(rows, segments.placing(span, zone)))
