"""Killed (SIGKILL) while history is read: the next start goes on, and every message counts once."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from asyncio.subprocess import PIPE
from contextlib import suppress
from pathlib import Path

from monitoring.model import DAY, HOUR, MINUTE
from monitoring.store.sqlite import SQLiteStore
from tests.backfill.conftest import Town
from tests.backfill.exports import export, save
from tests.backfill.reading import everything, life
from tests.backfill.scripts import Line, told
from tests.backfill.test_history import SCRIPT
from tests.backfill.test_reading import PAGES
from tests.conftest import PatientClock, until
from tests.host.bot_process import bot_process, connection

KILLS = int(os.environ.get("BACKFILL_KILLS", "1"))
"""How often more than needed it is killed, where there is time."""
LONG = [line for number in range(20) for line in (Line(37 + number, "cleo", "hm"), *SCRIPT)]


async def test_f15_killed_at_any_moment(tmp_path: Path) -> None:
    """Figures, rows, answers and conversations are those of one undisturbed reading."""
    messages, chance = told(LONG), random.Random(KILLS)
    path, store = save(tmp_path / "lobby.json", export(messages)), tmp_path / "killed.sqlite3"
    for _ in range(2 * KILLS):
        await _worker(store, path, chance.random() * 0.4)

    assert await _worker(store, path, None) == "read"
    async with life(tmp_path / "whole.sqlite3") as one:
        await one.read(messages)
        expected = await everything(one.store, "topic", "banter_topic")

    async with life(store) as one:
        assert await everything(one.store, "topic", "banter_topic") == expected


async def _worker(store: Path, path: Path, kill_after: float | None) -> str:
    """One life, killed so many seconds after it begins to read; the last thing it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.backfill.worker", str(store), str(path), stdout=PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()
    if kill_after is not None:
        await asyncio.sleep(kill_after)
        # Unless it was quicker.
        with suppress(ProcessLookupError):
            process.kill()

    said, _ = await process.communicate()
    return said.decode().strip()


async def test_f15_the_bot_is_killed_while_it_reads(town: Town, tmp_path: Path) -> None:
    """The next start goes on by itself; each message is counted, and none twice."""
    for channel in town.world.channels[:2]:
        town.talk(channel, 450, begin=town.now - 3 * DAY, every=MINUTE)

    settings = connection(town.sandbox.api_url, town.sandbox.gateway_url, town.sandbox.token, town.store)
    settings["ALERT_DISCORD_CHANNEL_ID"] = town.world.ops_channel.id
    for number in range(KILLS):
        async with bot_process(tmp_path, settings):
            await town.sandbox.until(lambda: town.sandbox.commands.offered(None), timeout=30)
            if number == 0:
                ops = town.world.ops_channel.id
                answer = await town.sandbox.command(town.world.owner_id, ops, "monitoring backfill", {"days": 7})
                assert answer.error is None

            least = town.sandbox.requests[PAGES] + 2
            await until("some pages", lambda least=least: town.sandbox.requests[PAGES] >= least, 30)

    async with bot_process(tmp_path, settings):
        await until("the last word", lambda: "messages counted" in _ops(town), 40)

    await _holds(town)


def _ops(town: Town) -> str:
    return str([one["embeds"] for one in town.sandbox.messages(town.world.ops_channel.id)])


async def _holds(town: Town) -> None:
    store = SQLiteStore(town.store, clock=PatientClock(), read_only=True)
    await store.open()
    try:
        now = town.now
        figures = (await store.series("message", now - 8 * DAY, now + HOUR, 0)).steps[0]
        rows = await store.messages(now - 8 * DAY, now + HOUR)
        answers = (await store.series("answered", now - 8 * DAY, now + HOUR, 0)).steps[0]
        written = sorted(number for numbers in town.written.values() for number in numbers)
        assert sum(rollup.count for rollup in figures.values()) == town.total
        assert sorted(row.id for row in rows) == written
        assert sum(rollup.count for rollup in answers.values()) == sum(row.answers is not None for row in rows)
    finally:
        await store.close()
