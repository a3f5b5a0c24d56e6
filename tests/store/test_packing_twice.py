"""Raw operations that two pack at once (as a job and a command may) are neither doubled nor lost (F15)."""

from __future__ import annotations

import pytest

from monitoring.model import HOUR
from monitoring.store import SQLiteStore, blocks
from monitoring.store.documents import Refused

from .building import NOW, response_batch


async def test_f15_packed_by_two_at_once(store: SQLiteStore) -> None:
    """Both find the same block, of two hours: the first makes two of it, and the second leaves them alone."""
    await store.append(response_batch([(NOW - HOUR, 1.0), (NOW - 1, 2.0)]))
    found = blocks.to_pack(await store._db.read(blocks.all_blocks), NOW)
    packed = blocks.repacked(await store._db.read(lambda db: blocks.bytes_of(db, found)))
    await store._db.write(lambda db: blocks.replace(db, found, packed))
    with pytest.raises(Refused):
        await store._db.write(lambda db: blocks.replace(db, found, packed))

    assert [one.duration for one in await store.operations(0, NOW)] == [1.0, 2.0]


async def test_f15_a_block_that_came_meanwhile_is_not_taken_for_one_that_went(store: SQLiteStore) -> None:
    """What is packed was let go of meanwhile, and new operations were flushed: these stay."""
    await store.append(response_batch([(NOW - 1, 1.0)]))
    found = blocks.to_pack(await store._db.read(blocks.all_blocks), NOW)
    await store._db.write(lambda db: db.execute("DELETE FROM operation_block"))
    await store.append(response_batch([(NOW - 1, 2.0)]))
    await store._operations._pack(found)
    assert [one.duration for one in await store.operations(0, NOW)] == [2.0]
