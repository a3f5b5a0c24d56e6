"""What faces may ask and do: one question, one frozen value."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace

from monitoring.analysis import health
from monitoring.analysis.banter import Banter
from monitoring.analysis.figure import Figure
from monitoring.analysis.health import Books, HealthPage, Reading, Resources
from monitoring.analysis.incident_card import Card, Details
from monitoring.analysis.overview import Overview
from monitoring.analysis.performance import Performance
from monitoring.analysis.personas import PersonaPage, Personas
from monitoring.analysis.relationships import Relationships
from monitoring.analysis.users import Activity
from monitoring.analysis.why_values import Why
from monitoring.assembly import Parts
from monitoring.charts import alt
from monitoring.configured import limits_of
from monitoring.digest.day import Digest
from monitoring.digest.week import Week
from monitoring.digests import DAILY, Times
from monitoring.errors import UnknownName
from monitoring.incident import Incident
from monitoring.model import Health, Service
from monitoring.picture import Picture
from monitoring.questions import STRIPS, Uptime
from monitoring.questions.work import TIMES
from monitoring.realtime import Course, Realtime, course, realtime
from monitoring.window import Scope, Window, window_of

HOST_READINGS = ("cpu_percent", "memory_percent", "disk_percent", "process_memory")


class Answers(Parts):
    """Asks the parts. Raises UnknownName for what is not there and StoreError while the store is broken."""

    async def setting(self, key: str) -> object | None:
        """A value that was set at run time; None if it never was."""
        found = await self.store.load("setting", key=key)
        return found[0].body.get("value") if found else None

    # --- questions

    def window(self, name: str) -> Window:
        """The window of that name that ends now; KeyError for an unknown one."""
        return window_of(name, self.clock.now(), self.zone)

    def persona_names(self) -> list[str]:
        """All personas, from memory."""
        return self.registry.names()

    def service_names(self) -> list[str]:
        """All services, from memory."""
        return sorted(service.name for service in self.rounds.services())

    async def health(self, *, host: bool, scope: Scope) -> HealthPage:
        """Everything about health; `host`: with readings of the machine; speed is the scope's, of the last hour."""
        services = self._services()
        uptimes = await self.questions.uptimes(services)
        timed = await self.questions.recent_timing(scope)
        critical = health.critical_figures(timed, self.bands)
        latency, lag = self.recent.last("gateway_latency"), self.recent.last("loop_lag")
        discord = next((s for s in services if s.name == "discord"), None)
        return HealthPage(
            at=self.clock.now(),
            overall=health.overall(services, critical),
            services=health.by_need([_with_uptime(service, uptimes) for service in services]),
            readings=self._readings() if host else (),
            gateway_latency=latency[0] if latency else None,
            gateway_connected=discord is not None and discord.health is Health.HEALTHY,
            loop_lag=lag[0] if lag else None,
            uptime=(self.clock.now() - self.started_at) / 1000,
            incidents=tuple(i.number for i in await self.watch.incidents(open_only=True)),
            mean=timed.mean,
            p95=timed.p95,
            critical_figures=critical,
            interval=self.settings.probe_interval_seconds,
            dropping=self.recorder.dropping,
            books=self.books() if host else None,
            pings=self.dead_man.pings if host and self.dead_man is not None else None,
        )

    async def service(self, name: str) -> Service:
        """One service with its uptime. Raises UnknownName."""
        found = next((s for s in self._services() if s.name == name), None)
        if found is None:
            raise UnknownName(f"There is no service {name} here.")

        return _with_uptime(found, await self.questions.uptimes([found]))

    async def errors(self, window: Window, scope: Scope) -> Figure:
        """The error rate of responses."""
        return await self.questions.errors(window, scope)

    def realtime(self) -> Realtime:
        """The last five minutes, from memory."""
        now = self.clock.now()
        services = {service.name: service.health for service in self.rounds.services()}
        return realtime(self.recent, self.conversations.active_now(now), now, services, self.watch.open_numbers)

    def course(self) -> Course:
        """How the last half hour went, from memory."""
        return course(self.recent, self.clock.now())

    async def overview(self, window: Window, scope: Scope) -> Overview:
        """How the whole bot or a guild is doing."""
        self.open_incidents = len(await self.watch.incidents(open_only=True))
        return await self.questions.overview(window, scope)

    async def performance(self, window: Window, scope: Scope, *, persona: str = "", service: str = "") -> Performance:
        """Response times and components; of one service: its operations."""
        value = await self.questions.performance(window, scope, persona=self._known(persona), service=service)
        return replace(value, incidents=() if service else await self.work.marks(window, scope, TIMES))

    async def persona(self, name: str, window: Window, scope: Scope) -> PersonaPage:
        """Everything about one persona. Raises UnknownName."""
        return await self.questions.persona(self._known(name), window, scope)

    async def persona_table(self, window: Window, scope: Scope) -> Personas:
        """All personas side by side."""
        return await self.questions.persona_table(window, scope)

    async def relationships(self, window: Window, scope: Scope) -> Relationships:
        """How the personas stand to each other."""
        return await self.questions.relationships(window, scope)

    async def banter(self, window: Window, scope: Scope) -> Banter:
        """Exchanges between personas."""
        return await self.questions.banter(window, scope)

    async def activity(self, window: Window, scope: Scope) -> Activity:
        """When people write."""
        return await self.questions.activity(window, scope)

    async def resources(self, window: Window) -> Resources:
        """The machine and the event loop."""
        last = {name: found[0] for name in STRIPS if (found := self.recent.last(name))}
        return await self.questions.resources(window, last)

    async def chart(self, kind: str, value: object, *, theme: str = "dark") -> Picture:
        """Draw a value in the worker. Raises ChartError."""
        png = await self.drawing.draw(kind, value, theme)
        return Picture(f"{kind.replace('_', '-')}-{secrets.token_hex(3)}.png", png, alt(kind, value))

    # --- incidents and digests

    async def incidents(self, *, open_only: bool = True) -> list[Incident]:
        """Incidents, oldest first."""
        return await self.watch.incidents(open_only=open_only)

    async def card(self, number: int) -> Card:
        """An incident as people are told of it. Raises UnknownName."""
        return await self.bulletins.card(number)

    async def details(self, number: int) -> Details:
        """More about an incident, for the one who asks. Raises UnknownName."""
        return await self.bulletins.details(number)

    async def why_incident(self, number: int, figure: str = "") -> Why:
        """What changed the figure of an incident's rule, or another, while it lasted. Raises UnknownName."""
        return await self.bulletins.why(number, figure)

    async def acknowledge(self, number: int, who: str) -> Card:
        """Somebody has it. Raises UnknownName."""
        await self.watch.acknowledge(number, who)
        return await self.card(number)

    async def silence(self, number: int, who: str, seconds: int) -> Card:
        """No notices for so long. Raises UnknownName."""
        await self.watch.silence(number, who, seconds)
        return await self.card(number)

    async def unsilence(self, number: int, who: str) -> Card:
        """Notices again. Raises UnknownName."""
        await self.watch.unsilence(number, who)
        return await self.card(number)

    async def told(self, number: int, *, channel_id: int, message_id: int) -> None:
        """Remember where an incident's message is."""
        await self.watch.told(number, channel_id, message_id)

    async def digest(self, date: str | None = None) -> Digest:
        """The digest of a local date ("2026-11-20"); without one, of the last complete day."""
        return await self.digests.day(date)

    async def digest_of(self, body: Mapping[str, object]) -> Digest | Week:
        """The digest, of a day or a week, that a notice with this body is about."""
        return await self.digests.of_notice(body)

    async def send_digest_now(self, kind: str = DAILY) -> None:
        """Put the digest of the last complete day or week (daily, weekly) into the outbox."""
        await self.digests.send_now(kind)
        self.outbox.wake()

    async def digest_times(self) -> Times:
        """When digests go out."""
        return await self.digests.times()

    async def set_digest_times(
        self, *, daily: bool | None = None, daily_time: str = "", weekly: str = "", weekly_time: str = ""
    ) -> Times:
        """Other times, which hold at once. ValueError says in words what makes no sense."""
        return await self.digests.change(daily=daily, daily_time=daily_time, weekly=weekly, weekly_time=weekly_time)

    @property
    def ops_channel_id(self) -> int | None:
        """Where notices go; None: not said yet."""
        return self.chosen.ops_channel_id

    def _services(self) -> list[Service]:
        """Every service as last known, with what the host and its probe say of it."""
        told = self.instruments.service_facts.of
        return [replace(s, facts=tuple((dict(s.facts) | dict(told(s.name))).items())) for s in self.rounds.services()]

    def _known(self, name: str) -> str:
        """A persona's name as it is stored, found whatever its case; UnknownName for a stranger."""
        if not name:
            return ""

        found = self.registry.canonical(name)
        if found not in self.registry.names():
            raise UnknownName(f"There is no persona {name} here.")

        return found

    def books(self) -> Books:
        """Where every fact since the start is."""
        counts = self.recorder.counts
        dropped = sorted(counts.dropped.items(), key=lambda entry: -entry[1])
        return Books(
            counts.total_accepted,
            counts.total_stored,
            counts.total_buffered,
            tuple((kind, reason, n) for (kind, reason), n in dropped if n),
        )

    def _readings(self) -> tuple[Reading, ...]:
        """The machine as last read."""
        limits = limits_of(self.settings)
        found = []
        for name in HOST_READINGS:
            last = self.recent.last(name)
            found.append(Reading(name, last[0] if last else None, last[1] if last else None, limits.get(name)))

        return tuple(found)


def _with_uptime(service: Service, uptimes: Mapping[str, Uptime]) -> Service:
    day, week, month = uptimes[service.name]
    return replace(service, uptime_24h=day, uptime_7d=week, uptime_30d=month)
