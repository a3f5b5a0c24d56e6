"""Is one thing really different from another? Differences with 95 % confidence intervals, from rollups alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from monitoring.rollup import MICRO, Rollup, bin_value

LEAST = 20
"""Samples on either side below which no interval of means is told."""
_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference (the one − the other) and the interval that holds the true one in 95 of 100 cases."""

    value: float
    low: float
    high: float

    @property
    def shown(self) -> bool:
        """Whether there is a difference at all: the interval does not hold 0."""
        return self.low > 0 or self.high < 0


def welch(one: Rollup, other: Rollup) -> Difference | None:
    """The difference of two means with Welch's interval; None with fewer than 20 successes on either side.

    Means are exact. Variances come from the sketches' bins, each within 1 % of what is in it.
    Welch: "The generalization of Student's problem", Biometrika 34 (1947).
    """
    a, b = _spread(one), _spread(other)
    if a is None or b is None:
        return None

    (mean_a, error_a, n_a), (mean_b, error_b, n_b) = a, b
    both = error_a + error_b
    value = mean_a - mean_b
    if both <= 0:
        return Difference(value, value, value)

    freedom = both**2 / (error_a**2 / (n_a - 1) + error_b**2 / (n_b - 1))
    reach = student(freedom) * math.sqrt(both)
    return Difference(value, value - reach, value + reach)


def newcombe(one: Rollup, other: Rollup) -> Difference | None:
    """The difference of two failure rates with Newcombe's hybrid score interval; None without attempts.

    Newcombe: "Interval estimation for the difference between independent proportions", Statistics in Medicine 17
    (1998), method 10.
    """
    if one.rate is None or other.rate is None:
        return None

    p, q = one.rate, other.rate
    (low_p, high_p), (low_q, high_q) = wilson(one.failures, one.count), wilson(other.failures, other.count)
    value = p - q
    return Difference(
        value,
        value - math.hypot(p - low_p, high_q - q),
        value + math.hypot(high_p - p, q - low_q),
    )


def wilson(found: int, tried: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of a share, within 0..1 (Wilson, JASA 22, 1927)."""
    share, z2 = found / tried, _Z * _Z
    middle = (found + z2 / 2) / (tried + z2)
    reach = _Z / (tried + z2) * math.sqrt(share * (1 - share) * tried + z2 / 4)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def student(freedom: float) -> float:
    """The 97.5 % quantile of Student's t, for ten degrees of freedom or more within 0.001.

    The expansion of Cornish and Fisher: Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.7.5.
    """
    z, n = _Z, freedom
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / n**power for power, term in enumerate(terms, 1))


def _spread(rollup: Rollup) -> tuple[float, float, int] | None:
    """Mean, squared standard error of the mean, and number of successes."""
    size = sum(rollup.bins.values())
    if rollup.mean is None or size < LEAST:
        return None

    low, high = (rollup.low or 0) / MICRO, (math.inf if rollup.high is None else rollup.high / MICRO)
    values = [(min(max(bin_value(index), low), high), count) for index, count in rollup.bins.items()]
    # Around the bins' own mean: around the exact one, the bins' error would add to the spread.
    middle = sum(value * count for value, count in values) / size
    variance = sum(count * (value - middle) ** 2 for value, count in values) / (size - 1)
    return rollup.mean, variance / size, size
