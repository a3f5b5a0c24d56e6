"""When are people there?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitoring.analysis.figure import Gap
from monitoring.analysis.series import in_gap, only
from monitoring.model import HOUR, Instant
from monitoring.rollup import Series
from monitoring.window import Window


@dataclass(frozen=True, slots=True)
class Activity:
    """User messages by hour of the week in the window's zone."""

    window: Window
    cells: tuple[tuple[float | None, ...], ...]
    """7 rows (Monday first) of 24: mean messages in that hour; None where it never was monitored."""
    n: int
    busiest: tuple[tuple[int, int], ...] = ()
    """The three busiest as (weekday 0-6, hour), most first."""
    quietest: tuple[tuple[int, int], ...] = ()
    peak: float | None = None


def activity(
    window: Window, message: Series, gaps: tuple[Gap, ...], *, guild: str | None = None, first_at: Instant | None = None
) -> Activity:
    """User messages by hour of the week, from hourly steps; the mean over the weeks in which the hour was monitored."""
    keep = only("message", author="user", guild=guild)
    sums: list[list[float]] = [[0.0] * 24 for _ in range(7)]
    weeks = [[0] * 24 for _ in range(7)]
    n = 0
    for at, rollup in zip(message.starts, message.line(keep), strict=True):
        local = datetime.fromtimestamp(at / 1000, window.info)
        if not rollup.count and (in_gap(at, gaps) or (first_at is not None and at + HOUR <= first_at)):
            continue

        sums[local.weekday()][local.hour] += rollup.count
        weeks[local.weekday()][local.hour] += 1
        n += rollup.count

    cells = tuple(
        tuple(s / w if w else None for s, w in zip(sums_day, weeks_day, strict=True))
        for sums_day, weeks_day in zip(sums, weeks, strict=True)
    )
    known = [(value, day, hour) for day, row in enumerate(cells) for hour, value in enumerate(row) if value is not None]
    busiest = sorted(known, key=lambda c: (-c[0], c[1], c[2]))[:3] if n else []
    quietest = sorted(known)[:3] if n else []

    return Activity(
        window=window,
        cells=cells,
        n=n,
        busiest=tuple((day, hour) for _, day, hour in busiest),
        quietest=tuple((day, hour) for _, day, hour in quietest),
        peak=max((value for value, _, _ in known), default=None),
    )
