"""Loaded into somebody else's bot: nothing of it is changed, and unloading leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands
from discord.ext import commands

from monitoring.sandbox import Sandbox

from .conftest import Host, House, build

pytestmark = pytest.mark.asyncio(loop_scope="module")
OURS = {"health", "stats", "report", "alerts", "digest", "privacy", "why", "monitoring"}


@contextlib.asynccontextmanager
async def online(sandbox: Sandbox, bot: Host) -> AsyncIterator[Host]:
    """The bot, ready."""
    async with bot:
        await bot.login(sandbox.token)
        connected = asyncio.create_task(bot.connect())
        async with asyncio.timeout(5):
            await asyncio.sleep(0)
            await bot.wait_until_ready()

        yield bot

    await asyncio.wait({connected})


def state_of(bot: Host) -> tuple[Any, ...]:
    """Everything of a client that a cog could leave something in."""
    return (
        set(bot.cogs),
        {name for name, found in bot.extra_events.items() if found},
        {command.name for command in bot.tree.get_commands()},
        set(bot._connection._view_store._dynamic_items),
        {name for name in vars(bot) if not name.startswith("_")},
        {name for name, waiting in bot._listeners.items() if waiting},
        bot.allowed_mentions,
        bot.tree.on_error,
    )


def made(sandbox: Sandbox, path: Path, **settings: Any) -> House:
    """A house whose bot is somebody else's: its tree is not ours."""
    house = build(sandbox, path / "store.sqlite3")
    house.monitor.settings = house.monitor.settings.model_copy(update=settings)
    house.bot = Host(house.monitor, owns_tree=False)
    return house


async def test_unload_and_reload_leave_nothing_behind(sandbox: Sandbox, tmp_path: Path) -> None:
    """No task, listener, command, button or attribute, five times over; the wheel is tried a hundred times."""
    house = made(sandbox, tmp_path)
    await house.monitor.start()
    async with online(sandbox, house.bot) as bot:
        before, tasks = state_of(bot), len(asyncio.all_tasks())
        for _ in range(5):
            await bot.load_extension("cogs")
            await bot.unload_extension("cogs")

        assert state_of(bot) == before
        # The Monitor goes on, and reads its store now and then.
        await house.until("the end of all tasks", lambda: len(asyncio.all_tasks()) <= tasks)

    await house.monitor.close()


async def test_a_hosts_commands_are_never_synced_in_bulk(sandbox: Sandbox, tmp_path: Path) -> None:
    """What the host registered stays; ours are added one by one, and only once."""
    house = made(sandbox, tmp_path)
    await house.monitor.start()

    @app_commands.command(name="hosts-own", description="x")
    async def own(interaction: discord.Interaction[Any]) -> None:
        """Not ours."""

    async with online(sandbox, house.bot) as bot:
        for command in await bot.tree.fetch_commands():
            await command.delete()

        bot.tree.add_command(own)
        await bot.tree.sync()
        await bot.load_extension("cogs")
        await house.until("our commands", lambda: {c["name"] for c in sandbox.commands.offered(house.ops)} >= OURS)
        assert "hosts-own" in {c["name"] for c in sandbox.commands.offered(house.ops)}

        writes = sum(n for path, n in sandbox.requests.items() if path.startswith("POST") and "commands" in path)
        await bot.unload_extension("cogs")
        await bot.load_extension("cogs")
        cog: Any = bot.get_cog("Greenroom")
        await asyncio.wait({cog._registering})
        again = sum(n for path, n in sandbox.requests.items() if path.startswith("POST") and "commands" in path)
        assert writes == again

    await house.monitor.close()


