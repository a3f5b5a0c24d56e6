"""What goes by itself in a running bot: old backups after a deletion, and the mark of guilds that were left."""

from __future__ import annotations

import asyncio

import pytest

from monitoring.model import DAY
from monitoring.monitor import Monitor
from monitoring.sandbox.world import World
from tests.conftest import PatientClock, Stage, until

from .conftest import ANNA, BERT, asks


async def test_backups_from_before_a_deletion_are_gone_after_seven_days(monitor: Monitor, clock: PatientClock) -> None:
    """With a backup every day, the last one that had the person is removed in time; the newer ones stay."""
    folder = monitor.store.path.parent / "backups"
    asks(monitor, 100, ANNA)
    await monitor.recorder.flush()
    user = monitor.user_hash.of(ANNA).encode()
    # The monitor may be making one of its own, from before she wrote, beside which no other is begun.
    making = monitor.store._backup
    await until("that one", lambda: making._under_way is None or making._under_way.done())
    for day in range(9):
        await monitor.store.tend(clock.now(), backup=True)
        if day == 1:
            await monitor.privacy.delete(ANNA)

        clock.ahead += DAY / 1000
        await monitor.privacy.tend()
        found = [path for path in folder.iterdir() if user in path.read_bytes()]
        assert bool(found) is (day < 7), day
        assert list(folder.iterdir())

    assert await monitor.store.load("deletion") == [], "that something was deleted is forgotten, too"


async def test_without_a_newer_one_the_last_backup_goes_all_the_same(monitor: Monitor, clock: PatientClock) -> None:
    """A promise to a person counts more than a backup of a week ago."""
    asks(monitor, 100, BERT)
    await monitor.recorder.flush()
    await monitor.store.tend(clock.now(), backup=True)
    await monitor.privacy.delete(BERT)
    clock.ahead += 7 * DAY / 1000 + 1
    await monitor.privacy.tend()

    # One that the jump of the clock set off may be in the making.
    assert list((monitor.store.path.parent / "backups").glob("*.sqlite3")) == []


@pytest.mark.asyncio(loop_scope="module")
async def test_leaving_a_guild_is_written_down_until_the_bot_is_back(stage: Stage, world: World) -> None:
    """Through Discord's own events, and back."""
    monitor, left = stage.monitor, world.guilds[1].id
    stage.sandbox.leave_guild(left)

    async def marked(wanted: list[str]) -> None:
        async with asyncio.timeout(5):
            while [one.key for one in await monitor.store.load("guild_left")] != wanted:  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.01)

    await marked([str(left)])
    stage.bot.dispatch("ready")
    await asyncio.sleep(0)
    await marked([str(left)])
    guild = stage.sandbox.state.guild(left)
    guild.has_bot = True
    stage.sandbox.add_member(left, world.bot_user_id)
    stage.sandbox.gateway.dispatch("GUILD_CREATE", stage.sandbox._created(guild), guild_id=left)
    await marked([])
