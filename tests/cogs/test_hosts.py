"""Other ways of hosting us: loaded early or late, two bots in one process, commands synced guild by guild."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands

from monitoring.sandbox import Sandbox

from .conftest import Host, House, build
from .test_loading import OURS, made, online, state_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


@app_commands.command(name="its-own", description="x")
async def its_own(interaction: discord.Interaction[Any]) -> None:
    """A command of the host's."""


async def registered(bot: Host) -> None:
    """Wait until our commands are."""
    cog: Any = bot.get_cog("Greenroom")
    await asyncio.wait({cog._registering})


def shown(sandbox: Sandbox, guild: int) -> list[str]:
    """What stands in a guild's menu; Discord shows a command of the guild's beside one of everywhere."""
    listed = [*sandbox.commands.listed(guild), *sandbox.commands.listed(None)]
    return sorted(command["name"] for command in listed)


def none_registered(sandbox: Sandbox, *guilds: int) -> None:
    """As in the beginning."""
    for place in (None, *guilds):
        sandbox.commands.overwrite(place, [])


class AtHome(Host):
    """Syncs its commands to one guild, as many bots do, with our line before that or after."""

    home: discord.Object
    line = "before"

    async def setup_hook(self) -> None:
        """All of it."""
        self.tree.add_command(its_own)
        if self.line == "before":
            await self.load_extension("cogs")

        self.tree.copy_global_to(guild=self.home)
        await self.tree.sync(guild=self.home)
        if self.line == "after":
            await self.load_extension("cogs")


@pytest.mark.parametrize("line", ["before", "after"])
async def test_a_host_that_syncs_guild_by_guild_has_each_command_once(
    sandbox: Sandbox, tmp_path: Path, line: str
) -> None:
    """Whether our line stands before its `copy_global_to` or after: ours are where its own are, and nowhere twice."""
    house = made(sandbox, tmp_path)
    await house.monitor.start()
    none_registered(sandbox, house.ops, house.other)
    house.bot = AtHome(house.monitor, owns_tree=False)
    house.bot.home, house.bot.line = discord.Object(house.ops), line
    async with online(sandbox, house.bot) as bot:
        await registered(bot)
        assert shown(sandbox, house.ops) == sorted({*OURS, "its-own"})
        assert shown(sandbox, house.other) == []
        answer = await sandbox.command(house.people["manager"], house.talk, "health")
        assert answer.message["embeds"][0]["title"]
        await bot.unload_extension("cogs")
        left = bot.tree.get_commands(guild=discord.Object(house.ops))
        assert [command.name for command in left] == ["its-own"]
        none_registered(sandbox, house.ops)

    await house.monitor.close()


async def test_hot_loading_knows_guilds_and_personas_at_once(sandbox: Sandbox, tmp_path: Path) -> None:
    """Long after `ready`: the first message counts, as whose it is; commands come one by one, never in bulk."""
    house = made(sandbox, tmp_path)
    await house.monitor.start()
    hook = sandbox.add_webhook(house.talk, "personas")
    async with online(sandbox, house.bot) as bot:
        none_registered(sandbox)
        sandbox.requests.clear()
        await bot.load_extension("cogs")
        assert house.monitor.guilds() == len(bot.guilds) >= 2
        await sandbox.persona_say(hook, "Hotshot", "hello")
        await house.until("the persona", lambda: house.monitor.registry.names() == ["Hotshot"])
        await registered(bot)
        assert {command["name"] for command in sandbox.commands.listed(None)} == OURS
        assert not [path for path in sandbox.requests if path.startswith("PUT") and "commands" in path]
        await bot.unload_extension("cogs")

    await house.monitor.close()


async def test_loaded_before_the_login_it_waits_for_it(sandbox: Sandbox, tmp_path: Path) -> None:
    """Inside `async with bot`, as many start theirs."""
    house = made(sandbox, tmp_path)
    await house.monitor.start()
    bot = house.bot
    async with bot:
        await bot.load_extension("cogs")
        await bot.login(sandbox.token)
        none_registered(sandbox)
        connected = asyncio.create_task(bot.connect())
        await house.until("our commands", lambda: {one["name"] for one in sandbox.commands.listed(None)} == OURS)
        assert house.monitor.guilds() == len(bot.guilds) >= 2
        answer = await sandbox.command(house.people["manager"], house.talk, "health")
        assert answer.message["embeds"][0]["title"]

    await asyncio.wait({connected})
    await house.monitor.close()


async def test_two_hosts_in_one_process_keep_apart(sandbox: Sandbox, tmp_path: Path) -> None:
    """Each has its figures, store and buttons; one unloads, the other goes on, and both leave nothing."""
    first, second = made(sandbox, tmp_path), _beside(sandbox, tmp_path)
    for house in (first, second):
        await house.monitor.start()

    async with online(sandbox, first.bot) as one, online(sandbox, second.bot) as two:
        before = state_of(one), state_of(two)
        await one.load_extension("cogs")
        await two.load_extension("cogs")
        await registered(one)
        await registered(two)
        await _heard(first, second)
        await one.unload_extension("cogs")
        assert state_of(one) == before[0]
        await sandbox.say(first.talk, first.people["member"], "only the second hears this")
        await _stored(second, 2)
        assert len(await first.monitor.store.messages(0, 2**45)) == 1
        await second.monitor.chosen.load()
        answer = await sandbox.command(second.people["manager"], second.talk, "stats overview", {"window": "1h"})
        assert answer.message["embeds"][0]["title"]
        await two.unload_extension("cogs")
        assert state_of(two) == before[1]

    for house in (first, second):
        await house.monitor.close()


def _beside(sandbox: Sandbox, path: Path) -> House:
    """A second bot of the same account, with a store of its own."""
    (path / "second").mkdir()
    house = build(sandbox, path / "second" / "store.sqlite3")
    house.bot = Host(house.monitor, owns_tree=False)
    return house


async def _heard(*houses: House) -> None:
    """Each records the same message once, for itself."""
    await houses[0].sandbox.say(houses[0].talk, houses[0].people["member"], "hello, both")
    for house in houses:
        await _stored(house, 1)


async def _stored(house: House, messages: int) -> None:
    for _ in range(100):
        await house.monitor.recorder.flush()
        if len(await house.monitor.store.messages(0, 2**45)) >= messages:
            break

        await asyncio.sleep(0.01)

    assert len(await house.monitor.store.messages(0, 2**45)) == messages
