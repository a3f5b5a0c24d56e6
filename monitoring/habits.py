"""The habits that rules hold figures against, learnt from the weeks in the store once an hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from monitoring.analysis.figure import Point
from monitoring.analysis.usual import COUNTS, TIMES, Usual, counted, monitored, usual
from monitoring.incident import Rule
from monitoring.metrics import METRICS
from monitoring.model import DAY, HOUR, Instant
from monitoring.questions.loading import Loading
from monitoring.rollup import Labels, Series
from monitoring.window import Window, step_start

WEEKS = 6
MOST = 300
"""Groups whose habits are learnt, the busiest first."""


class Habits:
    """Learns what is usual by hour of the week, and remembers it for an hour."""

    def __init__(
        self, load: Loading, zone: str, started_at: Callable[[], Instant], first_at: Callable[[], Instant | None]
    ) -> None:
        self._load = load
        self.zone = zone
        self._started_at = started_at
        self._first_at = first_at
        self._learnt: dict[object, tuple[Instant, Mapping[str, Usual]]] = {}

    def move(self, zone: str) -> None:
        """Learn anew, by the hours of another zone."""
        self.zone = zone
        self._learnt.clear()

    @property
    def since(self) -> Instant:
        """Since when this process hears everything."""
        return self._started_at()

    @property
    def first_at(self) -> Instant | None:
        """Since when is recorded."""
        return self._first_at()

    async def of_rule(self, rule: Rule, now: Instant) -> Mapping[str, Usual]:
        """The habits of the rule's figure, by group."""
        labels = METRICS[rule.metric].labels
        wanted = [(labels.index(name), value) for name, value in rule.where]
        place = labels.index(rule.by) if rule.by else None

        def group(found: Labels) -> str | None:
            if not all(found[i] == value for i, value in wanted):
                return None

            return "" if place is None else found[place]

        by = (*(name for name, _ in rule.where), *([rule.by] if rule.by else []))
        timed = METRICS[rule.metric].unit == "s" or rule.metric == "gauge"
        return await self._of((rule.metric, rule.where, rule.by), rule.metric, by, group, now, timed=timed)

    async def speakers(self, now: Instant) -> Mapping[str, Usual]:
        """How many messages each persona usually writes, under "" how many users do."""
        return await self._of(
            "speakers",
            "message",
            ("author", "persona"),
            lambda labels: labels[1] if labels[0] == "persona" else "",
            now,
            timed=False,
        )

    async def _of(
        self,
        key: object,
        metric: str,
        by: tuple[str, ...],
        group: Callable[[Labels], str | None],
        now: Instant,
        *,
        timed: bool,
    ) -> Mapping[str, Usual]:
        """Habits by group, learnt again once an hour."""
        hour = now - now % HOUR
        known = self._learnt.get(key)
        if known is not None and known[0] == hour:
            return known[1]

        # Up to the present hour, which is not over.
        span = Window(step_start(now - WEEKS * 7 * DAY, HOUR, self.zone), step_start(now, HOUR, self.zone), self.zone)
        hours = await self._load.series(metric, span, HOUR, by)
        dark = await self._load.gaps(span, self.first_at)

        def learn() -> dict[str, Usual]:
            zone, lit = ZoneInfo(self.zone), monitored(hours, span, dark, self.first_at)
            points = _means(hours, group) if timed else counted(hours, lit, group)
            busiest = sorted(points, key=lambda name: -sum(point.n for point in points[name]))[:MOST]
            return {name: usual(points[name], zone, TIMES if timed else COUNTS) for name in busiest}

        found = await self._load.aside(learn)
        self._learnt = {name: one for name, one in self._learnt.items() if one[0] >= hour - HOUR} | {key: (hour, found)}
        return found


def _means(hours: Series, group: Callable[[Labels], str | None]) -> dict[str, list[Point]]:
    """The mean of each hour by group, where there was one."""
    found: dict[str, list[Point]] = {}
    for at, end, step in zip(hours.starts, hours.ends, hours.steps, strict=True):
        one = Series(hours.metric, (at,), (end,), (step,)).total(group)
        for name, rollup in one.items():
            found.setdefault(name, []).append(Point(at, rollup.mean, rollup.count))

    return found
