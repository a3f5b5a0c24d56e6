"""What this month will amount to, from stored days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from monitoring.analysis.figure import Gap
from monitoring.analysis.forecast import Forecast, days_left, month_end
from monitoring.analysis.series import Keep, unlit
from monitoring.model import DAY, Instant
from monitoring.rollup import Rollup, Series
from monitoring.window import Window, next_step, step_start


@dataclass(frozen=True, slots=True)
class History:
    """Days of a metric up to the window's end, when recording began, and when nothing was monitored."""

    window: Window
    days: Series
    gaps: tuple[Gap, ...] = ()
    first_at: Instant | None = None


def month(history: History, keep: Keep, amount: Callable[[Rollup], float | None]) -> Forecast | None:
    """What the amounts of this local month will come to; None where too few days are known, or an amount is None.

    Days before the first record, and days of which less than half was monitored and that show nothing, are not known.
    """
    window, first_at = history.window, history.first_at
    if first_at is None:
        return None

    starts = (step_start(at, DAY, window.zone) for at in history.days.starts)
    found = {at: amount(rollup) for at, rollup in zip(starts, history.days.line(keep), strict=True)}
    today = step_start(window.end, DAY, window.zone)
    local = datetime.fromtimestamp(window.end / 1000, window.info)
    first = today - (local.day - 1) * DAY
    daily: list[float | None] = []
    so_far, at = found.get(today, 0.0) or 0.0, window.start
    while at < today:
        following = next_step(at, DAY, window.zone)
        value = found.get(at, 0.0)
        dark = not value and unlit(Window(at, following), at, following, history.gaps, first_at)
        if first_at <= at:
            daily.append(None if dark else value)

        # Half a day's grace: days have 23 to 25 hours.
        if at >= first - DAY // 2:
            so_far += value or 0.0

        at = following

    return month_end(
        daily,
        weekday=local.weekday(),
        days_left=days_left(local.date()),
        so_far=so_far,
        today=found.get(today, 0.0) or 0.0,
        passed=(window.end - today) / (next_step(today, DAY, window.zone) - today),
    )
