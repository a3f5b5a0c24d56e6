"""One file takes over from another, again and again, with callers coming and going: nothing is forgotten or doubled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from monitoring.model import DAY, Told
from monitoring.rows import Change, Document
from tests.conftest import until
from tests.store.building import NOW, message_batch, response_batch

from . import causes
from .causes import side
from .test_f11_found_while_running import AFTER, BEFORE, STAMP, Running, running

__all__ = ["running"]

ALL = {*range(1, BEFORE + 1), *range(5_000, 5_000 + AFTER)}


def _aside(it: Running) -> bool:
    return side(it.path, f".corrupt-{STAMP}").exists()


def _in_place(it: Running) -> bool:
    return it.path.read_bytes()[:6] == b"SQLite"


def _told(it: Running) -> bool:
    return bool(it.told)


Stage = int | Callable[[Running], bool]
"""Turns of the loop, or what can be seen of the takeover."""
STAGES: dict[str, Stage] = {
    "at once": 0,
    "after a turn": 1,
    "after two": 2,
    "after five": 5,
    "moved aside": _aside,
    "another in place": _in_place,
    "told": _told,
}


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES.keys())
async def test_f11_cancelled_callers_leave_a_sound_store(running: Running, stage: Stage) -> None:
    """A host that goes away amid a takeover, however far it is, leaves nothing half done."""
    causes.first_page(running.path)
    going = asyncio.create_task(running.numbers())
    if callable(stage):
        await until("the takeover", lambda: stage(running), 60)
    else:
        for _ in range(stage):
            await asyncio.sleep(0)

    going.cancel()
    await asyncio.wait([going])

    await running.store.append(message_batch(9_001, [NOW]))
    assert await running.numbers() == {*ALL, 9_001}
    assert await running.counted() == BEFORE + AFTER + 1
    await running.state_is_as_it_was()
    assert len(running.told) == 1


async def test_f11_rows_are_back_without_another_write(running: Running) -> None:
    """The file that takes over has the raw rows at once: a kill before the next batch must not cost them."""
    causes.first_page(running.path)
    assert await running.numbers() == ALL


async def test_f11_one_takeover_after_another_forgets_and_doubles_nothing(running: Running) -> None:
    """From the backup, then a copy of that, then the backup again: rows, operations and figures are there once."""
    batch = response_batch([(NOW, 1.0), (NOW, 2.0)])
    batch.told.append(Told("level", NOW, "Luna", value=3))
    await running.store.append(batch)
    for number, cause in enumerate((causes.first_page, causes.replaced, causes.replaced, causes.first_page)):
        cause(running.path)
        await running.store.save([Change(Document("note", str(number), 0, {}))])
        assert len(running.told) == number + 1
        assert await running.numbers() == ALL
        assert await running.counted() == BEFORE + AFTER
        assert len(await running.store.operations(0, NOW + DAY)) == 2
        assert [one.value for one in await running.store.told(0, NOW + DAY)] == [3]
        await running.state_is_as_it_was()

    assert len(await running.store.load("note")) == 4
