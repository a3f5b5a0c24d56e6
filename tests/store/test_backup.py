"""Backups: whole, verified, for their owner only, made beside a writer that hardly feels it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from monitoring.errors import StoreError
from monitoring.model import DAY
from monitoring.store import SQLiteStore, copying, migrate, wal
from monitoring.store.backup import Backups, save_copy
from monitoring.store.daily_backup import DailyBackup
from monitoring.store.errand import Errand, Stopped
from monitoring.store.sound import sound, trouble, unreadable

from .building import NOW, message_batch, rows_of


def make(path: Path, kilobytes: int = 0) -> Path:
    """A store's file with so much in it."""
    migrate.create(path, migrate.migrations(), NOW)
    with closing(sqlite3.connect(path)) as db:
        body = '"' + "x" * 1000 + '"'
        rows = [("setting", str(n), 1, body) for n in range(kilobytes)]
        db.executemany("INSERT INTO document (kind, key, version, body) VALUES (?, ?, ?, ?)", rows)
        db.commit()

    return path


@contextmanager
def written_to(path: Path, pause: float = 0.002) -> Iterator[list[float]]:
    """A writer beside; how long its transactions took, in seconds."""
    took: list[float] = []
    stop = Event()

    def write() -> None:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as db:
            db.execute("PRAGMA synchronous = FULL")
            while not stop.wait(pause):
                began = time.perf_counter()
                db.execute("INSERT INTO journal (blob) VALUES (zeroblob(2000))")
                took.append(time.perf_counter() - began)

    writer = Thread(target=write)
    writer.start()
    try:
        yield took
    finally:
        stop.set()
        writer.join()


def test_f16_backup_ends_while_the_store_is_written_to(path: Path) -> None:
    """A flush every few milliseconds does not make the copy begin anew; the writer goes on meanwhile."""
    make(path, 6_000)
    with written_to(path) as took:
        save_copy(path, path.with_name("copy"), Errand())

    assert len(took) > 2
    with closing(sqlite3.connect(path.with_name("copy"))) as db:
        assert db.execute("SELECT count(*) FROM document").fetchone() == (6_000,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_f16_backup_that_would_let_the_log_grow_gives_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log grows while a copy reads one state; before it is long, the copy is given up and leaves nothing."""
    make(path, 6_000)
    monkeypatch.setattr(wal, "OURS", 20_000)
    with written_to(path, 0), pytest.raises(StoreError, match="faster than it can be read"):
        save_copy(path, path.with_name("copy"), Errand(slowly))

    assert [p.name for p in path.parent.glob("copy*")] == []


def slowly(what: str, share: float | None) -> None:
    """Somebody who is told how far it is, and takes his time."""
    time.sleep(0.05)


def test_what_our_program_cannot_read_back_is_not_sound(path: Path) -> None:
    """SQLite finds nothing wrong with a segment of nonsense; we do."""
    spoil(make(path))
    assert trouble(path) == ""
    assert "cannot be read back" in unreadable(path)
    assert not sound(path)


def spoil(path: Path) -> None:
    """Store a segment that nobody can read."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("INSERT INTO segment (metric, width, start, blob) VALUES ('response', 60000, 0, x'0203')")
        db.commit()


def test_store_with_one_unreadable_row_is_backed_up_all_the_same(path: Path) -> None:
    """It is no fault of the copy; no backup at all, day after day, would lose the rest too."""
    spoil(make(path, 10))
    backups = Backups(path)
    made = backups.make(NOW)
    assert rows_of(made, "SELECT count(*) FROM document") == [(10,)]
    assert backups.newest_good(len(migrate.migrations())) == made


def test_f11_damaged_store_makes_no_backup(path: Path) -> None:
    """The copy is as damaged as the store, does not count, and costs no older one."""
    backups = Backups(make(path, 200), keep=1)
    good = backups.make(NOW)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096)

    with pytest.raises(StoreError, match=r"not sound.*look at the store"):
        backups.make(NOW + DAY)

    assert list(backups.folder.iterdir()) == [good]


