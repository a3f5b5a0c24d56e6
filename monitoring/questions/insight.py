"""Questions about causes and what is to come: why, promises, recommendations with forecasts and anomalies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from monitoring.analysis import slo
from monitoring.analysis.advice import Clues, Insights
from monitoring.analysis.ahead import History, month
from monitoring.analysis.anomalies import Anomaly, anomalies, hourly, since
from monitoring.analysis.forecast import Forecast, Reach, reaches
from monitoring.analysis.insights import recommendations
from monitoring.analysis.series import only
from monitoring.analysis.slo import FAST, SHORT, SPAN, SUCCESS, UPTIME, Promises, Slo, Tally
from monitoring.analysis.spending import used
from monitoring.analysis.why import AMOUNTS, ERRORS, TIMES, Compared, Evidence, Why, comparable, why
from monitoring.model import DAY, HOUR, Instant
from monitoring.questions import Questions
from monitoring.questions.loading import By, guild_label, of
from monitoring.rollup import Rollup, Series
from monitoring.window import Scope, Window, step_start

CELL = ("service", "operation", "model", "persona", "guild")
HISTORY = 56 * DAY
"""Of which a month's end is forecast."""
METRIC = {"messages": "message", "mean": "response", "p95": "response", "errors": "response", "tokens": "operation"}
"""Of each figure that is held against its habit."""
LIMITS = {"disk_percent": 95.0, "memory_percent": 95.0}
"""Percent at which a machine stops working; what is warned of lies below."""


