"""Questions about work done: errors, services with their operations and uptime, throughput, incidents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from monitoring.analysis.errors import Errors, Failings, errors
from monitoring.analysis.incidents import IncidentLog, incident_log, marks
from monitoring.analysis.series import stored_width
from monitoring.analysis.services import ServicePage, Worked, service_page
from monitoring.analysis.throughput import Flow, Throughput, throughput
from monitoring.analysis.uptime import Uptime, uptime, uptime_width
from monitoring.incident import Incident
from monitoring.model import DAY, HOUR, Instant
from monitoring.operations import Operations
from monitoring.questions import Questions
from monitoring.questions.loading import Only, guild_label, of
from monitoring.rollup import Series
from monitoring.window import Scope, Window

_COLUMNS = ("which", "manner", "at", "duration")
Remembered = Callable[[], Awaitable[list[Incident]]]
TIMES, RATES = ("s",), ("rate",)
"""Units of the rules whose incidents are marked in charts of times, and of errors."""


class Work:
    """Loads what happened and lets `analysis` think of it."""

    def __init__(self, load: Questions, incidents: Remembered) -> None:
        self._load = load
        self._incidents = incidents

    async def errors(self, window: Window, scope: Scope, *, service: str = "") -> Errors:
        """What failed in a window, of all services or one."""
        load, now = self._load, self._load.now()
        by, end = of(scope, "service", "operation", "kind"), window.end
        told = Failings(
            failure=await self._stored("failure", window, by),
            failure_before=await load.whole("failure", window.before, by),
            operation=await load.whole("operation", window, of(scope, "service", "operation"), sketch=False),
            operation_before=await load.whole(
                "operation", window.before, of(scope, "service", "operation"), sketch=False
            ),
            command=await load.whole("command", window, of(scope, "command"), sketch=False),
            command_before=await load.whole("command", window.before, of(scope, "command"), sketch=False),
            response=await load.whole("response", window, of(scope), sketch=False),
            response_before=await load.whole("response", window.before, of(scope), sketch=False),
            late=await load.whole("failure", Window(end - 6 * HOUR, end, window.zone), by),
            earlier=await load.whole("failure", Window(end - 12 * HOUR, end - 6 * HOUR, window.zone), by),
            operations=await self._raw(window, scope),
            drop=await load.whole("drop", window),
            gaps=await load.gaps(window, now.first_at),
            first_at=now.first_at,
        )

        found = await load.aside(
            lambda: errors(window, told, service=service, guild=guild_label(scope), bands=load.bands)
        )
        return replace(found, incidents=await self.marks(window, scope, RATES))

    async def service(self, name: str, window: Window, scope: Scope) -> ServicePage:
        """One service by operation, with its newest, slowest and failed operations."""
        return await self._page(name, window, scope, await self._raw(window, scope))

    async def services(self, window: Window, scope: Scope) -> ServicePage:
        """All services side by side."""
        return await self._page("", window, scope, None)

    async def throughput(self, window: Window, scope: Scope, *, service: str = "") -> Throughput:
        """Answers and messages by time, or the operations of one service."""
        load, now = self._load, self._load.now()
        metric, by = ("operation", of(scope, "service", "operation")) if service else ("response", of(scope))
        mine = {"service": service} if service else None
        flow = Flow(
            work=await self._stored(metric, window, by, mine),
            work_before=await load.whole(metric, window.before, by, only=mine, sketch=False),
            message=Series("message", (), (), ()) if service else await self._stored("message", window, of(scope)),
            gaps=await load.gaps(window, now.first_at),
            gaps_before=await load.gaps(window.before, now.first_at),
            drop=await load.whole("drop", window),
            first_at=now.first_at,
        )

        return await load.aside(lambda: throughput(window, flow, service=service, guild=guild_label(scope)))

    async def uptime(self, window: Window) -> Uptime:
        """How the probed services fared; they are the same for every guild."""
        load, by = self._load, ("service", "health")
        probe = await load.bars("probe", window, by, width=uptime_width(window), sketch=False)
        gaps = await load.gaps(window, load.now().first_at)
        return await load.aside(lambda: uptime(window, probe, gaps))

    async def incidents(self, window: Window) -> IncidentLog:
        """The incidents of a window, which are about the whole bot."""
        return incident_log(window, await self._incidents(), self._load.now().first_at)

    async def marks(self, window: Window, scope: Scope, units: tuple[str, ...]) -> tuple[Instant, ...]:
        """When incidents of rules with these units opened; none where it is about one guild, since they are not."""
        return () if scope.guild_id is not None else marks(window, await self._incidents(), units)

    async def names(self, window: Window, scope: Scope) -> list[str]:
        """Services that did anything in the window, busiest first."""
        done = await self._load.whole("operation", window, of(scope, "service"), sketch=False)
        guild = guild_label(scope)
        found = done.total(lambda labels: labels[0] if guild in (None, labels[4]) else None)
        return [name for name in sorted(found, key=lambda name: (-found[name].count, name)) if name]

    async def _page(self, name: str, window: Window, scope: Scope, raw: Operations | None) -> ServicePage:
        load, now = self._load, self._load.now()
        by = of(scope, "service", "operation")
        told = Worked(
            operation=await load.whole("operation", window, by),
            operation_before=await load.whole("operation", window.before, by),
            operations=raw,
            drop=await load.whole("drop", window),
            gaps=await load.gaps(window, now.first_at),
            first_at=now.first_at,
        )

        return await load.aside(
            lambda: service_page(window, told, service=name, guild=guild_label(scope), bands=load.bands)
        )

    async def _stored(self, metric: str, window: Window, by: tuple[str, ...], only: Only = None) -> Series:
        """Counts in the steps that the store has."""
        width = stored_width(window, self._load.clock.now())
        return await self._load.series(metric, window, width, by, only=only, sketch=False)

    async def _raw(self, window: Window, scope: Scope) -> Operations:
        """Single operations of at most the last 24 h of the window: more would take long, and tell less."""
        start = max(window.start, window.end - DAY)
        return await self._load.store.operations(
            start, window.end, _COLUMNS, of(scope, "service", "operation", "model")
        )
