"""What this month will amount to, from stored days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    """What the amounts of this local month will come to; None where too few days are known, or an amount is None."""
    starts = (step_start(at, DAY, history.window.zone) for at in history.days.starts)
    amounts = {at: amount(rollup) for at, rollup in zip(starts, history.days.line(keep), strict=True)}
    return month_of_days(history.window, amounts, history.gaps, history.first_at)


def month_of_days(
    window: Window, amounts: Mapping[Instant, float | None], gaps: tuple[Gap, ...], first_at: Instant | None
) -> Forecast | None:
    """The same from the amounts of local days by their starts; a day that is missing had none, None is not known.

    Days before the first record, and days of which less than half was monitored and that show nothing, are not known.
    """
    if first_at is None:
        return None

    today = step_start(window.end, DAY, window.zone)
    local = datetime.fromtimestamp(window.end / 1000, window.info)
    first = today - (local.day - 1) * DAY
    daily: list[float | None] = []
    so_far, at = amounts.get(today) or 0.0, window.start
    while at < today:
        following = next_step(at, DAY, window.zone)
        value = amounts.get(at, 0.0)
        dark = not value and unlit(Window(at, following), at, following, gaps, first_at)
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
        today=amounts.get(today) or 0.0,
        passed=(window.end - today) / (next_step(today, DAY, window.zone) - today),
    )
