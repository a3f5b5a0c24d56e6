"""Appending: all or nothing, once only, and never lost once it is acknowledged."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from monitoring.errors import StoreError
from monitoring.interfaces import Batch
from monitoring.model import DAY, HOUR, MINUTE, SECOND, ErrorKind, OperationDone
from monitoring.rollup import MICRO
from monitoring.rows import ExchangeRow, MessageChange, MessageRow, Presence
from monitoring.store import SQLiteStore, journal

from .building import NOW, add, columns_of, message_batch, response_batch, rows_of
from .conftest import StillClock

FULL = MessageRow(
    10, 1, 2, NOW, persona="Mira", length=5, words=2, question=True, emoji=1, mentions=3, sentiment=-0.25,
    reference_id=9, addressed=("Söl", "Mira"), named_users=("u2", "u1"), answers=8, chunk_of=7, placeholder=True,
    failed=True, command=True,
)  # fmt: skip


async def test_message_comes_back_as_it_went_in(store: SQLiteStore) -> None:
    """Every field of a message is there again, users and names in their order."""
    plain = MessageRow(11, 1, 2, NOW + 1, user="u1")
    await store.append(Batch(messages=[plain, FULL]))

    assert await store.messages(NOW, NOW + 2) == [FULL, plain]
    assert await store.messages(NOW, NOW + 1) == [FULL]


async def test_stored_message_is_left_as_it_is(store: SQLiteStore) -> None:
    """A message that comes again (a backfill over live history) changes nothing."""
    await store.append(Batch(messages=[FULL]))
    await store.append(Batch(messages=[MessageRow(10, 1, 2, NOW, user="u9", length=99)]))

    assert await store.messages(NOW, NOW + 1) == [FULL]


async def test_change_sets_only_what_it_names(store: SQLiteStore, path: Path) -> None:
    """What became known later is set, what is None stays; a change of an unknown message is no error."""
    await store.append(Batch(messages=[FULL]))
    change = MessageChange(10, answered=False, edited_at=NOW + 5, length=0, failed=False)
    await store.append(Batch(changes=[change, MessageChange(404, answered=True)]))

    (message,) = await store.messages(NOW, NOW + 1)
    assert (message.length, message.failed, message.words, message.answers) == (0, False, 2, 8)
    assert rows_of(path, "SELECT id, answered, edited_at, deleted_at FROM message") == [(10, 0, NOW + 5, None)]


async def test_operations_are_kept_in_order_of_time(store: SQLiteStore) -> None:
    """Operations of the same millisecond, or older than those before, are all kept and read in order of time."""
    done = OperationDone("llm", "llm_inference", NOW, 1.25, ErrorKind.TIMEOUT, cost=7, first_token=0.5)
    early = OperationDone("tts", "tts_generation", NOW - HOUR, 0.000001)
    await store.append(Batch(operations=[columns_of(done, done), columns_of(early)]))
    await store.append(Batch(operations=[columns_of(done)]))

    assert list(await store.operations(NOW - DAY, NOW + 1)) == [early, done, done, done]
    assert list(await store.operations(NOW - DAY, NOW)) == [early]


async def test_exchange_is_replaced_when_its_outcome_is_known(store: SQLiteStore, path: Path) -> None:
    """An exchange that comes again with its outcome takes the place of the undecided one."""
    exchange = ExchangeRow(5, 1, 2, NOW, NOW + 9, 3, 4, "Mira", "Söl", ("Mira", "Söl"))
    decided = ExchangeRow(5, 1, 2, NOW, NOW + 9, 3, 4, "Mira", "Söl", ("Mira", "Söl"), success=True)
    await store.append(Batch(exchanges=[exchange]))
    await store.append(Batch(exchanges=[decided]))

    assert rows_of(path, "SELECT id, turns, success FROM exchange") == [(5, 3, 1)]


async def test_empty_batch_writes_nothing(store: SQLiteStore, path: Path) -> None:
    """An empty flush touches nothing."""
    await store.append(Batch())

    assert rows_of(path, "SELECT count(*) FROM journal") == [(0,)]


async def test_f11_locked_store_leaves_the_batch_with_the_caller(store: SQLiteStore, path: Path) -> None:
    """While another process holds the lock, append raises and writes nothing; the next one goes through."""
    batch = message_batch(1, [NOW])
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError):
            await store.append(batch)

        other.execute("ROLLBACK")

    await store.append(batch)
    assert (await store.series("message", NOW, NOW + 1, MINUTE)).sum().count == 1


async def test_f11_full_disk_leaves_the_batch_with_the_caller(store: SQLiteStore, path: Path) -> None:
    """When SQLite rolls back because the disk is full, nothing of the batch is there, and later all of it."""
    batch = response_batch([(NOW + i, 1.0) for i in range(5_000)])
    writer = store._db._writer  # The only way to a full disk without one: a limit on this connection's pages.
    if writer is None:
        await store.append(message_batch(1, [NOW]))
        writer = store._db._writer

    assert writer is not None
    await writer.execute_fetchall("PRAGMA max_page_count = 1")
    with pytest.raises(StoreError, match="full"):
        await store.append(batch)

    assert len(await store.operations(NOW, NOW + DAY)) == 0
    await writer.execute_fetchall("PRAGMA max_page_count = 1000000")
    await store.append(batch)
    assert len(await store.operations(NOW, NOW + DAY)) == 5_000
    assert (await store.series("response", NOW, NOW + 1, MINUTE)).sum().count == 5_000


async def test_failing_row_undoes_the_whole_batch(store: SQLiteStore, path: Path) -> None:
    """A batch of which one row cannot be written leaves nothing behind, not even its names."""
    batch = Batch(messages=[FULL], presences={Presence(NOW, 1, "Mira", "u1")})
    batch.exchanges.append(ExchangeRow(2**70, 1, 2, NOW, NOW, 1, 1, "Mira", "Mira", ("Mira",)))
    with pytest.raises((StoreError, OverflowError)):
        await store.append(batch)

    assert await store.messages(0, NOW + 1) == []
    assert rows_of(path, "SELECT count(*) FROM name") == [(0,)]
    batch.exchanges.clear()
    await store.append(batch)
    assert await store.messages(0, NOW + 1) == [FULL]


async def test_cancelled_append_is_carried_through(store: SQLiteStore, clock: StillClock, path: Path) -> None:
    """A flush that is cancelled at shutdown has handed its batch over: it is written once, wholly."""
    task = asyncio.create_task(store.append(message_batch(1, [NOW, NOW + 1])))
    while not store._db._under_way:  # noqa: ASYNC110 - until the transaction has begun; nothing tells of it.
        await asyncio.sleep(0)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await store.close()
    again = SQLiteStore(path, clock=clock)
    await again.open()
    assert (await again.series("message", NOW, NOW + 1, MINUTE)).sum().count == 2
    assert len(await again.messages(NOW, NOW + 2)) == 2
    await again.close()


async def test_closed_store_says_so(path: Path, clock: StillClock) -> None:
    """After close every call raises StoreError, and no thread is left."""
    others = set(threading.enumerate())
    store = SQLiteStore(path, clock=clock)
    await store.open()
    await store.close()

    with pytest.raises(StoreError, match="closed"):
        await store.append(message_batch(1, [NOW]))

    with pytest.raises(StoreError, match="closed"):
        await store.messages(0, NOW)

    await store.close()
    left = set(threading.enumerate()) - others
    assert not [thread for thread in left if thread.name.startswith("monitoring-store")]


FORGETFUL = """
import asyncio, sys
from monitoring.store import SQLiteStore
from tests.store.building import NOW, message_batch
from tests.store.conftest import StillClock

