"""Raw operations in the store: a block of columns for each flush, packed together later, hour by hour."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from monitoring.metrics import METRICS
from monitoring.model import HOUR, MINUTE, Instant
from monitoring.narrow import Ints
from monitoring.operations import COLUMNS, Joining, Operations, joined
from monitoring.store.connection import Connection
from monitoring.store.documents import Refused
from monitoring.store.packing import LARGEST, pack, unpack
from monitoring.store.stays import Stays

FRESH, PACKED, DAMAGED = 0, 1, 2
"""What a block is: as it was flushed; sorted, compressed and of one hour; found damaged, and left as it is."""
MOST = 32_768
"""Operations that are packed into one block: a few megabytes while that is done."""
SETTLED = 5 * MINUTE
"""After the end of an hour, what still comes for it is rare."""


@dataclass(frozen=True, slots=True)
class Block:
    """Where a block lies in time and how large it is."""

    id: int
    first: Instant
    last: Instant
    rows: int
    state: int

    @property
    def hour(self) -> Instant:
        """The start of the hour (UTC) in which it begins."""
        return self.first - self.first % HOUR


@dataclass(frozen=True, slots=True)
class Packed:
    """A block to be written."""

    first: Instant
    last: Instant
    rows: int
    state: int
    blob: bytes


def block_of(done: Operations, state: int = FRESH) -> Packed:
    """Operations (at least one) as a block."""
    blob = pack(done, small=state != FRESH)
    return Packed(int(done.at.min()), int(done.at.max()), len(done), state, blob)


async def write(db: Connection, blocks: Sequence[Packed]) -> None:
    """Add blocks."""
    if not blocks:
        return

    await db.executemany(
        "INSERT INTO operation_block (first, last, rows, state, blob) VALUES (?, ?, ?, ?, ?)",
        [(block.first, block.last, block.rows, block.state, block.blob) for block in blocks],
    )


async def between(
    db: Connection, start: Instant, end: Instant, stays: Stays | None = None
) -> list[tuple[Instant, Instant, int, bytes]]:
    """First, last, rows and bytes of every block that may hold operations of [start, end), and of some stays."""
    which, known = "first < ? AND last >= ? AND state != ?", (end, start, DAMAGED)
    sql = f"SELECT first, last, rows, blob FROM operation_block WHERE {which}"
    if stays is None:
        rows = await db.execute_fetchall(f"{sql} ORDER BY first, id", known)
    else:
        every = await db.execute_fetchall(f"SELECT id, first, last FROM operation_block WHERE {which}", known)
        near = json.dumps([block for block, first, last in every if stays.touch(first, last)])
        some = "id IN (SELECT value FROM json_each(?))"
        rows = await db.execute_fetchall(f"{sql} AND {some} ORDER BY first, id", (*known, near))

    return [(first, last, length, blob) for first, last, length, blob in rows]


def read(
    found: Sequence[tuple[Instant, Instant, int, bytes]],
    start: Instant,
    end: Instant,
    columns: Collection[str],
    keep: Collection[int] | None = None,
    stays: Stays | None = None,
) -> Operations:
    """The operations of blocks that began in [start, end), oldest first; a damaged block is left out.

    Without the column `at` they are in no order. Labels at places that are not in `keep` (None: all) read "".
    """
    keep = range(len(METRICS["operation"].labels)) if keep is None else keep
    # A damaged row could claim any number, and room would be made for it.
    found = [block for block in found if 0 < block[2] <= LARGEST]
    joining = Joining(sum(rows for _, _, rows, _ in found), columns)
    for first, last, rows, blob in found:
        whole = start <= first and last < end
        try:
            inside = None if stays is None else _inside(blob, stays)
            if inside is not None and not len(inside):
                continue

            part = unpack(blob, columns if whole else {*columns, "at"}, keep)
        except ValueError:
            continue

        if len(part) != rows:
            continue

        part = part if inside is None else part.take(inside)
        joining.add(part if whole else part.between(start, end))

    done = joining.done()
    if "at" not in columns or (done.at[1:] >= done.at[:-1]).all():
        return done

    return done.take(np.argsort(done.at, kind="stable"))


def _inside(blob: bytes, stays: Stays) -> Ints:
    """Which operations of a block are of some stays, by two of its columns. Raises ValueError."""
    channel = unpack(blob, ("channel",), ()).channel
    if not stays.channel(channel).any():
        return np.zeros(0, dtype=np.int64)

    return np.flatnonzero(stays.inside(channel, unpack(blob, ("at",), ()).at))


async def all_blocks(db: Connection) -> list[Block]:
    """Every block, oldest first, without its bytes."""
    rows = await db.execute_fetchall(
        "SELECT id, first, last, rows, state FROM operation_block WHERE state != ? ORDER BY first, id", (DAMAGED,)
    )
    return [Block(*row) for row in rows]


def to_pack(blocks: Sequence[Block], now: Instant) -> list[Block]:
    """The blocks that should be packed together next, or none.

    First those that were just flushed; then those of an hour that is over, until each hour has few and full ones.
    """
    fresh = _some(block for block in sorted(blocks, key=lambda block: block.id) if block.state == FRESH)
    if fresh:
        return fresh

    hours: dict[Instant, list[Block]] = {}
    for block in blocks:
        if block.rows <= MOST // 2 and block.hour + HOUR + SETTLED <= now:
            hours.setdefault(block.hour, []).append(block)

    return next((_some(small) for small in hours.values() if len(small) > 1), [])


def _some(blocks: Iterable[Block]) -> list[Block]:
    """As many of them as fit into one."""
    taken: list[Block] = []
    rows = 0
    for block in blocks:
        if taken and rows + block.rows > MOST:
            break

        taken.append(block)
        rows += block.rows

    return taken


async def bytes_of(db: Connection, blocks: Sequence[Block]) -> list[bytes]:
    """The bytes of some blocks."""
    found: list[bytes] = []
    for block in blocks:
        rows = await db.execute_fetchall("SELECT blob FROM operation_block WHERE id = ?", (block.id,))
        found.extend(blob for (blob,) in rows)

    return found


def repacked(blobs: Sequence[bytes]) -> list[Packed]:
    """Blocks put together anew: sorted by time, one for each hour. Raises ValueError for a damaged block."""
    done = joined([unpack(blob) for blob in blobs])
    done = done.take(np.argsort(done.at, kind="stable"))
    edges = [0, *(np.flatnonzero(np.diff(done.at // HOUR)) + 1).tolist(), len(done)]
    parts = [done.take(slice(begin, end)) for begin, end in pairwise(edges) if begin < end]

    return [block_of(_in_order(part.compact()), PACKED) for part in parts]


def damaged(blocks: Sequence[Block], blobs: Sequence[bytes]) -> list[Block]:
    """Those of some blocks that cannot be read."""
    return [block for block, blob in zip(blocks, blobs, strict=True) if not _readable(blob)]


def _readable(blob: bytes) -> bool:
    try:
        unpack(blob)
    except ValueError:
        return False

    return True


def _in_order(done: Operations) -> Operations:
    """The same with its label sets in order, so that they compress well."""
    order = sorted(range(len(done.labels)), key=done.labels.__getitem__)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    which, *rest = (getattr(done, name) for name in COLUMNS)

    return Operations([done.labels[i] for i in order], done.manners, place[which], *rest)


async def set_aside(db: Connection, blocks: Sequence[Block]) -> None:
    """Mark blocks as damaged: they are kept as long as others, and read no more."""
    await db.executemany("UPDATE operation_block SET state = ? WHERE id = ?", [(DAMAGED, block.id) for block in blocks])


async def replace(db: Connection, old: Sequence[Block], new: Sequence[Packed]) -> None:
    """Put packed blocks in the place of those they are made of. Raises Refused if one of these is gone meanwhile."""
    for block in old:
        cursor = await db.execute("DELETE FROM operation_block WHERE id = ?", (block.id,))
        if cursor.rowcount != 1:
            raise Refused("block")

    await write(db, new)
