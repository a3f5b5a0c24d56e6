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

    @commands.command()
    async def roll(self, context: commands.Context[Any], sides: int = 6) -> None:
        """A prefix command that works."""
        await context.send(f"You rolled {sides}.")

    @commands.command()
    async def broken(self, context: commands.Context[Any]) -> None:
        """One that does not."""
        raise KeyError("broken")

    @commands.command()
    async def vote(self, context: commands.Context[Any]) -> None:
        """Asks, with buttons that outlive a restart."""
        from bot import Vote

        await context.send("Up?", view=Vote())

    @commands.Cog.listener()
    async def on_reaction_add(self, reaction: discord.Reaction, user: Any) -> None:
        """Count."""
        self.bot.heard["reaction"] += 1

    def __init__(self, bot: Any) -> None:
        self.bot = bot


class Games(commands.Cog):
    """Has words of its own for what breaks in it."""

    @commands.command()
    async def fumble(self, context: commands.Context[Any]) -> None:
        """Breaks."""
        raise ValueError("fumbled")

    @app_commands.command(name="fumble", description="Breaks")
    async def fumbled(self, interaction: discord.Interaction[Any]) -> None:
        """Breaks too."""
        raise ValueError("fumbled")

    async def cog_command_error(self, context: Any, error: Exception) -> None:
        """Of prefix commands."""
        await context.send("The cog says: you dropped it.")

    async def cog_app_command_error(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        """Of slash commands."""
        await interaction.response.send_message("The cog says: dropped.")


async def setup(bot: commands.Bot) -> None:
    """Add both."""
    await bot.add_cog(Own(bot))
    await bot.add_cog(Games())
