"""How many tokens are used, by what, and how many are usual?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from monitoring.analysis.figure import Figure, Gap
from monitoring.analysis.series import Keep, amount, only, recorded, unlit
from monitoring.analysis.spending import Share, Used, per_second, shares, used
from monitoring.model import DAY, HOUR, Instant
from monitoring.rollup import Rollup, Series
from monitoring.window import Window, step_start

LEAST_DAYS = 3
"""Days before that are needed for what is usual."""
USUAL_DAYS = 14
"""Days before that are looked at for it."""


@dataclass(frozen=True, slots=True)
class Step:
    """What was used in the step from `at`; None: not monitored."""

    at: Instant
    used: Used | None


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of a window. `latest` is its last local day so far; in windows of up to two days all of it."""

    window: Window
    total: Figure
    used: Used
    per_second: float | None
    """Completion tokens ÷ seconds, of operations that report tokens."""
    latest: Used
    latest_from: Instant
    usual: float | None
    """The median of what the same hours of the fourteen days before used, of three at least."""
    steps: tuple[Step, ...] = ()
    """Days, or hours in windows of up to two days."""
    models: tuple[Share, ...] = ()
    personas: tuple[Share, ...] = ()
    features: tuple[Share, ...] = ()
    gaps: tuple[Gap, ...] = ()
    first_at: Instant | None = None
    """When recording began, if within the window."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What `tokens` is told: series in days (hours in short windows), and hours of the days before."""

    step: Series
    by_what: Series
    """The whole window by model, persona, feature and operation."""
    before: Series
    days_before: Series
    gaps: tuple[Gap, ...] = ()
    gaps_before: tuple[Gap, ...] = ()
    slots: Mapping[str, int] = field(default_factory=dict)
    first_at: Instant | None = None


def tokens(window: Window, usage: Usage, *, guild: str | None = None) -> Tokens:
    """Tokens of a window, of one guild or the whole bot."""
    keep = only("operation", guild=guild)
    now, before = usage.by_what.sum(keep), usage.before.sum(keep)
    latest_from = latest_start(window)

    return Tokens(
        window=window,
        total=amount(now.tokens, before.tokens, n=now.count, whole=recorded(window.before, usage.first_at)),
        used=used(now),
        per_second=per_second(usage.by_what, keep),
        latest=used(now if latest_from == window.start else _since(usage.step, latest_from, keep)),
        latest_from=latest_from,
        usual=_usual(window, usage, latest_from, keep),
        steps=_steps(window, usage, keep),
        models=shares(usage.by_what, "model", keep),
        personas=shares(usage.by_what, "persona", keep, usage.slots),
        features=shares(usage.by_what, "feature", keep),
        gaps=usage.gaps,
        first_at=usage.first_at if usage.first_at and usage.first_at > window.start else None,
    )


def latest_start(window: Window) -> Instant:
    """Where the last local day of a window begins; in windows of up to two days, where all of it does."""
    if window.length <= 2 * DAY + HOUR:
        return window.start

    return max(step_start(window.end - 1, DAY, window.zone), window.start)


def usual_span(window: Window) -> Window:
    """The hours that are read for what is usual: those of the days before the latest one, at the same time."""
    start = latest_start(window)
    return Window(step_start(_days_ago(start, USUAL_DAYS, window.zone), HOUR, window.zone), start, window.zone)


def _days_ago(at: Instant, days: int, zone: str) -> Instant:
    """The same time of the zone's clock so many days before."""
    moment = datetime.fromtimestamp(at / 1000, ZoneInfo(zone))
    return round((moment - timedelta(days=days)).timestamp() * 1000)


def _since(series: Series, start: Instant, keep: Keep) -> Rollup:
    """All steps from `start` on as one."""
    whole = Rollup()
    for at, step in zip(series.starts, series.line(keep), strict=True):
        if at >= start:
            whole.merge(step)

    return whole


def _usual(window: Window, usage: Usage, start: Instant, keep: Keep) -> float | None:
    """The median of the same hours of the days before; days that were not monitored are left out."""
    hours = [
        (at, end, rollup.tokens)
        for at, end, rollup in zip(
            usage.days_before.starts, usage.days_before.ends, usage.days_before.line(keep), strict=True
        )
    ]
    days = []
    # A window of two days is compared with two days; so no day is in two of those that the median is of.
    each = max(round((window.end - start) / DAY), 1)
    for back in range(each, USUAL_DAYS + 1, each):
        begin, until = (_days_ago(at, back, window.zone) for at in (start, window.end))
        if not unlit(Window(begin, until), begin, until, usage.gaps_before, usage.first_at):
            days.append(sum(_part(hour, begin, until) for hour in hours))

    return median(days) if len(days) >= LEAST_DAYS else None


def _part(hour: tuple[Instant, Instant, int], begin: Instant, until: Instant) -> float:
    """What of an hour's tokens falls into a span, as if they were spread evenly over it."""
    start, end, total = hour
    inside = min(end, until) - max(start, begin)
    return total * inside / (end - start) if inside > 0 else 0.0


def _steps(window: Window, usage: Usage, keep: Keep) -> tuple[Step, ...]:
    """What was used in each step; None where nothing was and most of it was not monitored."""
    found = []
    for at, end, rollup in zip(usage.step.starts, usage.step.ends, usage.step.line(keep), strict=True):
        dark = not rollup.tokens and unlit(window, at, end, usage.gaps, usage.first_at)
        found.append(Step(at, None if dark else used(rollup)))

    return tuple(found)
