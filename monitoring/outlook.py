"""What rules look at beyond the half hour in memory: read from the store once a minute, so that judging stays cheap."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from monitoring.alerting.judge import statistic
from monitoring.alerting.look import Figures, Unread, kept
from monitoring.alerting.past import compared, distance
from monitoring.alerting.rule_units import GIVEN, SPECIAL, far
from monitoring.analysis.figure import Point
from monitoring.analysis.series import only
from monitoring.errors import StoreError
from monitoring.habits import Habits
from monitoring.incident import Rule
from monitoring.interfaces import Store
from monitoring.metrics import METRICS
from monitoring.model import DAY, HOUR, MINUTE, SECOND, Instant
from monitoring.questions.loading import Loading
from monitoring.rollup import Rollup, Series

log = logging.getLogger(__name__)

FRESH = 5 * MINUTE
"""What was read longer ago says nothing of now: such a rule is not judged until it can be read again."""
KEPT = 12 * 60
"""Readings of a group that are kept for its incident's chart: half a day of minutes."""


class Special(Protocol):
    """Reads the figures that are no plain statistic, by the name in the rule's `where`."""

    def every(self, name: str) -> int:
        """Seconds between two readings."""

    async def read(self, name: str, rule: Rule, now: Instant) -> list[Figures]:
        """The figures by group. Raises StoreError, KeyError for an unknown name."""


@dataclass(slots=True)
class _Reading:
    """What was last read for a rule."""

    rule: Rule
    at: Instant
    figures: list[Figures]
    tried_at: Instant
    traces: dict[str, deque[Point]] = field(default_factory=dict)


class Outlook:
    """Reads, for the rules that reach far, their figures; `refresh` is called by the schedule."""

    def __init__(self, load: Loading, special: Special, habits: Habits, rules: Callable[[], Sequence[Rule]]) -> None:
        self._load = load
        self._special = special
        self._habits = habits
        self._rules = rules
        self._known: dict[str, _Reading] = {}
        self._complained: set[str] = set()

    @property
    def _store(self) -> Store:
        return self._load.store

    def afar(self, rule: Rule) -> Iterable[Figures]:
        """The figures of a far rule as last read. Raises Unread where that is too long ago."""
        found = self._known.get(rule.name)
        if (
            found is None
            or not _same(found.rule, rule)
            or self._load.clock.now() - found.at > FRESH + self._every(rule)
        ):
            raise Unread(rule.name)

        return found.figures

    def course(self, rule: Rule, group: str, start: Instant, end: Instant) -> tuple[Point, ...]:
        """The values read of a group in that time, oldest first."""
        found = self._known.get(rule.name)
        points = found.traces.get(group, ()) if found else ()
        return tuple(point for point in points if start <= point.at <= end)

    async def refresh(self) -> None:
        """Read what is due. A store that fails leaves things as they were; they grow stale by themselves."""
        now = self._load.clock.now()
        wanted = [rule for rule in self._rules() if rule.enabled and far(rule)]
        for gone in self._known.keys() - {rule.name for rule in wanted}:
            del self._known[gone]

        for rule in wanted:
            known = self._known.get(rule.name)
            fresh = known is not None and _same(known.rule, rule)
            if known is not None and fresh and 0 <= now - known.tried_at < self._every(rule):
                continue

            await self._read(rule, known if fresh else None, now)

    async def _read(self, rule: Rule, known: _Reading | None, now: Instant) -> None:
        if known is not None:
            known.tried_at = now

        try:
            figures = await self._figures(rule, now)
        except (StoreError, KeyError, ValueError, ZeroDivisionError) as error:
            if rule.name not in self._complained:
                self._complained.add(rule.name)
                log.warning("rule %s cannot be read: %s", rule.name, error)

            return

        self._complained.discard(rule.name)
        reading = known or _Reading(rule, now, figures, now)
        reading.rule, reading.at, reading.figures = rule, now, figures
        for group, rollup, value in figures:
            shown = value if rule.statistic in GIVEN else statistic(rule, rollup)
            reading.traces.setdefault(group, deque(maxlen=KEPT)).append(Point(now, shown, rollup.count))

        for group in reading.traces.keys() - {group for group, _, _ in figures}:
            if reading.traces[group][-1].at < now - HOUR:
                del reading.traces[group]

        self._known[rule.name] = reading

    def _every(self, rule: Rule) -> int:
        """Milliseconds between two readings."""
        # A little less than the schedule's minute, which is never exact.
        seconds = self._special.every(dict(rule.where)["figure"]) if rule.metric == SPECIAL else 60
        return seconds * SECOND - 5 * SECOND

    async def _figures(self, rule: Rule, now: Instant) -> list[Figures]:
        if rule.metric == SPECIAL:
            found = await self._special.read(dict(rule.where)["figure"], rule, now)
            return [
                (group, r, value if r.count >= rule.minimum or rule.minimum <= 1 else None) for group, r, value in found
            ]

        if rule.statistic == "absence":
            return await self._absence(rule, now)

        window = await self._window(rule, now - rule.window * SECOND, now)
        if rule.statistic == "change":
            end = now - rule.against * SECOND
            before = await self._window(rule, end - rule.window * SECOND, end)
            return [(group, r, _changed(rule, r, before.get(group, Rollup()))) for group, r in window.items()]

        if rule.statistic == "anomaly":
            habits = await self._habits.of_rule(rule, now)
            at, hours = now - rule.window * SECOND // 2, rule.window / 3600
            return [(group, r, distance(rule, r, habits.get(group), at, hours)) for group, r in window.items()]

        return [(group, rollup, None) for group, rollup in window.items()]

    async def _window(self, rule: Rule, start: Instant, end: Instant) -> dict[str, Rollup]:
        """The rule's rollups by group, from full minutes."""
        by, only_ = _labels(rule)
        series = await self._store.series(rule.metric, start - start % MINUTE, end, 0, by, only_)
        return await self._load.aside(lambda: grouped(rule, series))

    async def _absence(self, rule: Rule, now: Instant) -> list[Figures]:
        """Seconds since the last sample of each group, to the minute; at most what the rule looks back."""
        limit = round(max(rule.above or 0.0, rule.below or 0.0, rule.window)) * SECOND
        back = now - min(2 * DAY, 2 * limit + 10 * MINUTE)
        by, only_ = _labels(rule)
        series = await self._store.series(rule.metric, back - back % MINUTE, now, MINUTE, by, only_)
        last = await self._load.aside(lambda: _last(rule, series))
        groups = {*last, *(group for group, _, _ in self._before(rule))} or ({""} if not rule.by else set())
        since = max(self._habits.since, back)
        found: list[Figures] = []
        for group in groups:
            heard = last.get(group, 0)
            # Before there was anybody to hear it, nothing was missing.
            known = heard >= self._habits.since or now - since >= limit
            found.append((group, Rollup(), (now - max(heard, since)) / SECOND if known else None))

        return found

    def _before(self, rule: Rule) -> list[Figures]:
        found = self._known.get(rule.name)
        return found.figures if found is not None and _same(found.rule, rule) else []