async def test_all_commands_can_be_put_under_one_group(sandbox: Sandbox, tmp_path: Path) -> None:
    """For hosts whose own commands clash; the group goes with the extension."""
    house = made(sandbox, tmp_path, monitoring_command_group="green")
    await house.monitor.start()

    @app_commands.command(name="health", description="x")
    async def own(interaction: discord.Interaction[Any]) -> None:
        """The host's own /health."""

    async with online(sandbox, house.bot) as bot:
        bot.tree.add_command(own)
        await bot.load_extension("cogs")
        names = {command.qualified_name for command in bot.tree.walk_commands()}
        assert {"health", "green health", "green stats overview", "green report", "green alerts active"} <= names
        assert {name.partition(" ")[0] for name in names} == {"health", "green"}
        assert {name.split(" ")[1] for name in names if " " in name} == OURS
        await house.until("the group", lambda: "green" in {c["name"] for c in sandbox.commands.offered(house.ops)})
        await house.monitor.chosen.load()
        for name in ("health", "stats overview", "why", "alerts active", "digest schedule", "monitoring status",
                     "monitoring setup", "privacy me"):  # fmt: skip
            answer = await sandbox.command(house.people["owner"], house.talk, f"green {name}")
            assert answer.message["embeds"][0]["title"], name

        await bot.unload_extension("cogs")
        assert [command.name for command in bot.tree.get_commands()] == ["health"]

    await house.monitor.close()


async def test_a_clash_of_names_is_said_and_the_rest_works(sandbox: Sandbox, tmp_path: Path) -> None:
    """In the log and in `problems`."""
    house = made(sandbox, tmp_path)
    await house.monitor.start()

    @app_commands.command(name="health", description="x")
    async def own(interaction: discord.Interaction[Any]) -> None:
        """The host's own /health."""

    async with online(sandbox, house.bot) as bot:
        bot.tree.add_command(own)
        await bot.load_extension("cogs")
        assert bot.tree.get_command("health") is own
        assert bot.tree.get_command("stats") is not None
        assert any("/health belongs to another cog" in problem for problem in house.monitor.problems)

        def told() -> int:
            return sum("/health belongs" in str(one) for one in sandbox.messages(house.ops_channel))

        await house.until("the ops channel to hear of it", lambda: told() == 1)
        await bot.unload_extension("cogs")
        await bot.load_extension("cogs")
        house.monitor.outbox.wake()
        assert told() == 1, "and of the same only once"

    await house.monitor.close()


async def test_as_a_cog_it_makes_its_own_monitor(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the environment, started and stopped with the extension; the bot gets no attribute."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/own.sqlite3")
    bot = Host(owns_tree=False)
    async with online(sandbox, bot):
        await bot.load_extension("cogs")
        cog: Any = bot.get_cog("Greenroom")
        assert cog.monitor.window("24h")
        assert not hasattr(bot, "monitor")
        assert (tmp_path / "own.sqlite3").exists()
        await bot.unload_extension("cogs")
        assert bot.get_cog("Greenroom") is None


async def test_a_wrong_setting_leaves_the_host_running(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Monitoring stays off and says why."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIMEZONE", "Atlantis/Central")
    bot: commands.Bot = Host(owns_tree=False)
    async with bot:
        await bot.load_extension("cogs")
        assert not bot.cogs

    assert "TIMEZONE is no zone known here" in caplog.text


