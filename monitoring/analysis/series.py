"""Reading series: which label sets are meant, wider steps, and the gaps in monitoring."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from monitoring.analysis.figure import Figure, Gap, Timing
from monitoring.metrics import METRICS
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.rollup import Labels, Rollup, Series, merge_tables
from monitoring.window import Window, aligned

Keep: TypeAlias = Callable[[Labels], bool]

LEAST_P95, LEAST_P99 = 20, 100
"""Samples below which a quantile reads "too few"."""
MARK = 10_000
"""Milliseconds between two `alive` marks."""


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


def recorded(window: Window, first_at: Instant | None) -> bool:
    """Whether recording had begun when the window did: only then do amounts of it compare with another's."""
    return first_at is not None and first_at <= window.start


def amount(now: float, before: float, *, n: int, whole: bool) -> Figure:
    """An amount with the one before; nothing, or a window not recorded as a `whole`, is no yardstick."""
    return Figure(float(now), (float(before) or None) if whole else None, n)


def counted(now: Rollup, before: Rollup, *, whole: bool) -> Figure:
    """A count with the one before, if that window was recorded as a `whole`."""
    return amount(now.count, before.count, n=now.count, whole=whole)


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


def telling_width(window: Window, answers: Series, keep: Keep) -> int:
    """The width of steps that can tell a P95: the chart's own, which `answers` has, or a wider one where they are few.

    The narrowest in which half of the steps with answers have enough of them; at least eight steps remain.
    """
    counts = [(start, r.successes) for start, r in zip(answers.starts, answers.line(keep), strict=True) if r.successes]
    best = chart_width(window)
    for width in (15 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, DAY):
        if width < best or width * 8 > window.length:
            continue

        best = width
        steps: dict[int, int] = {}
        for start, n in counts:
            begin = aligned(start, width, window.zone)
            steps[begin] = steps.get(begin, 0) + n

        if 2 * sum(n >= LEAST_P95 for n in steps.values()) >= len(steps):
            break

    return best


def stored_width(window: Window, now: Instant) -> int:
    """The width of the stored steps that charts of this window are made of; minutes are kept for two days only."""
    if window.start >= now - 2 * DAY:
        return MINUTE

    return HOUR if window.length <= 40 * DAY and window.start >= now - 90 * DAY else DAY


def regroup(series: Series, width: int, zone: str) -> Series:
    """The same rollups in wider steps, aligned to the zone's hours and days."""
    starts: list[int] = []
    ends: list[int] = []
    steps: list[dict[Labels, Rollup]] = []
    for start, end, step in zip(series.starts, series.ends, series.steps, strict=True):
        begin = aligned(start, width, zone)
        if not starts or begin != starts[-1]:
            starts.append(begin)
            ends.append(end)
            steps.append({})

        ends[-1] = end
        merge_tables(steps[-1], step)

    return Series(series.metric, tuple(starts), tuple(ends), tuple(steps))


def gaps(alive: Series, window: Window, first_at: Instant | None) -> tuple[Gap, ...]:
    """Spans of the window without a sign of life, from the `alive` marks (one every ten seconds).

    A step counts as monitored if it has a tenth of the marks it could have. Time before the first record is a gap too.
    """
    began = window.start if first_at is None else min(max(first_at, window.start), window.end)
    dark = [Gap(window.start, began)] if began > window.start else []
    for start, end, rollup in zip(alive.starts, alive.ends, alive.line(only("gauge", name="alive")), strict=True):
        # A small part of a step proves nothing: the one that is going on has had no time for its marks yet.
        least = max(MINUTE, (end - start) // 20)
        begin, end = max(start, began), min(end, window.end)
        if end - begin < least or rollup.count * 10 * MARK >= end - begin:
            continue

        if dark and dark[-1].end >= begin:
            dark[-1] = Gap(dark[-1].start, end)
        else:
            dark.append(Gap(begin, end))

    return tuple(dark)


def outside(dark: tuple[Gap, ...], lit: Iterable[tuple[Instant, Instant]]) -> tuple[Gap, ...]:
    """What is left of gaps outside some spans: those whose history was read. What a span cuts off has to be an hour."""
    left = list(dark)
    for start, end in lit:
        apart = [gap for gap in left if gap.end <= start or gap.start >= end]
        cut = [gap for gap in left if gap.end > start and gap.start < end]
        parts = [part for gap in cut for part in (Gap(gap.start, start), Gap(end, gap.end))]
        left = sorted([*apart, *(part for part in parts if part.end - part.start >= HOUR)], key=lambda gap: gap.start)

    return tuple(left)


def unlit(window: Window, start: Instant, end: Instant, spans: tuple[Gap, ...], first_at: Instant | None) -> bool:
    """Whether less than half of a step's part in the window was monitored, so that finding nothing means nothing."""
    begin, end = max(start, window.start), min(end, window.end)
    lit = max(begin, first_at or begin)
    dark = sum(max(min(end, gap.end) - max(lit, gap.start), 0) for gap in spans)
    return 2 * (end - lit - dark) < end - begin


def days_since(window: Window, first_at: Instant | None) -> float:
    """Days of the window since the first record, for figures per day; at least an hour of one."""
    start = max(window.start, first_at) if first_at else window.start
    return max((window.end - start) / DAY, HOUR / DAY)
