"""Where did it change? The set of cells, named by one or two labels, that fits a change best.

A scan (Kulldorff 1997, *A spatial scan statistic*, over label combinations in place of places; the idea of trying
combinations of labels on a table of cells is that of HotSpot, Sun et al. 2018, and Squeeze, Li et al. 2019): the cells
inside changed alike, the others did not. Of n cells with shifts l and variances v, this leaves
Σ l²/v − (Σ_in l/v)² ÷ Σ_in 1/v unexplained, so that the largest gain (Σ_in l/v)² ÷ Σ_in 1/v is the best fit. A label
that holds too much is diluted by cells that did not change, one that holds too little leaves cells out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitoring.analysis.noise import chance

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.intp]
Explains: TypeAlias = Callable[[Places], float]
"""How much (1: all) of the whole change the cells at these places explain."""

LEAST_SHARE = 0.5
"""What explains less than half is not called the cause."""
CHANCE = 0.01
"""How often noise may name a cause, over all the sets that are tried."""
TRIED = 24
"""Sets that are looked at in full, those of the largest gain first."""


@dataclass(frozen=True, slots=True)
class Found:
    """The cells that changed, by the labels that name them; `share` of the whole change they explain."""

    where: tuple[tuple[str, str], ...]
    share: float
    places: Places


@dataclass(frozen=True, slots=True)
class _Set:
    where: tuple[tuple[str, str], ...]
    places: Places
    gain: float


def scan(
    names: Sequence[str], labels: Sequence[Sequence[str]], shift: Floats, variance: Floats, explains: Explains
) -> Found | None:
    """The set of cells that explains the change; None where none does, or where everything changed alike.

    names: of the labels, those by which a cause is rather named first. A label that reads "" names nothing.
    """
    if not len(labels):
        return None

    whole = (shift / variance).sum() ** 2 / (1 / variance).sum()
    sets = _sets(names, labels, shift, variance)
    most = max((one.gain for one in sets), default=0.0)
    for one in sorted(sets, key=lambda one: (-one.gain, len(one.where)))[:TRIED]:
        if one.gain <= whole or chance(one.gain) * len(sets) > CHANCE or one.gain < most / 20:
            return None

        share = explains(one.places)
        if share >= LEAST_SHARE:
            return Found(one.where, share, one.places)

    return None


def _sets(names: Sequence[str], labels: Sequence[Sequence[str]], shift: Floats, variance: Floats) -> list[_Set]:
    """Every set that one or two labels name; of those that hold the same cells, the one that is named by fewer."""
    weight, pull = 1 / variance, shift / variance
    seen: dict[bytes, None] = {np.arange(len(labels)).tobytes(): None}
    found = []
    choices = [(k,) for k in range(len(names))] + list(combinations(range(len(names)), 2))
    for choice in choices:
        groups: dict[tuple[str, ...], list[int]] = {}
        for place, row in enumerate(labels):
            key = tuple(row[k] for k in choice)
            if all(key):
                groups.setdefault(key, []).append(place)

        for key, members in groups.items():
            places = np.array(members, dtype=np.intp)
            if places.tobytes() in seen:
                continue

            seen[places.tobytes()] = None
            where = tuple((names[k], value) for k, value in zip(choice, key, strict=True))
            found.append(_Set(where, places, float(pull[places].sum() ** 2 / weight[places].sum())))

    return found
