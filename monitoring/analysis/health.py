"""Is everything well?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitoring.analysis.figure import Bands, Gap, Point, Timing
from monitoring.analysis.series import only
from monitoring.metrics import GAUGES
from monitoring.model import Band, Health, Instant, Service
from monitoring.rollup import Series
from monitoring.window import Window


@dataclass(frozen=True, slots=True)
class Reading:
    """One gauge now: value in its unit, and the band-less limit a rule has for it, if any."""

    name: str
    value: float | None
    at: Instant | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Books:
    """Where every fact since the start is: accepted = stored + buffered + dropped."""

    accepted: int
    stored: int
    buffered: int
    dropped: tuple[tuple[str, str, int], ...] = ()
    """Class, reason and number, most first."""

    @property
    def total_dropped(self) -> int:
        """All that were dropped."""
        return sum(n for _, _, n in self.dropped)


@dataclass(frozen=True, slots=True)
class Pings:
    """The dead-man pings since the start, sent every so many seconds to a service that tells of our silence."""

    every: float
    answered: int = 0
    failed: int = 0
    withheld: int = 0
    """Not sent, since the bot was not alive enough."""
    answered_at: Instant | None = None
    wrong: str = ""
    """Why they do not arrive just now, in a sentence; "": they do."""


@dataclass(frozen=True, slots=True)
class HealthPage:
    """The whole answer to `/health`. Services: those that need attention first."""

    at: Instant
    overall: Health
    services: tuple[Service, ...]
    readings: tuple[Reading, ...] = ()
    """Of the host: only for those who may see it, else empty."""
    gateway_latency: float | None = None
    gateway_connected: bool = True
    loop_lag: float | None = None
    uptime: float | None = None
    """Seconds since the bot started."""
    incidents: tuple[int, ...] = ()
    """Numbers of open incidents."""
    mean: float | None = None
    p95: float | None = None
    """Responses of the last hour, seconds."""
    critical_figures: tuple[str, ...] = ()
    """Figures that are critical now, which make the bot degraded."""
    interval: float = 30.0
    """Seconds between probes."""
    dropping: bool = False
    """More is seen at the moment than can be recorded."""
    books: Books | None = None
    """The monitor's own; only for those who may see the host."""
    pings: Pings | None = None
    """The dead-man pings, where there are any; only for those who may see the host."""


@dataclass(frozen=True, slots=True)
class GaugeLine:
    """One gauge over a window, in its unit."""

    name: str
    unit: str
    now: float | None
    peak: float | None
    peak_at: Instant | None
    points: tuple[Point, ...]
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Resources:
    """CPU, memory, event-loop lag and gateway latency over a window (the four strips), and other readings."""

    window: Window
    lines: tuple[GaugeLine, ...]
    gaps: tuple[Gap, ...] = ()


_ORDER = {Health.UNHEALTHY: 0, Health.DEGRADED: 1, Health.UNKNOWN: 2, Health.HEALTHY: 3}


def overall(services: Sequence[Service], critical_figures: Sequence[str]) -> Health:
    """Unhealthy if a critical service is; degraded if any is unwell or a figure is critical; else healthy."""
    if any(s.critical and s.health is Health.UNHEALTHY for s in services):
        return Health.UNHEALTHY

    if critical_figures or any(s.health in (Health.UNHEALTHY, Health.DEGRADED) for s in services):
        return Health.DEGRADED

    return Health.HEALTHY if any(s.health is Health.HEALTHY for s in services) else Health.UNKNOWN


def by_need(services: Sequence[Service]) -> tuple[Service, ...]:
    """Those that need attention first, then by name."""
    return tuple(sorted(services, key=lambda s: (_ORDER[s.health], s.name)))


def critical_figures(timed: Timing, bands: Bands) -> tuple[str, ...]:
    """Which figures are critical, of at least twenty responses."""
    if timed.n < 20:
        return ()

    found = []
    for name, value, limits in (
        ("mean response time", timed.mean, bands.mean),
        ("P95 response time", timed.p95, bands.p95),
        ("P99 response time", timed.p99, bands.p99),
        ("error rate", timed.rate, bands.errors),
    ):
        if limits.band(value) is Band.CRITICAL:
            found.append(name)

    return tuple(found)


def resources(
    window: Window,
    gauge: Series,
    names: Sequence[str],
    *,
    last: Mapping[str, float],
    limits: Mapping[str, float],
    gaps: tuple[Gap, ...],
) -> Resources:
    """Gauges over a window: the mean of each step, the highest reading and when, and the last one."""
    lines = []
    for name in names:
        keep = only("gauge", name=name)
        points, peak, peak_at = [], None, None
        for at, rollup in zip(gauge.starts, gauge.line(keep), strict=True):
            points.append(Point(at, rollup.mean, rollup.count))
            if rollup.high is not None and (peak is None or rollup.high / 1e6 > peak):
                peak, peak_at = rollup.high / 1e6, at

        # Where another process records, memory knows of no reading: the newest step is the nearest to it.
        now = last.get(name, points[-1].value if points else None)
        lines.append(GaugeLine(name, GAUGES[name], now, peak, peak_at, tuple(points), limits.get(name)))

    return Resources(window, tuple(lines), gaps)
