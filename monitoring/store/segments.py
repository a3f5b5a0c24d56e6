"""Segments: which steps answer a question, and the folding of the journal into them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitoring import steps
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.rollup import Labels, Rollup, Table
from monitoring.steps import Step
from monitoring.store.journal import stamp
from monitoring.window import next_step, step_start

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


def stamps_of(stamped: Iterable[Step]) -> list[Instant]:
    """Every minute (or other start) that stamped steps hold something of, in order."""
    return sorted({int(stamp) for stamp in {labels[0] for step in stamped for labels in step.labels}})


def places(stamps: list[Instant], span: Span, zone: str) -> dict[str, Instant]:
    """In which step of a span each stamp lies; those outside are left out.

    Stamps are in order, so that the calendar is asked once for each step and not for each minute.
    """
    result = {}
    start = end = -EVER
    for at in stamps:
        if at >= end:
            start = step_start(at, span.width, zone)
            end = next_step(start, span.width, zone)

        if span.start <= start < span.end:
            result[str(at)] = start

    return result


def total(segments: Iterable[Step], pending: Iterable[Step], spans: list[Span]) -> Table:
    """One table of segments already chosen and of what is pending for the spans."""
    places: dict[str, bool] = {}

    def inside(labels: Labels) -> Labels | None:
        if labels[0] not in places:
            minute = int(labels[0])
            places[labels[0]] = any(span.start <= minute < span.end for span in spans)

        return labels[1:] if places[labels[0]] else None

    plain = steps.combine(segments, lambda labels: labels)
    for labels, rollup in steps.combine(pending, inside).items():
        mine = plain.setdefault(labels, rollup)
        if mine is not rollup:
            mine.merge(rollup)

    return plain


def split(stamped: list[Step], where: dict[str, Instant]) -> dict[Instant, Table]:
    """Stamped steps as one table for each step they have a place in; what has none is left out."""
    find = where.get

    def place(labels: Labels) -> tuple[Instant, Labels] | None:
        start = find(labels[0])
        return None if start is None else (start, labels[1:])

    tables: dict[Instant, Table] = {}
    for (start, labels), rollup in steps.combine(stamped, place).items():
        tables.setdefault(start, {})[labels] = rollup

    return tables


@dataclass(frozen=True, slots=True)
class Folding:
    """What folding adds to one metric: stamped steps, and for each width the places of their minutes in it."""

    steps: list[Step]
    places: dict[int, dict[str, Instant]]

    @classmethod
    def of(cls, stamped: list[Step], kept: Kept, zone: str) -> Folding:
        """Stamped steps with their places; none for minutes that are not kept any more."""
        stamps = stamps_of(stamped)
        return cls(
            stamped,
            {width: places(stamps, Span(width, kept.since(width), EVER), zone) for width in (MINUTE, HOUR, DAY)},
        )

    @property
    def starts(self) -> dict[int, list[Instant]]:
        """The starts of the segments that will change, by width."""
        return {width: sorted(set(where.values())) for width, where in self.places.items()}

    def onto(self, stored: Mapping[int, Mapping[Instant, bytes]]) -> dict[int, dict[Instant, bytes]]:
        """The segments that change, by width and start, as they are after folding; `stored` are those there were."""
        result = {}
        for width, where in self.places.items():
            before = [stamp(steps.decode(blob), start) for start, blob in stored.get(width, {}).items()]
            own = {str(start): start for start in stored.get(width, {})}
            tables = split([*before, *self.steps], {**where, **own}) if where else {}
            result[width] = {start: steps.encode(bounded(table)) for start, table in tables.items()}

        return result


def bounded(table: Table) -> Table:
    """A table of at most MOST_LABELS label sets: the first ones stay, the rest adds up exactly in `other`."""
    if len(table) <= MOST_LABELS:
        return table

    result: Table = {}
    rest = Rollup()
    arity = 0
    for labels, rollup in table.items():
        other = all(value == OTHER for value in labels)
        if not other and len(result) < MOST_LABELS - 1:
            result[labels] = rollup
        else:
            rest.merge(rollup)
            arity = len(labels)

    result[(OTHER,) * arity] = rest
    return result
