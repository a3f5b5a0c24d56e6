"""Clean-up deletes nothing because of a jump: a real store, a clock that is set, and starts and stops (F10)."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from hypothesis import given, settings

from monitoring.model import DAY, HOUR, MINUTE
from monitoring.store import SQLiteStore
from tests.store.building import message_batch, rows_of
from tests.thorough import examples

from .walls import EVENTS, TRUE, YEAR, Event, Walls, never_a_day_ahead


@asynccontextmanager
async def opened(path: Path, walls: Walls) -> AsyncIterator[SQLiteStore]:
    """The store in use."""
    store = SQLiteStore(path, clock=walls, busy_ms=50)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store lies."""
    return tmp_path / "monitoring.sqlite3"


def left(path: Path) -> tuple[int, int]:
    """Messages and steps that are there."""
    ((messages,),) = rows_of(path, "SELECT count(*) FROM message")
    ((steps,),) = rows_of(path, "SELECT count(*) FROM segment")
    assert isinstance(messages, int)
    assert isinstance(steps, int)
    return messages, steps


@pytest.mark.parametrize("jump", [8 * DAY, YEAR, 20 * YEAR])
async def test_f10_a_clock_set_forward_deletes_nothing(path: Path, jump: int) -> None:
    """Not at once, not after restarts, not in twenty hours; set right again, all is as it was."""
    walls = Walls()
    async with opened(path, walls) as store:
        await store.append(message_batch(1, [TRUE - 6 * DAY, TRUE - 47 * HOUR, TRUE]))
        await store.tend(walls.now())
        before = left(path)
        walls.wrong = jump
        await store.tend(walls.now())
        assert left(path) == before

    for _ in range(20):
        async with opened(path, walls) as store:
            walls.run(HOUR)
            await store.tend(walls.now())

    assert left(path)[0] == before[0]
    walls.wrong = 0
    async with opened(path, walls) as store:
        await store.tend(walls.now())
        assert len(await store.messages(TRUE - 7 * DAY, TRUE + 1)) == 3


async def test_f10_what_is_recorded_under_a_wrong_clock_is_kept(path: Path) -> None:
    """Discord stamps its messages itself: they are not a year old because our clock is a year ahead."""
    walls = Walls(wrong=0)
    async with opened(path, walls) as store:
        walls.wrong = YEAR
        await store.append(message_batch(1, [walls.true, walls.true - HOUR]))
        await store.tend(walls.now())
        walls.wrong = 0
        assert len(await store.messages(TRUE - DAY, TRUE + 1)) == 2
        minutes = await store.series("message", TRUE - 2 * HOUR, TRUE + 1, MINUTE)
        assert minutes.sum().count == 2


async def test_f10_a_clock_set_back_hides_and_deletes_nothing(path: Path) -> None:
    """What was recorded before lies in the future then; when that has come, it is there."""
    walls = Walls()
    async with opened(path, walls) as store:
        await store.append(message_batch(1, [TRUE - DAY, TRUE]))
        await store.tend(walls.now())
        before = left(path)
        walls.wrong = -YEAR
        for _ in range(5):
            walls.run(HOUR)
            await store.append(message_batch(walls.ran, [walls.now()]))
            await store.tend(walls.now())
            assert (await store.series("message", walls.now() - HOUR, walls.now() + 1, MINUTE)).sum().count

        walls.wrong = 0
        assert len(await store.messages(TRUE - 2 * DAY, TRUE + 1)) == 2
        assert left(path)[1] >= before[1]


async def test_f10_clean_up_goes_on_after_an_absence(path: Path) -> None:
    """A month off: what is past its time goes when the new time has stood for a day of running."""
    walls = Walls()
    async with opened(path, walls) as store:
        await store.append(message_batch(1, [TRUE]))

    walls.sleep(30 * DAY)
    async with opened(path, walls) as store:
        await store.tend(walls.now())
        assert left(path)[0] == 1
        for _ in range(50):
            walls.run(HOUR)
            await store.tend(walls.now())

        assert left(path)[0] == 0


@pytest.mark.parametrize("spoiled", ["DELETE FROM document", 'UPDATE document SET body = \'{"at": "noon"}\''])
async def test_f10_a_store_that_does_not_know_the_time_waits(path: Path, spoiled: str) -> None:
    """One that an older version wrote goes by its newest step until the clock has stood for a day."""
    walls = Walls()
    async with opened(path, walls) as store:
        await store.append(message_batch(1, [TRUE]))
        await store.tend(walls.now())

    with closing(sqlite3.connect(path)) as db:
        db.execute(f"{spoiled} WHERE kind = 'clock'")
        db.commit()

    walls.wrong = YEAR
    for _ in range(20):
        async with opened(path, walls) as store:
            walls.run(HOUR)
            await store.tend(walls.now())

    assert left(path)[0] == 1


async def test_f10_two_processes_with_one_store_count_time_once(path: Path) -> None:
    """A bot and an import that tend the same file do not make the time pass twice as fast."""
    walls = Walls()
    async with opened(path, walls) as bot, opened(path, walls) as other:
        walls.wrong = YEAR
        await bot.append(message_batch(1, [TRUE]))
        for _ in range(22):
            walls.run(HOUR)
            await bot.tend(walls.now())
            await other.tend(walls.now())

    assert left(path)[0] == 1
    async with opened(path, walls) as bot:
        assert bot._trusted.now() == TRUE + 22 * HOUR


@settings(max_examples=examples(6), deadline=None)
@given(EVENTS)
def test_f10_nothing_goes_before_its_time(events: list[Event]) -> None:
    """Random jumps, starts and stops: a message that is not a week old is always there, one of two weeks goes."""
    asyncio.run(_nothing_goes_before_its_time(never_a_day_ahead(events)[:20]))


async def _nothing_goes_before_its_time(events: list[Event]) -> None:
    walls = Walls()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "monitoring.sqlite3"
        store = SQLiteStore(path, clock=walls, busy_ms=50)
        await store.open()
        written: list[int] = []
        for kind, amount in events:
            if kind == "run":
                walls.run(amount)
                await store.append(message_batch(len(written) + 1, [walls.true]))
                written.append(walls.true)
            elif kind == "set":
                walls.wrong = amount
            else:
                await store.close()
                walls.sleep(amount)
                await store.open()

            await store.tend(walls.now())
            young = sum(at > walls.true - 7 * DAY for at in written)
            assert left(path)[0] >= young

        walls.wrong = 0
        for _ in range(2 * 11):
            walls.run(12 * HOUR)
            await store.tend(walls.now())

        assert left(path)[0] == 0
        await store.close()
