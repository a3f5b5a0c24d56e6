"""Rollups as columns: many steps of one metric in a few arrays, merged in one pass; as bytes: `step_bytes`.

A table of `Rollup`s is handy to count into and to read from; but a month has hundreds of thousands of them. What the
store does with so many (write, read, add up) it does with columns, which cost no Python object for each rollup.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count, pairwise
from operator import attrgetter
from typing import Any, TypeAlias

import numpy as np

from monitoring.model import Instant
from monitoring.narrow import Ints
from monitoring.rollup import Labels, Rollup, Table

Grid: TypeAlias = np.ndarray[tuple[int, int], np.dtype[np.int64]]
Place: TypeAlias = Callable[[Instant], tuple[Instant | None, Instant]]
"""Where what begins at an instant belongs (None: nowhere), and before which later instant all others do too."""

NO_HIGH = np.iinfo(np.int64).min
NO_LOW = np.iinfo(np.int64).max
_NOWHERE = np.iinfo(np.int64).min
_MOST = 2**62
_INTS = ("count", "failures", "total", "low", "high", "prompt", "completion", "cached", "cost", "unpriced")
_fields = attrgetter(*_INTS, "bins")
HALF = 40
"""A total is kept in two columns, above and below this bit: bytes in millionths, summed over a month, pass 63 bits."""
LOWER = (1 << HALF) - 1
UPPER_AT, LOWER_AT, LOW_AT, HIGH_AT, WIDTH = 2, 3, 4, 5, 11
"""Where in the columns: both halves of the total, the extremes; and how many columns there are."""
_DENSE, _SPARSE = 1 << 22, 16
"""Cells up to which bins are added up in one array with all of them, and how many of these each bin may cost."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Rollups of one metric: row i is what `labels[which[i]]` has in the step that begins at `starts[i]`."""

    labels: list[Labels]
    """Each label set once."""
    which: Ints
    starts: Ints
    ints: Grid
    """Eleven columns of a number for each row, in the order of `_INTS`: the total takes two."""
    sizes: Ints
    """How many bins each row has; they lie one after another in `index` and `counts`."""
    index: Ints
    counts: Ints

    def __len__(self) -> int:
        return len(self.which)

    def kept(self, keep: Collection[int]) -> Columns:
        """The same rows, with only the labels at these places, "" at the others; `merge` adds up what is alike."""
        numbers: dict[Labels, int] = {}
        sets = (tuple(value if place in keep else "" for place, value in enumerate(own)) for own in self.labels)
        group = np.array([numbers.setdefault(own, len(numbers)) for own in sets], dtype=np.int64)
        return Columns(list(numbers), group[self.which], self.starts, self.ints, self.sizes, self.index, self.counts)

    def tables(self) -> dict[Instant, Table]:
        """A table of rollups for each step."""
        result: dict[Instant, Table] = {}
        bins = iter(zip(self.index.tolist(), self.counts.tolist(), strict=True))
        rows = zip(self.starts.tolist(), self.which.tolist(), self.ints.T.tolist(), self.sizes.tolist(), strict=True)
        for start, label, row, size in rows:
            own = {index: n for _, (index, n) in zip(range(size), bins, strict=False)}
            result.setdefault(start, {})[self.labels[label]] = _rollup(row, own)

        return result

    def steps(self) -> Iterator[tuple[Instant, Columns]]:
        """Each step by itself; rows must lie in order of start, as `merge` leaves them."""
        edges = [*_firsts(self.starts).tolist(), len(self)]
        bins = np.concatenate(([0], np.cumsum(self.sizes))).tolist()
        which = self.which.tolist()
        for begin, end in pairwise(edges):
            of, own = slice(begin, end), slice(bins[begin], bins[end])
            labels = [self.labels[label] for label in which[of]]
            yield (
                int(self.starts[begin]),
                Columns(
                    labels, np.arange(end - begin), self.starts[of], self.ints[:, of], self.sizes[of], self.index[own],
                    self.counts[own],
                ),
            )  # fmt: skip


def _rollup(row: list[int], bins: dict[int, int]) -> Rollup:
    """The rollup of one row."""
    attempts, failures, upper, lower, low, high, prompt, completion, cached, cost, unpriced = row
    total = (upper << HALF) + lower
    least, most = None if low == NO_LOW else low, None if high == NO_HIGH else high

    return Rollup(attempts, failures, total, least, most, prompt, completion, cached, cost, unpriced, bins)


