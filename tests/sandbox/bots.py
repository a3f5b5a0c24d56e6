"""What the tests of the sandbox share: the place they happen in, and real discord.py clients."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import discord
from discord.ext import commands

from monitoring.sandbox import Sandbox

Login = Callable[..., Awaitable[commands.Bot]]


@dataclass(slots=True)
class Place:
    """A sandbox that listens, with a guild, a channel and two people; `now` is its monotonic clock."""

    sandbox: Sandbox
    guild: int
    channel: int
    ana: int
    ben: int
    now: list[float] = field(default_factory=lambda: [1000.0])


class QuickBot(commands.Bot):
    """A bot that does not wait for guilds that never come, nor five seconds before it identifies again."""

    def __init__(self, intents: discord.Intents | None = None) -> None:
        super().__init__("!", intents=intents or everyday(), guild_ready_timeout=0.02)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Does not wait."""


class QuickShardedBot(commands.AutoShardedBot):
    """The same in two shards."""

    def __init__(self) -> None:
        super().__init__("!", intents=everyday(), shard_count=2, guild_ready_timeout=0.02)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Does not wait."""


def everyday(*, content: bool = True) -> discord.Intents:
    """The default intents and, if wanted, message content."""
    intents = discord.Intents.default()
    intents.message_content = content
    return intents


class Heard:
    """Collects what an event brings, so that a test can wait for it."""

    def __init__(self, bot: commands.Bot | commands.AutoShardedBot, *events: str) -> None:
        self._queue: asyncio.Queue[tuple[object, ...]] = asyncio.Queue()
        for event in events:
            bot.add_listener(self._note, f"on_{event}")

    async def _note(self, *args: object) -> None:
        """Keeps the arguments of one event."""
        self._queue.put_nowait(args)

    async def next(self) -> tuple[object, ...]:
        """The next event's arguments."""
        async with asyncio.timeout(5):
            return await self._queue.get()

    def empty(self) -> bool:
        """Whether nothing more was heard."""
        return self._queue.empty()
