"""Addable summaries: a rollup, its sketch of quantiles, and steps full of them.

The sketch is DDSketch's logarithmic mapping (Masson, Rim, Lee: "DDSketch", VLDB 2019) with fixed bins: a value v falls
into bin ceil(log_γ v) with γ = (1 + α) / (1 − α), and every bin answers with the value whose relative error is at most
α. Bins are counts, so that merging is integer addition: exact, associative, and it can be undone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

ACCURACY = 0.01
"""α: the largest relative error of a quantile."""
GAMMA = (1 + ACCURACY) / (1 - ACCURACY)
LOG_GAMMA = math.log(GAMMA)
LEAST = 1e-6
"""Values at or below this share the zero bin: a microsecond, a millionth."""
ZERO_BIN = -2_000
TOP_BIN = 3_000
MICRO = 1_000_000

Labels: TypeAlias = tuple[str, ...]
"""Label values in the order of the metric's `labels`."""
Key = TypeVar("Key")


def bin_of(value: float) -> int:
    """The sketch bin of a value; zero and below share one bin."""
    if value <= LEAST:
        return ZERO_BIN

    return min(math.ceil(math.log(value) / LOG_GAMMA - 1e-9), TOP_BIN)


def bin_value(index: int) -> float:
    """The value that stands for a bin: within α of everything in it."""
    return 0.0 if index == ZERO_BIN else 2 * GAMMA**index / (GAMMA + 1)


@dataclass(slots=True)
class Rollup:
    """A summary with `+`. Sums are whole millionths, so that adding is exact and associative."""

    count: int = 0
    """Attempts, failures included."""
    failures: int = 0
    total: int = 0
    """Sum of the values of successes, in millionths of the metric's unit."""
    low: int | None = None
    high: int | None = None
    prompt: int = 0
    completion: int = 0
    cached: int = 0
    cost: int = 0
    """Micro-dollars of what has a known price."""
    unpriced: int = 0
    """Operations with tokens whose price is unknown."""
    bins: dict[int, int] = field(default_factory=dict)

    def add(self, value: float | None = None, failed: bool = False, weight: int = 1, sketch: bool = False) -> None:
        """Count one more thing; a failure's value is left out of sums and sketch (docs/figures.md)."""
        self.count += weight
        if failed:
            self.failures += weight
            return

        if value is None:
            return

        micro = round(value * MICRO)
        self.total += micro * weight
        # Not `min` and `max`: this is done for every single thing that is counted.
        if self.low is None or micro < self.low:
            self.low = micro

        if self.high is None or micro > self.high:
            self.high = micro

        if sketch:
            index = bin_of(value)
            self.bins[index] = self.bins.get(index, 0) + weight

    def merge(self, other: Rollup) -> None:
        """Add another summary to this one in place."""
        self.count += other.count
        self.failures += other.failures
        self.total += other.total
        self.prompt += other.prompt
        self.completion += other.completion
        self.cached += other.cached
        self.cost += other.cost
        self.unpriced += other.unpriced
        if other.low is not None:
            self.low = other.low if self.low is None else min(self.low, other.low)

        if other.high is not None:
            self.high = other.high if self.high is None else max(self.high, other.high)

        if not self.bins:
            self.bins.update(other.bins)
            return

        for index, n in other.bins.items():
            self.bins[index] = self.bins.get(index, 0) + n

    def __add__(self, other: Rollup) -> Rollup:
        result = self.copy()
        result.merge(other)
        return result

    def copy(self) -> Rollup:
        """An independent copy."""
        twin = Rollup()
        twin.merge(self)
        return twin

    @property
    def successes(self) -> int:
        """Attempts that did not fail."""
        return self.count - self.failures

    @property
    def mean(self) -> float | None:
        """Mean value of the successes in the metric's unit; None without one."""
        return self.total / MICRO / self.successes if self.successes > 0 else None

    @property
    def rate(self) -> float | None:
        """Failures ÷ attempts, 0..1; None without attempts."""
        return self.failures / self.count if self.count > 0 else None

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens."""
        return self.prompt + self.completion

    def quantile(self, q: float, least: int = 1) -> float | None:
        """The q-quantile by nearest rank within 1 %; None with fewer than `least` samples.

        Kept within the exact lowest and highest value, which costs nothing and can only help.
        """
        size = sum(self.bins.values())
        if size < max(least, 1):
            return None

        rank, seen = max(1, math.ceil(q * size)), 0
        for index in sorted(self.bins):
            seen += self.bins[index]
            if seen >= rank:
                value = bin_value(index)
                break

        if self.low is not None and self.high is not None:
            value = min(max(value, self.low / MICRO), self.high / MICRO)

        return value


Table: TypeAlias = dict[Labels, Rollup]
"""One step of one metric: a rollup for each label set."""


def merge_tables(into: Table, more: Mapping[Labels, Rollup]) -> None:
    """Add every rollup of `more` to the one of the same labels."""
    for labels, rollup in more.items():
        mine = into.get(labels)
        if mine is None:
            into[labels] = rollup.copy()
        else:
            mine.merge(rollup)


@dataclass(frozen=True, slots=True)
class Series:
    """Rollups in order of time: `starts[i]` (ms) begins the step that lasts until `ends[i]`; one dict per step."""

    metric: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    steps: tuple[Mapping[Labels, Rollup], ...]

    def total(self, key: Callable[[Labels], Key | None]) -> dict[Key, Rollup]:
        """Everything merged, by key."""
        result: dict[Key, Rollup] = {}
        for step in self.steps:
            for labels, rollup in step.items():
                name = key(labels)
                if name is None:
                    continue

                if name in result:
                    result[name].merge(rollup)
                else:
                    result[name] = rollup.copy()

        return result

    def sum(self, keep: Callable[[Labels], bool] = lambda _: True) -> Rollup:
        """Everything that is kept, merged into one rollup."""
        return self.total(lambda labels: True if keep(labels) else None).get(True, Rollup())

    def line(self, keep: Callable[[Labels], bool] = lambda _: True) -> list[Rollup]:
        """One merged rollup for each step, empty ones included."""
        result = []
        for step in self.steps:
            one = Rollup()
            for labels, rollup in step.items():
                if keep(labels):
                    one.merge(rollup)

            result.append(one)

        return result


Deltas: TypeAlias = dict[tuple[str, int], Table]
"""What a batch adds: (metric, start of the minute in ms) → table."""
