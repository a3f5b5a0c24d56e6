"""What all our command cogs share: errors of theirs end here, and never reach the host's own handler as news."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from ._answer import excuse


class Answering(commands.Cog):
    """A cog whose commands answer through `_answer.answer`."""

    def __init__(self, bot: commands.Bot) -> None:
        self.bot = bot

    async def cog_app_command_error(
        self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError
    ) -> None:
        """What failed before a command's own body: one friendly line, the rest in the log."""
        await excuse(interaction, error)
