"""Many segments decoded at once: each of their columns in one pass, however small the segments are.

One by one, a segment of a handful of rollups takes a hundred calls of NumPy, and a month of hours has 720 of them.
"""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, count
from typing import NamedTuple

import numpy as np

from monitoring import narrow
from monitoring.narrow import Ints
from monitoring.operations import Mask
from monitoring.rollup import TOP_BIN, ZERO_BIN, Labels
from monitoring.step_bytes import BROKEN, HEAD, LARGEST, LINES, VERSION
from monitoring.steps import HIGH_AT, LOW_AT, LOWER_AT, NO_HIGH, NO_LOW, WIDTH, Columns
from monitoring.store.piles import Pile

_LARGER = 4
"""By so much a segment grows, mostly at most, as it is decompressed: then nothing is copied meanwhile."""
_BITS = 62
"""In which the numbers of all names of a label set find room."""
_NOT = "not segments that can be read together"
_NOTHING = np.zeros(0, dtype=np.int64)


class _Size(NamedTuple):
    """How large a segment is, and where it begins."""

    rows: int
    sets: int
    bins: int
    first: int


@dataclass(slots=True)
class _Opened:
    """Several segments of one metric: their sizes and names, and piles of those columns that are wanted."""

    arity: int
    piles: dict[int, Pile]
    sizes: list[_Size] = field(default_factory=list)
    told: list[bytes] = field(default_factory=list)

    def add(self, blob: bytes) -> None:
        """One more of them. Raises what bytes that are none may raise."""
        small, rows, sets, bins, told, arity, first = HEAD.unpack_from(blob, 1)
        if blob[:1] != VERSION or arity != self.arity or max(rows, sets, bins) > LARGEST:
            raise ValueError(_NOT)

        body = memoryview(blob)[1 + HEAD.size :]
        if small:
            body = memoryview(zlib.decompress(body, bufsize=_LARGER * len(body)))

        count, number = arity + LINES + 2, len(self.sizes)
        used = bytes(body[told : told + count])
        at = told + count + sum(used) * narrow.HEAD.size
        heads = narrow.HEAD.iter_unpack(body[told + count : at])
        for place, (kind, base, size) in zip(compress(range(count), used), heads, strict=True):
            if place in self.piles:
                self.piles[place].add(number, kind, base, body[at : at + size])

            at += size

        self.sizes.append(_Size(rows, sets, bins, first))
        self.told.append(bytes(body[:told]))

    def names(self) -> Iterator[list[list[str]]]:
        """The names of each segment by place; as one object where they are the same, as they mostly are."""
        known: dict[bytes, list[list[str]]] = {}
        for told in self.told:
            if told not in known:
                known[told] = json.loads(told)
                if len(known[told]) != self.arity:
                    raise ValueError(_NOT)

            yield known[told]


