"""What people are told of an incident: loads the figures around it and lets `alerting.card` put it into a card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol, TypeVar

from monitoring.alerting import cause
from monitoring.alerting.card import card, details, usual_range
from monitoring.alerting.judge import statistic
from monitoring.alerting.look import kept
from monitoring.alerting.rule_units import SPECIAL, STATE, far
from monitoring.alerting.watch import Watch
from monitoring.analysis.figure import Gap, Point
from monitoring.analysis.incident_card import Card, Details
from monitoring.analysis.performance import RESPONSE
from monitoring.analysis.series import gaps
from monitoring.analysis.why_values import Why
from monitoring.analysis.why_words import cause_sentence
from monitoring.errors import UnknownName
from monitoring.incident import Incident, Rule, Stage
from monitoring.interfaces import Clock, Store
from monitoring.lookout import Look
from monitoring.metrics import METRICS
from monitoring.model import DAY, HOUR, MINUTE, SECOND, Health, Instant
from monitoring.rollup import Labels, Rollup, Series, merge_tables
from monitoring.window import Scope, Window, next_step, step_start

Thought = TypeVar("Thought")

BEFORE = HOUR
"""How far a card looks back before the incident for what is usual, and to draw a rule over five minutes."""
SHORTEST = 15 * MINUTE
"""The least it draws before the incident, for rules that look at less."""
IN_MEMORY = 20 * MINUTE
RING_STEP = 10 * SECOND
LONGEST = 12 * HOUR
"""Of an incident that lasts longer, the newest part is drawn."""


class Aside(Protocol):
    """Thinks in a thread, so that hours of minutes are not merged in the event loop."""

    async def __call__(self, think: Callable[[], Thought], /) -> Thought: ...


class Explain(Protocol):
    """Says what changed a figure since the window before, or another one."""

    async def __call__(self, figure: str, window: Window, scope: Scope, /, *, against: Window | None = None) -> Why: ...


class Bulletins:
    """Cards and details of incidents."""

    def __init__(
        self, store: Store, watch: Watch, look: Look, *, clock: Clock, zone: str, aside: Aside, explain: Explain
    ) -> None:
        self._store = store
        self._aside = aside
        self._explain = explain
        self._watch = watch
        self._look = look
        self._clock = clock
        self._zone = zone

    def move(self, zone: str) -> None:
        """Count days in another zone from now on."""
        self._zone = zone

    async def card(self, number: int) -> Card:
        """An incident as it stands. Raises UnknownName, StoreError."""
        incident = await self._watch.get(number)
        rule = self._watch.rule(incident)
        end = min(self._clock.now(), (incident.resolved_at or self._clock.now()) + 5 * MINUTE)
        points = await self._course(rule, incident, max(incident.since - BEFORE, end - LONGEST), end)
        known = [p.value for p in points if p.value is not None and p.at < incident.since - MINUTE]
        start = max(incident.since - min(BEFORE, max(SHORTEST, 12 * rule.window * SECOND)), end - LONGEST)
        reason, detail = await self._cause(rule, incident, end)

        return card(
            incident,
            rule,
            self._clock.now(),
            self._zone,
            points=[point for point in points if point.at >= start - MINUTE],
            gaps=await self._gaps(start, end),
            usual=None if rule.unit == STATE else usual_range(known),
            cause=reason,
            detail=detail,
            better=await self._better(rule, incident, end),
            symptoms=self._watch.symptoms(number),
            members=self._watch.batch(number),
        )

    async def details(self, number: int) -> Details:
        """More about an incident. Raises UnknownName, StoreError."""
        shown = await self.card(number)
        incident = shown.incident
        end = incident.resolved_at or self._clock.now()
        kinds = await self._kinds(incident.since - shown.rule.window * SECOND, end)
        by_kind: dict[str, int] = {}
        for (kind, _), n in kinds.items():
            by_kind[kind] = by_kind.get(kind, 0) + n

        return details(
            shown,
            failures=sorted(by_kind.items(), key=lambda item: -item[1])[:5],
            contributors=await self._contributions(incident, end) if shown.rule.unit == "s" else (),
        )

    async def why(self, number: int, figure: str = "") -> Why:
        """What changed the rule's figure, or another, while an incident lasted, against the same time before.

        Raises UnknownName where there is no such incident, or its rule is about no such figure; StoreError.
        """
        incident = await self._watch.get(number)
        asked = cause.figure_of(self._watch.rule(incident))
        if not asked:
            raise UnknownName(f"Incident {number} is about no figure that can be shared out.")

        end = incident.resolved_at or self._clock.now()
        return await self._compared(figure or asked, self._watch.rule(incident), incident, end)

    async def _compared(self, figure: str, rule: Rule, incident: Incident, end: Instant) -> Why:
        """A figure while an incident lasted; what is short is compared with a whole hour, so that there is enough."""
        life = self._life(rule, incident, end)
        against = Window(life.start - max(life.length, BEFORE), life.start, self._zone)
        return await self._explain(figure, life, Scope(None), against=against)

    def _life(self, rule: Rule, incident: Incident, end: Instant) -> Window:
        """From the first value that broke the rule to the end; in hours where minutes are no longer kept."""
        start = incident.since - rule.window * SECOND
        width = MINUTE if start - (end - start) > self._clock.now() - 2 * DAY else HOUR
        last = step_start(end, width, self._zone)
        return Window(
            step_start(start, width, self._zone), next_step(last, width, self._zone) if last < end else end, self._zone
        )

    async def _course(self, rule: Rule, incident: Incident, start: Instant, end: Instant) -> list[Point]:
        """The rule's figure over time, up to what it was judged by: by half minutes where memory reaches, else minutes.

        A point stands where the window it is counted over ends.
        """
        if far(rule):
            return list(self._look.course(rule, incident.group, start, end))

        minutes = await self._points(rule, incident.group, start, end)
        if rule.unit == STATE:
            return list(minutes)

        recent = max(start, self._clock.now() - IN_MEMORY)
        fine = await self._aside(lambda: self._newest(rule, incident.group, recent, end))
        first = next((point.at for point in fine if point.value is not None), end)
        points = [point for point in minutes if point.at < first] + [point for point in fine if point.at >= first]
        if incident.stage is not Stage.RESOLVED and incident.value is not None:
            points = [*(point for point in points if point.at < end), Point(end, incident.value, incident.count)]

        return points

    def _newest(self, rule: Rule, group: str, start: Instant, end: Instant) -> list[Point]:
        """The figure each half minute from the ring in memory; None where there were too few samples to judge."""
        span = max(1, rule.window * SECOND // RING_STEP)
        keep = _of_group(rule, group)
        steps = self._look.lines(rule.metric, start - (span - 1) * RING_STEP, end, RING_STEP, keep)
        points = []
        for i in range(span - 1, len(steps), 3):
            whole = Rollup()
            for _, rollup in steps[i - span + 1 : i + 1]:
                whole.merge(rollup)

            value = statistic(rule, whole) if whole.count >= rule.minimum else None
            points.append(Point(min(steps[i][0] + RING_STEP, end), value, whole.count))

        return points

    async def _points(self, rule: Rule, group: str, start: Instant, end: Instant) -> tuple[Point, ...]:
        """The rule's figure minute by minute, each over the rule's own window."""
        # Whether a service was well is a matter of each minute; other figures need the rule's window.
        width = 1 if rule.unit == STATE else max(1, round(rule.window * SECOND / MINUTE))
        series = await self._store.series(rule.metric, start - (width - 1) * MINUTE, end, MINUTE)
        return await self._aside(lambda: _by_minute(rule, group, series, width))

    async def _gaps(self, start: Instant, end: Instant) -> tuple[Gap, ...]:
        alive = await self._store.series("gauge", start - start % MINUTE, end, MINUTE)
        return await self._aside(lambda: gaps(alive, Window(start, end, self._zone), None))

    async def _cause(self, rule: Rule, incident: Incident, end: Instant) -> tuple[str, str]:
        """The likely cause, and who is hit most; "" where nothing stands out or the incident is over."""
        if rule.unit == STATE:
            return cause.why_unhealthy(self._look.services().get(incident.group)), ""

        if rule.metric == SPECIAL:
            return "", ""

        explained = await self._explained(rule, incident, end)
        if rule.unit == "rate":
            return explained or cause.why_failing(await self._kinds(incident.since - rule.window * SECOND, end)), ""

        if rule.metric not in ("response", "operation"):
            return "", ""

        detail = ""
        if rule.above is not None and rule.unit == "s" and incident.stage is not Stage.RESOLVED:
            groups = self._look.groups("response", incident.since, end + 1, 0, lambda _: True)
            detail = cause.hit_most(groups, rule.above)

        return explained or cause.why_slower(await self._contributions(incident, end)), detail

    async def _better(self, rule: Rule, incident: Incident, end: Instant) -> str:
        """What fell back since it is well again; "" while it is broken, or where nothing stands out."""
        back, timed = incident.clear_since, rule.unit == "s" and rule.metric in ("response", "operation")
        if back is None or back >= end or not (timed or rule.unit == STATE):
            return ""

        if not timed:
            return "Its probe gets an answer again."

        broken, whole = await self._parts(incident.since, back)
        after, whole_after = await self._parts(back, end)
        return cause.why_better(cause.contributions(broken, after, whole, whole_after))

    async def _explained(self, rule: Rule, incident: Incident, end: Instant) -> str:
        """What explains most of the change, where one thing does; of a rule by group nothing, as the whole is asked."""
        figure = cause.figure_of(rule)
        if not figure or incident.group:
            return ""

        why = await self._compared(figure, rule, incident, incident.resolved_at or end)
        # Notices know no names of guilds.
        named = tuple(part for part in why.top.where if part[0] != "guild") if why.top else ()
        return cause_sentence(replace(why, top=replace(why.top, where=named))) if why.top and named else ""

    async def _contributions(self, incident: Incident, end: Instant) -> tuple[cause.Contribution, ...]:
        """What each component added to the mean response since the incident began, against the hour before."""
        now, whole = await self._parts(incident.since, end)
        before, whole_before = await self._parts(incident.since - BEFORE, incident.since - MINUTE)
        return cause.contributions(now, before, whole, whole_before)

    async def _parts(self, start: Instant, end: Instant) -> tuple[Mapping[str, Rollup], Rollup]:
        """Time by component, and of the whole responses that the components were part of."""
        inside = await self._store.series("component", start - start % MINUTE, end, MINUTE)
        parts = inside.total(lambda labels: labels[0])
        return parts, parts.pop(RESPONSE, Rollup())

    async def _kinds(self, start: Instant, end: Instant) -> Mapping[tuple[str, str], int]:
        """Failures by (kind, service); the response's own failure is told by the part that failed."""
        series: Series = await self._store.series("failure", start - start % MINUTE, end, MINUTE)
        found = series.total(lambda labels: (labels[2], labels[0]))
        parts = {key: r.count for key, r in found.items() if key[1] != "bot"}
        return parts or {key: r.count for key, r in found.items()}


