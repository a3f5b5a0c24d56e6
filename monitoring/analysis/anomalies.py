"""Unusual hours: a figure against its own habit at that hour of the week, so that a quiet night is no alarm.

The habit is the median of the same hour of the week before, its unrest the median absolute deviation (MAD × 1.4826;
Hampel 1974; Iglewicz, Hoaglin 1993), after a transformation that makes unrest even: square root for counts (Anscombe
1948), logarithm for times, arcsine for rates. An hour of few weeks takes its neighbours along, and no hour is thought
calmer than the figure is all in all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

from monitoring.analysis.figure import Gap, Point
from monitoring.analysis.series import LEAST_P95, Keep, unlit
from monitoring.model import DAY, HOUR, Instant
from monitoring.rollup import Rollup, Series
from monitoring.window import Window

LEAST_WEEKS = 3
"""Weeks with that hour before, of which there is a habit at least."""
ENOUGH = 5
"""Values of which a median is sure enough; with fewer, the hours before and after count too."""
FAR = 2.5
"""Robust standard deviations from which an hour may be part of an unusual span."""
UNUSUAL, EXTREME = 5.0, 6.0
"""What the hours of a span have together (their sum ÷ √hours), of two hours at least, or of a single one."""
MAD = 1.4826


@dataclass(frozen=True, slots=True)
class Habit:
    """How a figure is compared: what makes its unrest even, and which differences are worth a word."""

    name: str
    even: Callable[[float], float]
    least_n: int
    """Things an hour is counted from at least."""
    ratio: float
    """The value has to be so many times what is usual (or so much less)."""
    apart: float
    """and differ by at least so much, in the figure's unit."""
    chance: Callable[[float], float]
    """The unrest that chance alone gives an hour of so many things, once made even."""
    falls: bool = False
    """Whether less than usual is told too."""


def _log(value: float) -> float:
    return math.log(max(value, 1e-6))


def _angle(value: float) -> float:
    return math.asin(math.sqrt(min(max(value, 0.0), 1.0)))


HABITS: dict[str, Habit] = {
    habit.name: habit
    for habit in (
        Habit("messages", math.sqrt, 0, 1.5, 15, lambda _: 0.5, falls=True),
        Habit("mean", _log, 10, 1.4, 0.5, lambda n: 0.5 / math.sqrt(n)),
        Habit("p95", _log, 20, 1.5, 1.0, lambda n: 1.0 / math.sqrt(n)),
        Habit("errors", _angle, 20, 1.5, 0.05, lambda n: 0.5 / math.sqrt(n)),
        Habit("tokens", math.sqrt, 0, 2.0, 20_000, lambda _: 0.0),
    )
}
"""By figure. Messages and tokens are amounts of an hour; errors a rate 0..1; mean and P95 seconds."""


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A figure was unusual from start to end; value and usual are means over these hours, `peak` the furthest value."""

    figure: str
    start: Instant
    end: Instant
    value: float
    usual: float
    peak: float
    score: float
    """How far it was, in robust standard deviations; below 0: less than usual."""
    weeks: int
    """Of how many earlier values the habit is known, at least."""


@dataclass(frozen=True, slots=True)
class _Hour:
    at: Instant
    value: float
    usual: float
    score: float
    weeks: int


def anomalies(figure: str, points: Sequence[Point], window: Window) -> tuple[Anomaly, ...]:
    """The unusual spans of a window, the furthest from habit first.

    Points are hours in order, of the window and of the weeks before it; None where nothing was monitored.
    """
    habit = HABITS[figure]
    slots = _slots(habit, points, window)
    calm = _unrest(slots)
    found = [
        hour
        for point in points
        if window.start <= point.at < window.end
        and (hour := _judged(habit, point, slots, calm, window.info)) is not None
    ]
    spans = [_anomaly(figure, run) for run in _runs(found)]
    return tuple(sorted((one for one in spans if one is not None), key=lambda one: -abs(one.score)))


_Slots = dict[int, list[tuple[Instant, float, float]]]
"""Earlier values by hour of the week: (at, value, value made even)."""


def _slot(at: Instant, zone: ZoneInfo) -> int:
    local = datetime.fromtimestamp(at / 1000, zone)
    return local.weekday() * 24 + local.hour


def _slots(habit: Habit, points: Sequence[Point], window: Window) -> _Slots:
    """What was before the window: only that is habit."""
    found: _Slots = {}
    for point in points:
        if point.at < window.start and point.value is not None and point.n >= habit.least_n:
            slot = _slot(point.at, window.info)
            found.setdefault(slot, []).append((point.at, point.value, habit.even(point.value)))

    return found


def _unrest(slots: _Slots) -> float:
    """How far values lie from their own slot's median, all in all."""
    apart = []
    for values in slots.values():
        if len(values) >= LEAST_WEEKS:
            middle = median(even for _, _, even in values)
            # Few values lie nearer to their own median than to the true one.
            few = math.sqrt(len(values) / (len(values) - 1))
            apart += [abs(even - middle) * few for _, _, even in values]

    return MAD * median(apart) if apart else 0.0