async def main():
    store = SQLiteStore(sys.argv[1], clock=StillClock())
    await store.open()
    await store.append(message_batch(1, [NOW]))
    raise SystemExit(7)

asyncio.run(main())
"""


async def test_program_ends_though_nobody_closed_its_store(path: Path, clock: StillClock) -> None:
    """A program that an error ends amid its work ends at once, and what it had appended is there."""
    root = Path(__file__).parent.parent.parent
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FORGETFUL, str(path), cwd=root, env={**os.environ, "PYTHONPATH": str(root)}
    )
    try:
        assert await asyncio.wait_for(child.wait(), 30) == 7
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()

    store = SQLiteStore(path, clock=clock)
    await store.open()
    assert len(await store.messages(NOW, NOW + 1)) == 1
    await store.close()


async def test_f11_damaged_row_in_memory_is_read_from_the_store(path: Path, clock: StillClock) -> None:
    """When a row of the journal cannot be read in memory, closing folds it from the store and leaves no thread."""
    others = set(threading.enumerate())
    store = SQLiteStore(path, clock=clock)
    await store.open()
    batch = message_batch(1, [NOW])
    await store.append(batch)
    store._rollups.added(1, journal.encode(batch.deltas, {})[:-3])
    await store.close()
    assert rows_of(path, "SELECT (SELECT count(*) FROM journal), (SELECT count(*) FROM set_aside)") == [(0, 0)]
    assert rows_of(path, "SELECT count(*) FROM segment") == [(3,)]

    with pytest.raises(StoreError, match="closed"):
        await store.messages(0, NOW)

    left = set(threading.enumerate()) - others
    assert not [thread for thread in left if thread.name.startswith("monitoring-store")]


CHILD = """
import asyncio, sys
from pathlib import Path
from monitoring.store import SQLiteStore
from tests.store.building import NOW, message_batch, response_batch
from tests.store.conftest import StillClock

