"""`/privacy`: what is known of the one who asks, to see, take away and delete; for everybody, about oneself only."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from monitoring.errors import StoreError
from monitoring.monitor import Monitor

from ._answer import Make, Reply, answer, desk_of, say
from ._cog import Answering
from ._personal_embed import personal_embed
from ._privacy_pace import OwnPace
from ._privacy_pages import delete_page, export_page, opt_in_page, opt_out_page

log = logging.getLogger(__name__)
Anything = discord.Interaction[Any]


class Privacy(Answering, name="Greenroom privacy"):
    """One's own figures and rows, and which guilds are still the bot's."""

    privacy = app_commands.Group(
        name="privacy",
        description="What I know of you: see it, take it away, delete it, opt out",
        guild_only=True,
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
    )

    def __init__(self, bot: commands.Bot) -> None:
        super().__init__(bot)
        self._pace = OwnPace()

    @privacy.command(name="me", description="Your own figures, and what is stored about you")
    async def me(self, interaction: Anything) -> None:
        """Shown to the one who asks only."""

        async def make(monitor: Monitor) -> Reply:
            value = await monitor.audience.person(interaction.user.id, monitor.window("30d"))
            return Reply(personal_embed(value, opted_out=monitor.privacy.opted_out(interaction.user.id)))

        await self._answer(interaction, "privacy me", make)

    @privacy.command(name="export", description="Everything stored about you, as a file")
    async def export(self, interaction: Anything) -> None:
        """Every row."""
        user_id, limit = interaction.user.id, interaction.filesize_limit
        await self._answer(interaction, "privacy export", lambda monitor: export_page(monitor, user_id, limit))

    @privacy.command(name="opt-out", description="Record nothing of you from now on")
    async def opt_out(self, interaction: Anything) -> None:
        """At once, and for good."""
        await self._answer(interaction, "privacy opt-out", lambda m: opt_out_page(m, interaction.user.id))

    @privacy.command(name="opt-in", description="Count you again, under a keyed hash")
    async def opt_in(self, interaction: Anything) -> None:
        """At once."""
        await self._answer(interaction, "privacy opt-in", lambda m: opt_in_page(m, interaction.user.id))

    @privacy.command(name="delete", description="Delete everything stored about you")
    async def delete(self, interaction: Anything) -> None:
        """After a button was pressed."""
        await self._answer(interaction, "privacy delete", lambda m: delete_page(m, interaction.user.id))

    async def _answer(self, interaction: Anything, thing: str, make: Make) -> None:
        """Only to the one who asks, and not too often."""
        desk = desk_of(self.bot)
        wait = self._pace.wait(interaction.user.id, desk.monitor.clock.monotonic()) if desk is not None else 0
        if wait:
            await say(interaction, f"That was a lot at once. Try again in {wait:.0f} s.")
            return

        await answer(interaction, thing, make, ephemeral=True, chart=False)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot left a guild; Discord's outages come by another event."""
        await self._kept(lambda monitor: monitor.privacy.guild_left(guild.id))

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot came to a guild, or back."""
        await self._kept(lambda monitor: monitor.privacy.guild_back(guild.id))

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Which guilds there are, where this process has all shards: others' guilds are not gone."""
        present = {guild.id for guild in self.bot.guilds}
        if _has_all_shards(self.bot):
            await self._kept(lambda monitor: monitor.privacy.guilds_are(present))

    async def _kept(self, work: Callable[[Monitor], Awaitable[None]]) -> None:
        """Have it written down; what fails is noticed at the next ready, and never reaches the host."""
        desk = desk_of(self.bot)
        if desk is None:
            return

        try:
            await work(desk.monitor)
        except StoreError as error:
            log.warning("Which guilds there are could not be written down: %s", error)
        except Exception:
            log.exception("Which guilds there are could not be written down")


def _has_all_shards(bot: discord.Client) -> bool:
    """Whether no other process has guilds of this bot."""
    if isinstance(bot, discord.AutoShardedClient):
        return bot.shard_ids is None or len(bot.shard_ids) == bot.shard_count

    return bot.shard_count is None or bot.shard_count == 1


async def setup(bot: commands.Bot) -> None:
    """Add the cog; `cogs.monitor` is loaded before it."""
    await bot.add_cog(Privacy(bot))
