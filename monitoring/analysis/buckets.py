"""A sketch as a histogram with fixed bounds, as Prometheus and OpenTelemetry know them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from monitoring.published import Distribution
from monitoring.rollup import GAMMA, LOG_GAMMA, MICRO, Rollup, bin_of

ERROR = math.sqrt(GAMMA) - 1
"""How far (as a share, 1.01 %) a value may lie beyond a bound and still be counted at it, or before it and not.

A bound lies inside a bin of the sketch. The edge of a bin nearest to it is taken in its place, which is at most half a
bin away; every value that is not that near to a bound is counted exactly.
"""


def distribution(rollup: Rollup, bounds: Sequence[float]) -> Distribution:
    """The successes at or below each bound (rising, in seconds), their number, and their exact sum."""
    last = [_last_bin(bound) for bound in bounds]
    found, seen, at = [], 0, 0
    bins = sorted(rollup.bins.items())
    for edge in last:
        while at < len(bins) and bins[at][0] <= edge:
            seen += bins[at][1]
            at += 1

        found.append(seen)

    return Distribution(tuple(found), sum(rollup.bins.values()), rollup.total / MICRO)


def _last_bin(bound: float) -> int:
    """The last bin that counts as at or below the bound: the one whose upper edge is nearest to it."""
    index = bin_of(bound)
    upper, lower = GAMMA**index, GAMMA ** (index - 1)
    return index if math.log(upper / bound) <= math.log(bound / lower) + LOG_GAMMA * 1e-9 else index - 1
