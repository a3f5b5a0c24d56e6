"""Greenroom as a bot of its own: `python bot.py` with a token, `python bot.py --demo` without Discord."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from cogs._connection import for_good, leave, pause
from monitoring.errors import MonitoringError, SettingError
from monitoring.monitor import Monitor
from monitoring.settings import Settings, load_settings
from monitoring.web import serve

if TYPE_CHECKING:
    from monitoring.sandbox.demo import Demo

_log = logging.getLogger("greenroom")

WRONG_SETTING = 2
"""Exit status of a start that cannot work before somebody mends a setting (F14)."""
UNREACHABLE = "Discord cannot be reached; probes, rules and records go on, and notices wait for it."
NO_MESSAGE_CONTENT = (
    "The message-content intent is off in the developer portal, so that texts are not seen: lengths, moods and who was "
    "named are missing. Switch it on under Bot, Privileged Gateway Intents."
)


class GreenroomBot(commands.Bot):
    """The complete bot: nothing but the monitoring. What is client-wide is set here, never by the cogs."""

    greenroom_owns_tree = True

    def __init__(self, monitor: Monitor, *, message_content: bool = True, guild_ready_timeout: float = 2.0) -> None:
        # Voice is not for us; without this every start warns of missing voice libraries.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        intents = discord.Intents(
            guilds=True, guild_messages=True, guild_reactions=True, voice_states=True, message_content=message_content
        )
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            # Without it discord.py sleeps through a rate limit of an hour inside the bucket's lock (F12).
            max_ratelimit_timeout=30.0,
            guild_ready_timeout=guild_ready_timeout,
        )
        self.monitor = monitor
        self.set_up = asyncio.Event()
        """Logged in, with all cogs loaded."""
        self.was_ready = False
        """Whether it ever was connected with all its guilds."""
        self.tree.error(self._refuse)

    async def setup_hook(self) -> None:
        """Load all cogs before the first event."""
        await self.load_extension("cogs")
        self.set_up.set()

    async def _refuse(
        self, interaction: discord.Interaction[discord.Client], error: app_commands.AppCommandError
    ) -> None:
        """What no cog has answered: one friendly line, the rest in the log."""
        _log.error("a command failed outside its cog", exc_info=error)
        if interaction.response.is_done() or interaction.type is discord.InteractionType.autocomplete:
            return

        try:
            await interaction.response.send_message("That did not work. The log says why.", ephemeral=True)
        except Exception as failure:
            # Too late, or Discord is gone: there is nobody left to tell.
            _log.warning("that could not be told: %s", failure)


def point_client(api_url: str, gateway_url: str) -> None:
    """Let discord.py talk to a stand-in for Discord; has to happen before the client starts."""
    if api_url:
        Route.BASE = api_url

    if gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = URL(gateway_url)


async def run(settings: Settings, *, demo: Demo | None = None) -> int:
    """Run until told to stop; the exit status."""
    point_client(settings.discord_api_url, settings.discord_gateway_url)
    monitor = Monitor(settings)
    serve(monitor)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows has no such handlers; there Ctrl+C cancels this task, which ends all the same.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)

    await monitor.start()
    print(monitor.who_is_told(), flush=True)
    try:
        if demo is not None:
            await _unless(stop, demo.prepare(monitor))

        return await _stay(settings, monitor, stop, demo)
    finally:
        await monitor.close()


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do the work; at the stop it is left as it is."""
    working, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not working.done():
        working.cancel()
        await asyncio.wait({working})

    if not working.cancelled():
        working.result()


async def _stay(settings: Settings, monitor: Monitor, stop: asyncio.Event, demo: Demo | None) -> int:
    """Be connected until the stop, however long Discord is out of reach; without the intent that it refuses."""
    content, failures = True, 0
    while not stop.is_set():
        # The stand-in sends all its guilds at once; Discord takes its time.
        bot = GreenroomBot(monitor, message_content=content, guild_ready_timeout=2.0 if demo is None else 0.2)
        error = await _live(bot, settings, stop, demo)
        if stop.is_set() or error is None:
            break

        if isinstance(error, discord.PrivilegedIntentsRequired) and content:
            content = False
            _log.warning(NO_MESSAGE_CONTENT)
            monitor.problems.append(NO_MESSAGE_CONTENT)
            continue

        if said := for_good(error):
            print(said)
            return WRONG_SETTING

        if isinstance(error, commands.ExtensionError):
            raise error

        failures = 1 if bot.was_ready else failures + 1
        if UNREACHABLE not in monitor.problems:
            monitor.problems.append(UNREACHABLE)

        await pause(error, failures, stop)

    return 0


