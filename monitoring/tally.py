"""Many values at once as rollups in columns: what `Rollup.add` does to one, done to thousands in a few passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from monitoring import steps
from monitoring.narrow import Ints, renumbered
from monitoring.operations import Mask
from monitoring.rollup import LEAST, LOG_GAMMA, MICRO, TOP_BIN, ZERO_BIN, Labels
from monitoring.steps import Columns

_BINS = TOP_BIN - ZERO_BIN + 2
"""Bins, and one for what has none."""


def bins_of(micro: Ints) -> Ints:
    """The sketch bins of values in millionths, as `rollup.bin_of` has them."""
    values = np.maximum(micro, 1) / MICRO
    bins = np.minimum(np.ceil(np.log(values) / LOG_GAMMA - 1e-9), TOP_BIN).astype(np.int64)
    bins[micro <= round(LEAST * MICRO)] = ZERO_BIN
    return bins


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens and money of each value's operation; `cost` in micro-dollars, −1 where it is unknown."""

    prompt: Ints
    completion: Ints
    cached: Ints
    cost: Ints


def tally(
    labels: list[Labels],
    which: Ints,
    at: Ints,
    width: int,
    weight: Ints,
    *,
    failed: Mask | None = None,
    micro: Ints | None = None,
    sketch: bool = False,
    spent: Spent | None = None,
) -> Columns:
    """The rollups of values (at least one) by label set and step of `width` ms: value i has `labels[which[i]]`.

    `micro` are the values in millionths; those of failures are left out of sums and sketch (docs/figures.md).
    """
    starts = at // width * width
    groups = which if (starts == starts[0]).all() else _with_steps(which, starts, len(labels))
    good = np.ones(len(which), dtype=bool) if failed is None else ~failed
    # Sorted once, by group and within it by bin: so that what belongs together lies side by side, for both.
    keys = groups * _BINS
    if sketch and micro is not None:
        keys += np.where(good, bins_of(micro) - ZERO_BIN + 1, 0)

    order = np.argsort(keys)
    keys, firsts = keys[order], _changes(groups[order])
    grid = np.zeros((steps.WIDTH, len(firsts)), dtype=np.int64)
    for row, values in _lines(weight, good, micro, spent):
        grid[row] = np.add.reduceat(values[order], firsts)

    _add_extremes(grid, micro, good, order, firsts)
    grid[steps.UPPER_AT] += grid[steps.LOWER_AT] >> steps.HALF
    grid[steps.LOWER_AT] &= steps.LOWER
    one = order[firsts]

    return Columns(labels, which[one], starts[one], grid, *_sketches(keys, weight[order], firsts))


def _sketches(keys: Ints, weight: Ints, firsts: Ints) -> tuple[Ints, Ints, Ints]:
    """How many bins each group has, their numbers and counts, of sorted keys."""
    places = _changes(keys)
    bins = keys[places] % _BINS
    there = bins > 0
    counts = np.add.reduceat(weight, places)[there]
    owner = np.searchsorted(firsts, places[there], side="right") - 1

    return np.bincount(owner, minlength=len(firsts)), bins[there] + ZERO_BIN - 1, counts


def _with_steps(which: Ints, starts: Ints, sets: int) -> Ints:
    """A number for each pair of step and label set, in that order."""
    _, step = np.unique(starts, return_inverse=True)
    result: Ints = step * sets + which
    return result


def _changes(keys: Ints) -> Ints:
    """Where in sorted keys another one begins."""
    return np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))


def _lines(weight: Ints, good: Mask, micro: Ints | None, spent: Spent | None) -> Iterator[tuple[int, Ints]]:
    """What is summed up, and into which column."""
    yield 0, weight
    yield 1, np.where(good, 0, weight)
    if micro is not None:
        total = np.where(good, micro * weight, 0)
        yield steps.UPPER_AT, total >> steps.HALF
        yield steps.LOWER_AT, total & steps.LOWER

    if spent is not None:
        yield steps.HIGH_AT + 1, spent.prompt * weight
        yield steps.HIGH_AT + 2, spent.completion * weight
        yield steps.HIGH_AT + 3, spent.cached * weight
        yield steps.HIGH_AT + 4, np.maximum(spent.cost, 0) * weight
        yield steps.HIGH_AT + 5, np.where((spent.cost < 0) & (spent.prompt + spent.completion > 0), weight, 0)


def _add_extremes(grid: steps.Grid, micro: Ints | None, good: Mask, order: Ints, firsts: Ints) -> None:
    if micro is None:
        grid[steps.LOW_AT], grid[steps.HIGH_AT] = steps.NO_LOW, steps.NO_HIGH
        return

    grid[steps.LOW_AT] = np.minimum.reduceat(np.where(good, micro, steps.NO_LOW)[order], firsts)
    grid[steps.HIGH_AT] = np.maximum.reduceat(np.where(good, micro, steps.NO_HIGH)[order], firsts)


def regrouped(rows: Columns, width: int) -> Columns:
    """The same rollups under wider steps of `width` ms, which theirs lie in; not added up, as `steps.merge` does."""
    starts = rows.starts - rows.starts % width
    return Columns(rows.labels, rows.which, starts, rows.ints, rows.sizes, rows.index, rows.counts)


def compacted(rows: Columns) -> Columns:
    """The same with only the label sets that occur, for columns that share the labels of many."""
    used, which = renumbered(rows.which, len(rows.labels))
    labels = [rows.labels[number] for number in used]
    return Columns(labels, which, rows.starts, rows.ints, rows.sizes, rows.index, rows.counts)
