"""When did things happen? Counts by step, and their mean by the clock on the wall."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from monitoring.analysis.figure import Gap, Point
from monitoring.analysis.series import Keep, unlit
from monitoring.model import Instant
from monitoring.rollup import Series
from monitoring.window import Window

Slot = TypeVar("Slot")


def counts(
    window: Window, series: Series, keep: Keep, spans: tuple[Gap, ...], first_at: Instant | None
) -> tuple[Point, ...]:
    """How many in each step; None where nothing was counted and most of the step was not monitored."""
    found = []
    for at, end, rollup in zip(series.starts, series.ends, series.line(keep), strict=True):
        dark = not rollup.count and unlit(window, at, end, spans, first_at)
        found.append(Point(at, None if dark else float(rollup.count), rollup.count))

    return tuple(found)


def mean_by(window: Window, points: tuple[Point, ...], slot: Callable[[datetime], Slot]) -> dict[Slot, float]:
    """The mean of the known counts of all steps that share a slot of the zone's clock ("Monday 14", "14").

    An hour that the clock shows twice, in the night it is put back, counts as two hours.
    """
    sums: dict[Slot, float] = {}
    steps: dict[Slot, int] = {}
    for point in points:
        if point.value is None:
            continue

        name = slot(datetime.fromtimestamp(point.at / 1000, window.info))
        sums[name] = sums.get(name, 0.0) + point.value
        steps[name] = steps.get(name, 0) + 1

    return {name: total / steps[name] for name, total in sums.items()}
