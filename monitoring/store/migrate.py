"""Brings a SQLite file to this program's schema: numbered SQL files, each in one transaction."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from monitoring import phrasing
from monitoring.errors import StoreError, StoreTooNew
from monitoring.model import Instant
from monitoring.store.durable import sync_file, sync_folder
from monitoring.store.header import APPLICATION_ID, SIDES, Header

SCHEMAS = Path(__file__).parent / "schema" / "sqlite"
_GROWTH = 1.2
"""How large what an upgrade writes may become, times the store."""
_NUMBERED = re.compile(r"(\d{4})_\w+\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step from the version before to `version`."""

    version: int
    sql: str

    def statements(self) -> Iterator[str]:
        """Its statements one by one, since SQLite's own script runner commits before it begins."""
        statement = ""
        for piece in re.split("(?<=;)", self.sql):
            statement += piece
            if sqlite3.complete_statement(statement):
                yield statement
                statement = ""

        if statement.strip():
            yield statement


def migrations(folder: Path = SCHEMAS) -> list[Migration]:
    """All migrations in order. Raises StoreError when a number is missing or there twice."""
    found = [
        Migration(int(match[1]), path.read_text(encoding="utf-8"))
        for path in sorted(folder.iterdir())
        if (match := _NUMBERED.fullmatch(path.name))
    ]
    if [migration.version for migration in found] != list(range(1, len(found) + 1)):
        raise StoreError(f"The migrations in {folder} are not numbered 1, 2, 3, … without gaps.")

    return found


def refuse_newer(path: Path, header: Header, steps: list[Migration]) -> None:
    """Raise StoreTooNew for a file of ours that a newer program wrote."""
    if header.ours:
        refuse_schema(path, header.version, steps)


def refuse_schema(path: Path, version: int, steps: list[Migration]) -> None:
    """Raise StoreTooNew for a schema that this program does not know."""
    if version > len(steps):
        raise StoreTooNew(
            f"{path} has schema {version}, and this version of the program knows schemas up to {len(steps)}. "
            "Nothing was changed. Install the newer version again, or restore a backup made before the upgrade."
        )


def place_beside(path: Path) -> Path:
    """Where a file is made that will be renamed to `path` when it is whole; what a kill left there is removed."""
    making = path.with_name(f"{path.name}.new")
    for side in ("", *SIDES):
        making.with_name(making.name + side).unlink(missing_ok=True)

    return making


def create(path: Path, steps: list[Migration], now: Instant) -> None:
    """Make a fresh file at a path where there is none: never seen half made, only its owner may read it."""
    making = place_beside(path)
    making.touch(mode=0o600, exist_ok=False)
    try:
        with closing(sqlite3.connect(making, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = MEMORY")  # Nobody but us sees this file before it is whole.
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA auto_vacuum = INCREMENTAL")
            _apply(db, steps, now)
            db.execute("PRAGMA journal_mode = WAL")

        sync_file(making)
        making.replace(path)
        sync_folder(path.parent)
    finally:
        making.unlink(missing_ok=True)


def make_room(path: Path, backups: Path) -> None:
    """Raise StoreError where an upgrade would not fit: at worst it writes everything anew, after a backup of all."""
    size = sum(side.stat().st_size for name in ("", *SIDES) if (side := path.with_name(path.name + name)).exists())
    beside = not backups.exists() or backups.stat().st_dev == path.parent.stat().st_dev
    needed = round(size * _GROWTH * (2 if beside else 1))
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise StoreError(
            f"No room to bring {path} up to date: {phrasing.size(needed)} needed, {phrasing.size(free)} free. "
            "Nothing was changed."
        )


def upgrade(path: Path, steps: list[Migration], now: Instant) -> None:
    """Apply what a file of ours lacks. Killed at any moment, it is at one version or the next."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA busy_timeout = 5000")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        (version,) = db.execute("PRAGMA user_version").fetchone()
        _apply(db, steps[version:], now)


def _apply(db: sqlite3.Connection, steps: list[Migration], now: Instant) -> None:
    for step in steps:
        db.execute("BEGIN IMMEDIATE")
        try:
            for statement in step.statements():
                db.execute(statement)

            db.execute("INSERT INTO schema_version (version, applied_at) VALUES (?, ?)", (step.version, now))
            db.execute(f"PRAGMA user_version = {step.version}")
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")

            raise