async def test_f17_a_folder_that_cannot_be_written_leaves_the_host_running(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong while the store is opened: it is said in the log, and no exception reaches the host."""
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/file/own.sqlite3")
    tasks = len(asyncio.all_tasks())
    async with Host(owns_tree=False) as bot:
        await bot.load_extension("cogs")
        assert not bot.cogs
        assert len(asyncio.all_tasks()) <= tasks

    assert "Monitoring stays off" in caplog.text


async def test_f17_a_host_with_a_hundred_commands_is_told_so(sandbox: Sandbox, tmp_path: Path) -> None:
    """Discord takes no more; the rest of us works."""
    house = made(sandbox, tmp_path)
    await house.monitor.start()

    def another(number: int) -> app_commands.Command[Any, ..., None]:
        @app_commands.command(name=f"own-{number}", description="x")
        async def own(interaction: discord.Interaction[Any]) -> None:
            """Not ours."""

        return own

    async with online(sandbox, house.bot) as bot:
        for number in range(100):
            bot.tree.add_command(another(number))

        await bot.load_extension("cogs")
        assert bot.get_cog("Greenroom listeners") is not None
        assert any("takes 100 commands" in problem for problem in house.monitor.problems)
        await bot.unload_extension("cogs")

    await house.monitor.close()


async def test_what_was_hung_into_the_monitor_goes_with_the_extension(sandbox: Sandbox, tmp_path: Path) -> None:
    """A host's Monitor that lives on keeps no client of before: neither as notifier nor as probe."""
    house = made(sandbox, tmp_path)
    await house.monitor.start()
    async with online(sandbox, house.bot) as bot:
        await bot.load_extension("cogs")
        assert "discord" in house.monitor.notifiers
        await bot.unload_extension("cogs")
        assert "discord" not in house.monitor.notifiers
        assert "discord" not in house.monitor.service_names()

    await house.monitor.close()


async def test_without_an_ops_channel_nothing_is_put_into_the_outbox_for_it(sandbox: Sandbox, tmp_path: Path) -> None:
    """Else every notice would be given up as refused."""
    house = made(sandbox, tmp_path, alert_discord_channel_id=None)
    await house.monitor.start()
    async with online(sandbox, house.bot) as bot:
        await bot.load_extension("cogs")
        assert "discord" not in house.monitor.notifiers

    await house.monitor.close()


async def test_commands_are_registered_again_until_discord_takes_them(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Discord that fails at the start is no reason to be without commands until the next one."""
    house = made(sandbox, tmp_path)
    await house.monitor.start()
    monkeypatch.setattr("cogs.monitor.REGISTER_AGAIN", 0.01)
    async with online(sandbox, house.bot) as bot:
        for command in await bot.tree.fetch_commands():
            await command.delete()

        sandbox.faults.status(503, "/commands$", 3)
        await bot.load_extension("cogs")
        await house.until("the failure", lambda: any("registered" in one for one in house.monitor.problems))
        await house.until("our commands", lambda: {c["name"] for c in sandbox.commands.offered(house.ops)} >= OURS)
        await house.until("the end of it", lambda: not any("registered" in one for one in house.monitor.problems))
        await bot.unload_extension("cogs")

    sandbox.faults.clear()
    await house.monitor.close()


async def test_our_own_bot_notices_that_its_commands_were_cleared(sandbox: Sandbox, tmp_path: Path) -> None:
    """The payload is the same as the last time, but Discord does not have it any more."""
    house = made(sandbox, tmp_path)
    house.bot = Host(house.monitor)
    await house.monitor.start()
    async with online(sandbox, house.bot) as bot:
        for _ in range(2):
            await bot.load_extension("cogs")
            await house.until("our commands", lambda: {c["name"] for c in sandbox.commands.offered(None)} >= OURS)
            cog: Any = bot.get_cog("Greenroom")
            await asyncio.wait({cog._registering})
            await bot.unload_extension("cogs")
            for command in await bot.tree.fetch_commands():
                await command.delete()

    await house.monitor.close()


class ShardedHost(commands.AutoShardedBot):
    """A big bot of somebody else's; to discord.py it is no `commands.Bot`."""

    def __init__(self, house: House) -> None:
        super().__init__("!", intents=discord.Intents.default(), guild_ready_timeout=0.02, shard_count=2)
        self.monitor = house.monitor

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Does not wait."""


async def test_it_works_in_a_bot_of_shards(sandbox: Sandbox, tmp_path: Path) -> None:
    """Loaded before the login: commands answer, personas of all shards are heard, each shard is watched."""
    house = made(sandbox, tmp_path)
    house.bot = ShardedHost(house)  # type: ignore[assignment]  # another kind of bot
    await house.monitor.start()
    hooks = [sandbox.add_webhook(channel, "personas") for channel in (house.talk, house.other_channel)]
    await house.bot.load_extension("cogs")
    async with online(sandbox, house.bot) as bot:
        await house.until("our commands", lambda: {c["name"] for c in sandbox.commands.offered(house.ops)} >= OURS)
        for hook in hooks:
            await sandbox.persona_say(hook, f"Persona {hook}", "hello")

        await house.until("both", lambda: len(house.monitor.registry.names()) == 2)
        answer = await sandbox.command(house.people["manager"], house.talk, "health")
        assert answer.message["embeds"][0]["title"]
        await house.monitor.rounds.ask_all()
        discords = next(one for one in house.monitor.rounds.services() if one.name == "discord")
        assert ("shards", "2") in discords.facts
        await bot.unload_extension("cogs")

    await house.monitor.close()
