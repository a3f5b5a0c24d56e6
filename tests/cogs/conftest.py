"""The real discord.py client with our cogs, against the local stand-in for Discord, with people of every level."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import discord
import pytest
import pytest_asyncio
import yarl
from discord.ext import commands

from monitoring.interfaces import SystemClock
from monitoring.model import Instant, Recorded, Seen
from monitoring.monitor import Monitor
from monitoring.recording.unread import read
from monitoring.sandbox import Sandbox
from monitoring.settings import Settings


class PatientClock(SystemClock):
    """The machine's clock, whose monotonic side can be moved on."""

    ahead = 0.0

    def monotonic(self) -> float:
        """Seconds, with what was waited for in between."""
        return super().monotonic() + self.ahead


class Host(commands.Bot):
    """A bot of somebody else's, or ours when it owns its tree."""

    def __init__(self, monitor: Monitor | None = None, *, owns_tree: bool = True) -> None:
        intents = discord.Intents.default()
        intents.message_content = True
        super().__init__("!", intents=intents, guild_ready_timeout=0.02, help_command=None)
        self.greenroom_owns_tree = owns_tree
        if monitor is not None:
            self.monitor = monitor

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Does not wait."""


@dataclass
class House:
    """Two guilds and people of every level; in `ops` is the ops channel."""

    sandbox: Sandbox
    monitor: Monitor
    clock: PatientClock
    bot: Host
    ops: int
    ops_channel: int
    talk: int
    other: int
    other_channel: int
    people: dict[str, int]
    facts: list[Seen] = field(default_factory=list)

    async def until(self, what: str, test: object, timeout: float = 5.0) -> None:
        """Wait until `test()` says yes."""
        assert callable(test)
        try:
            async with asyncio.timeout(timeout):
                while not test():  # noqa: ASYNC110 - what happens in the stand-in sets no event
                    await asyncio.sleep(0.01)
        except TimeoutError:
            pytest.fail(f"waited in vain for {what}; refused: {self.sandbox.refused}")


@pytest.fixture(scope="module")
def pointed() -> Iterator[pytest.MonkeyPatch]:
    """Lets discord.py talk to another address for one module of tests."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(pointed: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    """A stand-in for Discord that discord.py talks to."""
    place = Sandbox()
    await place.start()
    pointed.setattr(discord.http.Route, "BASE", place.api_url)
    pointed.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(place.gateway_url))
    yield place
    await place.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Our bot, logged in, with its commands known to the stand-in and offered to everybody, as an admin may set it."""
    made = build(sandbox, tmp_path_factory.mktemp("house") / "store.sqlite3")
    await made.monitor.start()
    record = made.monitor.recorder.record

    def listened(seen: Recorded) -> None:
        made.facts.append(cast("Seen", read(seen)))
        record(seen)

    made.monitor.recorder.record = listened  # type: ignore[method-assign]
    async with made.bot:
        await made.bot.login(sandbox.token)
        await made.bot.load_extension("cogs")
        connected = asyncio.create_task(made.bot.connect())
        await made.until("the bot", made.bot.is_ready)
        await made.until("the commands", lambda: sandbox.commands.offered(made.ops))
        for command in sandbox.commands.offered(made.ops):
            command["default_member_permissions"] = None

        yield made

    await asyncio.wait({connected})
    await made.monitor.close()


def build(sandbox: Sandbox, path: Path) -> House:
    """Guilds, channels, roles and people; a Monitor that is not started, a bot that is not logged in."""
    ops, other = (
        sandbox.add_guild("Ops", sandbox.add_user("boss")),
        sandbox.add_guild("Elsewhere", sandbox.add_user("lord")),
    )
    ops_channel, talk = sandbox.add_channel(ops, "bot-ops"), sandbox.add_channel(ops, "general")
    other_channel = sandbox.add_channel(other, "general")
    roles = {name: sandbox.add_role(ops, name) for name in ("operator", "viewer", "pinged")}
    managers = {guild: sandbox.add_role(guild, "manager", ["manage_guild"]) for guild in (ops, other)}
    people = {"owner": sandbox.owner_id}
    for name in ("operator", "viewer", "manager", "member"):
        people[name] = sandbox.add_user(name)

    sandbox.add_member(ops, people["owner"])
    sandbox.add_member(other, people["owner"])
    sandbox.add_member(ops, people["operator"], [roles["operator"]])
    sandbox.add_member(other, people["operator"])
    sandbox.add_member(ops, people["viewer"], [roles["viewer"]])
    sandbox.add_member(ops, people["manager"], [managers[ops]])
    sandbox.add_member(other, people["manager"], [managers[other]])
    sandbox.add_member(ops, people["member"])
    sandbox.add_member(other, people["member"])
    clock = PatientClock()
    settings = Settings(
        _env_file=None,
        alert_discord_channel_id=ops_channel,
        database_url=f"sqlite:///{path}",
        operator_role_ids=(roles["operator"],),
        viewer_role_ids=(roles["viewer"],),
        ping_role_ids=(roles["pinged"],),
        alert_grace_seconds=0,
        alert_for_seconds=0,
    )  # type: ignore[call-arg]  # pydantic-settings takes _env_file
    monitor = Monitor(settings, clock=clock)
    return House(sandbox, monitor, clock, Host(monitor), ops, ops_channel, talk, other, other_channel, people)


def at_of(snowflake: int) -> Instant:
    """When the thing of this id was made."""
    return (snowflake >> 22) + 1_420_070_400_000
