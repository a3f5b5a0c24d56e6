"""What a foreign bot's own event handling costs with us loaded, against the same bot without us."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, cycle
from typing import Any

import discord
from discord.ext import commands

from monitoring.monitor import Monitor
from monitoring.sandbox import Sandbox
from monitoring.sandbox.world import World, build_world
from tests.conftest import pointed_at, settings_for, until

from .frame import Bench, Row
from .host import own_bytes

RATE = 200
"""Events a second, of a lively bot."""
PACED = 10
"""Seconds at that pace: what recurs in us does so every ten seconds at least, but for the tending of each minute."""
BURST = 50
ASKED, ANSWERED, THANKED = (("MESSAGE_CREATE", place) for place in range(3))
TYPING, EDITED, REACTED = ("TYPING_START", 0), ("MESSAGE_UPDATE", 0), ("MESSAGE_REACTION_ADD", 0)
LIVELY = (TYPING, ASKED, ANSWERED, TYPING, THANKED) * 3 + (EDITED, REACTED)
"""What the gateway brings to a persona bot with discord.py's default intents: a person's message after the typing that
announced it (Discord tells of it again every ten seconds). No voice, no threads, nobody who types and says nothing."""
SPOKEN = (ASKED, ANSWERED, THANKED) * 6 + (REACTED,) * 3
"""Messages and reactions alone, all of which we hear: more than a gateway brings."""
WITHOUT = "the same bot without us"
LOOP, REST = "its own thread", "other threads"
PARTS = {
    LOOP: "MainThread",
    "our recorder's thread": "monitoring-recorder",
    "our store's threads": "monitoring-store",
    "our other threads": "monitoring",
}
"""How the names of the threads begin that CPU is told of; the first that fits counts."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn cost: µs of its thread for an event in a burst, µs by part at a pace, stalls in ms, and bytes."""

    took: float
    spent: dict[str, float]
    spoken: float
    """µs for an event at the same pace, all threads, where all that comes is messages and reactions."""
    stalls: tuple[float, float]
    """The longest, and the 99th percentile."""
    grown: float


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
    """CPU for each event by thread, CPU at a lively pace, stalls and memory, in turns with and without us."""
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
    events, paced = bench.size(20_000, 200), bench.size(PACED * RATE, 40)
    found: dict[bool, list[Turn]] = {False: [], True: []}
    lively, spoken = (Feed(bot, payloads, mix) for mix in (LIVELY, SPOKEN))
    for turn in range(bench.rounds + 1):
        # What a wake costs the machine drifts by the minute: each turn is compared in itself, now one, now the other
        # first.
        for loaded in (False, True) if turn % 2 else (True, False):
            monitor = Monitor(settings_for(sandbox, bench.folder / f"foreign-{turn}.sqlite3"))
            before = own_bytes()
            async with _monitored(bot, monitor, loaded=loaded):
                took = await spoken.burst(events)
                # A second of it first: what follows a burst is no lively pace yet.
                await spoken.paced(paced // PACED, monitor if loaded else None)
                only, _ = await spoken.paced(paced, monitor if loaded else None)
                spent, stalls = await lively.paced(paced, monitor if loaded else None)
                grown = max(own_bytes() - before, 1)

            if turn:
                found[loaded].append(Turn(took, spent, sum(only.values()), stalls, grown))

    for row in _rows(found[False], found[True]):
        yield row


def _rows(bare_turns: list[Turn], our_turns: list[Turn]) -> Iterator[Row]:
    pairs = list(zip(bare_turns, our_turns, strict=True))
    added = statistics.median(sum(our.spent.values()) - sum(alone.spent.values()) for alone, our in pairs)
    spoken = statistics.median(our.spoken - alone.spoken for alone, our in pairs)
    without, ours = _median(bare_turns), _median(our_turns)
    bare = sum(without.spent.values())
    at_pace = "at 200 events/s"
    yield Row("a foreign bot's event, its own thread (CPU)", ours.took, "µs", without.took, WITHOUT)
    for what, micros, promised in (
        (f"CPU that we add to it {at_pace}, all threads", added, (2.0, 1.0)),
        ("the same, where all of them are messages and reactions", spoken, ()),
    ):
        yield Row(what, max(micros, 1e-6) * RATE / 1e4, "% of a core", None, "", *promised)

    for part in PARTS:
        peer, name = (without.spent[part], WITHOUT) if part == LOOP else (bare, f"{WITHOUT}, all its threads")
        yield Row(f"its event {at_pace}: {part} (CPU)", max(ours.spent[part], 1e-6), "µs", peer, name)

    for place, name in enumerate(("longest stall", "stall at P99")):
        yield Row(f"its {name} {at_pace}", ours.stalls[place], "ms", without.stalls[place], WITHOUT)

    # Against what it grows by without us, which is next to nothing: no ratio would say anything.
    yield Row("memory that it grows by with us, libraries apart", ours.grown / 2**20, "MB")


def _median(turns: list[Turn]) -> Turn:
    def middle(pick: Callable[[Turn], float]) -> float:
        return statistics.median(map(pick, turns))

    spent = {part: middle(lambda turn, part=part: turn.spent[part]) for part in (*PARTS, REST)}  # type: ignore[misc]
    stalls = middle(lambda turn: turn.stalls[0]), middle(lambda turn: turn.stalls[1])
    spoken = middle(lambda turn: turn.spoken)
    return Turn(middle(lambda turn: turn.took), spent, spoken, stalls, middle(lambda turn: turn.grown))


def spent_by_part() -> dict[str, float]:
    """Seconds of CPU of each part's threads so far."""
    found = dict.fromkeys((*PARTS, REST), 0.0)
    for thread in threading.enumerate():
        part = next((part for part, begin in PARTS.items() if thread.name.startswith(begin)), REST)
        if thread.ident is not None and thread.is_alive():
            found[part] += time.clock_gettime(time.pthread_getcpuclockid(thread.ident))

    return found


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

    ids = count(1)
    """Of all feeds, so that none brings a message again that another brought."""

    def __init__(self, bot: Host, payloads: dict[str, list[dict[str, Any]]], events: Sequence[tuple[str, int]]) -> None:
        self._parsers = bot._connection.parsers
        self._events = cycle(events)
        self._payloads = payloads

    def one(self) -> None:
        """The next event."""
        kind, place = next(self._events)
        payload = self._payloads[kind][place]
        number = {"id": str(int(payload["id"]) + next(Feed.ids))} if "id" in payload else {}
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

    async def paced(self, events: int, monitor: Monitor | None) -> tuple[dict[str, float], tuple[float, float]]:
        """At a lively pace: microseconds of CPU for each event by part, and the stalls in milliseconds."""
        beat, late = 1 / RATE, []
        began, before = time.monotonic(), spent_by_part()
        for number in range(events):
            due = began + number * beat
            await asyncio.sleep(max(due - time.monotonic(), 0))
            late.append((time.monotonic() - due) * 1000)
            self.one()

        if monitor is not None:
            await monitor.recorder.flush()

        spent = {part: max(cpu - before[part], 0) / events * 1e6 for part, cpu in spent_by_part().items()}
        late.sort()
        return spent, (late[-1], late[int(len(late) * 0.99)])


async def _gathered(sandbox: Sandbox, world: World, bot: Host) -> dict[str, list[dict[str, Any]]]:
    """What the gateway brings of three messages, typing, an edit and a reaction."""
    heard: dict[str, list[dict[str, Any]]] = {}
    parsers: Any = bot._connection.parsers
    before = dict(parsers)
    for name, _ in {*LIVELY, *SPOKEN}:
        parsers[name] = lambda data, name=name: (heard.setdefault(name, []).append(data), before[name](data))

    channel, asker = world.channels[0], world.people[1].id
    asked = await sandbox.say(channel.id, asker, "Nyx, what do you make of the weather? 🌧️")
    answer = await sandbox.persona_say(channel.webhook_id, "Nyx", "The rain remembers. " * 12, reference=asked)
    thanked = await sandbox.say(channel.id, asker, "ha, thanks")
    await sandbox.react(channel.id, answer, asker, "👍")
    await sandbox.edit(channel.id, thanked, "ha, many thanks")
    sandbox.typing(sandbox.state.channel(channel.id), asker)
    await until("the events", lambda: all(len(heard.get(name, ())) > place for name, place in {*LIVELY, *SPOKEN}))
    parsers.update(before)
    return heard
