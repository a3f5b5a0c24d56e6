"""Is a change more than noise? Tests that need only counts, sums and sketches.

Means: Welch's test with the spread read from the sketch. Rates: the two-proportion test with the pooled rate.
Quantiles: the spread of the order statistics around the rank, which is binomial (David, Nagaraja: *Order Statistics*,
7.1). Where steps waver more than chance, so does the yardstick (overdispersion).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache

from monitoring.rollup import Rollup, bin_value

FEW = 3.0
"""How much wider the error of a quantile is while its tail has few values: by so much ÷ their number."""
SURE = 3.0
"""Standard errors from which a change is told: noise gets there three times in a thousand."""


@cache
def _value(index: int) -> float:
    """The value of a bin, which are few and asked for often."""
    return bin_value(index)


def moments(rollup: Rollup) -> tuple[float, float]:
    """Mean and variance of the values in a sketch; (0, 0) without one."""
    size = sum(rollup.bins.values())
    if not size:
        return 0.0, 0.0

    values = [(_value(index), n) for index, n in rollup.bins.items()]
    mean = sum(value * n for value, n in values) / size
    return mean, sum(n * (value - mean) ** 2 for value, n in values) / size


def mean_error(rollup: Rollup) -> float | None:
    """The standard error of a mean; None below two values."""
    n = rollup.successes
    if n < 2 or not rollup.bins:
        return None

    return math.sqrt(moments(rollup)[1] / (n - 1))


def quantile_error(rollup: Rollup, q: float) -> float | None:
    """The standard error of a quantile: half of the way between the values one standard error of the rank apart."""
    n = sum(rollup.bins.values())
    if n < 2:
        return None

    apart = math.sqrt(q * (1 - q) / n)
    low, high = rollup.quantile(max(q - apart, 0.0)) or 0.0, rollup.quantile(min(q + apart, 1.0)) or 0.0
    # Of a tail of six values the normal distribution tells too little.
    return (high - low) / 2 * (1 + FEW / (n * min(q, 1 - q)))


def rate_error(now: Rollup, before: Rollup) -> float | None:
    """The standard error of the difference of two failure rates, if they were the same; None without attempts."""
    n, m = now.count, before.count
    if not n or not m:
        return None

    # Half a failure is added, so that a service that never failed before is not thought to be unable to.
    rate = (now.failures + before.failures + 0.5) / (n + m + 1)
    return math.sqrt(rate * (1 - rate) * (1 / n + 1 / m))


def amount_error(now: float, before: float, spread: float) -> float:
    """The standard error of the difference of two amounts that come in pieces of so many (1: counts; Poisson)."""
    return math.sqrt(max(now + before, 1.0) * spread)


def together(*errors: float | None) -> float | None:
    """Independent errors as one; None if any is unknown."""
    total = 0.0
    for error in errors:
        if error is None:
            return None

        total += error * error

    return math.sqrt(total)


def wavering(values: Iterable[tuple[float, float]]) -> float:
    """By how much more (in variance) the steps of a figure waver than chance does, at least 1.

    Given each step's value and the variance that chance gives it. Told of six steps at least, else 1.
    """
    known = [(value, variance) for value, variance in values if variance > 0]
    if len(known) < 6:
        return 1.0

    weights = [1 / variance for _, variance in known]
    mean = sum(w * value for w, (value, _) in zip(weights, known, strict=True)) / sum(weights)
    squares = sum(w * (value - mean) ** 2 for w, (value, _) in zip(weights, known, strict=True))
    return max(1.0, squares / (len(known) - 1))


def chance(squared: float) -> float:
    """How likely noise alone is to reach so many squared standard errors (χ² with one degree of freedom)."""
    return math.erfc(math.sqrt(max(squared, 0.0) / 2))