class Decoder:
    """Decodes segments of one metric with the labels at some places, "" at others; all of it shares one `labels`.

    With `only`, the rows whose labels have these values; without `sketch`, no bins.
    """

    def __init__(self, keep: Collection[int], only: Collection[tuple[int, str]] = (), *, sketch: bool = True) -> None:
        self.labels: list[Labels] = []
        self._keep = sorted(keep)
        self._only = dict(only)
        self._sketch = sketch
        self._numbers: dict[int, defaultdict[str, int]] = {
            place: defaultdict(count().__next__) for place in {*self._keep, *self._only}
        }
        """Of each place that is looked at, the names and their numbers, alike in all segments."""
        self._names: dict[int, list[str]] = {place: [] for place in self._numbers}
        """The names alone, in the order of their numbers."""
        self._known: dict[int, int] = {}
        """Of each label set, as the numbers of its names in one, its place in `labels`."""

    def columns(self, blobs: Sequence[bytes]) -> Columns:
        """What `step_bytes.decode` makes of each, one after the other; not added up.

        Raises ValueError if any of them cannot be read in this way; without a sketch, what is wrong with that is not
        found.
        """
        try:
            return self._columns(blobs)
        except BROKEN as error:
            raise ValueError(_NOT) from error

    def _columns(self, blobs: Sequence[bytes]) -> Columns:
        (*_, arity, _) = HEAD.unpack_from(blobs[0], 1)
        if any(place >= arity for place in self._numbers):
            raise ValueError(_NOT)

        lines = range(arity, arity + LINES + (2 if self._sketch else 0))
        opened = _Opened(arity, {place: Pile() for place in (*self._numbers, *lines)})
        for blob in blobs:
            opened.add(blob)

        rows, sets, bins, firsts = np.array(opened.sizes, dtype=np.int64).T
        group, meant = self._sets(opened, sets)
        grid, sizes, starts, which = _lines([opened.piles[place].read(rows) for place in lines[:LINES]])
        index, counts = _bins([opened.piles[place].read(bins) for place in lines[LINES:]])
        if (_added(sizes, rows) != bins).any():
            raise ValueError(_NOT)

        starts += np.repeat(firsts, rows)
        sizes = sizes if self._sketch else np.zeros(len(sizes), dtype=np.int64)
        set_of = _set_of(which, rows, sets)
        found = Columns(self.labels, group[set_of], starts, grid, sizes, index, counts)
        return found if meant is None else where(found, meant[set_of])

    def _sets(self, opened: _Opened, sets: Ints) -> tuple[Ints, Mask | None]:
        """The label sets of all segments by their places in `labels`; and which have the values that are meant."""
        names = list(opened.names())
        values = {place: self._named(place, names, opened.piles[place].read(sets), sets) for place in self._numbers}
        bits = _BITS // max(len(self._keep), 1)
        if any(len(self._numbers[place]) >> bits for place in self._keep):
            raise ValueError(_NOT)

        key = np.zeros(int(sets.sum()), dtype=np.int64)
        for place in self._keep:
            key = key << bits | values[place]

        distinct, which = np.unique(key, return_inverse=True)
        group = np.array([self._label(one, bits, opened.arity) for one in distinct.tolist()], dtype=np.int64)
        meant: Mask | None = None
        for place, name in self._only.items():
            right = values[place] == self._numbers[place].get(name, -1)
            meant = right if meant is None else meant & right

        return group[which], meant

    def _named(self, place: int, names: Sequence[list[list[str]]], values: Ints, sets: Ints) -> Ints:
        """Numbers of names, each within its own segment, as numbers that all segments share."""
        shared: list[int] = []
        begun: dict[int, int] = {}
        for own in names:
            if id(own) not in begun:
                begun[id(own)] = len(shared)
                shared += map(self._numbers[place].__getitem__, own[place])

        self._names[place] = list(self._numbers[place])
        sizes = np.repeat([len(own[place]) for own in names], sets)
        if len(values) and (int(values.min()) < 0 or (values >= sizes).any()):
            raise ValueError(_NOT)

        return np.array(shared, dtype=np.int64)[np.repeat([begun[id(own)] for own in names], sets) + values]

    def _label(self, key: int, bits: int, arity: int) -> int:
        """The place of a label set in `labels`."""
        known = self._known.get(key)
        if known is not None:
            return known

        label, left = [""] * arity, key
        for place in reversed(self._keep):
            label[place] = self._names[place][left & (1 << bits) - 1]
            left >>= bits

        self.labels.append(tuple(label))
        self._known[key] = len(self.labels) - 1
        return len(self.labels) - 1


def where(rows: Columns, well: Mask) -> Columns:
    """Some of the rows."""
    if well.all():
        return rows

    bins = np.repeat(well, rows.sizes)
    return Columns(
        rows.labels,
        rows.which[well],
        rows.starts[well],
        rows.ints[:, well],
        rows.sizes[well],
        rows.index[bins],
        rows.counts[bins],
    )


def _added(values: Ints, lengths: Ints) -> Ints:
    """The sums of the values of each segment."""
    sums = np.concatenate(([0], np.cumsum(values)))
    ends = np.cumsum(lengths)
    added: Ints = sums[ends] - sums[ends - lengths]
    return added


def _set_of(which: Ints, rows: Ints, sets: Ints) -> Ints:
    """Of each row, its label set among those of all segments."""
    which = which + np.arange(len(which)) - np.repeat(np.cumsum(rows) - rows, rows)
    if len(which) and (int(which.min()) < 0 or (which >= np.repeat(sets, rows)).any()):
        raise ValueError(_NOT)

    return which + np.repeat(np.cumsum(sets) - sets, rows)


def _lines(lines: Sequence[Ints]) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.int64]], Ints, Ints, Ints]:
    """The columns of rollups as they are in memory; how many bins each has, its start, its label set."""
    empty, sizes, starts, which = lines[WIDTH:]
    grid = np.array(lines[:WIDTH])
    no_low, no_high = (empty & 1) != 0, (empty & 2) != 0
    low = np.where(no_low, 0, grid[LOWER_AT] - grid[LOW_AT])
    grid[HIGH_AT] = np.where(no_high, NO_HIGH, low + grid[HIGH_AT])
    grid[LOW_AT] = np.where(no_low, NO_LOW, low)
    return grid, sizes, starts, which


def _bins(found: Sequence[Ints]) -> tuple[Ints, Ints]:
    if not found:
        return _NOTHING, _NOTHING

    index, counts = found
    if len(index) and not ZERO_BIN <= int(index.min()) <= int(index.max()) <= TOP_BIN:
        raise ValueError(_NOT)

    return index, counts
