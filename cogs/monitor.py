"""Starts and stops the Monitor with the bot, tells it who the bot is, and hangs the ops channel into it."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import discord
from discord.ext import commands

from monitoring.errors import MonitoringError, SettingError
from monitoring.monitor import Monitor
from monitoring.settings import Settings, load_settings
from monitoring.web import serve

from ._answer import DESK, Desk
from ._commands import register
from ._gateway import GatewayProbe
from ._ops_channel import OpsChannel
from ._stale import turn_away
from ._views import PERSISTENT
from .voice import VoiceTime

log = logging.getLogger(__name__)
REGISTER_WITHIN = 60.0
REGISTER_AGAIN, REGISTER_MOST = 5.0, 600.0
"""Seconds until the commands are registered again where that failed: the first pause, doubling up to the longest."""
UNREGISTERED = "The slash commands could not be registered with Discord; the log says why."


class MonitorCog(Desk, name=DESK):
    """Holds the Monitor for all other cogs. What it started, it stops."""

    def __init__(self, bot: commands.Bot, monitor: Monitor, *, started_here: bool) -> None:
        super().__init__(bot, monitor)
        self._started_here = started_here
        self._registering: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def cog_load(self) -> None:
        """Start the Monitor if nobody has; listen to buttons and menus; take notices."""
        if self._started_here:
            await self._start()

        monitor = self.monitor
        monitor.when_chosen.append(self._tell_ops)
        self._tell_ops()
        critical = GatewayProbe.service in monitor.settings.critical_services
        monitor.add_probe(GatewayProbe(self.bot, monitor.clock, critical=critical))
        self.monitor.guilds = lambda: len(self.bot.guilds)
        self.monitor.place_name = self._place_name
        self.monitor.message_link = self._link
        self.bot.add_dynamic_items(*PERSISTENT)
        self._identify()
        if self.bot.is_ready():
            self._ready.set()

        self._registering = asyncio.create_task(self._register(), name="greenroom-register-commands")

    def _tell_ops(self) -> None:
        """Take notices for the ops channel, while there is one."""
        if self.monitor.ops_channel_id is None:
            self.monitor.notifiers.pop(OpsChannel.name, None)
        elif OpsChannel.name not in self.monitor.notifiers:
            self.monitor.add_notifier(OpsChannel(self.bot, self.monitor))
        else:
            self.monitor.outbox.again(OpsChannel.name)

    def _link(self, channel_id: int, message_id: int) -> str:
        """The address of a message; "" for a channel that is not seen."""
        channel = self.bot.get_channel(channel_id)
        guild = getattr(channel, "guild", None)
        return "" if guild is None else f"https://discord.com/channels/{guild.id}/{channel_id}/{message_id}"

    def _place_name(self, number: str) -> str:
        """What a guild or channel is called."""
        if not number.isdecimal():
            return ""

        found = self.bot.get_guild(int(number)) or self.bot.get_channel(int(number))
        return str(getattr(found, "name", ""))

    async def cog_unload(self) -> None:
        """Leave nothing behind; what was recorded is written. Our own bot's Monitor waits for the next client."""
        self.bot.remove_dynamic_items(*PERSISTENT)
        self.monitor.when_chosen.remove(self._tell_ops)
        self.monitor.guilds = lambda: 0
        self.monitor.place_name = lambda number: ""
        self.monitor.message_link = lambda channel, message: ""
        if self._registering is not None:
            self._registering.cancel()
            await asyncio.wait({self._registering})

        if not getattr(self.bot, "greenroom_owns_tree", False):
            self.monitor.notifiers.pop(OpsChannel.name, None)
            self.monitor.rounds.remove(GatewayProbe.service)

        if self._started_here:
            voice = self.bot.get_cog(VoiceTime.__cog_name__)
            if isinstance(voice, VoiceTime):
                # It is unloaded after us, when nothing is recorded any more.
                voice.tell()

            await self.monitor.close()

    async def _start(self) -> None:
        try:
            await self.monitor.start()
        except BaseException:
            # What began before it failed must not go on without us.
            with contextlib.suppress(Exception):
                await self.monitor.close()

            raise

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Say who the bot is; fires again after reconnects, and then changes nothing."""
        self._identify()
        self._ready.set()

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Refuse what bears our mark and nothing answers to; left alone, it would fail only after seconds."""
        await turn_away(interaction)

    def _identify(self) -> None:
        user = self.bot.user
        if user is not None:
            self.monitor.identify(user_id=user.id, application_id=self.bot.application_id or user.id, name=user.name)

    async def _register(self) -> None:
        """Once the bot is ready, see that Discord knows our commands; while it is out of reach, again and again."""
        await self._ready.wait()
        problems, pause = self.monitor.problems, REGISTER_AGAIN
        while True:
            try:
                async with asyncio.timeout(REGISTER_WITHIN):
                    await register(self.bot, self.monitor, __name__.rpartition(".")[0])
            except Exception as error:
                # The host runs on whatever happens here; commands registered earlier keep working.
                log.warning("The commands could not be registered with Discord: %r", error)
                if UNREGISTERED not in problems:
                    problems.append(UNREGISTERED)

                if _for_good(error):
                    return

                told = error.retry_after if isinstance(error, discord.RateLimited) else 0.0
                await asyncio.sleep(max(pause, told))
                pause = min(2 * pause, REGISTER_MOST)
                continue

            if UNREGISTERED in problems:
                problems.remove(UNREGISTERED)

            return


def _for_good(error: Exception) -> bool:
    """Whether Discord refuses what is to be registered, however often it is tried."""
    return isinstance(error, discord.HTTPException) and 400 <= error.status < 500 and error.status != 429


async def setup(bot: commands.Bot) -> None:
    """Find the Monitor that the bot made, or make one from the environment. A wrong setting is said, not raised."""
    found = getattr(bot, "monitor", None)
    if isinstance(found, Monitor):
        await bot.add_cog(MonitorCog(bot, found, started_here=False))
        return

    try:
        await bot.add_cog(MonitorCog(bot, made_monitor(load_settings()), started_here=True))
    except SettingError as error:
        for problem in error.problems:
            log.error("Monitoring stays off: %s", problem)
    except MonitoringError as error:
        log.error("Monitoring stays off: %s", error)
    except Exception:
        # A folder that cannot be written, a disk that fails: the bot that we are loaded into goes on.
        log.exception("Monitoring stays off")


def made_monitor(settings: Settings) -> Monitor:
    """A Monitor with its web server, if that is on; a weak key keeps only the server off."""
    monitor = Monitor(settings)
    try:
        serve(monitor)
    except SettingError as error:
        for problem in error.problems:
            said = f"The dashboard and the API stay off: {problem}"
            log.error(said)
            monitor.problems.append(said)

    return monitor


async def teardown(bot: commands.Bot) -> None:
    """Nothing to do: the cog takes back what it gave."""