def test_backup_needs_room_and_leaves_some(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the copy would fill the disk it is not begun: a full disk would stop the recording."""
    make(path, 100)
    usage = shutil.disk_usage(path.parent)
    full = type(usage)(usage.total, usage.used, 1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(StoreError, match="No room for a backup"):
        Backups(path).make(NOW)


def test_f10_clock_set_back_costs_no_backup(path: Path) -> None:
    """Backups that bear a later time than now are left alone, and the one just made is never the one to go."""
    backups = Backups(make(path), keep=2)
    for day in range(3):
        backups.make(NOW + day * DAY)

    later = [p.name for p in backups.all()]
    for day in range(3):
        backups.make(NOW - 100 * DAY + day * DAY)

    left = [p.name for p in backups.all()]
    assert left[:2] == later
    assert left[2:] == ["monitoring-20251002T120000Z.sqlite3", "monitoring-20251001T120000Z.sqlite3"]


def test_what_a_killed_backup_left_is_cleared_away(path: Path) -> None:
    """Half a backup of an hour ago goes with the next one; one that is being made just now stays."""
    backups = Backups(make(path))
    backups.folder.mkdir()
    old, fresh = (backups.folder / f"monitoring-2025010{n}T000000Z.sqlite3.new" for n in (1, 2))
    for half in (old, fresh):
        half.touch()
        os.utime(half, (NOW / 1000, NOW / 1000))

    os.utime(old, (NOW / 1000 - 7_200, NOW / 1000 - 7_200))
    backups.make(NOW)

    assert not old.exists()
    assert fresh.exists()


def test_only_its_owner_can_read_a_backup(path: Path) -> None:
    """Whatever the process's umask lets through; the folder too."""
    before = os.umask(0)
    try:
        made = Backups(make(path)).make(NOW)
    finally:
        os.umask(before)

    assert (stat.S_IMODE(made.stat().st_mode), stat.S_IMODE(made.parent.stat().st_mode)) == (0o600, 0o700)


async def test_f17_close_ends_a_backup_where_it_stands(path: Path) -> None:
    """Closing a store waits for no copy; what was copied is gone, and the one who waited is told."""
    make(path, 30_000)
    backup = DailyBackup(Backups(path))
    under_way = asyncio.create_task(backup.make(NOW))
    while not list((path.parent / "backups").glob("*.new")):  # noqa: ASYNC110 - a file sets no event
        await asyncio.sleep(0.001)

    began = time.monotonic()
    await backup.close()
    assert time.monotonic() - began < 5
    with pytest.raises(Stopped):
        await under_way

    assert list((path.parent / "backups").iterdir()) == []
    assert (backup.failures, backup.problem) == (0, "")


async def test_who_asks_for_a_backup_that_is_in_the_making_waits_for_it(path: Path) -> None:
    """No second one is made beside it."""
    make(path, 3_000)
    backup = DailyBackup(Backups(path))
    under_way = asyncio.create_task(backup.make(NOW))
    await asyncio.sleep(0)
    await backup.make(NOW + 1)

    (made,) = (path.parent / "backups").iterdir()
    assert sound(made)
    await under_way
    await backup.close()


async def test_failed_backup_is_counted_and_said_until_one_is_made(store: SQLiteStore, path: Path) -> None:
    """In the store's own status, in a sentence."""
    blocker = path.parent / "backups"
    blocker.write_text("a file is in the way")
    for _ in range(2):
        with pytest.raises(StoreError, match="backed up"):
            await store.tend(NOW, backup=True)

    status = await store.status()
    assert status.backup_failures == 2
    assert "The daily backup failed" in status.problems[0]

    blocker.unlink()
    await store.tend(NOW, backup=True)
    status = await store.status()
    assert (status.backup_failures, status.problems, status.last_backup) == (2, (), NOW)


async def test_f1_backup_of_a_store_in_use_has_what_was_appended(store: SQLiteStore, path: Path) -> None:
    """Also what lies in the write-ahead log only."""
    await store.append(message_batch(1, [NOW] * 20))
    made = Backups(path).make(NOW)
    assert sound(made)
    assert rows_of(made, "SELECT count(*) FROM message") == [(20,)]


def test_copy_rests_as_long_as_it_works(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two megabytes the disk is the writer's; the whole takes about twice as long and no longer."""
    make(path, 4_000)
    rests: list[float] = []
    monkeypatch.setattr(copying, "_REST", 0.01)

    class Watched(Errand):
        def rest(self, seconds: float) -> None:
            rests.append(seconds)

    copying.copy(path, path.with_name("copy"), Watched())
    assert len(rests) >= 3
    assert all(0 < seconds <= 0.01 for seconds in rests)
