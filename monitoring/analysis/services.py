"""How do the services fare, and the operations of one?"""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.analysis.attempts import kept
from monitoring.analysis.figure import Bands, Gap, Timing
from monitoring.analysis.performance import RESPONSE, partial
from monitoring.analysis.series import label, only, timing
from monitoring.analysis.singles import Single, failed, newest, of_labels, slowest
from monitoring.model import HOUR, MINUTE, Instant
from monitoring.operations import Operations
from monitoring.rollup import Series
from monitoring.window import Window


@dataclass(frozen=True, slots=True)
class Work:
    """A service, or an operation of one, with its times and how many there were in a minute and in an hour.

    Both are over the monitored time of the window; None where nothing of it was monitored.
    """

    name: str
    timing: Timing
    per_minute: float | None
    per_hour: float | None


@dataclass(frozen=True, slots=True)
class ServicePage:
    """The operations of a service in a window; without a name, all services side by side."""

    window: Window
    service: str
    all: Work
    before: Timing
    rows: tuple[Work, ...] = ()
    """Operations of the service, or services; most first."""
    recent: tuple[Single, ...] = ()
    """Of at most the last 24 h of the window, as `slowest` and `failed`; none for all services."""
    slowest: tuple[Single, ...] = ()
    failed: tuple[Single, ...] = ()
    gaps: tuple[Gap, ...] = ()
    bands: Bands = Bands()
    first_at: Instant | None = None
    """When recording began, if within the window."""
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Worked:
    """What `service_page` is told: operations as one step each, and the raw ones of the last 24 h."""

    operation: Series
    operation_before: Series
    operations: Operations | None = None
    drop: Series = Series("drop", (), (), ())
    gaps: tuple[Gap, ...] = ()
    first_at: Instant | None = None


def service_page(
    window: Window, told: Worked, *, service: str = "", guild: str | None = None, bands: Bands
) -> ServicePage:
    """One service by operation, or all by service, of one guild or the whole bot.

    Whole answers stand beside their parts, but are not added to them.
    """
    mine = only("operation", service=service or None, guild=guild)
    keep = kept("operation", told.operation, service, guild)
    found = told.operation.total(
        label("operation", "operation", mine) if service else label("operation", "service", keep)
    )
    lit = monitored(window, told.gaps)
    rows = [_work(name, timing(rollup), lit) for name, rollup in found.items() if name]
    raw = of_labels(told.operations, keep) if told.operations is not None else None
    return ServicePage(
        window=window,
        service=service,
        all=_work(service, timing(told.operation.sum(keep)), lit),
        before=timing(told.operation_before.sum(keep)),
        rows=tuple(sorted(rows, key=lambda row: (row.name == RESPONSE, -row.timing.n, row.name))),
        recent=newest(raw) if raw is not None else (),
        slowest=slowest(raw) if raw is not None else (),
        failed=failed(raw) if raw is not None else (),
        gaps=told.gaps,
        bands=bands,
        first_at=told.first_at if told.first_at and told.first_at > window.start else None,
        partial=partial(told.drop),
    )


def monitored(window: Window, gaps: tuple[Gap, ...]) -> int:
    """Milliseconds of the window in which monitoring was on."""
    dark = sum(max(min(gap.end, window.end) - max(gap.start, window.start), 0) for gap in gaps)
    return max(window.length - dark, 0)


def rate_per(count: float, lit: int, unit: int) -> float | None:
    """How many in each `unit` ms of `lit` monitored ms; None where nothing was monitored."""
    return count * unit / lit if lit > 0 else None


def _work(name: str, timed: Timing, lit: int) -> Work:
    return Work(name, timed, rate_per(timed.n, lit, MINUTE), rate_per(timed.n, lit, HOUR))
