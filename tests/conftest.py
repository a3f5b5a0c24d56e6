"""What whole-product tests share: a stand-in for Discord, its people, and our bot running against it, quickly."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import gc
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from discord.gateway import DiscordWebSocket
from discord.http import Route
from hypothesis import HealthCheck, settings

from bot import GreenroomBot, point_client
from monitoring.interfaces import SystemClock
from monitoring.model import Instant
from monitoring.monitor import Monitor
from monitoring.sandbox import Answer, Sandbox
from monitoring.sandbox.world import World, build_world
from monitoring.settings import Settings, load_settings

from .forked_drawing import _drawing_when_asked, drawing_anew  # noqa: F401 - fixtures
from .forking import ADDRESS, forking
from .thorough import examples

# How long an example takes says more of what else the machine does than of the code: no test fails for that.
settings.register_profile(
    "patient", max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")

# Containers often switch it off; without it every process that tests start would compile the whole product again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

DEAR = (
    "tests/web/test_dashboard.py",
    "tests/charts/test_every_chart.py",
    "tests/benchmarks/test_benchmarks.py",
    "tests/kill/test_kills.py",
    "tests/test_bot.py",
    "tests/host/test_wheel.py",
    "tests/cli/test_screens.py",
    "tests/export/test_export.py",
    "tests/cli/test_looking.py",
    "tests/cogs/test_permission_matrix.py",
    "tests/backfill/test_reading.py",
    "tests/alerting/test_built_in.py",
    "tests/store/test_wider.py",
    "tests/export/test_http.py",
    "tests/web/test_openapi.py",
)
"""Files that take longest: they begin, so that no core waits for one of them in the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Dear files first, all others in their order."""
    rank = {name: number for number, name in enumerate(DEAR)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(DEAR)))


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: some tests wait for another process, a socket or a browser."""
    return (os.cpu_count() or 1) + 1


def pytest_configure(config: pytest.Config) -> None:
    """Workers end at once; and for all processes of tests there is one to fork from, where the system can."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        # All has been told, and taking apart what was imported and collected would take a second and more.
        atexit.register(os._exit, 0)

    if ADDRESS not in os.environ and hasattr(os, "fork"):
        source = forking()
        source.__enter__()
        config.add_cleanup(lambda: source.__exit__(None, None, None))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported and collected stays until the end: looking for garbage among it would take half the time.

    At the very end all of it is garbage, so that a library that counts what it leaves behind finds nothing.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
        gc.set_threshold(SELDOM, 10, 10)
        atexit.register(gc.unfreeze)


SELDOM = 20_000
"""So many more objects until young garbage is looked for: a test leaves little, and the end of the run finds it."""


class PatientClock(SystemClock):
    """The machine's clock, both sides of which can be moved on, so that nobody waits."""

    ahead = 0.0
    """Seconds."""

    def now(self) -> Instant:
        """The instant, with what was skipped."""
        return super().now() + round(self.ahead * 1000)

    def monotonic(self) -> float:
        """Seconds, with what was skipped."""
        return super().monotonic() + self.ahead


@dataclass(slots=True)
class Stage:
    """Our bot, logged in, with its commands known to the stand-in."""

    sandbox: Sandbox
    monitor: Monitor
    bot: GreenroomBot
    clock: PatientClock

    async def command(self, user: int, channel: int, name: str, options: dict[str, Any] | None = None) -> Answer:
        """Use a command and get what is shown; it must be answered, with nothing refused by Discord."""
        self.clock.ahead += 11
        answer = await self.sandbox.command(user, channel, name, options)
        assert answer.error is None, (name, options, answer.error, self.sandbox.refused)
        assert not self.sandbox.refused, (name, options, self.sandbox.refused)
        return answer


async def until(what: str, test: Callable[[], object], timeout: float = 5.0) -> None:
    """Wait until `test()` says yes, at most so many seconds."""
    try:
        async with asyncio.timeout(timeout):
            while not test():  # noqa: ASYNC110 - what happens in the stand-in sets no event
                await asyncio.sleep(0.01)
    except TimeoutError:
        pytest.fail(f"waited in vain for {what}")


@contextlib.contextmanager
def pointed_at(sandbox: Sandbox) -> Iterator[None]:
    """Lets discord.py of this process talk to the stand-in, and afterwards to Discord again."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    point_client(sandbox.api_url, sandbox.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


def settings_for(sandbox: Sandbox, store: Path, **more: object) -> Settings:
    """Settings of a bot that lives in the stand-in; alerts judge at once."""
    values: dict[str, object] = {
        "discord_token": sandbox.token,
        "database_url": f"sqlite:///{store}",
        "timezone": "Europe/Berlin",
        "alert_grace_seconds": 0,
        "alert_window_seconds": 30,
        "alert_for_seconds": 0,
        "performance_alert_cooldown": 0,
    }
    return load_settings(_env_file=None, **(values | more))


@contextlib.asynccontextmanager
async def on_stage(
    sandbox: Sandbox, settings: Settings, before: Callable[[Monitor], Awaitable[None]] | None = None
) -> AsyncIterator[Stage]:
    """Monitor and bot together, from ready to closed; `before` the bot comes, the monitor may be told of history."""
    clock = PatientClock()
    monitor = Monitor(settings, clock=clock)
    await monitor.start()
    try:
        if before is not None:
            await before(monitor)

        with pointed_at(sandbox):
            bot = GreenroomBot(monitor)
            bot._connection.guild_ready_timeout = 0.05
            async with bot:
                await bot.login(sandbox.token)
                connected = asyncio.create_task(bot.connect())
                await until("the bot", bot.is_ready)
                await until("the commands", lambda: sandbox.commands.offered(None))
                yield Stage(sandbox, monitor, bot, clock)

            await asyncio.wait({connected})
    finally:
        await monitor.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    """A stand-in for Discord, one for each module of tests."""
    place = Sandbox()
    await place.start()
    yield place
    await place.close()


@pytest.fixture(scope="module")
def world(sandbox: Sandbox) -> World:
    """The demo's guilds, channels, people and personas."""
    return build_world(sandbox)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(sandbox: Sandbox, world: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Our bot in that world, without any history."""
    store = tmp_path_factory.mktemp("stage") / "store.sqlite3"
    settings = settings_for(
        sandbox,
        store,
        alert_discord_channel_id=world.ops_channel.id,
        operator_role_ids=(world.guilds[0].roles["monitoring-operator"],),
        viewer_role_ids=tuple(guild.roles["monitoring-viewer"] for guild in world.guilds),
    )
    async with on_stage(sandbox, settings) as running:
        yield running