def columns(tables: Iterable[tuple[Instant, Mapping[Labels, Rollup]]]) -> Columns:
    """Tables, each with the start of its step, as columns."""
    numbers: defaultdict[Labels, int] = defaultdict(count().__next__)
    which: list[int] = []
    starts: list[Instant] = []
    rollups: list[Rollup] = []
    for start, table in tables:
        which.extend(map(numbers.__getitem__, table))
        starts += [start] * len(table)
        rollups += table.values()

    *ints, bins = list(zip(*map(_fields, rollups), strict=True)) or [()] * (len(_INTS) + 1)
    filled = list(filter(None, bins))
    counts = chain.from_iterable(own.values() for own in filled)

    return Columns(
        list(numbers),
        np.array(which, dtype=np.int64),
        np.array(starts, dtype=np.int64),
        _grid(ints),
        np.fromiter(map(len, bins), dtype=np.int64, count=len(bins)),
        np.fromiter(chain.from_iterable(filled), dtype=np.int64),
        np.fromiter(counts, dtype=np.int64),
    )


def _grid(fields: Sequence[Sequence[Any]]) -> Grid:
    """The columns of all rollups out of their fields, those of `_INTS` one after another."""
    attempts, failures, total, low, high, *rest = fields
    grid = np.zeros((WIDTH, len(total)), dtype=np.int64)
    totals = _array(total)
    grid[UPPER_AT], grid[LOWER_AT] = totals >> HALF, totals & LOWER
    grid[LOW_AT], grid[HIGH_AT] = _extremes(low, NO_LOW), _extremes(high, NO_HIGH)
    for at, values in ((0, attempts), (1, failures), *enumerate(rest, HIGH_AT + 1)):
        if any(values):
            grid[at] = values

    return grid


def _array(values: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[Any]]:
    """Whole numbers as an array: of 64 bits if they fit, else of Python's own integers."""
    try:
        return np.array(values, dtype=np.int64)
    except OverflowError:
        return np.array(values, dtype=object)


def _extremes(values: Sequence[int | None], nothing: int) -> Ints:
    """Lows or highs, with a number for None.

    Those beyond 63 bits (no such reading exists) are held at the edge, so that they cannot stop a flush.
    """
    try:
        return np.array([nothing if value is None else value for value in values], dtype=np.int64)
    except OverflowError:
        return np.array([nothing if value is None else max(-_MOST, min(_MOST, value)) for value in values])


def merge(parts: Sequence[Columns], place: Place | None = None) -> Columns:
    """Add up all rollups of the same label set in the same place; without `place`, each step stays where it is.

    The result lies in order of start, and within a step in order of first appearance. Vectorised: one pass over all
    rows together, however many steps they are of.
    """
    labels, which = numbered(parts)
    starts = _joined([part.starts for part in parts])
    if place is not None:
        starts = _placed(starts, place)

    # Sorted so that rows to be added up lie side by side; the sort is stable, so that the first row is the oldest.
    rows = np.flatnonzero(starts != _NOWHERE) if place else np.arange(len(starts))
    rows = rows[_sorted(which[rows], starts[rows])]
    firsts = _firsts(starts[rows], which[rows])
    oldest = rows[firsts]
    order = _sorted(oldest, starts[oldest])
    grid = np.concatenate([part.ints for part in parts], axis=1) if len(parts) > 1 else _one(parts)
    ints = _sums(grid[:, rows], firsts)

    group = np.full(len(which), -1)
    group[rows] = np.repeat(np.argsort(order), np.diff(firsts, append=len(rows)))
    sizes, index, counts = _merged_bins(parts, group, len(firsts))
    oldest = oldest[order]

    return Columns(labels, which[oldest], starts[oldest], ints[:, order], sizes, index, counts)


def _sorted(by: Ints, first_by: Ints) -> Ints:
    """The order of rows by two keys, the second one first; mostly that one is the same for all."""
    if len(first_by) and (first_by == first_by[0]).all():
        # Small numbers are sorted by their digits, in a fifth of the time.
        return np.argsort(by.astype(np.uint16) if by.max() < 1 << 16 else by, kind="stable")

    return np.lexsort((by, first_by))