async def main():
    store = SQLiteStore(sys.argv[1], clock=StillClock())
    await store.open()
    for i in range(100_000):
        batch = message_batch(int(sys.argv[2]) + 10 * i, [NOW - 1_000 * j * i for j in range(10)])
        await store.append(batch)
        print(int(sys.argv[2]) + 10 * i, flush=True)
        if i % 7 == 6:
            await store.tend(NOW)

asyncio.run(main())
"""


async def test_f1_killed_store_has_all_it_acknowledged(path: Path, clock: StillClock) -> None:
    """Killed amid appends and folds: every acknowledged row is there, and rollups equal a recount of the rows."""
    root = Path(__file__).parent.parent.parent
    for turn in range(3):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD, str(path), str(1_000_000 * turn + 1),
            cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert child.stdout is not None
        acknowledged = [int(await child.stdout.readline()) for _ in range(20 + 11 * turn)]
        child.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in (await child.stdout.read()).split(b"\n")[:-1]]
        await child.wait()

        store = SQLiteStore(path, clock=clock, raw_days=30)
        await store.open()
        assert store.mended == ""
        stored = {message.id for message in await store.messages(0, NOW + 1)}
        assert {first + j for first in acknowledged for j in range(10)} <= stored
        counted = (await store.series("message", NOW - 40 * 24 * HOUR, NOW + MINUTE, 0)).sum()
        assert (counted.count, counted.total) == (len(stored), 40 * MICRO * len(stored))
        await store.close()


async def test_what_was_appended_outlives_a_restart_unfolded(path: Path, clock: StillClock) -> None:
    """A process that ends without closing leaves its rollups in the journal, and the next one shows them."""
    store = SQLiteStore(path, clock=clock)
    await store.open()
    await store.append(response_batch([(NOW - SECOND, 2.0)]))
    await store._let_go()  # As if killed: nothing is folded.

    again = SQLiteStore(path, clock=clock)
    await again.open()
    assert rows_of(path, "SELECT count(*) FROM journal") == [(1,)]
    assert (await again.series("response", NOW - HOUR, NOW, HOUR)).sum().mean == 2.0
    await again.close()
    assert rows_of(path, "SELECT count(*) FROM journal") == [(0,)]


async def test_many_small_flushes_fold_by_themselves(store: SQLiteStore, path: Path) -> None:
    """Nobody has to ask: after some hundred flushes the journal is folded beside the appends."""
    for i in range(260):
        batch = Batch()
        add(batch, "event", NOW + i, ("resume", "1"), 1.0)
        await store.append(batch)

    assert store._fold is not None
    await store._fold
    ((left,),) = rows_of(path, "SELECT count(*) FROM journal")
    assert left < 240  # type: ignore[operator]
    assert (await store.series("event", NOW, NOW + 1, MINUTE)).sum().count == 260
