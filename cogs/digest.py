"""`/digest now`: the digest of the last complete day, told in the ops channel at once."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from monitoring.monitor import Monitor

from ._answer import Reply, answer
from ._cog import Answering
from ._embeds import embed

Anything = discord.Interaction[Any]


class Digests(Answering, name="Greenroom digest"):
    """The daily notice."""

    digest = app_commands.Group(
        name="digest",
        description="The daily notice",
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
    )

    @digest.command(name="now", description="Send the digest of the last complete day to the ops channel")
    async def now(self, interaction: Anything) -> None:
        """Put it into the outbox, and say where it will be."""

        async def make(monitor: Monitor) -> Reply:
            await monitor.send_digest_now()
            where = f"<#{monitor.ops_channel_id}>" if monitor.ops_channel_id else "the ops channel"
            return Reply(embed("The digest is on its way", f"It comes to {where} in a moment."))

        await answer(interaction, "digest now", make, ephemeral=True)


async def setup(bot: commands.Bot) -> None:
    """Add the cog; `cogs.monitor` is loaded before it."""
    await bot.add_cog(Digests(bot))
