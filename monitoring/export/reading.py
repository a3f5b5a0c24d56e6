"""Reading the rows of an export from the store: a few steps at a time, nothing held in between."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from monitoring.export.question import STEPS, Question
from monitoring.export.rows import OF_USERS, Keep, Row, having, in_order, missing, of_users, rows_of
from monitoring.metrics import METRICS
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.questions import Questions
from monitoring.rollup import Labels, Series
from monitoring.store.segments import Kept, first_step
from monitoring.window import next_step, step_start

WORDS = {width: name for name, width in STEPS.items()}
BLOCK = 4_000
"""Rows of a part, about: what is in memory at once."""
MOST_STEPS = 24 * 7
"""Steps that are read together, where they have little."""


@dataclass(frozen=True, slots=True)
class Part:
    """Neighbouring steps of one width: so many, or at first all of a span."""

    width: int
    start: Instant
    end: Instant
    count: int = 0


def spans(asked: Question, kept: Kept) -> list[Part]:
    """Which steps tell the window: those asked for as far back as they are kept, wider ones before."""
    widths = [width for width in (DAY, HOUR, MINUTE) if width >= STEPS[asked.step]]
    edges = [*(kept.since(width) for width in widths), asked.until]
    found = []
    for width, (since, until) in zip(widths, pairwise(edges), strict=True):
        start, end = first_step(max(asked.since, since), width, asked.zone), min(asked.until, until)
        if start < end:
            found.append(Part(width, start, end))

    return found


def metrics_of(asked: Question) -> list[str]:
    """The metrics that can be told of these services, and of this guild."""
    needed = {"service"} if asked.services else set()
    needed |= set() if asked.scope.guild_id is None else {"guild"}
    return [name for name, metric in METRICS.items() if needed <= set(metric.labels)]


class Reading:
    """Reads the rows of one export. `few`: guilds of few people, who did what at which hour is not told of."""

    def __init__(self, load: Questions, asked: Question, now: Instant, few: frozenset[str]) -> None:
        self._load = load
        self._asked = asked
        self._now = now
        self._few = few

    async def parts(self, metrics: Sequence[str], of: Sequence[Part]) -> AsyncGenerator[tuple[Part, list[Row]], None]:
        """The rows of these spans in order; the parts are as long as gives about a block of them."""
        count = 1
        for span in of:
            at = span.start
            while at < span.end:
                part = _next(span, at, count, self._asked.zone)
                rows = await self._rows(metrics, part)
                n, at = len(rows), part.end
                yield part, rows
                if n > BLOCK:
                    count = max(part.count // 2, 1)
                elif n < BLOCK // 4:
                    count = min(part.count * 2, MOST_STEPS)

    async def _rows(self, metrics: Sequence[str], part: Part) -> list[Row]:
        series, step = self._load.store.series, WORDS[part.width]
        partial = missing(await series("drop", part.start, part.end, part.width))
        found: list[Row] = []
        for metric in metrics:
            read = await series(metric, part.start, part.end, part.width)
            if any(read.steps):
                found += await self._made(read, step, self._keep(metric, part), partial)

        if self._few and part.width < DAY:
            for start, end in _days(self._asked, part):
                found += await self._day(metrics, start, end)

        return await self._load.aside(lambda: in_order(found))

    async def _day(self, metrics: Sequence[str], start: Instant, end: Instant) -> list[Row]:
        """What users did where they are few, in one row."""
        series = self._load.store.series
        partial = missing(await series("drop", start, end, 0))
        found: list[Row] = []
        for metric in OF_USERS.keys() & set(metrics):
            asked, few = self._asked_for(metric), self._of_few(metric)
            keep = _both(asked, few)
            found += await self._made(await series(metric, start, end, 0), WORDS[DAY], keep, partial)

        return found

    async def _made(self, read: Series, step: str, keep: Keep, partial: frozenset[Instant]) -> list[Row]:
        return await self._load.aside(lambda: list(rows_of(read, step, keep, partial=partial, now=self._now)))

    def _keep(self, metric: str, part: Part) -> Keep:
        """Which label sets are told in steps; days are told of few people too."""
        asked, few = self._asked_for(metric), self._of_few(metric)
        if part.width == DAY or not self._few or metric not in OF_USERS:
            return asked

        return lambda labels: asked(labels) and not few(labels)

    def _asked_for(self, metric: str) -> Keep:
        guild, services = self._asked.scope.guild_id, self._asked.services
        wanted = {"guild": () if guild is None else (str(guild),), "service": services}
        return having(metric, {name: values for name, values in wanted.items() if values})

    def _of_few(self, metric: str) -> Keep:
        names = METRICS[metric].labels
        if metric not in OF_USERS:
            return lambda labels: False

        guild, theirs = names.index("guild"), of_users(metric)
        return lambda labels: labels[guild] in self._few and theirs(labels)


def _both(one: Keep, other: Keep) -> Keep:
    def both(labels: Labels) -> bool:
        return one(labels) and other(labels)

    return both


def _next(span: Part, start: Instant, count: int, zone: str) -> Part:
    """The next steps of a span, so many, or those that are left."""
    end, number = start, 0
    while end < span.end and number < count:
        end = next_step(end, span.width, zone)
        number += 1

    return Part(span.width, start, end, number)


def _days(asked: Question, part: Part) -> Iterator[tuple[Instant, Instant]]:
    """What of the window lies in each local day whose first step in it is in the part."""
    at = step_start(part.start, DAY, asked.zone)
    while at < part.end:
        after, start = next_step(at, DAY, asked.zone), max(at, asked.since)
        if part.start <= start:
            yield start, min(after, asked.until)

        at = after
