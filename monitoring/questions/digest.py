"""Loads what a digest of a day or a week tells."""

from __future__ import annotations

import datetime as dates
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from monitoring.analysis.spending import Cost
from monitoring.digest.dates import day_window, week_window
from monitoring.digest.day import Digest, Told, digest
from monitoring.digest.usual import WEEKS, DayFigures, Usual, day_figures, usual
from monitoring.digest.week import Week, week
from monitoring.incident import Incident, Rule
from monitoring.questions import Questions
from monitoring.questions.insight import Insight
from monitoring.questions.llm import Llm
from monitoring.window import Scope, Window

EVERYTHING = Scope(None)
"""Digests are about the whole bot, in the ops channel."""
HALF = 0.5
"""Of a day, what must have been monitored for it to count as usual."""


class Editions:
    """Asks for everything a digest tells, and lets `digest` put it together."""

    def __init__(
        self,
        load: Questions,
        insight: Insight,
        llm: Llm,
        *,
        zone: str,
        incidents: Callable[[], Awaitable[list[Incident]]],
        rules: Callable[[], Sequence[Rule]],
    ) -> None:
        self._load = load
        self._insight = insight
        self._llm = llm
        self._zone = zone
        self._incidents = incidents
        self._rules = rules

    def move(self, zone: str) -> None:
        """Count days in another zone from now on."""
        self._zone = zone

    async def day(self, date: str, *, late: bool = False) -> Digest:
        """The digest of a local date. ValueError for what is no date."""
        day = dates.date.fromisoformat(date)
        window = day_window(day, self._zone)
        overview = await self._load.overview(window, EVERYTHING)
        told = replace(await self._told(window), usual=await self._usual(day))
        return await self._load.aside(lambda: digest(date, self._zone, overview, told, late=late))

    async def week(self, date: str, *, late: bool = False) -> Week:
        """The digest of the seven local dates up to this one. ValueError for what is no date."""
        window = week_window(dates.date.fromisoformat(date), self._zone)
        overview = await self._load.overview(window, EVERYTHING)
        told, first_at = await self._told(window), self._load.now().first_at
        return await self._load.aside(lambda: week(date, self._zone, overview, told, first_at=first_at, late=late))

    async def _told(self, window: Window) -> Told:
        load = self._load
        return Told(
            personas=await load.persona_table(window, EVERYTHING),
            banter=await load.banter(window, EVERYTHING),
            relationships=await load.relationships(window, EVERYTHING),
            incidents=await self._incidents(),
            rules=self._rules(),
            advice=(await self._insight.insights(window, EVERYTHING)).recommendations,
            cost=await self._month(window),
        )

    async def _month(self, window: Window) -> Cost:
        """The cost so far of the month that the window's last moment lies in: midnight is the next one's first."""
        return await self._llm.cost(replace(window, end=window.end - 1), EVERYTHING)

    async def _usual(self, day: dates.date) -> Usual | None:
        """What is usual for this weekday, from the four weeks before."""
        found = [await self._figures(day - dates.timedelta(weeks=n)) for n in range(1, WEEKS + 1)]
        return usual(f"{day:%A}", [figures for figures in found if figures is not None])

    async def _figures(self, day: dates.date) -> DayFigures | None:
        """The figures of a day; None where less than half of it was monitored, or it was before the first record."""
        window, first_at = day_window(day, self._zone), self._load.now().first_at
        if first_at is None or first_at > window.start:
            return None

        value = await self._load.overview(window, EVERYTHING)
        dark = sum(gap.end - gap.start for gap in value.gaps)
        return day_figures(value) if dark < HALF * window.length else None
