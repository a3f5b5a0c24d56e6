"""When are people there?"""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.analysis.figure import Gap
from monitoring.analysis.rhythm import counts, mean_by
from monitoring.analysis.series import only
from monitoring.model import Instant
from monitoring.rollup import Series
from monitoring.window import Window


@dataclass(frozen=True, slots=True)
class Activity:
    """User messages by hour of the week in the window's zone."""

    window: Window
    cells: tuple[tuple[float | None, ...], ...]
    """7 rows (Monday first) of 24: mean messages in that hour; None where it never was monitored, or is not told."""
    n: int
    busiest: tuple[tuple[int, int], ...] = ()
    """The three busiest as (weekday 0-6, hour), most first."""
    quietest: tuple[tuple[int, int], ...] = ()
    peak: float | None = None


LEAST_PEOPLE = 3
"""At which hour fewer people did something is not shown; how much they did is."""


def activity(
    window: Window,
    message: Series,
    gaps: tuple[Gap, ...],
    *,
    guild: str | None = None,
    first_at: Instant | None = None,
    people: int | None = None,
) -> Activity:
    """User messages by hour of the week, from hourly steps; the mean over the weeks in which the hour was monitored.

    `people` is how many wrote, if known: of fewer than three no hour is told.
    """
    points = counts(window, message, only("message", author="user", guild=guild), gaps, first_at)
    n = sum(point.n for point in points)
    hidden = people is not None and people < LEAST_PEOPLE
    means = {} if hidden else mean_by(window, points, lambda local: (local.weekday(), local.hour))
    ordered = sorted(means, key=lambda hour: (means[hour], hour)) if n else []

    return Activity(
        window=window,
        cells=tuple(tuple(means.get((day, hour)) for hour in range(24)) for day in range(7)),
        n=n,
        busiest=tuple(sorted(ordered, key=lambda hour: (-means[hour], hour))[:3]),
        quietest=tuple(ordered[:3]),
        peak=max(means.values(), default=None),
    )
