"""`/digest`: a digest told at once, when they go out, and the message that shows how things stand."""

from __future__ import annotations

from typing import Any, Literal

import discord
from discord import app_commands
from discord.ext import commands

from monitoring.errors import UnknownName
from monitoring.monitor import Monitor

from ._answer import Reply, answer, desk_of
from ._cog import Answering
from ._embeds import embed
from ._schedule_embed import schedule_embed
from ._status_message import StatusBoard

Anything = discord.Interaction[Any]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "off"]


class Digests(Answering, name="Greenroom digest"):
    """The daily and the weekly notice, and the message that shows how things stand."""

    _board: StatusBoard | None = None

    async def cog_load(self) -> None:
        """Keep the status message, where monitoring is on."""
        desk = desk_of(self.bot)
        if desk is not None:
            self._board = StatusBoard(self.bot, desk.monitor)
            self._board.start()

    async def cog_unload(self) -> None:
        """Leave no task behind."""
        if self._board is not None:
            await self._board.close()

    digest = app_commands.Group(
        name="digest",
        description="The daily and weekly notice, and how things stand",
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
    )

    @digest.command(name="now", description="Send the digest of the last complete day or week to the ops channel")
    @app_commands.describe(kind="Of the last complete day, or of the last whole week")
    async def now(self, interaction: Anything, kind: Literal["daily", "weekly"] = "daily") -> None:
        """Put it into the outbox, and say where it will be."""

        async def make(monitor: Monitor) -> Reply:
            await monitor.send_digest_now(kind)
            where = f"<#{monitor.ops_channel_id}>" if monitor.ops_channel_id else "the ops channel"
            return Reply(embed("The digest is on its way", f"It comes to {where} in a moment."))

        await answer(interaction, "digest now", make, ephemeral=True, chart=False)

    @digest.command(name="schedule", description="When digests go out; with options, change it")
    @app_commands.describe(
        daily="Whether there is one every day",
        time="Local time of the daily one, such as 09:00",
        weekly="Day of the weekly one, or off",
        weekly_time="Local time of the weekly one, such as 09:00",
    )
    async def schedule(
        self,
        interaction: Anything,
        daily: Literal["on", "off"] | None = None,
        time: str = "",
        weekly: Day | None = None,
        weekly_time: str = "",
    ) -> None:
        """Show the times, after changing what was given."""

        async def make(monitor: Monitor) -> Reply:
            if not (daily or time or weekly or weekly_time):
                return Reply(schedule_embed(await monitor.digest_times()))

            try:
                times = await monitor.set_digest_times(
                    daily=None if daily is None else daily == "on",
                    daily_time=time,
                    weekly=weekly or "",
                    weekly_time=weekly_time,
                )
            except ValueError as error:
                return Reply(embed("Nothing was changed", str(error)))

            return Reply(schedule_embed(times, changed=True))

        await answer(interaction, "digest schedule", make, ephemeral=True, chart=False)

    @digest.command(name="status", description="A message in the ops channel that always shows how things stand")
    @app_commands.describe(state="Whether to keep it")
    async def status(self, interaction: Anything, state: Literal["on", "off"]) -> None:
        """Begin or end it."""

        async def make(monitor: Monitor) -> Reply:
            if self._board is None:
                raise UnknownName("status")

            await self._board.turn(on=state == "on")
            if state == "off":
                return Reply(embed("The status message is gone", "It comes back with `/digest status on`."))

            where = f"<#{monitor.ops_channel_id}>" if monitor.ops_channel_id else "the ops channel"
            words = f"It comes to {where} in a moment, and is edited at most once a minute. Pin it if you like."
            return Reply(embed("The status message is on", words))

        await answer(interaction, "digest status", make, ephemeral=True, chart=False)


async def setup(bot: commands.Bot) -> None:
    """Add the cog; `cogs.monitor` is loaded before it."""
    await bot.add_cog(Digests(bot))