def _by_minute(rule: Rule, group: str, series: Series, width: int) -> tuple[Point, ...]:
    """The rule's figure of each minute and the `width` − 1 before it."""
    figure, by_group = _figure(rule), _of_group(rule, group)
    minutes = [_only(step, by_group) for step in series.steps]
    points = []
    for i in range(width - 1, len(minutes)):
        merged: dict[Labels, Rollup] = {}
        for minute in minutes[i - width + 1 : i + 1]:
            merge_tables(merged, minute)

        value, n = figure(merged)
        points.append(Point(series.starts[i], value, n))

    return tuple(points)


def _of_group(rule: Rule, group: str) -> Callable[[Labels], bool]:
    """Tells which label sets the incident's rule and group are about."""
    keep = kept(rule)
    if not group or not rule.by:
        return keep

    place = METRICS[rule.metric].labels.index(rule.by)
    return lambda labels: keep(labels) and labels[place] == group


def _only(step: Mapping[Labels, Rollup], keep: Callable[[Labels], bool]) -> dict[Labels, Rollup]:
    return {labels: rollup for labels, rollup in step.items() if keep(labels)}


def _figure(rule: Rule) -> Callable[[Mapping[Labels, Rollup]], tuple[float | None, int]]:
    """How the rule's figure is taken from one window: its value and the number of samples."""

    def of_state(tables: Mapping[Labels, Rollup]) -> tuple[float | None, int]:
        n = sum(r.count for r in tables.values())
        bad = sum(r.count for labels, r in tables.items() if labels[1] == Health.UNHEALTHY)
        return (1.0 if bad else 0.0) if n else None, n

    def of_values(tables: Mapping[Labels, Rollup]) -> tuple[float | None, int]:
        whole = Rollup()
        for rollup in tables.values():
            whole.merge(rollup)

        return statistic(rule, whole), whole.count

    return of_state if rule.unit == STATE else of_values
