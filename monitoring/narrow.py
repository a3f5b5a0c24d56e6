"""Columns of whole numbers in as few bytes as they need, and back.

A column is written as offsets from its least number, as differences from one to the next where those are smaller, or
as numbers of its few distinct values; then plane by plane (all lowest bytes, all second ones, …): the higher ones are
nearly all alike, and compress to nothing.
"""

from __future__ import annotations

import struct
import threading
import zlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import count
from typing import TypeAlias

import numpy as np

Ints: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]
Grid: TypeAlias = np.ndarray[tuple[int, int], np.dtype[np.int64]]
Planes: TypeAlias = np.ndarray[tuple[int, int], np.dtype[np.uint8]]
Written: TypeAlias = tuple[int, int, bytes]
"""How a column is written, its base, its bytes."""

HEAD = struct.Struct("<BqI")
"""What is kept of a column before its bytes: how it is written, its base, how many bytes it has."""
DIFFERENCES, _FEW, _SMALL, WIDTH = 0x10, 0x20, 0x40, 0x0F
_WIDEST = 8
_FEW_MOST = 256
_COUNTED = 1 << 14
"""Numbers that are told apart by a look at each that there can be, which is faster than sorting them."""
_ZERO = bytes(8)
_WORTH = 64
"""Bytes from which compressing a column by itself can pay."""


