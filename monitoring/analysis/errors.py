"""What fails, how often, where, and is it getting worse?"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace

from monitoring.analysis.attempts import Place, attempts, failing_commands, failing_services, kept
from monitoring.analysis.figure import Bands, Figure, Gap
from monitoring.analysis.performance import partial
from monitoring.analysis.series import Keep, amount, failing, label, only, recorded, regroup, unlit
from monitoring.analysis.singles import Single, failed, of_labels
from monitoring.model import DAY, HOUR, MINUTE, ErrorKind, Instant
from monitoring.operations import Manner, Operations
from monitoring.rollup import Series
from monitoring.window import Window

LEAST_TREND = 10
"""Errors of twelve hours from which a trend is told."""
_NOTHING = Series("failure", (), (), ())


@dataclass(frozen=True, slots=True)
class Kind:
    """Failures of one kind; `share` 0..1 of all, `last_at` to the millisecond for the last 24 h, else its step."""

    name: str
    severity: str
    count: int
    share: float
    last_at: Instant


@dataclass(frozen=True, slots=True)
class Trend:
    """Failures of the last six hours and of the six before; within a tenth it is stable."""

    now: int
    before: int

    @property
    def word(self) -> str:
        """increasing, decreasing or stable."""
        if abs(self.now - self.before) * 10 <= self.before:
            return "stable"

        return "increasing" if self.now > self.before else "decreasing"


@dataclass(frozen=True, slots=True)
class ErrorStep:
    """Failures in [at, end); None where nothing was counted and monitoring was off."""

    at: Instant
    end: Instant
    failures: int | None


@dataclass(frozen=True, slots=True)
class Worst:
    """The step with most failures, the kind that most of them were of, and whether it stands out among the others."""

    at: Instant
    end: Instant
    count: int
    kind: str
    of_kind: int
    stands_out: bool


@dataclass(frozen=True, slots=True)
class Errors:
    """Failed operations and commands of a window, of all services or one.

    A whole answer fails because a part of it does, so it is left out where parts are known; `answers` has them.
    """

    window: Window
    service: str
    total: Figure
    """Failures."""
    rate: Figure
    """Failures ÷ attempts, 0..1; n: attempts."""
    answers: Figure
    """Failed answers ÷ answers, the rate of the overview; not known of a single service."""
    kinds: tuple[Kind, ...] = ()
    """Most first."""
    services: tuple[Place, ...] = ()
    """Those with failures, most first."""
    commands: tuple[Place, ...] = ()
    recent: tuple[Single, ...] = ()
    """The newest failed operations, of at most the last 24 h; commands are not kept one by one."""
    trend: Trend | None = None
    """None with too few failures, or where the twelve hours were not recorded."""
    steps: tuple[ErrorStep, ...] = ()
    worst: Worst | None = None
    gaps: tuple[Gap, ...] = ()
    first_at: Instant | None = None
    """When recording began, if within the window."""
    partial: bool = False
    incidents: tuple[Instant, ...] = ()
    """When incidents about errors opened."""

    @property
    def verdict(self) -> Figure:
        """The rate that says how bad it is: of answers, as in the overview; of attempts where none is known."""
        return self.answers if self.answers.n else self.rate


@dataclass(frozen=True, slots=True)
class Failings:
    """What `errors` is told: failures in steps as stored, the rest as one step; raw operations of the last 24 h."""

    failure: Series
    failure_before: Series
    operation: Series
    operation_before: Series
    command: Series
    command_before: Series
    response: Series
    response_before: Series
    late: Series = _NOTHING
    """Failures of the last six hours."""
    earlier: Series = _NOTHING
    """Failures of the six hours before."""
    operations: Operations | None = None
    drop: Series = Series("drop", (), (), ())
    gaps: tuple[Gap, ...] = ()
    first_at: Instant | None = None


def errors(window: Window, told: Failings, *, service: str = "", guild: str | None = None, bands: Bands) -> Errors:
    """The errors of a window, of one service or all, of one guild or the whole bot."""
    keep = kept("failure", told.operation, service, guild)
    fails, fails_before = told.failure.sum(keep).count, told.failure_before.sum(keep).count
    tried = attempts(told.operation, told.command, service, guild)
    tried_before = attempts(told.operation_before, told.command_before, service, guild, as_in=told.operation)
    rate = Figure(_share(fails, tried), _share(fails_before, tried_before), tried)
    whole = recorded(window.before, told.first_at)
    steps = _steps(window, told, keep)
    recent = _recent(told, service, guild)
    return Errors(
        window=window,
        service=service,
        total=amount(fails, fails_before, n=tried, whole=whole),
        rate=replace(rate, band=bands.errors.band(rate.value)),
        answers=Figure(None) if service else _answers(told, guild, bands),
        kinds=_kinds(told.failure, keep, recent),
        services=failing_services(told.operation, told.command, service, guild),
        commands=failing_commands(told.command, service, guild),
        recent=failed(recent) if recent is not None else (),
        trend=_trend(window, told, keep),
        steps=steps,
        worst=_worst(steps, told.failure, keep, fails),
        gaps=told.gaps,
        first_at=told.first_at if told.first_at and told.first_at > window.start else None,
        partial=partial(told.drop),
    )


def severity(kind: str) -> str:
    """How bad a failure of this kind is: low, medium or high."""
    return ErrorKind(kind).severity if kind in set(ErrorKind) else ErrorKind.UNKNOWN.severity


def error_width(window: Window) -> int:
    """The width in ms of the bars: some dozen in short windows, hours in a day, days in a month."""
    for span, width in ((HOUR, 5 * MINUTE), (6 * HOUR, 15 * MINUTE), (2 * DAY, HOUR), (8 * DAY, 6 * HOUR)):
        if window.length <= span + MINUTE:
            return width

    return DAY


def _answers(told: Failings, guild: str | None, bands: Bands) -> Figure:
    """The error rate of the overview."""
    keep = only("response", guild=guild)
    found = failing(told.response.sum(keep), told.response_before.sum(keep))
    return replace(found, band=bands.errors.band(found.value))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _recent(told: Failings, service: str, guild: str | None) -> Operations | None:
    """The raw operations that are meant."""
    if told.operations is None:
        return None

    return of_labels(told.operations, kept("operation", told.operation, service, guild))


def _kinds(failure: Series, keep: Keep, recent: Operations | None) -> tuple[Kind, ...]:
    """Each kind with its count, its share, and when it was last seen."""
    kind_of = label("failure", "kind", keep)
    counts = {kind: r.count for kind, r in failure.total(kind_of).items()}
    last: dict[str, Instant] = {}
    for at, step in zip(failure.starts, failure.steps, strict=True):
        last |= {kind: at for labels in step if (kind := kind_of(labels)) is not None}

    for kind, at in _last_of(recent).items():
        last[kind] = max(last.get(kind, at), at)

    whole = sum(counts.values())
    rows = [Kind(kind, severity(kind), n, n / whole, last[kind]) for kind, n in counts.items() if n]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.name)))


def _last_of(recent: Operations | None) -> dict[str, Instant]:
    """When each kind of failure was last seen among raw operations."""
    if recent is None:
        return {}

    found: dict[str, Instant] = {}
    for kind in {manner.error for manner in recent.manners if manner.error}:
        at = recent.at[recent.of_manner(_failed_by(kind))]
        if len(at):
            found[kind] = int(at.max())

    return found


def _failed_by(kind: str) -> Callable[[Manner], bool]:
    return lambda manner: manner.error == kind


def _trend(window: Window, told: Failings, keep: Keep) -> Trend | None:
    """The last six hours against the six before, where both were recorded and had ten failures together."""
    if told.first_at is None or told.first_at > window.end - 12 * HOUR:
        return None

    found = Trend(told.late.sum(keep).count, told.earlier.sum(keep).count)
    return found if found.now + found.before >= LEAST_TREND else None


def _steps(window: Window, told: Failings, keep: Keep) -> tuple[ErrorStep, ...]:
    """Failures by step of the chart."""
    wide = regroup(told.failure, error_width(window), window.zone)
    found = []
    for at, end, rollup in zip(wide.starts, wide.ends, wide.line(keep), strict=True):
        dark = not rollup.count and unlit(window, at, end, told.gaps, told.first_at)
        found.append(ErrorStep(at, end, None if dark else rollup.count))

    return tuple(found)


def _worst(steps: tuple[ErrorStep, ...], failure: Series, keep: Keep, total: int) -> Worst | None:
    """The step with most failures; it stands out with a quarter of all, ten at least, among four steps or more."""
    worst = max(steps, key=lambda step: step.failures or 0, default=None)
    if worst is None or not worst.failures:
        return None

    found = _between(failure, worst.at, worst.end).total(label("failure", "kind", keep))
    kinds = {kind: r.count for kind, r in found.items()}
    kind = min(kinds, key=lambda name: (-kinds[name], name))
    stands_out = worst.failures >= max(10, total / 4) and len(steps) >= 4
    return Worst(worst.at, worst.end, worst.failures, kind, kinds[kind], stands_out)


def _between(series: Series, start: Instant, end: Instant) -> Series:
    """The steps that begin in [start, end)."""
    first, last = bisect_left(series.starts, start), bisect_left(series.starts, end)
    starts, ends, steps = series.starts[first:last], series.ends[first:last], series.steps[first:last]
    return Series(series.metric, starts, ends, steps)
