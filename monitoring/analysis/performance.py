"""How fast are answers, and where does the time go?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from monitoring.analysis.figure import Bands, Gap, Timing, TimingPoint
from monitoring.analysis.series import Keep, label, only, timing
from monitoring.metrics import MISSING
from monitoring.model import Instant
from monitoring.rollup import Labels, Rollup, Series
from monitoring.window import Window

RESPONSE = "response"
"""The operation that is the whole of an answer, and no part of it."""


REST = "not instrumented"
LEAST_REST = 0.05
"""The time between components is named where it is more than a twentieth of theirs."""


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
    """Tenth and ninetieth percentile of the P95 of the steps."""
    bands: Bands = Bands()
    slow_spells: tuple[Gap, ...] = ()
    """Runs of steps whose P95 was above its warning limit."""
    first_at: Instant | None = None
    """When recording began, if within the window."""
    last_at: Instant | None = None
    """The last answer known of, even before the window."""
    partial: bool = False
    """Facts of the window were dropped: counts are right, as far as others stand for them; quantiles are partial."""
    incidents: tuple[Instant, ...] = ()
    """When incidents about times opened."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What `performance` is told: series in the chart's steps; `before` may be one single step."""

    response: Series
    response_before: Series
    operation: Series
    component: Series
    first_token: Series
    first_token_before: Series
    drop: Series = Series("drop", (), (), ())
    gaps: tuple[Gap, ...] = ()
    slots: Mapping[str, int] = field(default_factory=dict)
    first_at: Instant | None = None
    last_at: Instant | None = None


def performance(
    window: Window, asked: Answers, *, persona: str = "", service: str = "", guild: str | None = None, bands: Bands
) -> Performance:
    """Response times of a window, of one persona or all, of one guild or the whole bot.

    With a service, the times of its operations instead, which then are the series in `asked.response`.
    """
    operations = only("operation", service=service or None, persona=persona or None, guild=guild)
    keep = operations if service else only("response", persona=persona or None, guild=guild)
    first = _first_tokens(asked.operation, operations, persona=persona, service=service, guild=guild)
    points = timing_points(asked.response, keep)
    if service:
        components, component_points = _components(asked.operation, operations, label("operation", "operation"))
    else:
        inside = only("component", persona=persona or None, guild=guild)
        components, component_points = _components(asked.component, inside, label("component", "component"))

    peak = _peak(points)
    return Performance(
        window=window,
        subject=persona or service,
        now=timing(asked.response.sum(keep)),
        before=timing(asked.response_before.sum(keep)),
        points=points,
        gaps=asked.gaps,
        components=components,
        component_points=component_points,
        personas=_by_persona(asked, operations if service else only("response", guild=guild)),
        first_token=timing(asked.first_token.sum(first)),
        first_token_before=timing(asked.first_token_before.sum(first)),
        tokens_per_second=_speed(asked.operation, operations),
        peak_at=peak.start if peak else None,
        peak=_height(peak.timing) if peak else None,
        usual=usual([p.timing.p95 for p in points]),
        bands=bands,
        slow_spells=slow_spells(points, bands.p95.warning),
        first_at=asked.first_at if asked.first_at and asked.first_at > window.start else None,
        last_at=asked.last_at,
        partial=partial(asked.drop),
    )


def partial(drop: Series) -> bool:
    """Whether good facts of the window were dropped or stood for by others, but for noise, which bears no times."""
    kind, reason = label("drop", "class"), label("drop", "reason")
    return drop.sum(lambda labels: kind(labels) != "noise" and reason(labels) in MISSING).count > 0


def timing_points(series: Series, keep: Keep) -> tuple[TimingPoint, ...]:
    """The timing of each step."""
    steps = zip(series.starts, series.ends, series.line(keep), strict=True)
    return tuple(TimingPoint(start, end, timing(rollup)) for start, end, rollup in steps)


def _first_tokens(series: Series, operations: Keep, *, persona: str, service: str, guild: str | None) -> Keep:
    """Which first tokens are meant: of a service, those of the models that its operations use."""
    mine = only("first_token", persona=persona or None, guild=guild)
    if not service:
        return mine

    model = label("operation", "model", operations)
    models = {name for step in series.steps for labels in step if (name := model(labels))}
    of = label("first_token", "model", mine)
    return lambda labels: of(labels) in models


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


def _components(
    series: Series, keep: Keep, name_of: Callable[[Labels], str | None]
) -> tuple[tuple[Component, ...], tuple[tuple[Instant, tuple[tuple[str, float], ...]], ...]]:
    """Mean seconds by component, largest share first, over all and by step.

    The mean of a component is over all reported responses, so that the parts add up to a mean response.
    """
    parts = series.total(lambda labels: name_of(labels) if keep(labels) else None)
    means = _means(parts)
    whole = sum(means.values())
    if not whole:
        return (), ()

    ordered = sorted(means, key=lambda name: (-means[name], name))
    components = tuple(
        Component(name, mean, mean / whole, parts.get(name, Rollup()).successes)
        for name, mean in ((name, means[name]) for name in ordered)
    )
    points = []
    for start, step in zip(series.starts, series.steps, strict=True):
        now = _means(_merged(step, keep, name_of))
        points.append((start, tuple((name, now[name]) for name in ordered if name in now)))

    return components, tuple(points)


def _merged(step: Mapping[Labels, Rollup], keep: Keep, name_of: Callable[[Labels], str | None]) -> dict[str, Rollup]:
    """The rollups of one step by component."""
    found: dict[str, Rollup] = {}
    for labels, rollup in step.items():
        if keep(labels) and (name := name_of(labels)):
            found.setdefault(name, Rollup()).merge(rollup)

    return found


def _means(parts: Mapping[str, Rollup]) -> dict[str, float]:
    """Seconds that each part adds to a mean response; parts that never succeeded have none.

    Of a service, whose operations belong to no one response, each round goes through the most frequent part once.
    """
    inside = {name: part for name, part in parts.items() if name not in (RESPONSE, "") and part.successes > 0}
    response = parts.get(RESPONSE, Rollup())
    rounds = response.count or max((part.successes for part in inside.values()), default=0)
    means = {name: part.total / 1e6 / rounds for name, part in inside.items()}
    rest = response.total / 1e6 / rounds - sum(means.values()) if inside else 0.0
    if rest > LEAST_REST * sum(means.values()):
        means[REST] = rest

    return means


def _speed(series: Series, keep: Keep) -> float | None:
    """Tokens a second: completion tokens of operations that report them ÷ the time these took."""
    with_tokens = Rollup()
    for step in series.steps:
        for labels, rollup in step.items():
            if keep(labels) and rollup.completion and labels[1] != RESPONSE:
                with_tokens.merge(rollup)

    return with_tokens.completion / (with_tokens.total / 1e6) if with_tokens.total else None


def _by_persona(asked: Answers, keep: Keep) -> tuple[PersonaTiming, ...]:
    """Each persona's timing, slowest P95 first, those with too few last."""
    found = asked.response.total(label(asked.response.metric, "persona", keep))
    rows = [PersonaTiming(name, asked.slots.get(name, 0), timing(r)) for name, r in found.items() if name]
    return tuple(sorted(rows, key=lambda row: (row.timing.p95 is None, -(row.timing.p95 or 0), -row.timing.n)))
