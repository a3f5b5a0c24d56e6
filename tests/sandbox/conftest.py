"""A sandbox with one guild, and real discord.py clients that log in to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import discord
import pytest
import yarl
from discord.ext import commands

from monitoring.sandbox import Sandbox

from .bots import Login, Place, QuickBot


@pytest.fixture
async def place(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    """The sandbox, and discord.py pointed at it."""
    now = [1000.0]
    sandbox = Sandbox(monotonic=lambda: now[0])
    await sandbox.start()
    monkeypatch.setattr(discord.http.Route, "BASE", sandbox.api_url)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(sandbox.gateway_url))
    guild = sandbox.add_guild("Green", sandbox.owner_id)
    channel = sandbox.add_channel(guild, "general")
    ana, ben = sandbox.add_user("Ana"), sandbox.add_user("Ben")
    sandbox.add_member(guild, ana)
    sandbox.add_member(guild, ben)
    yield Place(sandbox, guild, channel, ana, ben, now)
    await sandbox.close()


@pytest.fixture
async def login(place: Place) -> AsyncIterator[Login]:
    """Logs a bot in and waits until it is ready; all are closed after the test."""
    running: list[tuple[commands.Bot, asyncio.Task[None]]] = []

    async def start(bot: commands.Bot | None = None, *, sync: bool = True) -> commands.Bot:
        """Starts a bot, an ordinary one unless given."""
        client = bot or QuickBot()
        task = asyncio.create_task(client.start(place.sandbox.token))
        running.append((client, task))
        async with asyncio.timeout(10):
            while not client.is_ready():
                if task.done():
                    task.result()

                await asyncio.sleep(0.005)

        if sync:
            await client.tree.sync()

        return client

    yield start
    for client, task in running:
        await client.close()
        await asyncio.gather(task, return_exceptions=True)
