"""Whatever lies at the store's path: it opens, nothing is deleted, and what happened is said."""

# ruff: noqa: ASYNC240 - a test has the loop to itself: its own small files may be touched directly.

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monitoring.errors import StoreError, StoreTooNew
from monitoring.model import DAY
from monitoring.store import SQLiteStore, migrate
from monitoring.store.backup import Backups
from monitoring.store.mend import Preparation

from .building import NOW, message_batch, rows_of
from .conftest import StillClock

STAMP = "20260108T120000Z"


def folder_of(path: Path) -> dict[str, bytes]:
    """Every file below the path's folder with its bytes."""
    return {str(p.relative_to(path.parent)): p.read_bytes() for p in path.parent.rglob("*") if p.is_file()}


async def opened(path: Path) -> str:
    """Open and close a store that has one message appended; what it says of mending."""
    store = SQLiteStore(path, clock=StillClock())
    await store.open()
    await store.append(message_batch(900, [NOW]))
    await store.close()

    return store.mended


async def test_missing_folders_are_made(tmp_path: Path) -> None:
    """The first start makes the folders on the way."""
    assert await opened(tmp_path / "a" / "b" / "x.sqlite3") == ""


async def test_empty_file_is_fresh(path: Path) -> None:
    """A file of no length is nothing to mend."""
    path.touch()

    assert await opened(path) == ""
    assert [p.name for p in path.parent.iterdir()] == [path.name]


async def test_f11_garbage_is_moved_aside_with_its_side_files(path: Path) -> None:
    """What is no SQLite file goes aside, its side files too, byte for byte; a fresh store takes over."""
    path.write_bytes(b"not a database" * 100)
    path.with_name(path.name + "-wal").write_bytes(b"log")
    said = await opened(path)

    aside = path.with_name(f"{path.name}.corrupt-{STAMP}")
    assert aside.read_bytes() == b"not a database" * 100
    assert aside.with_name(aside.name + "-wal").read_bytes() == b"log"
    assert said == (
        f"The store {path.name} was not a SQLite file and was moved aside to {aside.name}; "
        "there was no good backup, so that a fresh one was begun."
    )


async def test_f11_second_broken_file_of_a_second_is_kept_too(path: Path) -> None:
    """Two files moved aside in the same second are both there."""
    for text in (b"one", b"two"):
        path.unlink(missing_ok=True)
        path.write_bytes(text)
        await opened(path)

    assert {p.read_bytes() for p in path.parent.glob("*.corrupt-*")} == {b"one", b"two"}


async def test_f11_directory_is_moved_aside(path: Path) -> None:
    """A directory in the store's place (a container's empty mount) goes aside with all in it."""
    path.mkdir()
    (path / "note").write_text("x")

    assert "was not a file" in await opened(path)
    assert (path.with_name(f"{path.name}.corrupt-{STAMP}") / "note").read_text() == "x"


async def test_f11_other_programs_file_is_moved_aside(path: Path) -> None:
    """A sound database of another program is not written into."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE theirs (x)")

    assert "belongs to another program" in await opened(path)
    assert rows_of(path.with_name(f"{path.name}.corrupt-{STAMP}"), "SELECT * FROM theirs") == []


@pytest.mark.parametrize("damage", ["middle", "cut"])
async def test_f11_newest_good_backup_takes_over(path: Path, clock: StillClock, damage: str) -> None:
    """A damaged store is replaced by its newest backup that is sound."""
    store = SQLiteStore(path, clock=clock)
    await store.open()
    await store.append(message_batch(1, [NOW - i for i in range(900)]))
    await store.tend(NOW, backup=True)
    await store.append(message_batch(5_000, [NOW]))
    await store.tend(NOW + DAY, backup=True)
    await store.close()
    (path.parent / "backups" / f"monitoring-{STAMP.replace('0108', '0109')}.sqlite3").write_bytes(b"broken")
    size = path.stat().st_size
    with path.open("r+b") as file:
        if damage == "cut":
            file.truncate(size - 5_000)
        else:
            for page in range(2, size // 4096):
                file.seek(page * 4096)
                file.write(b"\xff" * 64)

    again = SQLiteStore(path, clock=clock)
    await again.open()
    assert again.mended.endswith(f"the backup monitoring-{STAMP}.sqlite3 took its place.")
    assert len(await again.messages(0, NOW + 1)) == 900
    await again.append(message_batch(6_000, [NOW]))
    await again.close()


def test_f11_large_damaged_file_is_found_out_by_its_ends(
    path: Path, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a file too large to look through at the start, a damaged schema or end is still found."""
    monkeypatch.setattr("monitoring.store.mend.WHOLE", 0)
    migrate.create(path, migrate.migrations(), NOW)
    preparation = Preparation(path, Backups(path, path.parent / "backups", 7), NOW)
    assert preparation.run() == ""
    with path.open("r+b") as file:
        file.seek(2 * 4096)
        file.write(b"\xff" * 4096 * 40)

    assert "was damaged" in preparation.run()


async def test_locked_store_is_not_taken_for_a_broken_one(path: Path, clock: StillClock) -> None:
    """A healthy file that somebody holds is left where it is; opening says so and may be tried again."""
    await opened(path)
    store = SQLiteStore(path, clock=clock, busy_ms=20)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError):
            await store.open()

        other.execute("ROLLBACK")

    await store.open()
    assert store.mended == ""
    assert len(await store.messages(0, NOW + 1)) == 1
    await store.close()


async def test_f14_newer_schema_is_refused_and_not_touched(path: Path, clock: StillClock) -> None:
    """A store that a newer program wrote stops the start; not a byte in its folder changes."""
    await opened(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
        db.commit()

    before = folder_of(path)
    for read_only in (False, True):
        store = SQLiteStore(path, clock=clock, read_only=read_only)
        with pytest.raises(StoreTooNew, match="schema 99"):
            await store.open()

    assert folder_of(path) == before


async def test_f14_newer_schema_is_seen_in_the_log_too(path: Path, clock: StillClock, tmp_path: Path) -> None:
    """The newer program was killed and its schema lies in the write-ahead log only: refused all the same."""
    await opened(path)
    copy = tmp_path / "copy" / path.name
    copy.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA user_version = 99")
        for side in ("", "-wal", "-shm"):
            shutil.copy(path.with_name(path.name + side), copy.with_name(copy.name + side))

    before = folder_of(copy)
    with pytest.raises(StoreTooNew):
        await SQLiteStore(copy, clock=clock).open()

    assert folder_of(copy) == before


async def test_read_only_store_writes_nothing(path: Path, clock: StillClock, store: SQLiteStore) -> None:
    """A read-only store reads beside the writer and refuses to write; without a file it says so."""
    await store.append(message_batch(1, [NOW]))
    reader = SQLiteStore(path, clock=clock, read_only=True)
    await reader.open()
    assert len(await reader.messages(0, NOW + 1)) == 1
    with pytest.raises(StoreError, match="reading only"):
        await reader.append(message_batch(2, [NOW]))

    await reader.close()
    for missing in (path.with_name("none"), path.with_name("no") / "folder"):
        with pytest.raises(StoreError, match="could not be read"):
            await SQLiteStore(missing, clock=clock, read_only=True).open()

    assert not path.with_name("none").exists()
