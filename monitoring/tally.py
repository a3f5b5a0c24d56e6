"""Many values at once as rollups in columns: what `Rollup.add` does to one, done to thousands in a few passes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitoring import steps
from monitoring.narrow import Ints
from monitoring.operations import Mask
from monitoring.rollup import LEAST, LOG_GAMMA, MICRO, TOP_BIN, ZERO_BIN, Labels
from monitoring.steps import Columns


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
    """The rollups of values by label set and step of `width` ms: value i has `labels[which[i]]`.

    `micro` are the values in millionths; those of failures are left out of sums and sketch (docs/figures.md).
    """
    n = len(which)
    grid = np.zeros((steps.WIDTH, n), dtype=np.int64)
    grid[0] = weight
    good = np.ones(n, dtype=bool) if failed is None else ~failed
    grid[1] = np.where(good, 0, weight)
    grid[steps.LOW_AT], grid[steps.HIGH_AT] = steps.NO_LOW, steps.NO_HIGH
    if micro is not None:
        _add_values(grid, micro, weight, good)

    if spent is not None:
        _add_spent(grid, spent, weight)

    if sketch and micro is not None:
        sizes, index, counts = good.astype(np.int64), bins_of(micro[good]), weight[good]
    else:
        sizes, index, counts = np.zeros(n, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)

    return steps.merge([Columns(labels, which, at - at % width, grid, sizes, index, counts)])


def _add_values(grid: steps.Grid, micro: Ints, weight: Ints, good: Mask) -> None:
    total = np.where(good, micro * weight, 0)
    grid[steps.UPPER_AT], grid[steps.LOWER_AT] = total >> steps.HALF, total & steps.LOWER
    grid[steps.LOW_AT] = np.where(good, micro, steps.NO_LOW)
    grid[steps.HIGH_AT] = np.where(good, micro, steps.NO_HIGH)


def _add_spent(grid: steps.Grid, spent: Spent, weight: Ints) -> None:
    grid[steps.HIGH_AT + 1] = spent.prompt * weight
    grid[steps.HIGH_AT + 2] = spent.completion * weight
    grid[steps.HIGH_AT + 3] = spent.cached * weight
    grid[steps.HIGH_AT + 4] = np.maximum(spent.cost, 0) * weight
    grid[steps.HIGH_AT + 5] = np.where((spent.cost < 0) & (spent.prompt + spent.completion > 0), weight, 0)


def regrouped(rows: Columns, width: int) -> Columns:
    """The same rollups under wider steps of `width` ms, which theirs lie in; not added up, as `steps.merge` does."""
    starts = rows.starts - rows.starts % width
    return Columns(rows.labels, rows.which, starts, rows.ints, rows.sizes, rows.index, rows.counts)


def compacted(rows: Columns) -> Columns:
    """The same with only the label sets that occur, for columns that share the labels of many."""
    used, which = np.unique(rows.which, return_inverse=True)
    labels = [rows.labels[number] for number in used.tolist()]
    return Columns(labels, which, rows.starts, rows.ints, rows.sizes, rows.index, rows.counts)
