"""Discord's events become facts: one call for each event. Nothing here ever reaches the host.

Messages and reactions, most of all events, are heard in the call in which discord.py tells of them (`_hearing.py`).
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import discord
from discord.ext import commands

from monitoring.model import Happening, Sample
from monitoring.monitor import Monitor

from ._answer import desk_of
from ._facts import deleted, edited
from ._failures import Overheard
from ._gateway import connected, latency
from ._hearing import Hearing
from ._quiet import quiet
from ._running import Running
from ._unread import Reader, cleared, given, taken_back

log = logging.getLogger(__name__)
EVERY = 10.0
"""Seconds between two readings of the gateway."""
_DEFAULT, _REPLY = discord.MessageType.default, discord.MessageType.reply


class Listeners(commands.Cog, name="Greenroom listeners"):
    """Hears what happens in guilds. Changes nothing for the host's own listeners."""

    def __init__(self, bot: commands.Bot) -> None:
        self.bot = bot
        self._reader = Reader(bot)
        self._unread = self._reader.unread
        self._reading: asyncio.Task[None] | None = None
        desk = desk_of(bot)
        if desk is None:
            raise RuntimeError("Load the extension that holds the Monitor first, or all of them at once.")

        self.monitor: Monitor = desk.monitor
        self._running = Running(desk.monitor)
        self._overheard = Overheard(bot, self._running.failed)
        self._record, self._now = desk.monitor.recorder.record, desk.monitor.clock.now
        self._hearing = Hearing(
            bot,
            {
                "message": self.message,
                "raw_message_edit": self.message_edit,
                "raw_message_delete": self.message_delete,
                "raw_bulk_message_delete": self.bulk_message_delete,
                "raw_reaction_add": self.reaction_add,
                "raw_reaction_remove": self.reaction_remove,
                "raw_reaction_clear": self.reaction_clear,
                "raw_reaction_clear_emoji": self.reaction_clear_emoji,
                # A listener would silence discord.py's own printing of the error, and so change the host:
                # `Bot.on_command_error` asks whether there is one.
                "command_error": self.command_error,
            },
        )

    async def cog_load(self) -> None:
        """Begin to hear, and to read the gateway."""
        self._overheard.listen()
        self._hearing.begin()
        self._reading = asyncio.create_task(self._read(self.monitor), name="greenroom-gateway")

    async def cog_unload(self) -> None:
        """End all of it."""
        self._overheard.stop()
        self._running.close()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})

        await self._hearing.close()

    def message(self, message: discord.Message) -> None:
        """A message that somebody wrote in a guild; joins, pins and boosts are written by nobody."""
        # Most are plain messages and replies, and asking discord.py takes longer than all else that is done here.
        kind = message.type
        if message.guild is None or (kind is not _DEFAULT and kind is not _REPLY and message.is_system()):
            return

        name = ""
        if message.webhook_id is None and message.author.bot:
            if self._ours(message):
                return

            name = message.author.display_name

        self._record(self._unread(message, name))

    def _ours(self, message: discord.Message) -> bool:
        """Whether it is a notice of ours: the account's own words in the ops channel are no persona's."""
        me = self.bot.user
        ours = me is not None and message.author.id == me.id and message.webhook_id is None
        return ours and message.channel.id == self.monitor.ops_channel_id

    def message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """An edit."""
        fact = edited(payload, self.bot)
        if fact is not None:
            self._record(fact)

    def message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """A deletion."""
        for fact in deleted(payload.guild_id, payload.channel_id, [payload.message_id], self._now()):
            self._record(fact)

    def bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Many deletions at once."""
        for fact in deleted(payload.guild_id, payload.channel_id, payload.message_ids, self._now()):
            self._record(fact)

    def reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """A reaction given."""
        if payload.guild_id is not None:
            self._record(given(payload, self._now()))

    def reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """A reaction taken back."""
        if payload.guild_id is not None:
            self._record(taken_back(payload, self._now()))

    def reaction_clear(self, payload: discord.RawReactionClearEvent) -> None:
        """A moderator took all reactions of a message away."""
        if payload.guild_id is not None:
            self._record(cleared(payload.message_id, payload.guild_id, payload.channel_id, "", self._now()))

    def reaction_clear_emoji(self, payload: discord.RawReactionClearEmojiEvent) -> None:
        """A moderator took all reactions of one emoji away."""
        emoji = payload.emoji.name
        if payload.guild_id is not None and emoji:
            self._record(cleared(payload.message_id, payload.guild_id, payload.channel_id, emoji, self._now()))

    @commands.Cog.listener()
    @quiet
    def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """A slash command begins, or a component was pressed."""
        self._running.asked(interaction)

    @commands.Cog.listener()
    @quiet
    def on_app_command_completion(self, interaction: discord.Interaction[Any], command: Any) -> None:
        """A slash command ended well."""
        self._running.ended(interaction, command.qualified_name)

    @commands.Cog.listener()
    @quiet
    def on_command(self, context: commands.Context[Any]) -> None:
        """A prefix command begins."""
        self._running.used(context)

    @commands.Cog.listener()
    @quiet
    def on_command_completion(self, context: commands.Context[Any]) -> None:
        """A prefix command ended well."""
        self._running.ended(context, context.command.qualified_name if context.command else "")

    @commands.Cog.listener()
    @quiet
    def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot came to a guild."""
        self._happened("guild_join", guild.id)

    @commands.Cog.listener()
    @quiet
    def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot left a guild."""
        self._happened("guild_remove", guild.id)

    @commands.Cog.listener()
    @quiet
    def on_connect(self) -> None:
        """The gateway connected."""
        # Loaded before the client had a loop, this is before anything else comes.
        self._hearing.begin()
        self._happened("gateway_connect")

    @commands.Cog.listener()
    @quiet
    def on_disconnect(self) -> None:
        """The gateway was lost."""
        self._happened("gateway_disconnect")

    @commands.Cog.listener()
    @quiet
    def on_resumed(self) -> None:
        """The gateway took up where it was lost."""
        self._happened("gateway_resume")

    @commands.Cog.listener()
    @quiet
    def on_shard_connect(self, shard_id: int) -> None:
        """One shard connected."""
        self._happened(f"shard_{shard_id}_connect")

    @commands.Cog.listener()
    @quiet
    def on_shard_disconnect(self, shard_id: int) -> None:
        """One shard was lost."""
        self._happened(f"shard_{shard_id}_disconnect")

    @commands.Cog.listener()
    @quiet
    def on_shard_resumed(self, shard_id: int) -> None:
        """One shard took up where it was lost."""
        self._happened(f"shard_{shard_id}_resume")

    def command_error(self, context: commands.Context[Any], error: commands.CommandError) -> None:
        """A prefix command failed."""
        if not isinstance(error, commands.CommandNotFound):
            self._running.failed(context, error)

    def command_failed(self, started: discord.Interaction[Any] | commands.Context[Any], error: BaseException) -> None:
        """For the host's own error handlers (docs/host.md): say why a command, component or modal failed.

        Never raises. What is heard of otherwise already, or never began in a guild, is left as it is.
        """
        try:
            self._running.failed(started, error)
        except Exception:
            log.exception("A failed command could not be recorded")

    def _happened(self, event: str, guild_id: int = 0) -> None:
        self.monitor.recorder.record(Happening(event, self.monitor.clock.now(), guild_id))

    async def _read(self, monitor: Monitor) -> None:
        """Read the gateway every ten seconds, and find commands that ended in a failure nobody told of."""
        while True:
            try:
                reading = latency(self.bot) if connected(self.bot) else None
                if reading is not None:
                    monitor.recorder.record(Sample("gateway_latency", reading, monitor.clock.now()))
            except Exception:
                # The next reading may go better.
                log.exception("Reading the gateway failed")

            for _ in range(round(EVERY)):
                self._sweep()
                # Hearing goes on even where a host has ended all tasks that it found.
                self._hearing.begin()
                await asyncio.sleep(1)

    def _sweep(self) -> None:
        """Each second, since the time until it is found counts as the command's own."""
        try:
            self._running.sweep()
        except Exception:
            log.exception("Commands that failed could not be recorded")


async def setup(bot: commands.Bot) -> None:
    """Add the cog; `cogs.monitor` is loaded before it."""
    await bot.add_cog(Listeners(bot))