def _judged(habit: Habit, point: Point, slots: _Slots, calm: float, zone: ZoneInfo) -> _Hour | None:
    """The hour, if it is far from what is usual then."""
    if point.value is None or point.n < habit.least_n:
        return None

    own = slots.get(_slot(point.at, zone), [])
    if len(own) < LEAST_WEEKS:
        return None

    values = list(own)
    if len(own) < ENOUGH:
        for beside in (-HOUR, HOUR):
            values += slots.get(_slot(point.at + beside, zone), [])

    even = [one for _, _, one in values]
    middle = median(one for _, _, one in own) if len(own) >= ENOUGH else median(even)
    spread = MAD * median(abs(one - middle) for one in even)
    scale = max(spread, calm, habit.chance(max(point.n, 1)), 1e-9) * math.sqrt(1 + 1.57 / len(own))
    usual = median(value for _, value, _ in (own if len(own) >= ENOUGH else values))
    score = (habit.even(point.value) - middle) / scale
    if abs(score) < FAR or not _worth(habit, point.value, usual):
        return None

    return _Hour(point.at, point.value, usual, score, len(own))


def _worth(habit: Habit, value: float, usual: float) -> bool:
    if value < usual:
        return habit.falls and usual - value >= habit.apart and value * habit.ratio <= usual

    return value - usual >= habit.apart and value >= usual * habit.ratio


def _runs(hours: Sequence[_Hour]) -> list[list[_Hour]]:
    """Neighbouring hours on the same side of what is usual."""
    runs: list[list[_Hour]] = []
    for hour in hours:
        last = runs[-1][-1] if runs else None
        if last is not None and hour.at - last.at <= HOUR and (hour.score > 0) == (last.score > 0):
            runs[-1].append(hour)
        else:
            runs.append([hour])

    return runs


def _anomaly(figure: str, run: Sequence[_Hour]) -> Anomaly | None:
    furthest = max(run, key=lambda hour: abs(hour.score))
    score = sum(hour.score for hour in run) / math.sqrt(len(run))
    if abs(score) < (UNUSUAL if len(run) > 1 else EXTREME):
        return None

    return Anomaly(
        figure,
        run[0].at,
        run[-1].at + HOUR,
        sum(hour.value for hour in run) / len(run),
        sum(hour.usual for hour in run) / len(run),
        furthest.value,
        score,
        min(hour.weeks for hour in run),
    )


def since(window: Window, weeks: int = 8) -> Instant:
    """From when on hours are needed for the habits of a window."""
    return window.start - weeks * 7 * DAY


FIGURES: dict[str, Callable[[Rollup], float | None]] = {
    "messages": lambda rollup: float(rollup.count),
    "mean": lambda rollup: rollup.mean,
    "p95": lambda rollup: rollup.quantile(0.95, LEAST_P95),
    "errors": lambda rollup: rollup.rate,
    "tokens": lambda rollup: float(rollup.tokens),
}
AMOUNTS = ("messages", "tokens")


def hourly(
    figure: str, hours: Series, keep: Keep, span: Window, gaps: tuple[Gap, ...], first_at: Instant | None
) -> tuple[Point, ...]:
    """A figure's complete hours; None where nothing was counted, which for amounts means: and nothing was monitored."""
    found = []
    for at, end, rollup in zip(hours.starts, hours.ends, hours.line(keep), strict=True):
        if end > span.end or first_at is None or at < first_at:
            continue

        value = FIGURES[figure](rollup)
        if figure in AMOUNTS and not rollup.count and unlit(span, at, end, gaps, first_at):
            value = None

        found.append(Point(at, value, rollup.count))

    return tuple(found)
