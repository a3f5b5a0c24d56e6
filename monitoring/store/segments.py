"""Segments: which steps answer a question, and the folding of the journal into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitoring import step_bytes, steps
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.rollup import Rollup, Table
from monitoring.steps import Columns, Place
from monitoring.window import next_step, step_start

MINUTE_HOURS, HOUR_DAYS, DAY_DAYS = 48, 90, 730
"""How long steps are kept, unless a store is told otherwise."""
FINER = {DAY: HOUR, HOUR: MINUTE}
MOST_LABELS = 2_000
"""Label sets of one metric in one step; what comes later is counted under `other`."""
OTHER = "other"
EVER = 2**62
"""An instant after every other."""


@dataclass(frozen=True, slots=True)
class Span:
    """Steps of one width that begin in [start, end), as an answer needs them."""

    width: int
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Kept:
    """Since when steps are kept: minutes since a full hour, hours since a midnight, so that no step is kept in part."""

    minutes: Instant
    hours: Instant
    days: Instant

    def since(self, width: int) -> Instant:
        """The earliest start of a step of that width."""
        return {MINUTE: self.minutes, HOUR: self.hours, DAY: self.days}[width]


def kept_at(now: Instant, zone: str, *, minute_hours: int, hour_days: int, day_days: int) -> Kept:
    """What is kept of steps at that time."""
    return Kept(
        step_start(now - minute_hours * HOUR, HOUR, zone),
        step_start(now - hour_days * DAY, DAY, zone),
        step_start(now - day_days * DAY, DAY, zone),
    )


def first_step(at: Instant, width: int, zone: str) -> Instant:
    """The start of the first step that does not begin before `at`."""
    start = step_start(at, width, zone)
    return start if start >= at else next_step(start, width, zone)


def starts_in(start: Instant, end: Instant, width: int, zone: str) -> list[Instant]:
    """The starts of all steps that begin in [start, end)."""
    result = []
    at = first_step(start, width, zone)
    while at < end:
        result.append(at)
        at = next_step(at, width, zone)

    return result


def cover(start: Instant, end: Instant, kept: Kept, zone: str, width: int = DAY) -> list[Span]:
    """The widest kept steps that together are [start, end).

    Days that lie inside; hours at the edges; minutes at the edges of those. Where the finer ones are no longer kept,
    a step belongs to the span that it begins in: so two spans side by side are never more or less than both at once.
    """
    start = max(start, kept.since(width))
    if start >= end:
        return []

    if width == MINUTE:
        return [Span(MINUTE, first_step(start, MINUTE, zone), end)]

    finer = FINER[width]
    first = first_step(start, width, zone)
    if first >= end:
        return cover(start, end, kept, zone, finer)

    last = step_start(end, width, zone)
    if last < end and last < kept.since(finer):
        last = next_step(last, width, zone)

    whole = [Span(width, first, last)] if first < last else []
    return [
        *cover(start, first, kept, zone, finer),
        *whole,
        *cover(last, end, kept, zone, finer),  # Nothing, where the last step was taken whole.
    ]


def placing(span: Span, zone: str) -> Place:
    """In which step of a span an instant lies; in none, where that step does not begin in the span."""

    def place(at: Instant) -> tuple[Instant | None, Instant]:
        if at < span.start:
            return None, span.start

        if at >= span.end:
            return None, EVER

        start = step_start(at, span.width, zone)
        return start if start >= span.start else None, next_step(start, span.width, zone)

    return place


def total(rows: Sequence[Columns], spans: list[Span]) -> Table:
    """One table of everything in the spans."""
    edges = sorted({edge for span in spans for edge in (span.start, span.end)})

    def place(at: Instant) -> tuple[Instant | None, Instant]:
        inside = any(span.start <= at < span.end for span in spans)
        return 0 if inside else None, next((edge for edge in edges if edge > at), EVER)

    return steps.merge(rows, place).tables().get(0, {})


@dataclass(frozen=True, slots=True)
class Folding:
    """What folding adds to the steps of one metric, by width."""

    added: dict[int, Columns]

    @classmethod
    def of(cls, rows: Sequence[Columns], kept: Kept, zone: str) -> Folding:
        """Minutes, added up in the steps they lie in; those of steps that are not kept any more are left out."""
        spans = [Span(width, kept.since(width), EVER) for width in (MINUTE, HOUR, DAY)]
        minutes = steps.merge(rows)
        return cls({span.width: steps.merge([minutes], placing(span, zone)) for span in spans})

    @property
    def starts(self) -> dict[int, list[Instant]]:
        """The starts of the segments that will change, by width."""
        return {width: sorted(set(rows.starts.tolist())) for width, rows in self.added.items()}

    def onto(self, stored: Mapping[int, Mapping[Instant, bytes]]) -> dict[int, dict[Instant, bytes]]:
        """The segments that change, by width and start, as they are after folding; `stored` are those there were."""
        result = {}
        for width, rows in self.added.items():
            before = [step_bytes.decode(blob) for blob in stored.get(width, {}).values()]
            result[width] = encoded(steps.merge([*before, rows]) if before else rows)

        return result


def encoded(merged: Columns) -> dict[Instant, bytes]:
    """The segment of each step, by start."""
    return {start: step_bytes.encode(bounded(start, rows)) for start, rows in merged.steps()}


def bounded(start: Instant, rows: Columns) -> Columns:
    """A step of at most MOST_LABELS label sets: the first ones stay, the rest adds up exactly in `other`."""
    if len(rows) <= MOST_LABELS:
        return rows

    result: Table = {}
    rest = Rollup()
    arity = 0
    for labels, rollup in rows.tables()[start].items():
        other = all(value == OTHER for value in labels)
        if not other and len(result) < MOST_LABELS - 1:
            result[labels] = rollup
        else:
            rest.merge(rollup)
            arity = len(labels)

    result[(OTHER,) * arity] = rest
    return steps.columns([(start, result)])
