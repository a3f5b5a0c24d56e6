"""`/monitoring backfill`: begins to read the history, and keeps one message that shows how far it is."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import Any, ClassVar

import discord
from discord import ButtonStyle
from discord.ext import commands

from monitoring.errors import DeliveryError, StoreError
from monitoring.history.job import ACCOUNT, Job
from monitoring.model import Instant
from monitoring.monitor import Monitor

from ._answer import Reply, answer, desk_of
from ._backfill_embed import backfill_embed
from ._backfill_reading import DiscordHistory
from ._deeds import noted
from ._embeds import embed
from ._facts import instant_of
from ._posting import Channels, Post, is_gone
from ._views import Press, persistent, view

log = logging.getLogger(__name__)
EVERY = 4.0
"""Seconds between two edits of the message, at least."""
POLICY = "monitoring:backfill"
Anything = discord.Interaction[Any]
_BOTS = (commands.Bot, commands.AutoShardedBot)


class Backfilling(commands.Cog, name="Greenroom backfill"):
    """Begins to read the history, shows how far it is, and goes on after a restart."""

    def __init__(self, bot: commands.Bot) -> None:
        desk = desk_of(bot)
        if desk is None:
            raise RuntimeError("Load the extension that holds the Monitor first, or all of them at once.")

        self._bot, self._monitor = bot, desk.monitor
        self._channels = Channels(bot)
        self._source = DiscordHistory(bot, desk.monitor)
        self._changed = asyncio.Event()
        self._showing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.every = EVERY

    async def cog_load(self) -> None:
        """Go on with what a kill broke off, once the bot is connected."""
        self._monitor.backfill.changed = self._changed.set
        self._task = asyncio.create_task(self._run(), name="greenroom-backfill")

    async def cog_unload(self) -> None:
        """Leave off; the next start goes on."""
        self._monitor.backfill.changed = lambda: None
        await self._monitor.backfill.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None

    async def begin(self, asked: Instant, days: int, only: int | None, who: str) -> Reply:
        """`/monitoring backfill`."""
        backfill, monitor = self._monitor.backfill, self._monitor
        if backfill.running and backfill.job is not None:
            return Reply(_begun(backfill.job, monitor, "It is being read already"), view=_buttons(backfill.job))

        job = await backfill.begin(self._source, asked, days=days, only=only, who=who)
        job.content = self._bot.intents.message_content
        await noted(monitor, "backfill", who, f"History of {days} days is read.")
        await self._show(job)
        return Reply(_begun(job, monitor, "The history is being read"), view=_buttons(job))

    async def _run(self) -> None:
        while not self._bot.is_ready():  # noqa: ASYNC110 - waiting raises where the cog is loaded before the login
            await asyncio.sleep(0.5)

        while not await self._recalled():  # noqa: ASYNC110 - the store says nothing of when it answers again
            await asyncio.sleep(5)

        while True:
            await self._changed.wait()
            self._changed.clear()
            job = self._monitor.backfill.job
            if job is not None:
                try:
                    await self._show(job)
                except Exception:
                    # It must outlive any one failure of its own.
                    log.exception("How far the history is read could not be shown")

            await asyncio.sleep(self.every)

    async def _recalled(self) -> bool:
        """Whether what was under way could be looked up, and goes on."""
        user = self._bot.user
        try:
            if user is not None:
                # Files do not say which account is ours.
                await self._monitor.set_setting(ACCOUNT, {"user_id": user.id})

            await self._monitor.backfill.go_on(self._source)
        except StoreError as error:
            log.info("Whether history is to be read on is not known yet: %s", error)
            return False

        return True

    async def _show(self, job: Job) -> None:
        """Edit the message, or post one where none is any more; where neither can be, it is read on all the same."""
        async with self._showing:
            try:
                await self._put(job, Reply(backfill_embed(job, self._monitor.clock.now()), view=_buttons(job)))
            except (DeliveryError, StoreError) as error:
                log.info("How far the history is read could not be shown: %s", error)

    async def _put(self, job: Job, shown: Reply) -> None:
        ops = self._monitor.ops_channel_id
        if job.message_id:
            try:
                await self._channels.edit(job.channel_id, job.message_id, Post(shown))
            except DeliveryError as error:
                if not is_gone(error):
                    raise
            else:
                return

        if ops is not None:
            message = await self._channels.send(ops, Post(shown, nonce=secrets.token_urlsafe(12), silent=True))
            job.channel_id, job.message_id = ops, message.id
            await self._monitor.backfill.keep()


@persistent
class StopBackfill(Press, template=r"mon:backfill:stop"):
    """Ends the reading; what was read stays."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Stop, and show what came of it in the place of the message."""

        async def make(monitor: Monitor) -> Reply:
            was_running = monitor.backfill.running
            await monitor.backfill.stop()
            if was_running:
                await noted(monitor, "backfill", interaction.user.display_name, "Reading the history was stopped.")

            job = monitor.backfill.job
            if job is None:
                return Reply(embed("⚪ Nothing is being read"))

            return Reply(backfill_embed(job, monitor.clock.now()), view=view())

        await answer(interaction, self.policy, make, edit=True, chart=False)


def _buttons(job: Job) -> discord.ui.View:
    """What can be pressed: Stop, while there is something to stop."""
    stop = StopBackfill("mon:backfill:stop", label="Stop", style=ButtonStyle.secondary)
    return view(stop if job.state == "running" else None)


def _begun(job: Job, monitor: Monitor, title: str) -> discord.Embed:
    link = monitor.message_link(job.channel_id, job.message_id) if job.message_id else ""
    where = f"[Here]({link}) you see how far it is." if link else "Choose an ops channel to see how far it is."
    return embed(
        f"⏳ {title}",
        f"One channel after the other; the bot goes on as ever. {where}",
        footer="A restart does not end it",
    )


async def begin_page(interaction: Anything, days: int, only: int | None) -> Reply:
    """`/monitoring backfill`."""
    client, who = interaction.client, interaction.user.display_name
    found = client.get_cog(Backfilling.__cog_name__) if isinstance(client, _BOTS) else None
    if not isinstance(found, Backfilling):
        return Reply(embed("⚪ Reading history is not loaded", "Load the extension `cogs` as a whole."))

    return await found.begin(instant_of(interaction.id), days, only, who)
