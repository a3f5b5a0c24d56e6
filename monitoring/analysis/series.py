"""Reading series: which label sets are meant, wider steps, and the gaps in monitoring."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from monitoring.analysis.figure import Figure, Gap, Timing
from monitoring.metrics import METRICS
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.rollup import Labels, Rollup, Series, merge_tables
from monitoring.window import Window, next_step, step_start

Keep: TypeAlias = Callable[[Labels], bool]

LEAST_P95, LEAST_P99 = 20, 100
"""Samples below which a quantile reads "too few" (SPEC §3)."""


def only(metric: str, **wanted: str | None) -> Keep:
    """A test for label sets: every label given (None: any value) has that value."""
    names = METRICS[metric].labels
    places = [(names.index(name), value) for name, value in wanted.items() if value is not None]
    return lambda labels: all(labels[place] == value for place, value in places)


def label(metric: str, name: str, keep: Keep = lambda _: True) -> Callable[[Labels], str | None]:
    """A key for grouping: the value of one label, for the label sets that are kept."""
    place = METRICS[metric].labels.index(name)
    return lambda labels: labels[place] if keep(labels) else None


def timing(rollup: Rollup) -> Timing:
    """The times of a rollup in seconds; quantiles only of enough samples."""
    return Timing(
        n=rollup.count,
        failures=rollup.failures,
        mean=rollup.mean,
        p50=rollup.quantile(0.5),
        p95=rollup.quantile(0.95, LEAST_P95),
        p99=rollup.quantile(0.99, LEAST_P99),
        low=None if rollup.low is None else rollup.low / 1e6,
        high=None if rollup.high is None else rollup.high / 1e6,
    )


def counted(now: Rollup, before: Rollup) -> Figure:
    """A count with the one before; without anything before there is no yardstick."""
    return Figure(float(now.count), float(before.count) or None, now.count)


def failing(now: Rollup, before: Rollup) -> Figure:
    """A failure rate 0..1 with the one before."""
    return Figure(now.rate, before.rate, now.count)


def chart_width(window: Window) -> int:
    """The width in ms of a chart's steps: sixty to two hundred of them in every window users can ask for."""
    for span, width in (
        (HOUR, MINUTE),
        (6 * HOUR, 5 * MINUTE),
        (2 * DAY, 15 * MINUTE),
        (8 * DAY, HOUR),
        (40 * DAY, 6 * HOUR),
    ):
        if window.length <= span + MINUTE:
            return width

    return DAY


def stored_width(window: Window) -> int:
    """The width of the stored steps that charts of this window are made of."""
    if window.length <= 2 * DAY:
        return MINUTE

    return HOUR if window.length <= 40 * DAY else DAY


def regroup(series: Series, width: int, zone: str) -> Series:
    """The same rollups in wider steps, aligned to the zone's hours and days."""
    starts: list[int] = []
    ends: list[int] = []
    steps: list[dict[Labels, Rollup]] = []
    for start, end, step in zip(series.starts, series.ends, series.steps, strict=True):
        day = step_start(start, DAY, zone)
        aligned = day if width >= DAY else day + (start - day) // width * width
        if not starts or aligned != starts[-1]:
            starts.append(aligned)
            ends.append(end)
            steps.append({})

        ends[-1] = end
        merge_tables(steps[-1], step)

    return Series(series.metric, tuple(starts), tuple(ends), tuple(steps))


def gaps(alive: Series, window: Window, first_at: Instant | None) -> tuple[Gap, ...]:
    """Spans of the window without a sign of life, from the `alive` marks (one every ten seconds).

    A step counts as monitored if it has a tenth of the marks it could have. Time before the first record is a gap too.
    """
    found: list[Gap] = []
    keep = only("gauge", name="alive")
    for start, end, rollup in zip(alive.starts, alive.ends, alive.line(keep), strict=True):
        end = min(end, window.end)
        begin = max(start, window.start)
        if end <= begin or end - begin < 15_000 or rollup.count * 10_000 * 10 >= end - begin:
            continue

        if found and found[-1].end >= begin:
            found[-1] = Gap(found[-1].start, end)
        else:
            found.append(Gap(begin, end))

    # The step that is going on has had no time for its mark yet.
    return tuple(g for g in found if not (first_at and g.end == window.end and g.end - g.start <= MINUTE))


def in_gap(at: Instant, spans: tuple[Gap, ...]) -> bool:
    """Whether nothing was monitored at this instant."""
    return any(g.start <= at < g.end for g in spans)


def days_since(window: Window, first_at: Instant | None) -> float:
    """Days of the window since the first record, for figures per day; at least an hour of one."""
    start = max(window.start, first_at) if first_at else window.start
    return max((window.end - start) / DAY, HOUR / DAY)


def local_hours(window: Window) -> list[Instant]:
    """When each hour of the window begins, in its zone."""
    hours, at = [], step_start(window.start, HOUR, window.zone)
    while at < window.end:
        hours.append(at)
        at = next_step(at, HOUR, window.zone)

    return hours