class Insight:
    """Loads what causes, promises and recommendations are made of, and lets `analysis` think of it."""

    def __init__(self, load: Questions, promises: Promises) -> None:
        self._load = load
        self._promises = promises

    # --- why

    async def why(self, figure: str, window: Window, scope: Scope, *, against: Window | None = None) -> Why:
        """What changed a figure (one of `why.FIGURES`) since the window before. Raises KeyError for another one.

        `against`: another window to compare means, quantiles and rates with, which may be longer.
        """
        before = window.before if against is None or figure in AMOUNTS else against
        evidence = await self._evidence(figure, (window, before), scope)
        return await self._load.aside(lambda: why(window, figure, evidence, guild_label(scope), against=before))

    async def _evidence(self, figure: str, window: tuple[Window, Window], scope: Scope) -> Evidence:
        both, steps, first_at = self._both, self._stepped, self._load.now().first_at
        if figure == "messages":
            by = ("author", "persona", "guild")
            course = await steps("message", window, of(scope))
            return Evidence(message=await both("message", window, by), course=course, first_at=first_at)

        if figure in AMOUNTS:
            course = await steps("operation", window, of(scope), sketch=False)
            cells = await both("operation", window, CELL, sketch=False)
            return Evidence(operation=cells, course=course, first_at=first_at)

        if figure != ERRORS and figure not in TIMES:
            raise KeyError(figure)

        timed = figure in TIMES
        found = Evidence(response=await both("response", window, ("persona", "guild", "source"), sketch=timed))
        if not comparable(figure, found.response, guild_label(scope)):
            return found

        found = replace(
            found,
            operation=await both("operation", window, CELL, sketch=timed),
            course=await steps("response", window, of(scope), sketch=timed),
        )
        if figure == ERRORS:
            return replace(found, failure=await both("failure", window, of(scope, "operation", "kind")))

        return replace(found, component=await both("component", window, of(scope, "component")))

    async def _both(self, metric: str, window: tuple[Window, Window], by: By, *, sketch: bool = True) -> Compared:
        return Compared(*[await self._load.whole(metric, one, by, sketch=sketch) for one in window])

    async def _stepped(self, metric: str, window: tuple[Window, Window], by: By, *, sketch: bool = True) -> Compared:
        return Compared(*[await self._load.steps(metric, one, by, sketch=sketch) for one in window])

    # --- promises

    async def slo(self, window: Window, scope: Scope) -> tuple[Slo, ...]:
        """The promises as they stand at the window's end: success, fast, and the uptime of each probed service."""
        end, load = window.end, self._load
        widths = (*SHORT, SPAN)
        response = {width: await self._last("response", end, width, of(scope)) for width in widths}
        probe = {width: await self._last("probe", end, width, ("service", "health"), sketch=False) for width in widths}
        span = Window(step_start(end - SPAN, DAY, window.zone), end, window.zone)
        days = await load.series("response", span, DAY, of(scope))
        probed = await load.series("probe", span, DAY, ("service", "health"), sketch=False)
        return await load.aside(lambda: self._promised(response, probe, (days, probed), end, scope))

    async def _last(self, metric: str, end: Instant, width: int, by: By, *, sketch: bool = True) -> Series:
        return await self._load.store.series(metric, end - width, end, 0, by, sketch=sketch)

    def _promised(
        self,
        response: Mapping[int, Series],
        probe: Mapping[int, Series],
        days: tuple[Series, Series],
        end: Instant,
        scope: Scope,
    ) -> tuple[Slo, ...]:
        promised, keep = self._promises, only("response", guild=guild_label(scope))

        def made(what: str, target: float, tally: Callable[[Rollup], Tally], limit: float | None = None) -> Slo:
            course = [(at, tally(r)) for at, r in zip(days[0].starts, days[0].line(keep), strict=True)]
            tallies = {width: tally(series.sum(keep)) for width, series in response.items()}
            return slo.slo(what, target, tallies, course, now=end, limit=limit)

        found = [
            made(SUCCESS, promised.success, slo.failed),
            made(FAST, promised.fast, lambda r: slo.too_slow(r, promised.seconds), promised.seconds),
        ]
        for name in sorted({labels[0] for step in probe[SPAN].steps for labels in step}):
            tallies = {width: _probed(series, name) for width, series in probe.items()}
            if not tallies[SPAN].total:
                continue

            course = [
                (at, _probed(Series("probe", (at,), (to,), (step,)), name))
                for at, to, step in zip(days[1].starts, days[1].ends, days[1].steps, strict=True)
            ]
            found.append(slo.slo(UPTIME, promised.success, tallies, course, now=end, subject=name))

        return tuple(found)

    # --- what is worth doing, what is to come, what was unusual

    async def insights(self, window: Window, scope: Scope) -> Insights:
        """Recommendations, forecasts and anomalies. Gauges of the machine are left out where it is about one guild."""
        load, guild = self._load, guild_label(scope)
        reached = {} if scope.guild_id is not None else await self._reaches(window)
        clues = await self._clues(window, scope, reached)
        tokens, cost = await self._months(window, scope)
        unusual = await self._unusual(window, scope)
        advice = await load.aside(lambda: recommendations(clues, guild))
        ordered = sorted(reached.items(), key=lambda item: item[1].at)
        return Insights(
            window,
            advice,
            tokens,
            cost,
            tuple(ordered),
            unusual,
        )

    async def _clues(self, window: Window, scope: Scope, reached: Mapping[str, Reach]) -> Clues:
        load, both, pair = self._load, self._both, (window, window.before)
        return Clues(
            response=await both("response", pair, of(scope)),
            operation=await both("operation", pair, of(scope, "operation", "model", "feature")),
            component=await load.whole("component", window, of(scope, "component")),
            failure=await load.whole("failure", window, of(scope, "operation", "kind")),
            cache=await load.whole("cache", window, of(scope, "service", "feature")),
            message=await both("message", pair, of(scope, "author")),
            answered=await both("answered", pair, of(scope)),
            probe=await load.whole("probe", window, ("service", "health"), sketch=False),
            liking=await load.whole("model_liking", window, of(scope, "model")),
            reaches=reached,
            bands=load.bands,
            now=window.end,
        )

    async def _reaches(self, window: Window) -> dict[str, Reach]:
        """Gauges on the way to their limit, from the hours of the last two weeks."""
        start = window.end - 14 * DAY
        found = {}
        for name, limit in LIMITS.items():
            hours = await self._load.store.series(
                "gauge", start, window.end, HOUR, ("name",), {"name": name}, sketch=False
            )
            keep = only("gauge", name=name)
            points = [(to, r.mean) for to, r in zip(hours.ends, hours.line(keep), strict=True) if r.count]
            reach = await self._load.aside(partial(reaches, points, limit, now=window.end))
            if reach is not None:
                found[name] = reach

        return found

    async def _months(self, window: Window, scope: Scope) -> tuple[Forecast | None, Forecast | None]:
        """What the month will amount to: tokens, and micro-dollars where prices are known."""
        load, first_at = self._load, self._load.now().first_at
        start = step_start(window.end - HISTORY, DAY, window.zone)
        span, keep = Window(start, window.end, window.zone), only("operation", guild=guild_label(scope))
        days = await load.series("operation", span, DAY, of(scope), sketch=False)
        history = History(span, days, await load.gaps(span, first_at), first_at)
        return await load.aside(
            lambda: (month(history, keep, lambda r: float(r.tokens)), month(history, keep, lambda r: used(r).cost))
        )

    async def _unusual(self, window: Window, scope: Scope) -> tuple[Anomaly, ...]:
        """Unusual hours of the window, of every figure; of windows of more than a week, of the last week."""
        load, first_at, guild = self._load, self._load.now().first_at, guild_label(scope)
        asked = Window(max(window.start, window.end - 7 * DAY), window.end, window.zone)
        span = Window(step_start(since(asked), HOUR, asked.zone), asked.end, asked.zone)
        hours = {
            # Of answers a quantile is asked for too, of all others sums.
            name: await load.series(name, span, HOUR, of(scope), sketch=name == "response")
            for name in set(METRIC.values())
        }
        gaps = await load.gaps(span, first_at)

        def think() -> tuple[Anomaly, ...]:
            found: list[Anomaly] = []
            for figure, name in METRIC.items():
                points = hourly(figure, hours[name], only(name, guild=guild), span, gaps, first_at)
                found += anomalies(figure, points, asked)

            return tuple(sorted(found, key=lambda one: -abs(one.score)))

        return await load.aside(think)


def _probed(series: Series, name: str) -> Tally:
    return slo.unhealthy(series.total(lambda labels: labels[1] if labels[0] == name else None))
