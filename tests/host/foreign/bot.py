"""A persona bot of somebody else's, as such bots are written: its own sync, its own errors, personas by four ways."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

SHARDED = os.environ.get("HOST_KIND", "sharded") == "sharded"
BASE: Any = commands.AutoShardedBot if SHARDED else commands.Bot
HOME = int(os.environ.get("HOST_HOME", "0"))
"""The guild that commands are synced to, in the way of many bots; 0 for all."""


def intents() -> discord.Intents:
    """What it asks for; its portal may not grant the texts."""
    wanted = discord.Intents.default()
    wanted.message_content = os.environ.get("HOST_CONTENT", "1") == "1"
    return wanted


class Tree(app_commands.CommandTree[Any]):
    """Errors of slash commands end in the bot's own words."""

    async def on_error(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /) -> None:
        """Instead of discord.py's log."""
        interaction.client.heard["tree_error"] += 1
        await interaction.response.send_message("The host says: that broke.", ephemeral=True)


class Vote(discord.ui.View):
    """Buttons that outlive a restart."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Up", custom_id="vote:up")
    async def up(self, interaction: discord.Interaction[Any], button: discord.ui.Button[Any]) -> None:
        """Counts."""
        await interaction.response.send_message("The host says: counted.", ephemeral=True)


class PersonaBot(BASE):  # type: ignore[misc]  # one of the two
    """Characters that answer whoever names them."""

    def __init__(self) -> None:
        more: dict[str, Any] = {"shard_count": 2} if SHARDED else {}
        super().__init__(
            command_prefix=commands.when_mentioned_or("!"),
            intents=intents(),
            guild_ready_timeout=0.05,
            allowed_mentions=discord.AllowedMentions(everyone=False),
            tree_cls=Tree,
            **more,
        )
        self.heard: Counter[str] = Counter()

    async def setup_hook(self) -> None:
        """Its cogs, its buttons, its sync; then it knows nothing more of commands."""
        for name in ("cogs.own", "cogs.personas", *os.environ.get("HOST_MORE", "").split()):
            await self.load_extension(name)

        self.add_view(Vote())
        if HOME:
            self.tree.copy_global_to(guild=discord.Object(HOME))
            await self.tree.sync(guild=discord.Object(HOME))
        else:
            await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Does not wait five seconds for each shard, so that tests need not."""

    async def on_message(self, message: discord.Message) -> None:
        """Its own way to commands: bots have none."""
        if message.author.bot:
            return

        await self.process_commands(message)

    async def on_command_error(self, context: Any, error: commands.CommandError, /) -> None:
        """Errors of its prefix commands."""
        self.heard["command_error"] += 1
        if isinstance(error, commands.CommandNotFound):
            return

        await context.send(f"Something broke: {type(getattr(error, 'original', error)).__name__}")

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Errors of its listeners."""
        self.heard["error"] += 1

    async def close(self) -> None:
        """Its own end."""
        self.heard["close"] += 1
        await super().close()


class SmallBot(commands.Bot):
    """What was a `discord.Client` with a tree: no cogs of its own, no prefix, all in one class."""

    def __init__(self) -> None:
        super().__init__("\0", intents=intents(), help_command=None, guild_ready_timeout=0.05)
        self.heard: Counter[str] = Counter()

        @self.tree.command(name="health", description="The host's own")
        async def health(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_message("The host says: fit as a fiddle.")

        @self.tree.error
        async def on_tree_error(interaction: discord.Interaction[Any], error: app_commands.AppCommandError) -> None:
            self.heard["tree_error"] += 1

    async def setup_hook(self) -> None:
        """Its sync."""
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        """Answers by its own account, as itself; commands it has none."""
        self.heard["message"] += 1
        if not message.author.bot and "small" in message.content.lower():
            await message.reply("small, but here")


def page_bot(code: str) -> Any:
    """The bot that the documentation shows: the class in a piece of its code."""
    known: dict[str, Any] = {
        "discord": discord,
        "commands": commands,
        "app_commands": app_commands,
        "INTENTS": intents(),
    }
    exec(code, known)
    kind = known.get("MyClient") or known["MyBot"]
    bot = kind() if "MyClient" in known else kind("!", intents=intents())
    bot._connection.guild_ready_timeout = 0.05
    bot.heard = Counter()
    return bot


def make_bot() -> Any:
    """The bot of the kind that is asked for."""
    if "HOST_CODE" in os.environ:
        return page_bot(os.environ["HOST_CODE"])

    return SmallBot() if os.environ.get("HOST_KIND") == "client" else PersonaBot()
