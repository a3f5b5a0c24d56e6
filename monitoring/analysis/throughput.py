"""How much is done in a minute or an hour?"""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.analysis.attempts import kept
from monitoring.analysis.figure import Figure, Gap, Point
from monitoring.analysis.performance import partial
from monitoring.analysis.series import chart_width, only, regroup
from monitoring.analysis.services import monitored, rate_per
from monitoring.model import HOUR, MINUTE, Instant
from monitoring.rollup import Series
from monitoring.window import Window

LEAST_LIT = 0.2
"""The part of a step that must have been monitored, so that what was counted in it says something of the rest."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Successes and failures in each unit of time of the step [at, end); None where monitoring was off."""

    at: Instant
    end: Instant
    good: float | None
    failed: float | None

    @property
    def both(self) -> float | None:
        """Attempts in each unit of time."""
        return None if self.good is None or self.failed is None else self.good + self.failed


@dataclass(frozen=True, slots=True)
class Throughput:
    """Answers and messages, or the operations of a service, by time. Rates are over monitored time only."""

    window: Window
    service: str
    unit: int
    """What the rates of `points`, `messages` and `peak` are per: a minute or an hour, in ms."""
    per_minute: Figure
    per_hour: Figure
    failures: int = 0
    points: tuple[Rate, ...] = ()
    messages: tuple[Point, ...] = ()
    """Messages of users and personas in each unit of time; none of a service."""
    messages_per_hour: float | None = None
    peak: float | None = None
    peak_at: Instant | None = None
    """Start of the step with most attempts."""
    gaps: tuple[Gap, ...] = ()
    first_at: Instant | None = None
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """What `throughput` is told: answers or operations, and messages, in steps as stored; the window before as one."""

    work: Series
    work_before: Series
    message: Series = Series("message", (), (), ())
    gaps: tuple[Gap, ...] = ()
    gaps_before: tuple[Gap, ...] = ()
    drop: Series = Series("drop", (), (), ())
    first_at: Instant | None = None


def throughput(window: Window, flow: Flow, *, service: str = "", guild: str | None = None) -> Throughput:
    """Throughput of a window: of one service's operations, or of all answers and messages."""
    if flow.work.metric == "operation":
        keep = kept("operation", flow.work, service, guild)
    else:
        keep = only("response", guild=guild)

    wide = _in_chart_steps(flow.work, window)
    counted = list(zip(wide.starts, wide.ends, wide.line(keep), strict=True))
    lit = {at: _lit(window, at, end, flow.gaps) for at, end, _ in counted}
    fastest = max((r.count * MINUTE / lit[at] for at, _, r in counted if lit[at]), default=0)
    unit = MINUTE if fastest >= 1 else HOUR
    points = tuple(
        Rate(at, end, rate_per(r.successes, lit[at], unit), rate_per(r.failures, lit[at], unit))
        for at, end, r in counted
    )
    done, before = flow.work.sum(keep), flow.work_before.sum(keep).count
    whole, whole_before = monitored(window, flow.gaps), monitored(window.before, flow.gaps_before)
    known = [point for point in points if point.both]
    peak = max(known, key=lambda point: point.both or 0, default=None)
    written = flow.message.sum(only("message", guild=guild)).count
    return Throughput(
        window=window,
        service=service,
        unit=unit,
        per_minute=Figure(rate_per(done.count, whole, MINUTE), rate_per(before, whole_before, MINUTE), done.count),
        per_hour=Figure(rate_per(done.count, whole, HOUR), rate_per(before, whole_before, HOUR), done.count),
        failures=done.failures,
        points=points,
        messages=_messages(window, flow, unit, guild),
        messages_per_hour=rate_per(written, whole, HOUR) if flow.message.starts else None,
        peak=peak.both if peak else None,
        peak_at=peak.at if peak else None,
        gaps=flow.gaps,
        first_at=flow.first_at if flow.first_at and flow.first_at > window.start else None,
        partial=partial(flow.drop),
    )


def _in_chart_steps(series: Series, window: Window) -> Series:
    return regroup(series, chart_width(window), window.zone)


def _messages(window: Window, flow: Flow, unit: int, guild: str | None) -> tuple[Point, ...]:
    wide, keep = _in_chart_steps(flow.message, window), only("message", guild=guild)
    return tuple(
        Point(at, rate_per(r.count, _lit(window, at, end, flow.gaps), unit), r.count)
        for at, end, r in zip(wide.starts, wide.ends, wide.line(keep), strict=True)
    )


def _lit(window: Window, at: Instant, end: Instant, gaps: tuple[Gap, ...]) -> int:
    """Monitored milliseconds of a step's part in the window; 0 where it is too little to tell a rate from."""
    lit = monitored(Window(max(at, window.start), min(end, window.end), window.zone), gaps)
    return lit if lit >= LEAST_LIT * (end - at) else 0
