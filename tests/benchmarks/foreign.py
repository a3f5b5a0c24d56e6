"""What a foreign bot's own event handling costs with us loaded, against the same bot without us."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections.abc import AsyncIterator
from itertools import count, cycle
from typing import Any

import discord
from discord.ext import commands

from monitoring.monitor import Monitor
from monitoring.sandbox import Sandbox
from monitoring.sandbox.world import World, build_world
from tests.conftest import pointed_at, settings_for, until

from .frame import Bench, Row

RATE = 200
"""Events a second, of a lively bot."""
BURST = 50
KINDS = ("MESSAGE_CREATE",) * 17 + ("MESSAGE_REACTION_ADD",) * 3
WITHOUT = "the same bot without us"


class Host(commands.Bot):
    """Somebody else's bot, which looks at every message and has prefix commands."""

    def __init__(self) -> None:
        intents = discord.Intents.default()
        intents.message_content = True
        super().__init__("!", intents=intents, guild_ready_timeout=0.05)
        self.seen = 0

    async def on_message(self, message: discord.Message) -> None:
        """As in most bots."""
        if not message.author.bot:
            self.seen += "nyx" in message.content.lower()
            await self.process_commands(message)

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Counts."""
        self.seen += 1


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """CPU for each event, CPU at a lively pace, and the longest stall, in turns with and without us."""
    sandbox = Sandbox()
    await sandbox.start()
    try:
        world = build_world(sandbox)
        with pointed_at(sandbox):
            async with Host() as bot:
                await bot.login(sandbox.token)
                connected = asyncio.create_task(bot.connect())
                await until("the bot", bot.is_ready)
                async for row in _compared(bench, sandbox, world, bot):
                    yield row

            await asyncio.wait({connected})
    finally:
        await sandbox.close()


async def _compared(bench: Bench, sandbox: Sandbox, world: World, bot: Host) -> AsyncIterator[Row]:
    payloads = await _gathered(sandbox, world, bot)
    events, paced = bench.size(20_000, 200), bench.size(5 * RATE, 40)
    found: dict[bool, list[tuple[float, float, float]]] = {False: [], True: []}
    feed = Feed(bot, payloads)
    for turn in range(bench.rounds + 1):
        for loaded in (False, True):
            monitor = Monitor(settings_for(sandbox, bench.folder / f"foreign-{turn}.sqlite3"))
            async with _monitored(bot, monitor, loaded=loaded):
                took, share, stall = await feed.burst(events), *await feed.paced(paced)

            if turn:
                found[loaded].append((took, share, stall))

    without, ours = (tuple(map(statistics.median, zip(*found[loaded], strict=True))) for loaded in (False, True))
    added = max(ours[1] - without[1], 1e-6)
    yield Row("a foreign bot's event, its own thread (CPU)", ours[0], "µs", without[0], WITHOUT)
    yield Row("CPU that we add to it at 200 events/s, all threads", added, "% of a core", None, "", 2.0, 1.0)
    yield Row("its longest stall at 200 events/s", ours[2], "ms", without[2], WITHOUT)


@contextlib.asynccontextmanager
async def _monitored(bot: Host, monitor: Monitor, *, loaded: bool) -> AsyncIterator[None]:
    """With us or without us; the commands are registered before anything is measured."""
    if not loaded:
        yield
        return

    bot.monitor = monitor  # type: ignore[attr-defined]  # where our cogs look for it
    await monitor.start()
    try:
        await bot.load_extension("cogs")
        cog: Any = bot.get_cog("Greenroom")
        await asyncio.wait({cog._registering})
        await asyncio.sleep(0.2)
        yield
        await bot.unload_extension("cogs")
    finally:
        await monitor.close()


class Feed:
    """Gives the client what the gateway brought, each event with an id of its own."""

    def __init__(self, bot: Host, payloads: dict[str, list[dict[str, Any]]]) -> None:
        self._parsers = bot._connection.parsers
        self._ids = count(1)
        self._events = cycle([(kind, i) for i, kind in enumerate(KINDS)])
        self._payloads = payloads

    def one(self) -> None:
        """The next event."""
        kind, place = next(self._events)
        known = self._payloads[kind]
        payload = known[place % len(known)]
        number = {"id": str(int(payload["id"]) + next(self._ids))} if "id" in payload else {}
        self._parsers[kind]({**payload, **number})

    async def burst(self, events: int) -> float:
        """Microseconds of the loop's thread for each of so many events, the host's listeners included."""
        spent = []
        for _ in range(max(events // BURST, 2)):
            began = time.thread_time()
            for _ in range(BURST):
                self.one()

            for _ in range(4):
                await asyncio.sleep(0)

            spent.append((time.thread_time() - began) / BURST * 1e6)
            await asyncio.sleep(0.002)

        return statistics.median(spent)

    async def paced(self, events: int) -> tuple[float, float]:
        """At a lively pace: percent of a core that the process takes, and the longest stall in milliseconds."""
        beat, longest = 1 / RATE, 0.0
        began, cpu = time.monotonic(), time.process_time()
        for number in range(events):
            due = began + number * beat
            await asyncio.sleep(max(due - time.monotonic(), 0))
            longest = max(longest, time.monotonic() - due)
            self.one()

        took = time.monotonic() - began
        return (time.process_time() - cpu) / took * 100, longest * 1000


async def _gathered(sandbox: Sandbox, world: World, bot: Host) -> dict[str, list[dict[str, Any]]]:
    """What the gateway brings of a few messages and reactions."""
    heard: dict[str, list[dict[str, Any]]] = {}
    parsers: Any = bot._connection.parsers
    before = dict(parsers)
    for name in set(KINDS):
        parsers[name] = lambda data, name=name: (heard.setdefault(name, []).append(data), before[name](data))

    channel, asker = world.channels[0], world.people[1].id
    asked = await sandbox.say(channel.id, asker, "Nyx, what do you make of the weather? 🌧️")
    answer = await sandbox.persona_say(channel.webhook_id, "Nyx", "The rain remembers. " * 12, reference=asked)
    await sandbox.say(channel.id, asker, "ha, thanks")
    await sandbox.react(channel.id, answer, asker, "👍")
    await until("the events", lambda: len(heard.get("MESSAGE_CREATE", ())) >= 3 and heard.get("MESSAGE_REACTION_ADD"))
    parsers.update(before)
    return heard
