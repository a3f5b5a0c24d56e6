"""Discord's events become facts: one listener per event, one call each. Nothing here ever reaches the host."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import discord
from discord.ext import commands

from monitoring.model import Happening, Sample
from monitoring.monitor import Monitor

from ._answer import desk_of
from ._facts import Held, deleted, edited
from ._failures import Overheard
from ._gateway import connected, latency
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
        self._held = Held()
        self._tasks: list[asyncio.Task[None]] = []
        desk = desk_of(bot)
        if desk is None:
            raise RuntimeError("Load the extension that holds the Monitor first, or all of them at once.")

        self.monitor: Monitor = desk.monitor
        self._running = Running(desk.monitor)
        self._overheard = Overheard(bot, self._running.failed)
        self._record, self._now = desk.monitor.recorder.record, desk.monitor.clock.now

    async def cog_load(self) -> None:
        """Begin to read the gateway, and to hear of failed commands."""
        self._overheard.listen()
        self._tasks = [
            asyncio.create_task(self._read(self.monitor), name="greenroom-gateway"),
            asyncio.create_task(self._hear_failures(), name="greenroom-failures"),
        ]

    async def cog_unload(self) -> None:
        """End all of it."""
        self._overheard.stop()
        self._running.close()
        for task in self._tasks:
            task.cancel()

        if self._tasks:
            await asyncio.wait(self._tasks)

        # discord.py forgets who no longer waits only at the next event of that kind, and holds all of us until then.
        waiting = self.bot._listeners.get("command_error", [])
        waiting[:] = [(future, check) for future, check in waiting if not future.cancelled()]

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """A message that somebody wrote in a guild; joins, pins and boosts are written by nobody.

        One that was edited before its turn came waits for the edit, which knows its first text.
        """
        # Most of all events, so the net of `quiet` is spread here itself: its call would cost a sixth of the whole.
        try:
            # Most are plain messages and replies, and asking discord.py takes longer than all else that is done here.
            kind = message.type
            if message.guild is None or (kind is not _DEFAULT and kind is not _REPLY and message.is_system()):
                return

            if message.edited_at is not None:
                if not self._ours(message):
                    self._held.hold(message, self.monitor.clock.monotonic())

                return

            name = ""
            if message.webhook_id is None and message.author.bot:
                if self._ours(message):
                    return

                name = message.author.display_name

            self._record(self._unread(message, name))
        except Exception:
            log.exception("Recording failed in on_message")

    def _ours(self, message: discord.Message) -> bool:
        """Whether it is a notice of ours: the account's own words in the ops channel are no persona's."""
        me = self.bot.user
        ours = me is not None and message.author.id == me.id and message.webhook_id is None
        return ours and message.channel.id == self.monitor.ops_channel_id

    @commands.Cog.listener()
    @quiet
    def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """An edit, and before it the message itself if that was held back."""
        for fact in (self._held.release(payload, self._reader), edited(payload, self.bot)):
            if fact is not None:
                self._record(fact)

    @commands.Cog.listener()
    @quiet
    def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """A deletion."""
        for fact in deleted(payload.guild_id, payload.channel_id, [payload.message_id], self.monitor.clock.now()):
            self._record(fact)

    @commands.Cog.listener()
    @quiet
    def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Many deletions at once."""
        for fact in deleted(payload.guild_id, payload.channel_id, payload.message_ids, self.monitor.clock.now()):
            self._record(fact)

    @commands.Cog.listener()
    @quiet
    def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """A reaction given."""
        if payload.guild_id is not None:
            self._record(given(payload, self._now()))

    @commands.Cog.listener()
    @quiet
    def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """A reaction taken back."""
        if payload.guild_id is not None:
            self._record(taken_back(payload, self._now()))

    @commands.Cog.listener()
    @quiet
    def on_raw_reaction_clear(self, payload: discord.RawReactionClearEvent) -> None:
        """A moderator took all reactions of a message away."""
        if payload.guild_id is not None:
            self._record(cleared(payload.message_id, payload.guild_id, payload.channel_id, "", self._now()))

    @commands.Cog.listener()
    @quiet
    def on_raw_reaction_clear_emoji(self, payload: discord.RawReactionClearEmojiEvent) -> None:
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

                for fact in self._held.overdue(monitor.clock.monotonic(), self._reader):
                    monitor.recorder.record(fact)
            except Exception:
                # The next reading may go better.
                log.exception("Reading the gateway failed")

            for _ in range(round(EVERY)):
                self._sweep()
                await asyncio.sleep(1)

    def _sweep(self) -> None:
        """Each second, since the time until it is found counts as the command's own."""
        try:
            self._running.sweep()
        except Exception:
            log.exception("Commands that failed could not be recorded")

    async def _hear_failures(self) -> None:
        """Hear of failed prefix commands for as long as the cog is loaded.

        A listener on `command_error` would silence discord.py's own printing of the error (`Bot.on_command_error` asks
        whether there is one), and so change the host: it is waited for instead, by a test that never says yes.
        """

        def heard(context: commands.Context[Any], error: commands.CommandError) -> bool:
            if not isinstance(error, commands.CommandNotFound):
                self._running.failed(context, error)

            return False

        while not self.bot.is_closed():
            try:
                await self.bot.wait_for("command_error", check=heard)
            except AttributeError:
                # Loaded before the client has a loop; it has one once it logs in.
                await asyncio.sleep(1)
            except Exception:
                log.exception("A failed command could not be recorded")


async def setup(bot: commands.Bot) -> None:
    """Add the cog; `cogs.monitor` is loaded before it."""
    await bot.add_cog(Listeners(bot))
