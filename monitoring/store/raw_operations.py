"""The raw operations of a SQLite store: taken in with each flush, packed together beside it, read column by column."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from functools import partial

from monitoring.model import Instant
from monitoring.operations import Operations, Stay, joined
from monitoring.store import blocks
from monitoring.store.blocks import Block, Packed
from monitoring.store.connection import Connection, Connections
from monitoring.store.documents import Refused
from monitoring.store.grouped import Grouping
from monitoring.store.stays import Stays
from monitoring.store.threads import Threads

log = logging.getLogger(__name__)

ROUNDS = 100
"""Times that one call of `pack` puts blocks together at most: three million operations."""


class RawOperations:
    """Blocks of operations. What takes long is done in threads; a transaction only writes or reads bytes."""

    def __init__(self, connections: Connections, threads: Threads) -> None:
        self._db = connections
        self._threads = threads

    async def between(
        self,
        start: Instant,
        end: Instant,
        columns: Collection[str],
        by: Collection[str] | None = None,
        within: Sequence[Stay] | None = None,
    ) -> Operations:
        """The operations that began in [start, end), with all labels or those in `by`; of some stays or all."""
        grouping = Grouping.of("operation", by)
        keep = None if grouping is None else grouping.keep
        stays = None if within is None else Stays(within)
        found = await self._db.read(lambda db: blocks.between(db, start, end, stays))
        return await self._threads.run(blocks.read, found, start, end, columns, keep, stays)

    async def pack(self, now: Instant) -> None:
        """Put small blocks together, as long as there are some. Raises StoreError."""
        for _ in range(ROUNDS):
            small = blocks.to_pack(await self._db.read(blocks.all_blocks), now)
            if not small:
                return

            await self._pack(small)

    async def _pack(self, small: list[Block]) -> None:
        found = await self._db.read(lambda db: blocks.bytes_of(db, small))
        try:
            packed = await self._threads.run(blocks.repacked, found)
        except ValueError:
            bad = await self._threads.run(blocks.damaged, small, found)
            log.warning("%d blocks of raw operations are damaged and are left out of answers.", len(bad))
            await self._db.write(lambda db: blocks.set_aside(db, bad))
            return

        try:
            await self._db.write(partial(_replace, small, packed))
        except Refused:
            # Deleted meanwhile, as past their time: what is left comes with the next round.
            return


async def _replace(old: Sequence[Block], new: Sequence[Packed], db: Connection) -> None:
    await blocks.replace(db, old, new)


def block(parts: Sequence[Operations], oldest: Instant) -> list[Packed]:
    """What a flush brought as one block (or none), without what is past its time and would only be deleted."""
    if not parts:
        return []

    # One by itself is written with the labels that occur.
    done = parts[0] if len(parts) == 1 else joined([part.compact() for part in parts])
    if len(done) and int(done.at.min()) < oldest:
        done = done.take(done.at >= oldest)

    return [blocks.block_of(done)] if len(done) else []
