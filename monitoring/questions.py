"""Every question a face can ask: loads rollups, lets `analysis` think, gives back one frozen value."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from monitoring.analysis import banter, health, overview, performance, personas, relationships, users
from monitoring.analysis.figure import Bands, Gap, Timing
from monitoring.analysis.series import chart_width, gaps, only, regroup, stored_width, telling_width, timing
from monitoring.interfaces import Clock, People, Store
from monitoring.model import DAY, HOUR, Health, Instant, Service
from monitoring.rollup import Series
from monitoring.window import Scope, Window

Thought = TypeVar("Thought")

STRIPS = ("cpu_percent", "memory_percent", "loop_lag", "gateway_latency")
"""The gauges that the chart of resources draws."""


Uptime: TypeAlias = tuple[float | None, float | None, float | None]
"""Shares 0..1 over 24 h, 7 d and 30 d; None: never probed in that time."""


@dataclass(frozen=True, slots=True)
class Now:
    """What only memory knows, at the moment of the question."""

    slots: Mapping[str, int]
    """Colour slots of the personas."""
    first_at: Instant | None
    """When recording began."""
    started_at: Instant
    open_incidents: int = 0
    guilds: int = 0
    conversations: int = 0


class Questions:
    """Answers from the store. Every answer says from when to when, and of how many."""

    def __init__(
        self, store: Store, clock: Clock, *, now: Callable[[], Now], bands: Bands, limits: Mapping[str, float]
    ):
        self._store = store
        self._clock = clock
        self._now = now
        self._bands = bands
        self._limits = limits
        self._thread: ThreadPoolExecutor | None = None

    async def overview(self, window: Window, scope: Scope) -> overview.Overview:
        """How the whole bot or a guild is doing."""
        now = self._now()
        facts = overview.Facts(
            message=await self._steps("message", window),
            message_before=await self._whole("message", window.before),
            response=await self._steps("response", window),
            response_before=await self._whole("response", window.before),
            operation=await self._whole("operation", window),
            operation_before=await self._whole("operation", window.before),
            exchange=await self._whole("exchange", window),
            exchange_before=await self._whole("exchange", window.before),
            outcome=await self._whole("exchange_outcome", window),
            addressed=await self._whole("addressed", window),
            addressed_before=await self._whole("addressed", window.before),
            probe=await self._steps("probe", window),
            people=await self._people(window, scope),
            people_before=await self._people(window.before, scope),
            gaps=await self._gaps(window, now.first_at),
            slots=now.slots,
            open_incidents=now.open_incidents,
            guilds=now.guilds,
            conversations=now.conversations,
            uptime=(self._clock.now() - now.started_at) / 1000,
            first_at=now.first_at,
        )

        return await self._aside(lambda: overview.overview(window, facts, guild=_guild(scope), bands=self._bands))

    async def performance(
        self, window: Window, scope: Scope, *, persona: str = "", service: str = ""
    ) -> performance.Performance:
        """Response times, components and first tokens; of a service, the times of its operations."""
        now = self._now()
        metric = "operation" if service else "response"
        keep = only(metric, persona=persona or None, guild=_guild(scope), **({"service": service} if service else {}))
        stored = stored_width(window, self._clock.now())
        response = await self._series(metric, window, stored)
        width = await self._aside(lambda: max(telling_width(window, response, keep), stored))
        asked = performance.Answers(
            response=await self._aside(lambda: regroup(response, width, window.zone)),
            response_before=await self._whole(metric, window.before),
            operation=await (
                self._steps("operation", window, coarse=True) if service else self._whole("operation", window)
            ),
            component=await self._steps("component", window, coarse=True),
            first_token=await self._whole("first_token", window),
            first_token_before=await self._whole("first_token", window.before),
            gaps=await self._gaps(window, now.first_at),
            slots=now.slots,
            first_at=now.first_at,
            last_at=await self._last_answer(window, persona, scope),
        )

        return await self._aside(
            lambda: performance.performance(
                window, asked, persona=persona, service=service, guild=_guild(scope), bands=self._bands
            )
        )

    async def persona(self, name: str, window: Window, scope: Scope) -> personas.PersonaPage:
        """Everything about one persona."""
        now = self._now()
        hours = await self._bars("message", window, HOUR)
        traces = personas.Traces(
            message=await self._aside(lambda: regroup(hours, _bar(window), window.zone)),
            message_hours=hours,
            message_before=await self._whole("message", window.before),
            response=await self._whole("response", window),
            response_before=await self._whole("response", window.before),
            addressed=await self._whole("addressed", window),
            addressed_before=await self._whole("addressed", window.before),
            banter=await self._whole("banter", window),
            sentiment=await self._whole("sentiment", window),
            satisfaction=await self._whole("satisfaction", window),
            detail=await self._whole("detail", window),
            topic=await self._whole("topic", window),
            operation=await self._whole("operation", window),
            people=await self._people(window, scope),
            people_before=await self._people(window.before, scope),
            growth=await self._growth(name, window.end, scope, now.first_at),
            bonds=await self.relationships(window, scope),
            gaps=await self._gaps(window, now.first_at),
            slots=now.slots,
            first_at=now.first_at,
            last_at=await self._last_answer(window, name, scope),
        )

        return await self._aside(
            lambda: personas.persona_page(window, name, traces, guild=_guild(scope), bands=self._bands)
        )

    async def persona_table(self, window: Window, scope: Scope) -> personas.Personas:
        """All personas side by side."""
        return personas.personas(
            window,
            await self._whole("message", window),
            await self._whole("response", window),
            await self._whole("satisfaction", window),
            await self._people(window, scope),
            slots=self._now().slots,
            guild=_guild(scope),
        )

    async def relationships(self, window: Window, scope: Scope) -> relationships.Relationships:
        """How the personas stand to each other, from all that is known of their days."""
        now = self._now()
        start = min(now.first_at or window.start, window.start)
        days = await self._store.series("interaction", start - DAY, window.end, DAY)
        return relationships.relationships(
            window,
            days,
            slots=now.slots,
            guild=_guild(scope),
            gaps=await self._gaps(window, now.first_at),
            inside=await self._whole("interaction", window),
        )

    async def banter(self, window: Window, scope: Scope) -> banter.Banter:
        """Exchanges between personas."""
        now = self._now()
        talks = banter.Talks(
            exchange=await self._bars("exchange", window),
            exchange_before=await self._whole("exchange", window.before),
            outcome=await self._bars("exchange_outcome", window),
            outcome_before=await self._whole("exchange_outcome", window.before),
            ignored=await self._whole("ignored", window),
            message=await self._whole("message", window),
            banter=await self._whole("banter", window),
            topic=await self._whole("topic", window),
            gaps=await self._gaps(window, now.first_at),
            slots=now.slots,
            first_at=now.first_at,
        )

        return await self._aside(lambda: banter.banter(window, talks, guild=_guild(scope)))

    async def activity(self, window: Window, scope: Scope) -> users.Activity:
        """When people write, by hour of the week."""
        first_at = self._now().first_at
        return users.activity(
            window,
            await self._bars("message", window, HOUR),
            await self._gaps(window, first_at),
            guild=_guild(scope),
            first_at=first_at,
            people=(await self._people(window, scope)).get("", People()).users,
        )

    async def resources(self, window: Window, last: Mapping[str, float]) -> health.Resources:
        """The machine and the event loop."""
        return health.resources(
            window,
            await self._steps("gauge", window),
            STRIPS,
            last=last,
            limits=self._limits,
            gaps=await self._gaps(window, self._now().first_at),
        )

    async def recent_timing(self) -> Timing:
        """Responses of the last hour."""
        end = self._clock.now()
        return timing((await self._store.series("response", end - HOUR, end, 0)).sum())

    async def uptimes(self, services: list[Service]) -> dict[str, Uptime]:
        """Share (0..1) of probes that were answered well or slowly, over 24 h, 7 d and 30 d, by service."""
        end = self._clock.now()
        found: dict[str, list[float | None]] = {s.name: [] for s in services}
        for span in (DAY, 7 * DAY, 30 * DAY):
            series = await self._store.series("probe", end - span, end, 0)
            for name, row in found.items():
                asked = series.sum(only("probe", service=name))
                unknown = series.sum(only("probe", service=name, health=Health.UNKNOWN)).count
                bad = series.sum(only("probe", service=name, health=Health.UNHEALTHY)).count
                known = asked.count - unknown
                row.append(1 - bad / known if known > 0 else None)

        return {name: (row[0], row[1], row[2]) for name, row in found.items()}

    def close(self) -> None:
        """Let go of the thread."""
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None

    async def _aside(self, think: Callable[[], Thought]) -> Thought:
        """Think in a thread of our own: merging a month of steps would hold the host's event loop."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="monitoring-questions")

        return await asyncio.get_running_loop().run_in_executor(self._thread, think)

    async def _series(self, metric: str, window: Window, width: int) -> Series:
        return await self._store.series(metric, window.start, window.end, width)

    async def _whole(self, metric: str, window: Window) -> Series:
        return await self._store.series(metric, window.start, window.end, 0)

    async def _steps(self, metric: str, window: Window, *, coarse: bool = False) -> Series:
        """A chart's steps; coarse ones are read from days where a window has many."""
        width = DAY if coarse and window.length > 8 * DAY else stored_width(window, self._clock.now())
        series = await self._series(metric, window, width)
        return await self._aside(lambda: regroup(series, max(chart_width(window), width), window.zone))

    async def _bars(self, metric: str, window: Window, width: int | None = None) -> Series:
        """Bars of a chart: hours in windows of up to two days, else days; made of steps that begin in the window."""
        stored = stored_width(window, self._clock.now())
        series = await self._series(metric, window, stored)
        return await self._aside(lambda: regroup(series, max(width or _bar(window), stored), window.zone))

    async def _people(self, window: Window, scope: Scope) -> Mapping[str, People]:
        return await self._store.people(window.start, window.end, scope.guild_id)

    async def _gaps(self, window: Window, first_at: Instant | None) -> tuple[Gap, ...]:
        width = stored_width(window, self._clock.now())
        alive = await self._series("gauge", window, width)
        return await self._aside(lambda: gaps(alive, window, first_at))

    async def _growth(self, name: str, end: Instant, scope: Scope, first_at: Instant | None) -> tuple[int, int] | None:
        """Distinct users of 30 days and of the 30 before; None without 60 days of records."""
        if first_at is None or first_at > end - 60 * DAY:
            return None

        now = await self._store.people(end - 30 * DAY, end, scope.guild_id)
        before = await self._store.people(end - 60 * DAY, end - 30 * DAY, scope.guild_id)
        return now.get(name, People()).users, before.get(name, People()).users

    async def _last_answer(self, window: Window, persona: str, scope: Scope) -> Instant | None:
        """The start of the last hour with an answer, looking back to a week before the window."""
        keep = only("response", persona=persona or None, guild=_guild(scope))
        hours = await self._store.series("response", window.start - 7 * DAY, window.end, HOUR)
        marks = (at for at, step in zip(hours.starts, hours.steps, strict=True) if any(keep(labels) for labels in step))
        return max(marks, default=None)


def _guild(scope: Scope) -> str | None:
    """The label value of the scope's guild."""
    return None if scope.guild_id is None else str(scope.guild_id)


def _bar(window: Window) -> int:
    """The width of bars in charts: hours in windows of up to two days, else days."""
    return HOUR if window.length <= 2 * DAY + HOUR else DAY
