"""Migrations: one transaction each, a verified backup before, and nothing in between."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from monitoring.errors import StoreError
from monitoring.store import migrate
from monitoring.store.backup import Backups
from monitoring.store.header import APPLICATION_ID, read_header
from monitoring.store.mend import Preparation, look_only

from .building import NOW, rows_of

NEWEST = len(migrate.migrations())
"""The version that this program's own migrations lead to."""


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A folder of migrations with one more, which adds a table."""
    folder = tmp_path / "schemas"
    shutil.copytree(migrate.SCHEMAS, folder)
    numbered(folder, 1, "more").write_text(
        "-- Adds; a semicolon in a comment is no end.\nCREATE TABLE more (x TEXT DEFAULT ';');\n"
        "CREATE TRIGGER t AFTER INSERT ON more BEGIN DELETE FROM more WHERE x = ''; SELECT 1; END;\n"
        "INSERT INTO more VALUES ('a;b')"
    )

    return folder


def numbered(folder: Path, more: int, name: str) -> Path:
    """Where a migration lies that comes so many after the program's own."""
    return folder / f"{NEWEST + more:04}_{name}.sql"


@pytest.fixture
def old(path: Path) -> Path:
    """A store of the schema before that."""
    migrate.create(path, migrate.migrations(), NOW)
    return path


def prepare(path: Path, schemas: Path) -> str:
    """Open a path with the migrations of a folder."""
    return Preparation(path, Backups(path, path.parent / "backups", 7), NOW + 1, schemas).run()


def test_f14_older_file_is_brought_up_to_date(old: Path, schemas: Path) -> None:
    """A store of an older schema gets what it lacks, each step recorded, with a sound backup of the old version."""
    assert prepare(old, schemas) == ""
    assert rows_of(old, "SELECT x FROM more") == [("a;b",)]
    steps = [(version, NOW) for version in range(1, NEWEST + 1)]
    assert rows_of(old, "SELECT * FROM schema_version") == [*steps, (NEWEST + 1, NOW + 1)]
    (backup,) = (old.parent / "backups").iterdir()
    header = read_header(backup)
    assert header is not None
    assert header.version == NEWEST


def test_f14_failing_migration_leaves_the_old_version(old: Path, schemas: Path) -> None:
    """A migration that fails half way leaves the version before it, whole; the mended one goes through."""
    bad = numbered(schemas, 2, "bad")
    bad.write_text("CREATE TABLE bad (x); INSERT INTO nowhere VALUES (1);")
    with pytest.raises(StoreError, match="nowhere"):
        prepare(old, schemas)

    assert rows_of(old, "PRAGMA user_version") == [(NEWEST + 1,)]
    assert rows_of(old, "SELECT max(version) FROM schema_version") == [(NEWEST + 1,)]
    assert rows_of(old, "SELECT count(*) FROM sqlite_master WHERE name = 'bad'") == [(0,)]
    bad.write_text("CREATE TABLE bad (x);")
    assert prepare(old, schemas) == ""
    assert rows_of(old, "PRAGMA user_version") == [(NEWEST + 2,)]


@pytest.mark.parametrize("times", [0.5, 1.5])
def test_f14_without_room_nothing_is_migrated(
    old: Path, schemas: Path, monkeypatch: pytest.MonkeyPatch, times: float
) -> None:
    """Where backup and upgrade would not both fit, the start fails with a sentence and the store stays as it is."""
    size = old.stat().st_size
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(size * 9, 0, round(size * times)))
    before = old.read_bytes()
    with pytest.raises(StoreError, match="No room to bring"):
        prepare(old, schemas)

    assert old.read_bytes() == before
    assert not (old.parent / "backups").exists()


def test_older_file_is_not_read_by_a_reader(old: Path, monkeypatch: pytest.MonkeyPatch, schemas: Path) -> None:
    """A read-only opening does not migrate; it says that the bot must be started once."""
    monkeypatch.setattr(migrate.migrations, "__defaults__", (schemas,))
    with pytest.raises(StoreError, match="start the bot once"):
        look_only(old)


def test_fresh_file_is_never_seen_half_made(path: Path, schemas: Path) -> None:
    """A creation that fails leaves nothing at the path; rubbish that a killed one left does not matter."""
    numbered(schemas, 2, "bad").write_text("nonsense;")
    for side in ("", "-wal", "-journal"):
        path.with_name(f"{path.name}.new{side}").write_bytes(b"rubbish")

    with pytest.raises(StoreError, match="nonsense"):
        prepare(path, schemas)

    assert [p.name for p in path.parent.iterdir()] == ["schemas"]


@pytest.mark.parametrize("name", [f"{NEWEST + 2:04}_gap.sql", "0001_twice.sql"])
def test_numbers_without_gaps(schemas: Path, name: str) -> None:
    """A number that is missing or there twice is an error, not a surprise."""
    numbered(schemas, 1, "more").rename(schemas / name)
    with pytest.raises(StoreError, match="not numbered"):
        migrate.migrations(schemas)


def test_mark_is_a_positive_number() -> None:
    """The application id fits the signed field that SQLite keeps it in."""
    assert 0 < APPLICATION_ID < 2**31
    assert sqlite3.sqlite_version_info >= (3, 35)
