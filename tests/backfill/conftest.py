"""Our bot in the demo's guilds, whose channels hold a history that it has not heard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest_asyncio

from monitoring.model import DAY, MINUTE, SECOND, Instant
from monitoring.sandbox import Sandbox
from monitoring.sandbox.snowflakes import iso
from monitoring.sandbox.world import Channel, World, build_world
from tests.conftest import Stage, on_stage, settings_for, until


@dataclass
class Town:
    """A stand-in for Discord with people and channels."""

    sandbox: Sandbox
    world: World
    now: Instant
    store: Path
    written: dict[int, list[int]] = field(default_factory=dict)
    """Ids of messages by channel."""

    def talk(self, channel: Channel, many: int, *, begin: Instant | None = None, every: int = 4 * MINUTE) -> None:
        """Users ask and personas answer, so many messages one after the other."""
        at = begin if begin is not None else self.now - many * every - DAY
        for number in range(many):
            when = at + number * every
            if number % 2:
                name = self.world.personas[number % 3].name
                found = self.sandbox.remember(
                    channel.id, channel.webhook_id, f"Well, {number}.", when, webhook_id=channel.webhook_id, name=name
                )
            else:
                who = self.world.people[number % 7].id
                found = self.sandbox.remember(channel.id, who, f"What of {number}?", when + every - 5 * SECOND)

            self.written.setdefault(channel.id, []).append(found)

    def thread(self, channel: Channel, name: str, *, archived: bool) -> Channel:
        """A thread below a channel."""
        state = self.sandbox.state
        parent, number = state.channel(channel.id), state.ids.new(self.now - 20 * DAY)
        metadata = {"archived": archived, "auto_archive_duration": 1440, "archive_timestamp": iso(self.now - 1000)}
        state.channels[number] = state.guild(channel.guild_id).threads[number] = {
            "id": str(number), "type": 11, "guild_id": parent["guild_id"], "parent_id": parent["id"], "name": name,
            "owner_id": str(self.sandbox.bot_user_id), "last_message_id": None, "rate_limit_per_user": 0, "flags": 0,
            "message_count": 0, "member_count": 1, "total_message_sent": 0,
            "thread_metadata": metadata | {"locked": False},
        }  # fmt: skip
        return replace(channel, id=number, name=name)

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[Stage]:
        """Our bot in it, quick to read; it connects now, and knows what was written last in each channel."""
        settings = settings_for(self.sandbox, self.store, alert_discord_channel_id=self.world.ops_channel.id)
        async with on_stage(self.sandbox, settings) as running:
            quicken(running)
            yield running

    @property
    def total(self) -> int:
        """All messages that were written."""
        return sum(map(len, self.written.values()))


@pytest_asyncio.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """A town without any history."""
    sandbox = Sandbox()
    await sandbox.start()
    yield Town(sandbox, build_world(sandbox), int(sandbox.clock() * 1000), tmp_path / "store.sqlite3")
    await sandbox.close()


def quicken(stage: Stage) -> None:
    """Let it read without pauses, and show how far it is at once."""
    stage.monitor.backfill.pause = 0.0
    # By name, since the module is loaded anew with each bot.
    found: Any = stage.bot.get_cog("Greenroom backfill")
    found.every = 0.0


async def ended(stage: Stage, timeout: float = 20.0) -> None:
    """Wait until the reading has ended."""
    backfill = stage.monitor.backfill
    await until("the end of the reading", lambda: backfill.job is not None and not backfill.running, timeout)
