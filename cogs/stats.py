"""`/stats`: how much, how fast, who with whom."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext.commands import Bot

from monitoring.analysis.attempts import COMMANDS
from monitoring.monitor import Monitor
from monitoring.window import SPAN_WORDS

from . import _audience_pages as audience_pages
from . import _bonds_pages as bonds_pages
from . import _llm_pages as llm_pages
from . import _stats_pages as pages
from . import _work_pages as work_pages
from ._answer import Reply, answer
from ._autocomplete import persona_choices, worker_choices
from ._cog import Answering

Anything = discord.Interaction[Any]
WINDOWS = [app_commands.Choice(name=words, value=name) for name, words in SPAN_WORDS.items()]


class Stats(Answering, name="Greenroom stats"):
    """Figures of a window."""

    stats = app_commands.Group(
        name="stats",
        description="How much, how fast, who with whom",
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
    )

    @stats.command(name="overview", description="How it is going")
    @app_commands.describe(window="How far back (24 hours)")
    @app_commands.choices(window=WINDOWS)
    async def overview(self, interaction: Anything, window: str = "24h") -> None:
        """Messages, speed, errors, users, banter."""
        await answer(interaction, "stats overview", lambda monitor: pages.overview(monitor, interaction, window))

    @stats.command(name="persona", description="One persona: messages, speed, users, quality")
    @app_commands.describe(name="The persona", window="How far back (24 hours)")
    @app_commands.choices(window=WINDOWS)
    async def persona(self, interaction: Anything, name: str, window: str = "24h") -> None:
        """The page of one persona."""

        async def make(monitor: Monitor) -> Reply:
            return await bonds_pages.persona(monitor, interaction, name, window)

        await answer(interaction, "stats persona", make)

    @persona.autocomplete("name")
    async def _names(self, interaction: Anything, current: str) -> list[app_commands.Choice[str]]:
        return await persona_choices(interaction, current, "stats persona.name")

    @stats.command(name="relationships", description="How the personas stand to each other")
    @app_commands.describe(window="How far back (24 hours)")
    @app_commands.choices(window=WINDOWS)
    async def relationships(self, interaction: Anything, window: str = "24h") -> None:
        """Affinity of each pair, and who moved."""
        await answer(
            interaction, "stats relationships", lambda monitor: bonds_pages.relationships(monitor, interaction, window)
        )

    @stats.command(name="banter", description="How the personas banter, and what users make of it")
    @app_commands.describe(window="How far back (24 hours)")
    @app_commands.choices(window=WINDOWS)
    async def banter(self, interaction: Anything, window: str = "24h") -> None:
        """Exchanges, who starts them, who is ignored."""
        await answer(interaction, "stats banter", lambda monitor: bonds_pages.banter(monitor, interaction, window))

    @stats.command(name="performance", description="How fast answers are, and where the time goes")
    @app_commands.describe(window="How far back (24 hours)", persona="Only this persona", service="Only this service")
    @app_commands.choices(window=WINDOWS)
    async def performance(
        self, interaction: Anything, window: str = "24h", persona: str = "", service: str = ""
    ) -> None:
        """Response times, their components, first tokens."""

        async def make(monitor: Monitor) -> Reply:
            return await pages.performance(monitor, interaction, window, persona=persona, service=service)

        await answer(interaction, "stats performance", make)

    @performance.autocomplete("persona")
    async def _personas(self, interaction: Anything, current: str) -> list[app_commands.Choice[str]]:
        return await persona_choices(interaction, current, "stats performance.persona")

    @performance.autocomplete("service")
    async def _services(self, interaction: Anything, current: str) -> list[app_commands.Choice[str]]:
        return await worker_choices(interaction, current, "stats performance.service")

    @stats.command(name="errors", description="What fails, how often, and whether it gets worse")
    @app_commands.describe(window="How far back (24 hours)", service="Only this service")
    @app_commands.choices(window=WINDOWS)
    async def errors(self, interaction: Anything, window: str = "24h", service: str = "") -> None:
        """Rate, kinds, services, the newest ones."""
        await answer(
            interaction, "stats errors", lambda monitor: work_pages.errors(monitor, interaction, window, service)
        )

    @errors.autocomplete("service")
    async def _workers(self, interaction: Anything, current: str) -> list[app_commands.Choice[str]]:
        return await worker_choices(interaction, current, "stats errors.service", COMMANDS)

    @stats.command(name="models", description="Which model is fast, liked, dear, and worth a try")
    @app_commands.describe(window="How far back (24 hours)")
    @app_commands.choices(window=WINDOWS)
    async def models(self, interaction: Anything, window: str = "24h") -> None:
        """Models side by side."""
        await answer(interaction, "stats models", lambda monitor: llm_pages.models(monitor, interaction, window))

    @stats.command(name="features", description="How each feature works, and which variant is better")
    @app_commands.describe(window="How far back (24 hours)")
    @app_commands.choices(window=WINDOWS)
    async def features(self, interaction: Anything, window: str = "24h") -> None:
        """Requests, times, caches; variants with their differences."""
        await answer(interaction, "stats features", lambda monitor: llm_pages.features(monitor, interaction, window))

    @stats.command(name="users", description="Who is there, who comes back, and how they are served")
    @app_commands.describe(window="How far back (24 hours)")
    @app_commands.choices(window=WINDOWS)
    async def users(self, interaction: Anything, window: str = "24h") -> None:
        """Active and new users, retention, engagement."""
        await answer(interaction, "stats users", lambda monitor: audience_pages.users(monitor, interaction, window))

    @stats.command(name="channels", description="Where users and personas write")
    @app_commands.describe(window="How far back (24 hours)")
    @app_commands.choices(window=WINDOWS)
    async def channels(self, interaction: Anything, window: str = "24h") -> None:
        """The busiest channels."""
        await answer(
            interaction, "stats channels", lambda monitor: audience_pages.channels(monitor, interaction, window)
        )

    @stats.command(name="commands", description="Which commands are used, which fail, which nobody uses")
    @app_commands.describe(window="How far back (24 hours)")
    @app_commands.choices(window=WINDOWS)
    async def commands(self, interaction: Anything, window: str = "24h") -> None:
        """Uses, failures, times."""
        await answer(
            interaction, "stats commands", lambda monitor: audience_pages.commands(monitor, interaction, window)
        )

    @stats.command(name="conversations", description="How users and personas talk with each other")
    @app_commands.describe(window="How far back (24 hours)")
    @app_commands.choices(window=WINDOWS)
    async def conversations(self, interaction: Anything, window: str = "24h") -> None:
        """Number, length, duration, who talks again."""
        await answer(
            interaction,
            "stats conversations",
            lambda monitor: audience_pages.conversations(monitor, interaction, window),
        )

    @stats.command(name="scenarios", description="Which scenarios are begun, and which are finished")
    @app_commands.describe(window="How far back (24 hours)")
    @app_commands.choices(window=WINDOWS)
    async def scenarios(self, interaction: Anything, window: str = "24h") -> None:
        """Starts, completion, lengths."""
        await answer(
            interaction, "stats scenarios", lambda monitor: audience_pages.scenarios(monitor, interaction, window)
        )


async def setup(bot: Bot) -> None:
    """Add the cog; `cogs.monitor` is loaded before it."""
    await bot.add_cog(Stats(bot))