def write(values: Ints, *, below: float = 0, few: bool = False) -> Written:
    """A column as bytes; `few`: look for few distinct values.

    It is compressed by itself where that brings it `below` this part of its size: 0 for never, 1 wherever it saves.
    """
    if not len(values):
        return 0, 0, b""

    base, most = int(values.min()), int(values.max())
    if base == most:
        return 0, base, b""

    kind, lead, offsets = 0, b"", values - base
    most -= base
    if few and most > _FEW_MOST:
        distinct, inverse = np.unique(values, return_inverse=True)
        if len(distinct) <= min(_FEW_MOST, len(values) // 2):
            kind, offsets, most = _FEW, inverse, len(distinct) - 1
            lead = struct.pack("<H", len(distinct)) + distinct.astype("<i8").tobytes()

    if not kind and most > 255:
        steps = np.diff(values)
        steps = (steps << 1) ^ (steps >> 63)  # Small ones either way become small numbers.
        if 0 <= int(steps.min()) and int(steps.max()) < most >> 2:  # noqa: SIM300 - a range
            kind, base, most = DIFFERENCES, int(values[0]), int(steps.max())
            offsets = np.concatenate(([0], steps))

    width = (most.bit_length() + 7) // 8
    planes = offsets.astype("<u8", copy=False).view(np.uint8).reshape(-1, 8)[:, :width].T
    if below and len(values) * width > _WORTH:
        compressed = _compressed(lead, planes)
        if len(compressed) < below * len(values) * width:
            return kind | width | _SMALL, base, compressed

    return kind | width, base, lead + planes.tobytes()


def _compressed(lead: bytes, planes: Planes) -> bytes:
    """Planes as one stream with a block of its own for each: they are so unlike that no code suits them all.

    Only runs of the same byte are looked for: the lowest bytes are noise, in which looking for more takes twice the
    time and finds next to nothing.
    """
    stream = zlib.compressobj(strategy=zlib.Z_RLE)
    parts = [stream.compress(lead)]
    for plane in planes:
        parts += [stream.compress(plane.tobytes()), stream.flush(zlib.Z_SYNC_FLUSH)]

    return b"".join((*parts, stream.flush()))


def zeros(n: int) -> Ints:
    """So many zeros that take no room, and are not to be written to."""
    return np.ndarray((n,), np.int64, _ZERO, strides=(0,))


def write_all(grid: Grid) -> list[Written]:
    """The columns that are the rows of a grid, as `write` gives them, but only as offsets: all in a few passes."""
    if not grid.shape[1]:
        return [(0, 0, b"")] * len(grid)

    least = grid.min(axis=1)
    # Python's own numbers: a column may span more than 63 bits.
    most = [high - low for high, low in zip(grid.max(axis=1).tolist(), least.tolist(), strict=True)]
    planes = (grid - least[:, None]).astype("<u8", copy=False).view(np.uint8).reshape(*grid.shape, 8)
    widths = [(size.bit_length() + 7) // 8 for size in most]
    return [
        (width, base, planes[i, :, :width].T.tobytes() if width else b"")
        for i, (width, base) in enumerate(zip(widths, least.tolist(), strict=True))
    ]


def read(body: bytes | memoryview, kind: int, base: int, n: int) -> Ints:
    """The `n` numbers of a column; for bytes that are none: ValueError, IndexError, zlib.error or struct.error."""
    width = kind & WIDTH
    if not width:
        return np.full(n, base, dtype=np.int64)

    if width > _WIDEST:
        raise ValueError("not a column")

    if kind & _SMALL:
        body = zlib.decompress(body, bufsize=width * n + 1)  # As long as it will be, mostly: nothing is copied.

    lead = 2 + 8 * struct.unpack_from("<H", body)[0] if kind & _FEW else 0
    planes = np.frombuffer(body, np.uint8, width * n, lead).reshape(width, n)
    offsets: Ints = planes[-1].astype(np.int64)
    for plane in planes[-2::-1]:
        offsets <<= 8
        offsets |= plane

    if kind & _FEW:
        distinct: Ints = np.frombuffer(body, "<i8", (lead - 2) // 8, 2)
        return distinct[offsets]

    if kind & DIFFERENCES:
        return base + np.cumsum((offsets >> 1) ^ -(offsets & 1))

    offsets += base
    return offsets


def write_names(rows: Sequence[tuple[str, ...]]) -> tuple[list[list[str]], Grid]:
    """Rows of names as the distinct names at each place, and a column for each place of which one each row has."""
    names: list[list[str]] = []
    columns = np.zeros((len(rows[0]) if rows else 0, len(rows)), dtype=np.int64)
    for column, values in zip(columns, zip(*rows, strict=True), strict=True):
        numbers: defaultdict[str, int] = defaultdict(count().__next__)
        column[:] = np.fromiter(map(numbers.__getitem__, values), np.int64, len(values))
        names.append(list(numbers))

    return names, columns


class Names(list[tuple[str, ...]]):
    """Rows of names, all as long, to which rows are only added: what was taken apart once is not again.

    One thread adds, and any may write them.
    """

    def __init__(self) -> None:
        super().__init__()
        self._numbers: list[dict[str, int]] = []
        """Of each place, the names and their numbers."""
        self._columns: Grid = np.zeros((0, 0), dtype=np.int64)
        """Of each place, the number of each row's name; with room for rows to come."""
        self._known = 0
        self._lock = threading.Lock()

    def written(self, used: Sequence[int]) -> tuple[list[list[str]], Grid]:
        """Some of the rows, as `write_names` gives them."""
        with self._lock:
            if self._known < len(self):
                self._learn(len(self))

            table = np.take(self._columns, used, axis=1)

        names: list[list[str]] = []
        for column, numbers in zip(table, self._numbers, strict=True):
            own = list(numbers)
            if len(own) > len(used):
                # So many are not worth their bytes; a few that do not occur are cheaper than looking for them.
                there, column[:] = renumbered(column, len(own))
                own = [own[number] for number in there]

            names.append(own)

        return names, table

    def _learn(self, rows: int) -> None:
        """Take apart the rows up to here that are new."""
        self._numbers = self._numbers or [{} for _ in self[0]]
        if rows > self._columns.shape[1]:
            grown = np.zeros((len(self._numbers), max(2 * rows, 64)), dtype=np.int64)
            if self._known:
                grown[:, : self._known] = self._columns[:, : self._known]

            self._columns = grown

        for place, (numbers, values) in enumerate(
            zip(self._numbers, zip(*self[self._known : rows], strict=True), strict=True)
        ):
            self._columns[place, self._known : rows] = [numbers.setdefault(value, len(numbers)) for value in values]

        self._known = rows


def write_used(rows: Sequence[tuple[str, ...]], which: Ints) -> tuple[list[list[str]], Grid, Ints]:
    """As `write_names`, but of rows that are `Names` only those that occur in `which`; and `which` in their numbers."""
    if not isinstance(rows, Names):
        return *write_names(rows), which

    used, which = renumbered(which, len(rows))
    return *rows.written(used), which


def read_names(names: Sequence[Sequence[str]], columns: Sequence[Ints] | Grid) -> list[tuple[str, ...]]:
    """The rows that `write_names` took apart."""
    values = (map(own.__getitem__, numbers.tolist()) for own, numbers in zip(names, columns, strict=True))
    return list(zip(*values, strict=True))


def read_groups(
    names: Sequence[Sequence[str]], columns: Sequence[Ints], keep: Collection[int], n: int
) -> tuple[list[tuple[str, ...]], Ints]:
    """The distinct rows of the `n` with only the places in `keep`, "" at the others; and which one each row is."""
    rows: list[tuple[str, ...]] = [()]
    which = np.zeros(n, dtype=np.int64)
    for place, (own, column) in enumerate(zip(names, columns, strict=True)):
        if place not in keep:
            rows = [(*row, "") for row in rows]
            continue

        pairs, which = renumbered(which * len(own) + column, len(rows) * len(own))
        rows = [(*rows[pair // len(own)], own[pair % len(own)]) for pair in pairs]

    return rows, which


def renumbered(values: Ints, most: int) -> tuple[list[int], Ints]:
    """The distinct ones of numbers from 0 to below `most`, in order, and which of them each is."""
    if most > _COUNTED:
        distinct, which = np.unique(values, return_inverse=True)
        return distinct.tolist(), which

    there = np.zeros(most, dtype=bool)
    there[values] = True
    return np.flatnonzero(there).tolist(), (np.cumsum(there) - 1)[values]
