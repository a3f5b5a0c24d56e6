"""`/monitoring`: the monitoring about itself. Everything is for the owner alone, and only the one who asks sees it."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from monitoring.monitor import Monitor

from ._answer import Reply, answer
from ._audit_embed import audit_embed
from ._cog import Answering
from ._persona_setup import personas_page
from ._setup_pages import setup_page
from ._state_pages import state_page

Anything = discord.Interaction[Any]


class Monitoring(Answering, name="Greenroom monitoring"):
    """Setting it up, and how it is doing itself."""

    monitoring = app_commands.Group(
        name="monitoring",
        description="The monitoring itself: setup, state, personas, who did what",
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
    )

    @monitoring.command(name="status", description="What is on, what is off and why, and who may do what")
    async def status(self, interaction: Anything) -> None:
        """The monitoring about itself."""
        await answer(
            interaction,
            "monitoring status",
            lambda monitor: state_page(monitor, interaction.client),
            ephemeral=True,
            chart=False,
        )

    @monitoring.command(name="setup", description="Ops channel, zone, roles and personas, with menus")
    async def setup(self, interaction: Anything) -> None:
        """The first step, or all that is chosen."""
        await answer(interaction, "monitoring setup", setup_page, ephemeral=True, chart=False)

    @monitoring.command(name="personas", description="Which personas there are, how they are known, and what else is")
    async def personas(self, interaction: Anything) -> None:
        """Personas, and webhooks that are none."""
        await answer(interaction, "monitoring personas", personas_page, ephemeral=True, chart=False)

    @monitoring.command(name="audit", description="Who did what: setup, rules, silences, deletions, clock jumps")
    async def audit(self, interaction: Anything) -> None:
        """The newest first."""

        async def make(monitor: Monitor) -> Reply:
            return Reply(audit_embed(await monitor.audit.newest(), monitor.zone))

        await answer(interaction, "monitoring audit", make, ephemeral=True, chart=False)


async def setup(bot: commands.Bot) -> None:
    """Add the cog; `cogs.monitor` is loaded before it."""
    await bot.add_cog(Monitoring(bot))
