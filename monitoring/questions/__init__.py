"""Every question a face can ask: loads rollups, lets `analysis` think, gives back one frozen value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from monitoring.analysis import banter, health, overview, performance, personas, relationships, users
from monitoring.analysis.figure import Bands, Figure, Timing
from monitoring.analysis.series import failing, only, regroup, timing
from monitoring.interfaces import Clock, People, Store
from monitoring.model import DAY, HOUR, Health, Instant, Service
from monitoring.questions.loading import Loading, guild_label, of, short_bar_width
from monitoring.window import Scope, Window

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
    active: Mapping[int | None, int] = field(default_factory=dict)
    """Distinct people of the last five minutes by guild; under None of the whole bot."""


class Questions(Loading):
    """Answers from the store. Every answer says from when to when, and of how many."""

    def __init__(
        self, store: Store, clock: Clock, *, now: Callable[[], Now], bands: Bands, limits: Mapping[str, float]
    ) -> None:
        super().__init__(store, clock)
        self.now = now
        self.bands = bands
        self.limits = limits

    async def overview(self, window: Window, scope: Scope) -> overview.Overview:
        """How the whole bot or a guild is doing."""
        now = self.now()
        facts = overview.Facts(
            message=await self.steps("message", window, of(scope, "author", "persona")),
            message_before=await self.whole("message", window.before, of(scope, "author", "persona")),
            response=await self.telling("response", window, only("response", guild=guild_label(scope)), of(scope)),
            response_before=await self.whole("response", window.before, of(scope)),
            operation=await self.whole("operation", window, of(scope), sketch=False),
            operation_before=await self.whole("operation", window.before, of(scope), sketch=False),
            exchange=await self.whole("exchange", window, of(scope)),
            exchange_before=await self.whole("exchange", window.before, of(scope)),
            outcome=await self.whole("exchange_outcome", window, of(scope)),
            addressed=await self.whole("addressed", window, of(scope, "persona")),
            addressed_before=await self.whole("addressed", window.before, of(scope, "persona")),
            probe=await self.steps("probe", window, ("service", "health"), sketch=False),
            people=await self.people(window, scope),
            people_before=await self.people(window.before, scope),
            drop=await self.whole("drop", window),
            gaps=await self.unheard(window, now.first_at),
            slots=now.slots,
            open_incidents=now.open_incidents,
            guilds=now.guilds,
            conversations=now.conversations,
            uptime=(self.clock.now() - now.started_at) / 1000,
            first_at=now.first_at,
        )

        return await self.aside(lambda: overview.overview(window, facts, guild=guild_label(scope), bands=self.bands))

    async def performance(
        self, window: Window, scope: Scope, *, persona: str = "", service: str = ""
    ) -> performance.Performance:
        """Response times, components and first tokens; of a service, the times of its operations."""
        now = self.now()
        metric = "operation" if service else "response"
        mine = {"service": service} if service else None
        keep = only(metric, persona=persona or None, guild=guild_label(scope), **(mine or {}))
        whose = of(scope, "persona", *(["service"] if service else []))
        asked = performance.Answers(
            response=await self.telling(metric, window, keep, whose, only=mine),
            response_before=await self.whole(metric, window.before, whose, only=mine),
            operation=await (
                self.steps("operation", window, (*whose, "operation", "model"), coarse=True, only=mine, sketch=False)
                if service
                else self.whole("operation", window, of(scope, "persona", "operation"), sketch=False)
            ),
            component=await self.steps("component", window, of(scope, "component", "persona"), coarse=True),
            first_token=await self.whole("first_token", window, of(scope, "model", "persona")),
            first_token_before=await self.whole("first_token", window.before, of(scope, "model", "persona")),
            drop=await self.whole("drop", window),
            gaps=await self.gaps(window, now.first_at),
            slots=now.slots,
            first_at=now.first_at,
            last_at=await self.last_answer(window, persona, scope),
        )

        return await self.aside(
            lambda: performance.performance(
                window, asked, persona=persona, service=service, guild=guild_label(scope), bands=self.bands
            )
        )

    async def persona(self, name: str, window: Window, scope: Scope) -> personas.PersonaPage:
        """Everything about one persona."""
        now = self.now()
        width = short_bar_width(window)
        bars = await self.bars("message", window, of(scope, "author", "persona"), width=min(width, HOUR))
        traces = personas.Traces(
            message=await self.aside(lambda: regroup(bars, width, window.zone)),
            message_hours=await self.aside(lambda: regroup(bars, HOUR, window.zone)),
            message_before=await self.whole("message", window.before, of(scope, "author", "persona")),
            response=await self.whole("response", window, of(scope, "persona")),
            response_before=await self.whole("response", window.before, of(scope, "persona")),
            addressed=await self.whole("addressed", window, of(scope, "persona")),
            addressed_before=await self.whole("addressed", window.before, of(scope, "persona")),
            banter=await self.whole("banter", window, of(scope, "persona")),
            sentiment=await self.whole("sentiment", window, of(scope, "persona", "mood")),
            satisfaction=await self.whole("satisfaction", window, of(scope, "persona", "source")),
            detail=await self.whole("detail", window, of(scope, "what", "persona")),
            topic=await self.whole("topic", window, of(scope, "persona", "word")),
            operation=await self.whole("operation", window, of(scope, "persona"), sketch=False),
            people=await self.people(window, scope),
            people_before=await self.people(window.before, scope),
            growth=await self.growth(name, window.end, scope, now.first_at),
            bonds=await self.relationships(window, scope),
            gaps=await self.unheard(window, now.first_at),
            slots=now.slots,
            first_at=now.first_at,
            last_at=await self.last_answer(window, name, scope),
            quality=await self.whole("quality", window, of(scope, "persona", "quality")),
            told=await self.told_growth(name, window, scope),
            drop=await self.whole("drop", window),
        )

        return await self.aside(
            lambda: personas.persona_page(window, name, traces, guild=guild_label(scope), bands=self.bands)
        )

    async def persona_table(self, window: Window, scope: Scope) -> personas.Personas:
        """All personas side by side."""
        return personas.personas(
            window,
            await self.whole("message", window, of(scope, "author", "persona")),
            await self.whole("response", window, of(scope, "persona")),
            await self.whole("satisfaction", window, of(scope, "persona")),
            await self.people(window, scope),
            slots=self.now().slots,
            guild=guild_label(scope),
        )

    async def relationships(self, window: Window, scope: Scope) -> relationships.Relationships:
        """How the personas stand to each other, from all that is known of their days."""
        now = self.now()
        start = min(now.first_at or window.start, window.start)
        days = await self.store.series("interaction", start - DAY, window.end, DAY, of(scope, "persona", "other"))
        inside = await self.whole("interaction", window, of(scope, "persona", "other"))
        told = await self.told_bonds(window.end)
        gaps = await self.unheard(window, now.first_at)
        return await self.aside(
            lambda: relationships.relationships(
                window, days, slots=now.slots, guild=guild_label(scope), gaps=gaps, inside=inside, told=told
            )
        )

    async def banter(self, window: Window, scope: Scope) -> banter.Banter:
        """Exchanges between personas."""
        now = self.now()
        talks = banter.Talks(
            exchange=await self.bars("exchange", window, of(scope, "starter", "ender"), width=short_bar_width(window)),
            exchange_before=await self.whole("exchange", window.before, of(scope, "starter", "ender")),
            outcome=await self.bars("exchange_outcome", window, of(scope), width=short_bar_width(window)),
            outcome_before=await self.whole("exchange_outcome", window.before, of(scope)),
            ignored=await self.whole("ignored", window, of(scope, "persona")),
            message=await self.whole("message", window, of(scope, "author")),
            banter=await self.whole("banter", window, of(scope)),
            topic=await self.whole("banter_topic", window, of(scope, "word")),
            gaps=await self.unheard(window, now.first_at),
            slots=now.slots,
            first_at=now.first_at,
            interaction=await self.whole("interaction", window, of(scope)),
            interaction_before=await self.whole("interaction", window.before, of(scope)),
        )

        return await self.aside(lambda: banter.banter(window, talks, guild=guild_label(scope)))

    async def activity(self, window: Window, scope: Scope) -> users.Activity:
        """When people write, by hour of the week."""
        first_at = self.now().first_at
        return users.activity(
            window,
            await self.bars("message", window, of(scope, "author"), width=HOUR),
            await self.unheard(window, first_at),
            guild=guild_label(scope),
            first_at=first_at,
            people=(await self.people(window, scope)).get("", People()).users,
        )

    async def resources(self, window: Window, last: Mapping[str, float]) -> health.Resources:
        """The machine and the event loop."""
        return health.resources(
            window,
            await self.steps("gauge", window, ("name",), sketch=False),
            STRIPS,
            last=last,
            limits=self.limits,
            gaps=await self.gaps(window, self.now().first_at),
        )

    async def errors(self, window: Window, scope: Scope) -> Figure:
        """Failed responses ÷ responses, 0..1, with the rate of the window before."""
        keep = only("response", guild=guild_label(scope))
        now, before = (
            await self.whole("response", window, of(scope), sketch=False),
            await self.whole("response", window.before, of(scope), sketch=False),
        )
        figure = failing(now.sum(keep), before.sum(keep))
        return replace(figure, band=self.bands.errors.band(figure.value))

    async def recent_timing(self, scope: Scope) -> Timing:
        """Responses of the last hour."""
        end = self.clock.now()
        hour = await self.store.series("response", end - HOUR, end, 0, of(scope))
        return timing(hour.sum(only("response", guild=guild_label(scope))))

    async def uptimes(self, services: list[Service]) -> dict[str, Uptime]:
        """Share (0..1) of probes that were answered well or slowly, over 24 h, 7 d and 30 d, by service."""
        end = self.clock.now()
        found: dict[str, list[float | None]] = {s.name: [] for s in services}
        for span in (DAY, 7 * DAY, 30 * DAY):
            series = await self.store.series("probe", end - span, end, 0, sketch=False)
            for name, row in found.items():
                asked = series.sum(only("probe", service=name))
                unknown = series.sum(only("probe", service=name, health=Health.UNKNOWN)).count
                bad = series.sum(only("probe", service=name, health=Health.UNHEALTHY)).count
                known = asked.count - unknown
                row.append(1 - bad / known if known > 0 else None)

        return {name: (row[0], row[1], row[2]) for name, row in found.items()}
