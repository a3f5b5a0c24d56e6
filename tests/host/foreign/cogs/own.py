"""The host's own commands, and its ear for messages."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands


class Own(commands.Cog):
    """What the host did before anything of ours came."""

    @app_commands.command(name="health", description="The host's own")
    async def health(self, interaction: discord.Interaction[Any]) -> None:
        """Not ours."""
        await interaction.response.send_message("The host says: fit as a fiddle.")

    @app_commands.command(name="boom", description="Breaks")
    async def boom(self, interaction: discord.Interaction[Any]) -> None:
        """Raises."""
        raise RuntimeError("boom")

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Count."""
        self.bot.heard["message"] += 1

    @commands.Cog.listener()
    async def on_reaction_add(self, reaction: discord.Reaction, user: Any) -> None:
        """Count."""
        self.bot.heard["reaction"] += 1

    def __init__(self, bot: Any) -> None:
        self.bot = bot


async def setup(bot: commands.Bot) -> None:
    """Add it."""
    await bot.add_cog(Own(bot))