def _one(parts: Sequence[Columns]) -> Grid:
    return parts[0].ints if parts else np.zeros((WIDTH, 0), np.int64)


def _joined(arrays: list[Ints]) -> Ints:
    """All one after another, in 64 bits."""
    if len(arrays) == 1:
        return arrays[0].astype(np.int64, copy=False)

    return np.concatenate([np.zeros(0, np.int64), *arrays])


def numbered(parts: Sequence[Columns]) -> tuple[list[Labels], Ints]:
    """The label sets of all parts, and which of them each row has."""
    if parts and all(part.labels is parts[0].labels for part in parts):
        return parts[0].labels, _joined([part.which for part in parts])

    numbers: defaultdict[Labels, int] = defaultdict(count().__next__)
    shared = (np.fromiter(map(numbers.__getitem__, part.labels), np.int64, len(part.labels)) for part in parts)
    which = _joined([own[part.which] for own, part in zip(shared, parts, strict=True)])
    return list(numbers), which


def _placed(starts: Ints, place: Place) -> Ints:
    """Every start where it belongs; asked once for each place and not for each start."""
    distinct, inverse = np.unique(starts, return_inverse=True)
    instants = distinct.tolist()
    at = 0
    while at < len(instants):
        to, until = place(instants[at])
        following = bisect_left(instants, until, at + 1)
        distinct[at:following] = _NOWHERE if to is None else to
        at = following

    return distinct[inverse]


def _firsts(*keys: Ints) -> Ints:
    """Where in sorted rows another key begins."""
    changes = np.ones(len(keys[0]), dtype=bool)
    changes[1:] = False
    for key in keys:
        changes[1:] |= key[1:] != key[:-1]

    return np.flatnonzero(changes)


def _sums(ints: Grid, firsts: Ints) -> Grid:
    """Rows from one first to the next as one: sums, the lowest low, the highest high."""
    result = np.add.reduceat(ints, firsts, axis=1)
    result[LOW_AT] = np.minimum.reduceat(ints[LOW_AT], firsts)
    result[HIGH_AT] = np.maximum.reduceat(ints[HIGH_AT], firsts)
    result[UPPER_AT] += result[LOWER_AT] >> HALF
    result[LOWER_AT] &= LOWER

    return result


def _merged_bins(parts: Sequence[Columns], group: Ints, n: int) -> tuple[Ints, Ints, Ints]:
    """`sizes`, `index` and `counts` of the n groups; −1 is no group. A bin that adds up to nothing is left out."""
    edges = np.cumsum([0, *map(len, parts)]).tolist()
    owned = zip(parts, pairwise(edges), strict=True)
    filled = [(part, group[begin:end]) for part, (begin, end) in owned if len(part.index)]
    if not filled:
        return np.zeros(n, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)

    least = min(int(part.index.min()) for part, _ in filled)
    width = max(int(part.index.max()) for part, _ in filled) - least + 1
    cells = n * width
    each = (_cells(part, own, least, width) for part, own in filled)
    if cells <= min(_DENSE, _SPARSE * sum(len(part.index) for part, _ in filled)):
        sums = np.zeros(cells, dtype=np.int64)
        for flat, counts in each:
            np.add.at(sums, flat, counts)

        # Asked for what differs from zero, NumPy finds it in a fifth of the time that it takes otherwise.
        places = np.flatnonzero(sums != 0)
        counts = sums[places]
    else:
        places, counts = _added(*map(_joined, map(list, zip(*each, strict=True))))

    return np.bincount(places // width, minlength=n), places % width + least, counts


def _cells(part: Columns, own: Ints, least: int, width: int) -> tuple[Ints, Ints]:
    """In which cell each bin of a part lies, where a group has so many of them, and its count."""
    flat = np.repeat(own * width - least, part.sizes)
    flat += part.index
    counts = part.counts.astype(np.int64, copy=False)
    kept = np.repeat(own >= 0, part.sizes) if own.min() < 0 else slice(None)
    return flat[kept], counts[kept]


def _added(flat: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Which cells get something, in order, and how much."""
    order = np.argsort(flat, kind="stable")
    firsts = _firsts(flat[order])
    added = np.add.reduceat(counts[order], firsts)
    return flat[order[firsts]][added != 0], added[added != 0]
