"""Two windows side by side, cell by cell: what decompositions and scans are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitoring.analysis.series import Keep
from monitoring.analysis.why_values import Compared
from monitoring.metrics import METRICS
from monitoring.rollup import MICRO, TOP_BIN, ZERO_BIN, Labels, Rollup, Series, bin_value

Floats: TypeAlias = NDArray[np.float64]
Pair: TypeAlias = tuple[Rollup, Rollup]
"""Now and before."""


def pairs(compared: Compared, names: Sequence[str], keep: Keep) -> dict[Labels, Pair]:
    """The rollups of both windows by the values of some labels; an empty one where there was none."""
    metric = compared.now.metric
    places = [METRICS[metric].labels.index(name) for name in names]

    now, before = (_grouped(side, places, keep) for side in (compared.now, compared.before))
    return {name: (now.get(name, Rollup()), before.get(name, Rollup())) for name in {**before, **now}}


def _grouped(series: Series, places: Sequence[int], keep: Keep) -> dict[Labels, Rollup]:
    """The rollups by some labels; those that need no merging are not copied, as nobody changes them."""
    found: dict[Labels, Rollup] = {}
    own: set[Labels] = set()
    for step in series.steps:
        for labels, rollup in step.items():
            if not keep(labels):
                continue

            name = tuple([labels[place] for place in places])
            there = found.get(name)
            if there is None:
                found[name] = rollup
            elif name in own:
                there.merge(rollup)
            else:
                found[name] = there + rollup
                own.add(name)

    return found


def merged(found: dict[Labels, Pair], key: Callable[[Labels], str]) -> dict[str, Pair]:
    """The same by a coarser name; cells whose name is "" are left out."""
    result: dict[str, Pair] = {}
    for labels, (now, before) in found.items():
        name = key(labels)
        if name:
            here, there = result.setdefault(name, (Rollup(), Rollup()))
            here.merge(now)
            there.merge(before)

    return result


def whole(compared: Compared, keep: Keep) -> Pair:
    """Everything of both windows."""
    return compared.now.sum(keep), compared.before.sum(keep)


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells as columns, one row each: numbers of attempts and successes, failures, seconds, and squared seconds."""

    labels: tuple[Labels, ...]
    count: Floats
    successes: Floats
    failures: Floats
    total: Floats
    squares: Floats
    """Shape (2, cells) each: now, before."""

    @property
    def means(self) -> Floats:
        """Mean seconds; where one side has none, those of the other, since nothing says that they changed."""
        with np.errstate(divide="ignore", invalid="ignore"):
            found = self.total / self.successes

        return _filled(found)

    @property
    def second(self) -> Floats:
        """Mean squared seconds, filled in the same way."""
        with np.errstate(divide="ignore", invalid="ignore"):
            found = self.squares / self.successes

        return _filled(found)


def _filled(found: Floats) -> Floats:
    other = found[::-1]
    result: Floats = np.where(np.isfinite(found), found, np.where(np.isfinite(other), other, 0.0))
    return result


_SQUARES = np.array([bin_value(index) ** 2 for index in range(ZERO_BIN, TOP_BIN + 1)])
"""The squared value of each bin."""


def columns(found: dict[Labels, Pair]) -> Columns:
    """Cells as columns."""
    labels, rollups = tuple(found), [pair[side] for side in (0, 1) for pair in found.values()]
    sums = [(r.count, r.successes, r.failures, r.total / MICRO) for r in rollups]
    grid = np.array(sums, dtype=float).reshape(2, len(labels), 4)
    sizes = [len(rollup.bins) for rollup in rollups]
    bins = np.array([index for rollup in rollups for index in rollup.bins], dtype=np.intp)
    counts = np.array([n for rollup in rollups for n in rollup.bins.values()], dtype=float)
    squares = np.bincount(np.repeat(np.arange(len(sizes)), sizes), counts * _SQUARES[bins - ZERO_BIN], len(sizes))
    count, successes, failures, total = np.moveaxis(grid, 2, 0)
    return Columns(labels, count, successes, failures, total, squares.astype(float).reshape(2, len(labels)))
