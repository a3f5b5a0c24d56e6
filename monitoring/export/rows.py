"""What a row of an export is: one step of one metric and label set, with nothing of few people in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from monitoring.analysis.series import LEAST_P95, LEAST_P99
from monitoring.metrics import GAUGES, METRICS, MISSING
from monitoring.model import Instant
from monitoring.rollup import MICRO, Labels, Rollup, Series
from monitoring.safe_text import plain_text

LONGEST_NAME = 200
"""Characters of a name: as many as are recorded."""
NAMES = 2_048
"""Label sets that are remembered as they are written: most of one step's come again in the next."""
LEAST_VOTES = 3
"""What fewer votes say is not told; that there were so many is."""
VOTES = frozenset({"satisfaction", "model_liking"})
OF_USERS: dict[str, tuple[str, str] | None] = {
    "message": ("author", "user"),
    "detail": ("persona", ""),
    "addressed": None,
    "answered": None,
    "satisfaction": None,
    "model_liking": None,
    "conversation": None,
    "voice": None,
    "command": None,
}
"""Metrics that tell what users did; of some only the rows in which a label has this value."""
_OWN_UNITS = {"duration": "s", "length": "messages"}

Keep: TypeAlias = Callable[[Labels], bool]


@dataclass(frozen=True, slots=True)
class Row:
    """One step of one metric and label set; figures that are not known are None."""

    start: Instant
    end: Instant
    step: str
    """minute, hour or day."""
    metric: str
    labels: Labels
    rollup: Rollup
    partial: bool
    """Facts of its step were dropped, or the step is not over."""


FIGURES = (
    *("count", "failures", "total", "mean", "min", "max", "p50", "p95", "p99"),
    *("prompt_tokens", "completion_tokens", "cached_tokens", "cost_dollars", "unpriced"),
)
"""What is told of a row, in the order in which it is written."""
COUNTS = frozenset({"count", "failures", "prompt_tokens", "completion_tokens", "cached_tokens", "unpriced"})
"""Figures that are whole numbers; all others are whole millionths."""


def figures(metric: str, rollup: Rollup) -> tuple[int | None, ...]:
    """The FIGURES of a rollup: quantiles only of enough samples, values only where there were any, else None."""
    if (rollup.low is None and rollup.total == 0) or (metric in VOTES and rollup.count < LEAST_VOTES):
        values: tuple[int | None, ...] = (None,) * 7
    else:
        mean = round(rollup.total / rollup.successes) if rollup.successes > 0 else None
        values = (rollup.total, mean, rollup.low, rollup.high, *quantiles(rollup))

    if not (rollup.tokens or rollup.cost or rollup.unpriced):
        return rollup.count, rollup.failures, *values, None, None, None, None, None

    cost = rollup.cost if rollup.cost or not rollup.unpriced else None
    tokens = rollup.prompt, rollup.completion, rollup.cached
    return rollup.count, rollup.failures, *values, *tokens, cost, rollup.unpriced


def quantiles(rollup: Rollup) -> tuple[int | None, int | None, int | None]:
    """P50, P95 and P99 in millionths; None of too few."""
    if not rollup.bins:
        return None, None, None

    found = (rollup.quantile(0.5), rollup.quantile(0.95, LEAST_P95), rollup.quantile(0.99, LEAST_P99))
    p50, p95, p99 = (None if value is None else round(value * MICRO) for value in found)
    return p50, p95, p99


@lru_cache(maxsize=NAMES)
def clean(labels: Labels) -> Labels:
    """Names as every reader can take them: one line, nothing that cannot be seen; "" stays empty."""
    return tuple(plain_text(value, LONGEST_NAME) if value else "" for value in labels)


def unit(row: Row) -> str:
    """The unit of a row: of its metric, or of what the metric says that it is of."""
    told = METRICS[row.metric].unit
    if told != "its own":
        return told

    return GAUGES.get(row.labels[0], "") if row.metric == "gauge" else _OWN_UNITS.get(row.labels[0], "")


def rows_of(series: Series, step: str, keep: Keep, *, partial: Collection[Instant], now: Instant) -> Iterator[Row]:
    """The rows of a series in order; those whose cleaned labels are the same are one."""
    for start, end, table in zip(series.starts, series.ends, series.steps, strict=True):
        found: dict[Labels, Rollup] = {}
        for labels, rollup in table.items():
            if keep(labels) and (rollup.count or rollup.total):
                name = clean(labels)
                found[name] = found[name] + rollup if name in found else rollup

        flawed = start in partial or end > now
        for labels in sorted(found):
            yield Row(start, end, step, series.metric, labels, found[labels], flawed)


def missing(drop: Series) -> frozenset[Instant]:
    """The starts of steps in which facts were dropped that are missed."""
    place = METRICS["drop"].labels.index("reason")
    steps = zip(drop.starts, drop.steps, strict=True)
    return frozenset(at for at, step in steps if any(labels[place] in MISSING for labels in step))


def of_users(metric: str) -> Keep:
    """A test for label sets of a metric: whether they tell what users did."""
    if metric not in OF_USERS:
        return lambda labels: False

    wanted = OF_USERS[metric]
    if wanted is None:
        return lambda labels: True

    place, value = METRICS[metric].labels.index(wanted[0]), wanted[1]
    return lambda labels: labels[place] == value


def having(metric: str, wanted: Mapping[str, Collection[str]]) -> Keep:
    """A test for label sets: every label named has one of the values."""
    names = METRICS[metric].labels
    places = [(names.index(name), frozenset(values)) for name, values in wanted.items()]
    if not places:
        return lambda labels: True

    return lambda labels: all(labels[place] in values for place, values in places)


def in_order(rows: Iterable[Row]) -> list[Row]:
    """By time, then by metric in the order of the list of metrics, then by labels."""
    return sorted(rows, key=lambda row: (row.start, _ORDER[row.metric], row.labels))


_ORDER = {metric: number for number, metric in enumerate(METRICS)}
