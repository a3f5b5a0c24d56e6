"""Tending: clean-up in small steps, backups that can be trusted, and the store about itself."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from monitoring.errors import StoreError
from monitoring.interfaces import Batch
from monitoring.model import DAY, HOUR, MINUTE
from monitoring.rows import Change, Document, ExchangeRow, Presence
from monitoring.store import SQLiteStore, cleanup
from monitoring.store import sqlite as store_module
from monitoring.store.backup import sound
from monitoring.store.migrate import migrations

from .building import NOW, message_batch, response_batch, rows_of
from .conftest import StillClock


async def test_raw_rows_go_when_their_time_is_past(store: SQLiteStore, clock: StillClock, path: Path) -> None:
    """Messages, operations and exchanges of more than seven days ago go; younger ones and all figures stay."""
    clock.at = NOW - 6 * DAY
    old, young = NOW - 8 * DAY, NOW - 6 * DAY
    for first, at in ((1, old), (2, young)):
        await store.append(message_batch(first, [at]))
        await store.append(response_batch([(at, 1.0)]))
        await store.append(Batch(exchanges=[ExchangeRow(first, 1, 2, at, at, 2, 2, "Mira", "Söl", ("Mira", "Söl"))]))

    clock.at = NOW
    await store.tend(NOW)
    for table in ("message", "operation_block", "exchange"):
        assert rows_of(path, f"SELECT count(*) FROM {table}") == [(1,)], table

    assert [m.id for m in await store.messages(0, NOW)] == [2]
    assert (await store.series("message", NOW - 10 * DAY, NOW, 0)).sum().count == 2


async def test_steps_go_when_their_time_is_past(store: SQLiteStore, clock: StillClock, path: Path) -> None:
    """Minutes go after 48 hours, hours after 90 days, days after two years; until then sums are the same."""
    await store.append(response_batch([(NOW, 1.0)]))
    await store.tend(NOW)
    left = []
    for later in (0, 47 * HOUR, 50 * HOUR, 89 * DAY, 92 * DAY, 729 * DAY, 732 * DAY):
        clock.at = NOW + later
        await store.tend(clock.at)
        left.append({width for (width,) in rows_of(path, "SELECT width FROM segment")})
        counted = (await store.series("response", NOW - 10 * DAY, clock.at + 1, 0)).sum().count
        assert counted == (1 if left[-1] else 0)

    every = {MINUTE, HOUR, DAY}
    assert left == [every, every, {HOUR, DAY}, {HOUR, DAY}, {DAY}, {DAY}, set()]


async def test_users_go_with_their_last_trace(store: SQLiteStore, path: Path) -> None:
    """A user's hash goes when presences are past their time; who comes back is counted as themselves."""
    await store.append(Batch(presences={Presence(NOW - 100 * DAY, 1, "", "gone"), Presence(NOW, 1, "", "here")}))
    await store.tend(NOW)
    assert rows_of(path, "SELECT hash FROM person") == [("here",)]
    assert rows_of(path, "SELECT count(*) FROM presence") == [(1,)]

    await store.append(Batch(presences={Presence(NOW, 1, "", "gone")}))
    await store.append(Batch(presences={Presence(NOW + HOUR, 1, "", "gone")}))
    assert (await store.people(NOW, NOW + 2 * HOUR))[""].users == 2


async def test_names_go_when_nothing_bears_them_any_more(store: SQLiteStore, clock: StillClock, path: Path) -> None:
    """A persona of whom nothing was seen for as long as anything is kept; those that are seen keep their number."""
    for day in range(100):
        clock.at = NOW + day * DAY
        names = ("Mira", "Rex") if day == 0 else ("Mira",)
        await store.append(Batch(presences={Presence(clock.at, 1, name, "here") for name in names}))
        await store.tend(clock.at)
        assert rows_of(path, "SELECT count(*) FROM presence WHERE persona NOT IN (SELECT id FROM name)") == [(0,)]

    assert rows_of(path, "SELECT text FROM name") == [("Mira",)]
    await store.append(Batch(presences={Presence(clock.at, 1, "Rex", "here")}))
    assert set(await store.people(NOW, clock.at + HOUR)) == {"Mira", "Rex"}


