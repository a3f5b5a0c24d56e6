"""Adding to the rollups of a batch: the one place that knows which minute and which rollup a thing belongs to."""

from __future__ import annotations

from monitoring.interfaces import Batch
from monitoring.metrics import METRICS
from monitoring.model import MINUTE, Instant
from monitoring.rollup import MICRO, Labels, Rollup, Table

_UNHEARD = frozenset(("detail", "topic", "banter_topic", "interaction", "conversation", "model_liking", "voice"))
"""What no rule, no card of an incident and no live view asks of the last half hour; most of what a message adds."""
_SKETCHED = frozenset(name for name, metric in METRICS.items() if metric.sketch)


def table_at(batch: Batch, metric: str, at: Instant) -> Table:
    """The batch's table of a metric for the minute that holds `at`, made when it is not there yet."""
    minute = (metric, at - at % MINUTE)
    table = batch.deltas.get(minute)
    if table is None:
        table = batch.deltas[minute] = {}

    return table


def count_one(table: Table, labels: Labels) -> None:
    """Count one more thing without a value: what `add` does for a metric that only the store hears of."""
    found = table.get(labels)
    if found is None:
        found = table[labels] = Rollup()

    found.count += 1


def rollup_at(batch: Batch, metric: str, at: Instant, labels: Labels) -> Rollup:
    """The batch's rollup of a metric for the minute that holds `at`, made when it is not there yet."""
    table = table_at(batch, metric, at)
    found = table.get(labels)
    if found is None:
        found = table[labels] = Rollup()

    return found


def add(
    batch: Batch,
    metric: str,
    at: Instant,
    labels: Labels,
    value: float | None = None,
    failed: bool = False,
    weight: int = 1,
) -> None:
    """Count one more thing of a metric in the minute it belongs to; `value` is in the metric's unit.

    `weight` says how many things it stands for; −1 takes one back.
    """
    # As `rollup_at`, which is asked where there is none yet: this is done for every single thing.
    table = batch.deltas.get((metric, at - at % MINUTE))
    rollup = None if table is None else table.get(labels)
    if rollup is None:
        rollup = rollup_at(batch, metric, at, labels)

    rollup.add(value, failed, weight, metric in _SKETCHED)
    # A recorder's batch also remembers single things, for the ring of ten seconds that rules are judged by.
    points = getattr(batch, "points", None)
    if points is not None and metric not in _UNHEARD and at >= batch.points_from:  # type: ignore[attr-defined]  # what has points has it
        points.append((metric, at, labels, value, failed, weight))


def adjust(batch: Batch, metric: str, at: Instant, labels: Labels, old: float, new: float) -> None:
    """Let a sum follow a value that changed after it was counted, while the count stays (a text that was edited)."""
    rollup = rollup_at(batch, metric, at, labels)
    micro = round(new * MICRO)
    rollup.total += micro - round(old * MICRO)
    rollup.low = micro if rollup.low is None else min(rollup.low, micro)
    rollup.high = micro if rollup.high is None else max(rollup.high, micro)
