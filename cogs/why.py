"""`/why`: what changed a figure and who explains it; without a figure, all that stands out."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext.commands import Bot

from monitoring.analysis.why_findings import FIGURES

from ._answer import answer
from ._cog import Answering
from ._permissions import thing_of
from ._why_pages import ALL, ASKED, page
from .stats import WINDOWS

CHOICES = [app_commands.Choice(name=FIGURES[name].lower(), value=name) for name in ASKED]


class WhyCog(Answering, name="Greenroom why"):
    """Causes, and what is worth doing."""

    @app_commands.command(name="why", description="What changed, and which part explains it")
    @app_commands.describe(figure="What changed (all that stands out)", window="How far back (24 hours)")
    @app_commands.choices(figure=CHOICES, window=WINDOWS)
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_guild=True)
    async def why(self, interaction: discord.Interaction[Any], figure: str = ALL, window: str = "24h") -> None:
        """Against the window before."""
        await answer(interaction, thing_of("why", figure), lambda monitor: page(monitor, interaction, figure, window))


async def setup(bot: Bot) -> None:
    """Add the cog; `cogs.monitor` is loaded before it."""
    await bot.add_cog(WhyCog(bot))
