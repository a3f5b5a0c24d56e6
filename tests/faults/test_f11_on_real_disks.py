"""A disk that takes no more, and a store that cannot be opened at the start: the bot runs on, nothing is lost."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from monitoring.errors import StoreError
from monitoring.store import SQLiteStore
from tests.conftest import until
from tests.store.building import NOW, message_batch, rows_of
from tests.store.conftest import StillClock

from . import troubles
from .host import Host

ROOT = Path(__file__).parent.parent.parent
CHILD = """
import asyncio, json, resource, sys
from pathlib import Path
from monitoring.errors import StoreError
from monitoring.store import SQLiteStore
from tests.store.building import NOW, message_batch
from tests.store.conftest import StillClock

async def main():
    path = Path(sys.argv[1])
    store = SQLiteStore(path, clock=StillClock())
    await store.open()
    await store.append(message_batch(1, [NOW]))
    limit = max(p.stat().st_size for p in path.parent.iterdir() if p.is_file())
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    refused = None
    for number in range(2, 2_000):
        batch = message_batch(10 * number, [NOW] * 10)
        try:
            await store.append(batch)
        except StoreError as error:
            refused = str(error)
            break

    read = len(await store.messages(0, NOW + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await store.append(batch)
    rows = len(await store.messages(0, NOW + 1))
    counted = (await store.series("message", NOW - 60_000, NOW + 60_000, 0)).sum().count
    await store.close()
    print(json.dumps([refused, read, rows, counted, number, store.mended]))

asyncio.run(main())
"""


async def test_f11_file_that_may_not_grow_refuses_and_goes_on(path: Path) -> None:
    """With RLIMIT_FSIZE a write is refused, reads go on, and when the limit is gone the same batch is there once."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, str(path),
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(child.communicate(), 60)
    refused, read, rows, counted, number, mended = json.loads(out)
    assert "could not write" in refused
    assert (read, rows) == (10 * (number - 2) + 1, 10 * (number - 1) + 1)
    assert counted == rows
    assert mended == ""
    assert rows_of(path, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can mount a small disk")
async def test_f11_full_disk_refuses_and_goes_on(tmp_path: Path, clock: StillClock) -> None:
    """On a disk of 2 MB that something else fills up: refused, still read, and written to when there is room."""
    folder = tmp_path / "small"
    folder.mkdir()
    troubles.small_disk(folder)
    path = folder / "store.sqlite3"
    store = SQLiteStore(path, clock=clock)
    try:
        await store.open()
        await store.append(message_batch(1, [NOW]))
        troubles.fill(path)
        stored, refused = 1, ""
        while not refused:
            batch = message_batch(1_000 * (stored + 1), [NOW] * 400)
            try:
                await store.append(batch)
                stored += 400
            except StoreError as error:
                refused = str(error)

        assert "full" in refused
        assert len(await store.messages(0, NOW + 1)) == stored
        troubles.make_room(path)
        await store.append(batch)
        assert len(await store.messages(0, NOW + 1)) == stored + 400
        assert (await store.series("message", NOW - 60_000, NOW + 60_000, 0)).sum().count == stored + 400
        assert store.mended == ""
    finally:
        await store.close()
        troubles.unmount(folder)


async def test_f11_bot_starts_beside_a_store_that_is_held(tmp_path: Path) -> None:
    """Another process has the store to itself when the bot starts: it records in memory, and writes when it is free."""
    path = tmp_path / "store.sqlite3"
    first = SQLiteStore(path, clock=StillClock())
    await first.open()
    await first.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        host = Host(path)
        await host.start()
        assert "Recording goes on in memory" in host.monitor.problems[0]
        other.execute("ROLLBACK")

    try:
        assert await host.written(60) is not None
        await host.quiet()
        assert await host.stored() == list(range(1, host.recorded + 1))
        # The recorder may write before the rest has been asked that a start asks of the store; it is said after that.
        said = ["The store can be used again"]
        await until("that it is said", lambda: [one[:27] for one in host.monitor.problems] == said, 60)
    finally:
        await host.close()