async def _live(bot: GreenroomBot, settings: Settings, stop: asyncio.Event, demo: Demo | None) -> BaseException | None:
    """One life of the client, until the stop or until it fails; what it failed with."""
    connected = asyncio.create_task(bot.start(settings.discord_token.get_secret_value()))
    stopped = asyncio.create_task(stop.wait())
    ready = asyncio.create_task(_when_ready(bot, demo))
    try:
        await asyncio.wait({connected, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return connected.exception() if connected.done() and not connected.cancelled() else None
    finally:
        for task in (stopped, ready):
            task.cancel()

        await asyncio.gather(stopped, ready, return_exceptions=True)
        if demo is not None:
            await demo.pause()

        await leave(bot, connected)


async def _when_ready(bot: GreenroomBot, demo: Demo | None) -> None:
    """Note that all is well, and start the demo's traffic once the bot hears it."""
    await bot.set_up.wait()
    await bot.wait_until_ready()
    bot.was_ready = True
    if UNREACHABLE in bot.monitor.problems:
        bot.monitor.problems.remove(UNREACHABLE)

    if demo is not None:
        demo.play(bot.monitor)


def _end_soon(status: int) -> None:
    """End this process in a second, whatever still runs: all is stored, and only a hanging thread could hold it."""
    guard = threading.Timer(1.0, _end, (status,))
    guard.daemon = True
    guard.start()


def _end(status: int) -> None:
    """End this process at once. A look-up of a name in a thread cannot be cancelled, and Python waits for threads."""
    logging.shutdown()
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()

    os._exit(status)


async def run_demo(port: int, seed: int, folder: Path) -> int:
    """The same bot against the local stand-in for Discord, with a month of history and live traffic."""
    # Only needed here: it would be a twentieth of every other start.
    from monitoring.sandbox.demo import Demo

    began = time.monotonic()
    async with Demo(port=port, seed=seed) as demo:
        print(f"Greenroom demo: open {demo.page_url}", flush=True)
        print(
            "You see a local stand-in for Discord: six personas and forty users, invented; type /health, or wait in "
            "#bot-ops for the next incident. Stop with Ctrl+C.",
            flush=True,
        )
        print(f"Its dashboard: {demo.dashboard_url}, sign in with the key {demo.dashboard_key}", flush=True)
        demo.on_play = lambda: print(f"On its feet after {time.monotonic() - began:.1f} s.", flush=True)

        return await run(demo.settings(folder), demo=demo)


async def _told(running: Coroutine[Any, Any, int], leaving: Callable[[int], None]) -> int:
    """The status, of which `leaving` is told before the event loop ends."""
    status = await running
    leaving(status)
    return status


def main(arguments: list[str] | None = None, *, leaving: Callable[[int], None] = lambda _: None) -> int:
    """Read the settings and run; problems are said in sentences. `leaving` is told the status once all is stored."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", action="store_true", help="run against a local stand-in for Discord; no token needed")
    parser.add_argument("--port", type=int, default=8765, help="port of the demo's page (8765; 0: any free one)")
    parser.add_argument("--seed", type=int, default=7, help="seed of the demo's traffic")
    parser.add_argument("--verbose", action="store_true", help="log more than warnings")
    options = parser.parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO if options.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )

    try:
        if options.demo:
            with TemporaryDirectory(prefix="greenroom-", ignore_cleanup_errors=True) as folder:
                return asyncio.run(run_demo(options.port, options.seed, Path(folder)))

        settings = load_settings()
        if not settings.discord_token.get_secret_value():
            print(
                "DISCORD_TOKEN is not set. Put the bot's token into .env (copy .env.example), or see it all without a "
                "token: python bot.py --demo"
            )
            return WRONG_SETTING

        return asyncio.run(_told(run(settings), leaving))
    except KeyboardInterrupt:
        return 0
    except SettingError as error:
        print("These settings keep the bot from starting:")
        for problem in error.problems:
            print(f"- {problem}")

        return WRONG_SETTING
    except MonitoringError as error:
        print(error)
        return WRONG_SETTING


if __name__ == "__main__":
    _end(main(leaving=_end_soon))
