"""Our share of a Discord event: the bodies of the listeners, on what the real client makes of gateway payloads."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count, islice
from typing import Any

from discord.ext.prometheus import PrometheusCog

from monitoring.interfaces import SystemClock
from monitoring.recording.unread import read
from monitoring.sandbox import Sandbox
from monitoring.sandbox.world import World, build_world
from tests.conftest import Stage, on_stage, settings_for

from .frame import Bench, Row, medians

Listener = Callable[[Any], Awaitable[None] | bool | None]
"""What hears an event, at once or as a coroutine."""

BURST = 20
"""Events made and heard before the next are made: as the client makes one and lets it be heard at once."""
FLUSH = 10
"""Bursts between two flushes."""
SHARES = {"message": 0.80, "reaction": 0.15, "command": 0.05}
"""Of a lively bot's guild events."""


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """Each kind of event, then the mix."""
    sandbox = Sandbox()
    await sandbox.start()
    try:
        world = build_world(sandbox)
        async with on_stage(sandbox, settings_for(sandbox, bench.folder / "listeners.sqlite3")) as stage:
            events = Events(stage)
            await events.gather(world)
            async for row in _measured(bench, stage, events):
                yield row
    finally:
        await sandbox.close()


async def _measured(bench: Bench, stage: Stage, events: Events) -> AsyncIterator[Row]:
    ours: Any = stage.bot.get_cog("Greenroom listeners")
    # The clock of every real bot; that of the stage, which can be moved on, takes three times as long to read.
    ours._now = SystemClock().now
    ours._running._clock = SystemClock()
    tests = ours._hearing._tests
    peer: Any = PrometheusCog(stage.bot)
    peer.latency_loop.cancel()
    bursts = bench.size(600, 20)

    def timed(event: str, listener: Listener) -> Callable[[], Awaitable[float]]:
        async def measure() -> float:
            spent = []
            for number in range(bursts):
                fresh = events.fresh(event, BURST)
                began = time.thread_time()
                for one in fresh:
                    running = listener(one)
                    if running:
                        await running

                spent.append(time.thread_time() - began)
                if number % FLUSH == 0:
                    await stage.monitor.recorder.flush()

            # The least disturbed burst, as timeit counts: what else runs on the machine is no cost of it.
            return min(spent) / BURST * 1e6

        return measure

    def later(message: Any) -> None:
        read(ours._unread(message))

    *figures, theirs, whole = await medians(
        bench.rounds,
        timed("MESSAGE_CREATE", tests["message"]),
        timed("MESSAGE_REACTION_ADD", tests["raw_reaction_add"]),
        timed("INTERACTION_CREATE", ours.on_interaction),
        timed("INTERACTION_CREATE", peer.on_interaction),
        timed("MESSAGE_CREATE", later),
    )
    named = "discord-ext-prometheus, an interaction"
    mixed = sum(share * figure for share, figure in zip(SHARES.values(), figures, strict=True))
    yield Row("our share of a Discord event, listener body", mixed, "µs", theirs, named, 0.35, 0.25)
    for kind, figure in zip(SHARES, figures, strict=True):
        yield Row(f"of it: {kind}", figure, "µs", theirs, named)

    yield Row("not of it: a message read in the flush", whole, "µs", theirs, named)


class Events:
    """Payloads as the gateway brought them, and what the client makes of them, as often as wanted."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._state: Any = stage.bot._connection
        self._payloads: dict[str, list[dict[str, Any]]] = {}
        self._ids = count(1)

    async def gather(self, world: World) -> None:
        """Let people and personas write, react and use a command, and keep what the gateway sends of it."""
        sandbox, channel = self._stage.sandbox, world.channels[0]
        heard, parsers = self._payloads, self._state.parsers
        before = dict(parsers)
        for name in ("MESSAGE_CREATE", "MESSAGE_REACTION_ADD", "INTERACTION_CREATE"):
            parsers[name] = lambda data, name=name: (heard.setdefault(name, []).append(data), before[name](data))

        asker, other = (person.id for person in world.people[1:3])
        asked = await sandbox.say(channel.id, asker, "Nyx, what do you make of the weather? 🌧️")
        await sandbox.say(channel.id, other, f"<@{asker}> it will not last, I was told so this morning.")
        answer = await sandbox.persona_say(channel.webhook_id, "Nyx", "The rain remembers. " * 12, reference=asked)
        await sandbox.say(channel.id, asker, "ha, thanks")
        await sandbox.persona_say(channel.webhook_id, "Scav", "cheeki breeki, the sun is for tourists")
        await sandbox.react(channel.id, answer, asker, "👍")
        await sandbox.react(channel.id, answer, other, "🎉")
        await self._stage.command(world.owner_id, world.ops_channel.id, "alerts active")
        await sandbox.until(lambda: len(heard.get("MESSAGE_REACTION_ADD", ())) >= 2)
        parsers.update(before)

    def fresh(self, event: str, n: int) -> list[Any]:
        """So many new objects of an event, none of which anybody looked at yet; each has an id of its own."""
        made: list[Any] = []
        state = self._state
        before, tree = state.dispatch, state._command_tree
        state.dispatch = lambda name, *arguments: made.append(arguments[0]) if name in _WANTED else None
        # The tree would run the command.
        state._command_tree = None
        try:
            while len(made) < n:
                for payload in islice(self._payloads[event], n - len(made)):
                    number = {"id": str(int(payload["id"]) + next(self._ids))} if "id" in payload else {}
                    state.parsers[event]({**payload, **number})
        finally:
            state.dispatch, state._command_tree = before, tree

        for interaction in made if event == "INTERACTION_CREATE" else ():
            # The tree has found the command before any listener runs.
            assert interaction.command is not None

        return made


_WANTED = ("message", "raw_reaction_add", "interaction")
