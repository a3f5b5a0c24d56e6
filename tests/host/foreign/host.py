"""Runs somebody else's bot (bot.py), and does what it is told over stdin: loads us, looks, unloads us."""

from __future__ import annotations

import asyncio
import gc
import json
import locale
import logging
import os
import signal
import socket
import sys
import threading
from typing import Any

import psutil
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot import make_bot

OURS = "monitoring.cogs"
LOGGERS = ("", "asyncio", "discord", "discord.client", "discord.app_commands.tree", "discord.ui.view")


class Warnings(logging.Handler):
    """Keeps what was logged as a warning or worse."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.lines.append(f"{record.name}: {record.getMessage()}")


def state(bot: Any) -> dict[str, Any]:
    """Everything that something loaded could leave behind."""
    gc.collect()
    connected = connections()
    return {
        "tasks": sorted(task.get_name() for task in asyncio.all_tasks() if "greenroom" in task.get_name()),
        "count": len(asyncio.all_tasks()),
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "children": len(psutil.Process().children(recursive=True)),
        "files": psutil.Process().num_fds() - connected,
        "connections": connected,
        "cogs": sorted(bot.cogs),
        "listeners": {name: len(found) for name, found in bot.extra_events.items() if found},
        "commands": sorted(command.name for command in bot.tree.get_commands()),
        "buttons": len(bot._connection._view_store._dynamic_items),
        "attributes": sorted(vars(bot)),
        "mentions": repr(bot.allowed_mentions),
        "handlers": [
            repr(getattr(one, "__func__", one)) for one in (bot.tree.on_error, bot.on_command_error, bot.on_error)
        ],
        "checks": [len(bot._checks), len(bot._check_once), bot._before_invoke is None, bot._after_invoke is None],
        "prefix": sorted(command.qualified_name for command in bot.walk_commands()),
        "close": repr(bot.close.__func__),
        "views": sorted(str(view) for view in bot.persistent_views),
        "filters": repr([logging.getLogger(name).filters for name in LOGGERS]),
        "process": process(),
    }


def connections() -> int:
    """Those to the stand-in: a gateway for each shard, and as many as the client keeps open for its next requests."""
    stood_in = URL(os.environ["STANDIN_API"]).port
    return sum(bool(one.raddr) and one.raddr.port == stood_in for one in psutil.Process().net_connections())


def process() -> dict[str, Any]:
    """What belongs to the whole process, and so to the host."""
    loop = asyncio.get_running_loop()
    loggers = [logging.getLogger(name) for name in LOGGERS]
    return {
        "signals": {one.name: repr(signal.getsignal(one)) for one in signal.valid_signals() if hasattr(one, "name")},
        "loop": repr((loop.get_exception_handler(), loop.get_task_factory(), loop.get_debug())),
        "executor": repr(loop._default_executor),  # type: ignore[attr-defined]  # there is no public way to look
        "logging": repr([(one.level, one.handlers, one.propagate, one.disabled) for one in loggers]),
        "hooks": repr((sys.excepthook, threading.excepthook, sys.unraisablehook, sys.stdout, sys.stderr)),
        "path": [*sys.path, sys.modules["cogs"].__file__] if "cogs" in sys.modules else sys.path,
        "environment": dict(os.environ),
        "limits": [socket.getdefaulttimeout(), *gc.get_threshold(), sys.getswitchinterval(), sys.getrecursionlimit()],
        "locale": locale.setlocale(locale.LC_ALL),
        "client": repr((Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)),
    }


async def obey(bot: Any, order: str, warnings: Warnings) -> Any:
    """Do what the test says; its answer."""
    match order.split():
        case ["load"]:
            await bot.load_extension(OURS)
            monitoring = sys.modules["monitoring"]
            return {"from": monitoring.__file__, "extensions": sorted(bot.extensions), "heard": dict(bot.heard)}
        case ["registered"]:
            task = bot.get_cog("Greenroom")._registering  # type: ignore[union-attr]
            await asyncio.wait({task})
            return {"problems": bot.get_cog("Greenroom").monitor.problems, "warnings": warnings.lines}  # type: ignore[union-attr]
        case ["unload"]:
            await bot.unload_extension(OURS)
            return state(bot)
        case ["reload", times]:
            for _ in range(int(times)):
                await bot.load_extension(OURS)
                await bot.unload_extension(OURS)

            return state(bot)
        case ["state"]:
            return state(bot)
        case ["heard"]:
            return dict(bot.heard)
        case ["figures"]:
            monitor = bot.get_cog("Greenroom").monitor  # type: ignore[union-attr]
            await monitor.recorder.flush()
            rows = await monitor.store.messages(0, 2**45)
            found = [(row.persona, row.length, row.answers is not None) for row in rows if row.persona]
            return {"rows": sorted(found), "names": monitor.persona_names(), "users": sum(not r.persona for r in rows)}
        case ["later", seconds]:
            clock = bot.get_cog("Greenroom").monitor.clock  # type: ignore[union-attr]
            now = type(clock).now
            clock.now = lambda: now(clock) + 1000 * int(seconds)
            return "later"
        case ["intents"]:
            return sys.modules["monitoring.cogs._state_pages"].missing_intents(bot.intents)
        case ["stored"]:
            monitor = bot.get_cog("Greenroom").monitor  # type: ignore[union-attr]
            await monitor.recorder.flush()
            return len(await monitor.store.messages(0, 2**45))

    raise ValueError(order)


async def main() -> None:
    """Log in, then obey line by line until stdin ends."""
    Route.BASE = os.environ["STANDIN_API"]
    DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ["STANDIN_GATEWAY"])
    warnings = Warnings()
    logging.getLogger().addHandler(warnings)
    signal.signal(signal.SIGTERM, lambda *_: None)
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    async with make_bot() as bot:
        await bot.login(os.environ["STANDIN_TOKEN"])
        connected = asyncio.create_task(bot.connect(), name="host-connection")
        await bot.wait_until_ready()
        sys.stdout.write('"ready"\n')
        sys.stdout.flush()
        while line := await orders.readline():
            try:
                answer = await obey(bot, line.decode().strip(), warnings)
            except Exception as error:
                answer = {"failed": repr(error)}

            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()

    await asyncio.wait({connected})


if __name__ == "__main__":
    asyncio.run(main())
