"""`/privacy`: what is known of the one who asks; for everybody, about oneself only."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from monitoring.monitor import Monitor

from ._answer import Reply, answer
from ._cog import Answering
from ._personal_embed import personal_embed

Anything = discord.Interaction[Any]


class Privacy(Answering, name="Greenroom privacy"):
    """One's own figures."""

    privacy = app_commands.Group(
        name="privacy",
        description="What I know of you",
        guild_only=True,
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
    )

    @privacy.command(name="me", description="Your own figures, and what is stored about you")
    async def me(self, interaction: Anything) -> None:
        """Shown to the one who asks only."""

        async def make(monitor: Monitor) -> Reply:
            value = await monitor.audience.person(interaction.user.id, monitor.window("30d"))
            return Reply(personal_embed(value))

        await answer(interaction, "privacy me", make, ephemeral=True, chart=False)


async def setup(bot: commands.Bot) -> None:
    """Add the cog; `cogs.monitor` is loaded before it."""
    await bot.add_cog(Privacy(bot))