async def test_users_are_looked_at_in_turns(
    store: SQLiteStore, clock: StillClock, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not all of a hundred thousand each minute: some, and after as many minutes as it takes, all."""
    monkeypatch.setattr(cleanup, "LOOKED", 10)
    users = [f"user {number}" for number in range(25)]
    await store.append(Batch(presences={Presence(NOW - 100 * DAY, 1, "", user) for user in users}))
    left = []
    for _ in range(3):
        await store.tend(clock.at)
        clock.at += MINUTE
        left += [count for (count,) in rows_of(path, "SELECT count(*) FROM person")]

    assert left[0] in {15, 20}
    assert left[-1] == 0


async def test_rows_of_told_history_that_are_past_their_time_are_not_written(store: SQLiteStore, path: Path) -> None:
    """They would only be deleted again; their figures count all the same."""
    await store.append(message_batch(1, [NOW - 9 * DAY, NOW]))
    assert rows_of(path, "SELECT count(*) FROM message") == [(1,)]
    assert (await store.series("message", NOW - 10 * DAY, NOW + 1, 0)).sum().count == 2


async def test_clean_up_goes_in_small_steps(
    store: SQLiteStore, clock: StillClock, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One transaction deletes a few rows of a table and no more; a call makes a bounded number of them."""
    monkeypatch.setattr(cleanup, "ROWS", 10)
    monkeypatch.setattr(store_module, "CLEAN_ROUNDS", 3)
    clock.at = NOW - 9 * DAY
    await store.append(message_batch(1, [clock.at] * 75))
    clock.at = NOW
    left = []
    for _ in range(4):
        await store.tend(NOW)
        left += [count for (count,) in rows_of(path, "SELECT count(*) FROM message")]

    assert left == [45, 15, 0, 0]


async def test_file_shrinks(store: SQLiteStore, clock: StillClock, path: Path) -> None:
    """What clean-up deleted is given back to the file system."""
    clock.at = NOW - 9 * DAY
    await store.append(message_batch(1, [clock.at] * 5_000))
    clock.at = NOW
    (before,) = rows_of(path, "PRAGMA page_count")
    for _ in range(3):
        await store.tend(NOW)

    assert rows_of(path, "PRAGMA page_count") < [before]
    assert rows_of(path, "PRAGMA freelist_count") == [(0,)]


async def test_file_shrinks_by_many_pages_at_once(
    store: SQLiteStore, clock: StillClock, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One call gives back as many as it may, in one statement, and leaves the rest to the next."""
    monkeypatch.setattr(cleanup, "PAGES", 20)
    clock.at = NOW - 9 * DAY
    await store.append(message_batch(1, [clock.at] * 5_000))
    clock.at = NOW
    await store.tend(NOW)
    ((free,),) = rows_of(path, "PRAGMA freelist_count")
    await store.tend(NOW)
    assert isinstance(free, int)
    assert free > 20
    assert rows_of(path, "PRAGMA freelist_count") == [(free - 20,)]


async def test_backup_is_whole_and_sound(store: SQLiteStore, path: Path) -> None:
    """A backup made while the store is used opens as a store with everything in it, for its owner only."""
    await store.append(message_batch(1, [NOW, NOW]))
    await store.save([Change(Document("setting", "zone", 0, {}))])
    await asyncio.gather(store.tend(NOW, backup=True), store.append(message_batch(50, [NOW])))
    (backup,) = (path.parent / "backups").iterdir()

    assert backup.name == "monitoring-20260108T120000Z.sqlite3"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert sound(backup)
    copy = SQLiteStore(backup, clock=StillClock())
    await copy.open()
    assert len(await copy.messages(0, NOW + 1)) >= 2
    assert len(await copy.load("setting")) == 1
    await copy.close()


async def test_newest_backups_are_kept(path: Path, clock: StillClock) -> None:
    """Of the backups the newest stay; what else lies in their folder is not touched."""
    store = SQLiteStore(path, clock=clock, backups=2, backup_dir=path.parent / "other")
    await store.open()
    (path.parent / "other").mkdir()
    (path.parent / "other" / "monitoring-notes.sqlite3").touch()
    for day in range(4):
        await store.tend(NOW + day * DAY, backup=True)

    assert sorted(p.name for p in (path.parent / "other").iterdir()) == [
        "monitoring-20260110T120000Z.sqlite3",
        "monitoring-20260111T120000Z.sqlite3",
        "monitoring-notes.sqlite3",
    ]
    assert (await store.status()).last_backup == NOW + 3 * DAY
    await store.close()


async def test_failed_backup_is_said_and_leaves_nothing(store: SQLiteStore, path: Path) -> None:
    """A backup that cannot be written raises StoreError; no half one is left to be trusted."""
    (path.parent / "backups").write_text("a file is in the way")
    with pytest.raises(StoreError, match="backed up"):
        await store.tend(NOW, backup=True)

    await store.append(message_batch(1, [NOW]))


async def test_status_tells_size_rows_and_schema(store: SQLiteStore, path: Path) -> None:
    """Size is that of the file and its log; rows are messages and operations; no backup is None."""
    before = await store.status()
    assert (before.rows, before.write_latency, before.last_backup) == (0, None, None)
    assert before.schema == len(migrations())

    await store.append(message_batch(1, [NOW] * 3))
    clock = store._clock
    assert isinstance(clock, StillClock)
    clock.at += 2 * MINUTE
    after = await store.status()
    assert after.rows == 3
    assert after.write_latency is not None
    assert after.size > before.size > 0


async def test_f1_second_writer_folds_nothing_twice(store: SQLiteStore, path: Path, clock: StillClock) -> None:
    """Two processes that write to one file (a bot and an import) fold every row once."""
    other = SQLiteStore(path, clock=clock)
    await other.open()
    for i in range(6):
        await store.append(response_batch([(NOW, 1.0)]))
        await other.append(response_batch([(NOW, 1.0)]))
        await asyncio.gather(store.tend(NOW), other.tend(NOW))
        for reader in (store, other):
            assert (await reader.series("response", NOW, NOW + 1, 0)).sum().count == 2 * (i + 1)

    await other.close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
