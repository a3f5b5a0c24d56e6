"""`/report`: one chart, large, with a line that says what it shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from monitoring.monitor import Monitor
from monitoring.window import SPAN_WORDS

from . import _audience_pages as audience_pages
from . import _bonds_pages as bonds_pages
from . import _llm_pages as llm_pages
from . import _reliability_pages as reliability_pages
from . import _stats_pages as pages
from . import _why_pages as why_pages
from . import _work_pages as work_pages
from ._answer import ANSWER_WITHIN, Reply, answer, drawn
from ._autocomplete import persona_choices, worker_choices
from ._cog import Answering
from ._full_report import FULL_WITHIN, full
from ._overview_embed import overview_embed
from ._permissions import scope_of, sees_host, thing_of
from ._persona_embed import personas_embed
from ._report_embeds import activity_embed, resources_embed
from ._views import name_options, view
from .stats import WINDOWS

Anything = discord.Interaction[Any]
KINDS = [
    app_commands.Choice(name=name, value=name.replace(" ", "_"))
    for name in (
        "overview",
        "response times",
        "activity heatmap",
        "persona",
        "relationships",
        "banter",
        "errors",
        "throughput",
        "tokens",
        "cost",
        "models",
        "users",
        "channels",
        "commands",
        "conversations",
        "scenarios",
        "why",
        "uptime",
        "slo",
        "incidents",
        "resources",
        "full",
    )
]
USUAL = {
    "activity_heatmap": "30d",
    "relationships": "30d",
    "tokens": "30d",
    "users": "30d",
    "scenarios": "30d",
    "uptime": "30d",
    "incidents": "30d",
    "full": "30d",
}
"""Windows of the kinds that say little about one day."""
Ask = Callable[[Monitor, Anything, str], Awaitable[Reply]]


class Report(Answering, name="Greenroom report"):
    """One chart."""

    @app_commands.command(name="report", description="One chart of a window")
    @app_commands.describe(
        kind="What to draw", window="How far back", persona="Only this persona", service="Only this service"
    )
    @app_commands.choices(kind=KINDS, window=WINDOWS)
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_guild=True)
    async def report(
        self, interaction: Anything, kind: str, window: str = "", persona: str = "", service: str = ""
    ) -> None:
        """Draw it; what shows the host is for owners."""
        window = window or USUAL.get(kind, "24h")

        async def make(monitor: Monitor) -> Reply:
            if kind == "response_times":
                return await pages.performance(monitor, interaction, window, persona=persona, service=service)

            if kind in BY_SERVICE:
                return await BY_SERVICE[kind](monitor, interaction, window, service)

            if kind == "persona" and persona:
                return await bonds_pages.persona(monitor, interaction, persona, window)

            return await ASK[kind](monitor, interaction, window)

        # What shows the machine, money or incidents has a policy of its own.
        within = FULL_WITHIN if kind == "full" else ANSWER_WITHIN
        await answer(interaction, thing_of("report", kind), make, within=within)

    @report.autocomplete("persona")
    async def _personas(self, interaction: Anything, current: str) -> list[app_commands.Choice[str]]:
        return await persona_choices(interaction, current, "report.persona")

    @report.autocomplete("service")
    async def _services(self, interaction: Anything, current: str) -> list[app_commands.Choice[str]]:
        return await worker_choices(interaction, current, "report.service")


async def _overview(monitor: Monitor, interaction: Anything, window: str) -> Reply:
    value = await monitor.overview(monitor.window(window), scope_of(interaction, monitor))
    picture = await drawn(monitor, "overview", value)
    return Reply(overview_embed(value, owner=sees_host(interaction, monitor)), picture)


async def _activity(monitor: Monitor, interaction: Anything, window: str) -> Reply:
    value = await monitor.activity(monitor.window(window), scope_of(interaction, monitor))
    return Reply(activity_embed(value), await drawn(monitor, "activity", value))


async def _personas(monitor: Monitor, interaction: Anything, window: str) -> Reply:
    """All personas, where none was chosen, with a menu to go on."""
    value = await monitor.persona_table(monitor.window(window), scope_of(interaction, monitor))
    names = [row.name for row in value.rows]
    menu = (
        bonds_pages.OtherPersona(
            f"mon:stats:persona:{window}", placeholder="Look at one persona", options=name_options(names)
        )
        if names
        else None
    )
    return Reply(personas_embed(value), view=view(menu))


async def _resources(monitor: Monitor, interaction: Anything, window: str) -> Reply:
    value = await monitor.resources(monitor.window(window))
    return Reply(resources_embed(value), await drawn(monitor, "resources", value))


BY_SERVICE = {"errors": work_pages.errors, "throughput": work_pages.throughput}
ASK: dict[str, Ask] = {
    "overview": _overview,
    "activity_heatmap": _activity,
    "persona": _personas,
    "relationships": bonds_pages.relationships,
    "banter": bonds_pages.banter,
    "resources": _resources,
    "tokens": llm_pages.tokens,
    "cost": llm_pages.cost,
    "models": llm_pages.models,
    "why": lambda monitor, interaction, window: why_pages.page(monitor, interaction, "mean", window),
    "uptime": reliability_pages.uptime,
    "slo": reliability_pages.slo,
    "incidents": reliability_pages.incidents,
    "full": full,
    **audience_pages.PAGES,
}
assert {*ASK, *BY_SERVICE, "response_times"} == {kind.value for kind in KINDS}
assert {window.value for window in WINDOWS} == set(SPAN_WORDS)


async def setup(bot: commands.Bot) -> None:
    """Add the cog; `cogs.monitor` is loaded before it."""
    await bot.add_cog(Report(bot))