def grouped(rule: Rule, series: Series) -> dict[str, Rollup]:
    """The rule's rollups by group ("" without); without groups there is always one."""
    if not rule.by:
        return {"": series.sum(kept(rule))}

    place, keep = METRICS[rule.metric].labels.index(rule.by), kept(rule)
    return series.total(lambda labels: labels[place] if keep(labels) else None)


def _labels(rule: Rule) -> tuple[tuple[str, ...], dict[str, str] | None]:
    """The labels to keep apart, and those to have one value."""
    names = [name for name, _ in rule.where]
    return (*names, *([rule.by] if rule.by else [])), dict(rule.where) or None


def _same(a: Rule, b: Rule) -> bool:
    """Whether two rules look at the same figure: others of their fields matter to judging only."""
    return (a.metric, a.statistic, a.where, a.by, a.window, a.against) == (
        b.metric,
        b.statistic,
        b.where,
        b.by,
        b.window,
        b.against,
    )


def _changed(rule: Rule, now: Rollup, before: Rollup) -> float | None:
    new, old = compared(rule, now), compared(rule, before)
    return new / old if new is not None and old and max(now.count, before.count) >= rule.minimum else None


def _last(rule: Rule, series: Series) -> dict[str, Instant]:
    """When each group's last sample was, to the minute."""
    keep = only(rule.metric, **dict(rule.where))
    place = METRICS[rule.metric].labels.index(rule.by) if rule.by else None
    found: dict[str, Instant] = {}
    for end, step in zip(series.ends, series.steps, strict=True):
        for labels, rollup in step.items():
            if keep(labels) and rollup.count:
                found[labels[place] if place is not None else ""] = end

    return found
