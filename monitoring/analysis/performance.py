"""How fast are answers, and where does the time go?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from monitoring.analysis.figure import Bands, Gap, Timing, TimingPoint
from monitoring.analysis.series import label, only, timing
from monitoring.model import Instant
from monitoring.rollup import Labels, Rollup, Series
from monitoring.window import Window


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a mean response: its mean in seconds, and its share 0..1 of all components."""

    name: str
    mean: float
    share: float
    n: int


@dataclass(frozen=True, slots=True)
class PersonaTiming:
    """One persona's timing; slot is its colour (1-based)."""

    persona: str
    slot: int
    timing: Timing


@dataclass(frozen=True, slots=True)
class Performance:
    """Response times of a window; `subject` is a persona or service, "" for all personas."""

    window: Window
    subject: str
    now: Timing
    before: Timing
    points: tuple[TimingPoint, ...] = ()
    gaps: tuple[Gap, ...] = ()
    components: tuple[Component, ...] = ()
    component_points: tuple[tuple[Instant, tuple[tuple[str, float], ...]], ...] = ()
    """Per step: mean seconds by component, in the order of `components`."""
    personas: tuple[PersonaTiming, ...] = ()
    first_token: Timing = Timing()
    first_token_before: Timing = Timing()
    tokens_per_second: float | None = None
    peak_at: Instant | None = None
    """Start of the step with the highest P95 (mean where there are too few)."""
    peak: float | None = None
    usual: tuple[float, float] | None = None
    """Tenth and ninetieth percentile of the P95 of the steps of the window before."""
    bands: Bands = Bands()
    slow_spells: tuple[Gap, ...] = ()
    """Runs of steps whose P95 was above its warning limit."""
    first_at: Instant | None = None
    """When recording began, if within the window."""
    last_at: Instant | None = None
    """The last answer known of, even before the window."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What `performance` is told: series in the chart's steps; `before` may be one single step."""

    response: Series
    response_before: Series
    operation: Series
    first_token: Series
    first_token_before: Series
    gaps: tuple[Gap, ...] = ()
    slots: Mapping[str, int] = field(default_factory=dict)
    first_at: Instant | None = None
    last_at: Instant | None = None


def performance(
    window: Window, asked: Answers, *, persona: str = "", guild: str | None = None, bands: Bands
) -> Performance:
    """Response times of a window, of one persona or all, of one guild or the whole bot."""
    wanted = persona or None
    keep = only("response", persona=wanted, guild=guild)
    points = tuple(
        TimingPoint(start, end, timing(rollup))
        for start, end, rollup in zip(
            asked.response.starts, asked.response.ends, asked.response.line(keep), strict=True
        )
    )
    keep_first = only("first_token", persona=wanted, guild=guild)
    keep_operation = only("operation", persona=wanted, guild=guild)
    components, component_points = _components(asked.operation, keep_operation)
    peak = _peak(points)

    return Performance(
        window=window,
        subject=persona,
        now=timing(asked.response.sum(keep)),
        before=timing(asked.response_before.sum(keep)),
        points=points,
        gaps=asked.gaps,
        components=components,
        component_points=component_points,
        personas=_by_persona(asked, only("response", guild=guild)),
        first_token=timing(asked.first_token.sum(keep_first)),
        first_token_before=timing(asked.first_token_before.sum(keep_first)),
        tokens_per_second=_speed(asked.operation, keep_operation),
        peak_at=peak.start if peak else None,
        peak=_height(peak.timing) if peak else None,
        usual=usual([p.timing.p95 for p in points]),
        bands=bands,
        slow_spells=slow_spells(points, bands.p95.warning),
        first_at=asked.first_at if asked.first_at and asked.first_at > window.start else None,
        last_at=asked.last_at,
    )


def _height(value: Timing) -> float | None:
    return value.p95 if value.p95 is not None else value.mean


def _peak(points: tuple[TimingPoint, ...]) -> TimingPoint | None:
    """The step with the highest P95; steps with a P95 come before those with too few for one."""
    known = [p for p in points if p.timing.p95 is not None] or [p for p in points if p.timing.mean is not None]
    return max(known, key=lambda p: _height(p.timing) or 0, default=None)


def usual(values: Sequence[float | None]) -> tuple[float, float] | None:
    """What is usual: the tenth and ninetieth percentile of the known values, of at least five."""
    known = sorted(v for v in values if v is not None)
    if len(known) < 5:
        return None

    return known[int(0.1 * (len(known) - 1))], known[math.ceil(0.9 * (len(known) - 1))]


def slow_spells(points: Sequence[TimingPoint], limit: float) -> tuple[Gap, ...]:
    """Runs of neighbouring steps whose P95 is above the limit."""
    found: list[Gap] = []
    for point in points:
        if point.timing.p95 is None or point.timing.p95 <= limit:
            continue

        if found and found[-1].end == point.start:
            found[-1] = Gap(found[-1].start, point.end)
        else:
            found.append(Gap(point.start, point.end))

    return tuple(found)


def _part(labels: Labels) -> str | None:
    """The component a label set of `operation` belongs to; the response itself is none."""
    return None if labels[1] in ("response", "") else labels[1]


def _components(
    series: Series, keep: Callable[[Labels], bool]
) -> tuple[tuple[Component, ...], tuple[tuple[Instant, tuple[tuple[str, float], ...]], ...]]:
    """Mean seconds by component, largest share first, over all and by step.

    The mean of a component is over all responses that had components, so that the parts add up to a mean response.
    """
    parts = series.total(lambda labels: _part(labels) if keep(labels) else None)
    # Every answer goes through the model once; where no model is reported, the most frequent part stands for it.
    rounds = max((p.successes for p in parts.values()), default=0)
    whole = sum(p.total for p in parts.values())
    if not whole or not rounds:
        return (), ()

    ordered = sorted(parts.items(), key=lambda item: -item[1].total)
    components = tuple(Component(n, p.total / 1e6 / rounds, p.total / whole, p.successes) for n, p in ordered)
    points = []
    for start, step in zip(series.starts, series.steps, strict=True):
        now = Series(series.metric, (start,), (start,), (step,)).total(
            lambda labels: _part(labels) if keep(labels) else None
        )
        most = max((p.successes for p in now.values()), default=0)
        points.append(
            (start, tuple((c.name, now[c.name].total / 1e6 / most) for c in components if most and c.name in now))
        )

    return components, tuple(points)


def _speed(series: Series, keep: Callable[[Labels], bool]) -> float | None:
    """Tokens a second: completion tokens of operations that report them ÷ the time these took."""
    with_tokens = Rollup()
    for step in series.steps:
        for labels, rollup in step.items():
            if keep(labels) and rollup.completion and _part(labels):
                with_tokens.merge(rollup)

    return with_tokens.completion / (with_tokens.total / 1e6) if with_tokens.total else None


def _by_persona(asked: Answers, keep: Callable[[Labels], bool]) -> tuple[PersonaTiming, ...]:
    """Each persona's timing, slowest P95 first, those with too few last."""
    found = asked.response.total(label("response", "persona", keep))
    rows = [PersonaTiming(name, asked.slots.get(name, 0), timing(r)) for name, r in found.items() if name]
    return tuple(sorted(rows, key=lambda row: (row.timing.p95 is None, -(row.timing.p95 or 0), -row.timing.n)))
