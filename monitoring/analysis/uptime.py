"""How well services were over a window: by day, or by hours and less in short windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitoring.analysis.figure import Gap
from monitoring.metrics import METRICS
from monitoring.model import DAY, HOUR, MINUTE, Health, Instant
from monitoring.rollup import Labels, Rollup, Series
from monitoring.window import Window, aligned

NOTICED = 0.01
"""A share of a step's probes from which the step bears their outcome."""


@dataclass(frozen=True, slots=True)
class Step:
    """One service in [start, end): probes whose outcome is known, and of them those that were slow and that failed."""

    start: Instant
    end: Instant
    known: int = 0
    degraded: int = 0
    unhealthy: int = 0

    @property
    def health(self) -> Health:
        """The worst that more than one in a hundred probes found; unknown where none did find anything."""
        if not self.known:
            return Health.UNKNOWN

        if self.unhealthy > NOTICED * self.known:
            return Health.UNHEALTHY

        return Health.DEGRADED if self.unhealthy + self.degraded > NOTICED * self.known else Health.HEALTHY


@dataclass(frozen=True, slots=True)
class ServiceUptime:
    """One service: share 0..1 of known probes that it answered, well or slowly; None where none is known.

    `down` and `slow`: seconds, each failed or slow probe standing for its part of the step.
    """

    name: str
    share: float | None
    n: int
    down: float
    slow: float
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Uptime:
    """All probed services by name, in steps of `width` ms."""

    window: Window
    width: int
    services: tuple[ServiceUptime, ...]
    gaps: tuple[Gap, ...] = ()

    @property
    def worst_first(self) -> tuple[ServiceUptime, ...]:
        """Those that were away longest, then those that were slow longest."""
        return tuple(sorted(self.services, key=lambda one: (-one.down, -one.slow, one.name)))


def uptime_width(window: Window) -> int:
    """How wide the steps are: days in windows of more than a week, else a few dozens of hours or minutes."""
    for span, width in ((HOUR, 5 * MINUTE), (6 * HOUR, 15 * MINUTE), (2 * DAY, HOUR), (8 * DAY, 6 * HOUR)):
        if window.length <= span + MINUTE:
            return width

    return DAY


def uptime(window: Window, probe: Series, gaps: tuple[Gap, ...] = ()) -> Uptime:
    """How each service fared; `probe` has the labels service and health, in steps no wider than `uptime_width`."""
    width = uptime_width(window)
    starts = _starts(window, width)
    tables: dict[Instant, dict[tuple[str, str], int]] = {at: {} for at in starts}
    for at, table in zip(probe.starts, probe.steps, strict=True):
        _add(tables.get(aligned(at, width, window.zone), {}), table)

    ends = [*starts[1:], max(aligned(window.end - 1, width, window.zone), window.end)]
    names = sorted({service for table in tables.values() for service, _ in table})
    services = tuple(
        _service(name, [_step(start, end, tables[start], name) for start, end in zip(starts, ends, strict=True)], gaps)
        for name in names
    )
    return Uptime(window, width, services, gaps)


def _starts(window: Window, width: int) -> list[Instant]:
    """Where the steps begin; days have 23 to 25 hours, so a step and a quarter on is always within the next one."""
    at, found = aligned(window.start, width, window.zone), []
    while at < window.end:
        found.append(at)
        at = aligned(at + width * 5 // 4, width, window.zone)

    return found


def _add(sums: dict[tuple[str, str], int], table: Mapping[Labels, Rollup]) -> None:
    places = [METRICS["probe"].labels.index(name) for name in ("service", "health")]
    for labels, rollup in table.items():
        key = (labels[places[0]], labels[places[1]])
        sums[key] = sums.get(key, 0) + rollup.count


def _step(start: Instant, end: Instant, table: Mapping[tuple[str, str], int], name: str) -> Step:
    well, slow, bad = (table.get((name, health), 0) for health in (Health.HEALTHY, Health.DEGRADED, Health.UNHEALTHY))
    return Step(start, end, well + slow + bad, slow, bad)


def _service(name: str, steps: list[Step], gaps: tuple[Gap, ...]) -> ServiceUptime:
    known, bad = sum(step.known for step in steps), sum(step.unhealthy for step in steps)
    down = slow = 0.0
    for step in steps:
        if step.known:
            dark = sum(max(min(step.end, gap.end) - max(step.start, gap.start), 0) for gap in gaps)
            each = (step.end - step.start - dark) / step.known / 1000
            down += each * step.unhealthy
            slow += each * step.degraded

    return ServiceUptime(name, 1 - bad / known if known else None, known, down, slow, tuple(steps))
