"""Voice channels become facts: how long people are in them. Needs the intent `voice_states`, and nothing else."""

from __future__ import annotations

import asyncio
import logging

import discord
from discord.ext import commands

from ._answer import desk_of
from ._quiet import quiet
from ._voice_rooms import VoiceRooms

log = logging.getLogger(__name__)
EVERY = 60.0


class VoiceTime(commands.Cog, name="Greenroom voice"):
    """Hears who is in voice channels; bots are nobody there."""

    def __init__(self, bot: commands.Bot) -> None:
        self.bot = bot
        desk = desk_of(bot)
        if desk is None:
            raise RuntimeError("Load the extension that holds the Monitor first, or all of them at once.")

        self._rooms = VoiceRooms(desk.monitor.recorder.record, desk.monitor.clock.now)
        self._telling: asyncio.Task[None] | None = None

    async def cog_load(self) -> None:
        """Count those who are there already, where the bot is connected."""
        self._telling = asyncio.create_task(self._tell(), name="greenroom-voice")
        for guild in self.bot.guilds:
            self._look(guild)

    async def cog_unload(self) -> None:
        """Count everybody until now."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.wait([self._telling])

        self.tell()

    def tell(self) -> None:
        """Record the time of everybody until now."""
        self._rooms.tell()

    @commands.Cog.listener()
    @quiet
    def on_voice_state_update(
        self, member: discord.Member, before: discord.VoiceState, after: discord.VoiceState
    ) -> None:
        """Somebody joins, leaves, moves or mutes."""
        if not member.bot:
            self._rooms.moved(member.guild.id, member.id, here=after.channel is not None)

    @commands.Cog.listener()
    @quiet
    def on_guild_available(self, guild: discord.Guild) -> None:
        """A guild is there, at the start or after an outage."""
        self._look(guild)

    @commands.Cog.listener()
    @quiet
    def on_guild_join(self, guild: discord.Guild) -> None:
        """A new guild."""
        self._look(guild)

    @commands.Cog.listener()
    @quiet
    def on_guild_unavailable(self, guild: discord.Guild) -> None:
        """Discord itself has lost it for a while."""
        self._rooms.lost(guild.id)

    @commands.Cog.listener()
    @quiet
    def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot left."""
        self._rooms.lost(guild.id)

    def _look(self, guild: discord.Guild) -> None:
        """Take in who is in its voice channels; of whom nothing is known is taken for a person."""
        there = [
            user_id for channel in (*guild.voice_channels, *guild.stage_channels) for user_id in channel.voice_states
        ]
        members = {user_id: guild.get_member(user_id) for user_id in there}
        self._rooms.found(
            guild.id, {user_id for user_id, member in members.items() if member is None or not member.bot}
        )

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                self.tell()
            except Exception:
                # The next minute may go better.
                log.exception("Time in voice channels could not be recorded")
