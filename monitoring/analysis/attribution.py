"""Sharing out a change among parts so that the shares add up to it exactly.

Means: the midpoint decomposition (Marshall-Edgeworth; Kitagawa 1955) into what a group's own mean did and what its
share of the whole did. Quantiles, which do not add: Shapley values (Shapley 1953; for attribution of distribution
changes: Budhathoki, Janzing et al., *Why did the distribution change?*, AISTATS 2021) over mixtures of sketches, each
group going from its weight and distribution before to those of now; and, for parts that follow one another within a
response, over a log-normal with the moments of their sum (Fenton 1960).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitoring.rollup import bin_value

Floats: TypeAlias = NDArray[np.float64]
Value: TypeAlias = Callable[[Floats], Floats]
"""Gives a figure for each row of a matrix that says (1 or 0) which player is as it is now rather than as before."""

MOST_EXACT = 8
"""Groups up to which every order is counted; beyond, orders are drawn, each with its reverse."""
ORDERS = 32


@dataclass(frozen=True, slots=True)
class Effect:
    """What a group adds to a change: `rate` by its own figure, `mix` by how much of the whole it is."""

    rate: float
    mix: float

    @property
    def total(self) -> float:
        """Both."""
        return self.rate + self.mix


def mean_effects(
    now: Mapping[str, tuple[float, float]], before: Mapping[str, tuple[float, float]]
) -> dict[str, Effect]:
    """What each group adds to the change of the mean over all; of (number, sum) by group. They add up to the change.

    A group that is there on one side only has a mix effect, since nothing says that its own mean changed.
    """
    n, m = sum(a for a, _ in now.values()), sum(a for a, _ in before.values())
    if n <= 0 or m <= 0:
        return {}

    level = (sum(b for _, b in now.values()) / n + sum(b for _, b in before.values()) / m) / 2
    found = {}
    for name in {**before, **now}:
        (here, total), (there, old) = now.get(name, (0.0, 0.0)), before.get(name, (0.0, 0.0))
        if here <= 0 and there <= 0:
            continue

        mean = total / here if here > 0 else old / there
        was = old / there if there > 0 else mean
        share, had = here / n, there / m
        found[name] = Effect((share + had) / 2 * (mean - was), (share - had) * ((mean + was) / 2 - level))

    return found


def shapley(players: int, value: Value) -> Floats:
    """What each player adds to value(all) − value(none), the mean over the orders in which they could have changed."""
    if players <= MOST_EXACT:
        masks = np.array(list(product((0.0, 1.0), repeat=players))).reshape(-1, players)
        worth = value(masks)
        sizes = masks.sum(axis=1)
        weight = np.array(
            [math.factorial(int(s)) * math.factorial(max(players - int(s) - 1, 0)) for s in sizes]
        ) / math.factorial(players)
        found = np.zeros(players)
        for player in range(players):
            without = np.flatnonzero(masks[:, player] == 0)
            joined = without + (1 << (players - 1 - player))
            found[player] = float(np.dot(weight[without], worth[joined] - worth[without]))

        return found

    return _drawn(players, value)


def _drawn(players: int, value: Value) -> Floats:
    """Shapley values from drawn orders; each order adds up by itself, so their mean does too."""
    dice = np.random.default_rng(players)
    half = [dice.permutation(players) for _ in range(ORDERS)]
    found = np.zeros(players)
    for order in (*half, *(one[::-1] for one in half)):
        masks = np.zeros((players + 1, players))
        for place, player in enumerate(order):
            masks[place + 1 :, player] = 1

        found[order] += np.diff(value(masks))

    result: Floats = found / (2 * ORDERS)
    return result


def mixture(now: Sequence[Mapping[int, int]], before: Sequence[Mapping[int, int]], q: float) -> Value:
    """The q-quantile of a mixture of sketches, of each group the one of now or of before, by its share of all."""
    bins = sorted({index for sketch in (*now, *before) for index in sketch})
    place = {index: k for k, index in enumerate(bins)}
    values = np.array([bin_value(index) for index in bins])
    sides = []
    for sketches in (now, before):
        side = np.zeros((len(sketches), len(bins)))
        for row, sketch in enumerate(sketches):
            for index, n in sketch.items():
                side[row, place[index]] = n

        sides.append(side / max(side.sum(), 1.0))

    def value(masks: Floats) -> Floats:
        sums = np.cumsum(masks @ sides[0] + (1 - masks) @ sides[1], axis=1)
        # A hair less, so that rounding does not move the rank to the next bin.
        reached = sums >= (q - 1e-12) * sums[:, -1:] * (1 - 1e-12)
        result: Floats = values[np.argmax(reached, axis=1)]
        return result

    return value


def in_a_row(now: tuple[Floats, Floats], before: tuple[Floats, Floats], q: float) -> Value:
    """The q-quantile of the sum of parts that follow one another, from first and second moments by (player, part)."""
    z = NormalDist().inv_cdf(q)

    def value(masks: Floats) -> Floats:
        first = masks @ now[0] + (1 - masks) @ before[0]
        second = masks @ now[1] + (1 - masks) @ before[1]
        mean = np.maximum(first.sum(axis=1), 1e-9)
        spread = np.log1p(np.maximum(second - first**2, 0.0).sum(axis=1) / mean**2)
        result: Floats = mean * np.exp(z * np.sqrt(spread) - spread / 2)
        return result

    return value
