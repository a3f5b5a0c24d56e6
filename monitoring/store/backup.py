"""Backups: whole copies of the store, made while it is used, each verified before it counts."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from monitoring.errors import StoreError
from monitoring.model import Instant
from monitoring.store.header import read_header

_STAMP = "%Y%m%dT%H%M%SZ"


def stamp(now: Instant) -> str:
    """An instant as file names bear it: 20260131T090000Z."""
    return datetime.fromtimestamp(now / 1000, UTC).strftime(_STAMP)


class Backups:
    """The backups of one store in one folder, `keep` of them."""

    def __init__(self, store: Path, folder: Path, keep: int) -> None:
        self._store = store
        self._folder = folder
        self._keep = keep
        self._named = re.compile(rf"{re.escape(store.stem)}-(\d{{8}}T\d{{6}}Z)\.sqlite3")

    def all(self) -> list[Path]:
        """Every backup there is, newest first."""
        if not self._folder.is_dir():
            return []

        return sorted((p for p in self._folder.iterdir() if self._named.fullmatch(p.name)), reverse=True)

    def last(self) -> Instant | None:
        """When the newest was made."""
        newest = next(iter(self.all()), None)
        match = self._named.fullmatch(newest.name) if newest else None
        if match is None:
            return None

        return round(datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC).timestamp() * 1000)

    def make(self, now: Instant) -> Path:
        """Copy the store as it is at one moment, verify the copy, and let go of the oldest. Raises StoreError."""
        target = self._folder / f"{self._store.stem}-{stamp(now)}.sqlite3"
        making = target.with_name(f"{target.name}.new")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._make_room()
            making.unlink(missing_ok=True)
            making.touch(mode=0o600)
            _copy(self._store, making)
            if not sound(making):
                raise StoreError(f"The backup of {self._store} was not sound and was thrown away.")

            making.replace(target)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{self._store} could not be backed up: {error}.") from error
        finally:
            with contextlib.suppress(OSError):  # Where the folder itself is none, there is nothing to remove.
                making.unlink()

        for old in self.all()[self._keep :]:
            old.unlink(missing_ok=True)

        return target

    def _make_room(self) -> None:
        """Raise StoreError where a copy would not fit."""
        needed = self._store.stat().st_size
        free = shutil.disk_usage(self._folder).free
        if free < needed * 1.1:
            raise StoreError(f"No room for a backup in {self._folder}: {needed} bytes needed, {free} free.")

    def newest_good(self, schemas: int) -> Path | None:
        """The newest backup that is ours, sound, and of a schema this program knows."""
        for path in self.all():
            header = read_header(path)
            with contextlib.suppress(sqlite3.Error):  # One that cannot be looked at is passed over.
                if header and header.ours and header.version <= schemas and sound(path):
                    return path

        return None


def _copy(source: Path, target: Path) -> None:
    """One consistent copy through SQLite's online backup, in one file, on the disk when this returns."""
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as reading,
        closing(sqlite3.connect(target, isolation_level=None)) as writing,
    ):
        reading.execute("PRAGMA busy_timeout = 5000")
        reading.backup(writing)
        # A backup is one file: nothing of it may lie in a log beside it.
        writing.execute("PRAGMA journal_mode = DELETE")

    with target.open("rb") as file:
        os.fsync(file.fileno())


def sound(path: Path) -> bool:
    """Whether SQLite finds nothing wrong with the whole file. Raises sqlite3.Error when it could not look."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as db:
            return [row[0] for row in db.execute("PRAGMA quick_check")] == ["ok"]
    except sqlite3.DatabaseError as error:
        return not_damage(error)


def not_damage(error: sqlite3.DatabaseError) -> bool:
    """False where an error means that the file is damaged; one that means anything else (locked, …) is raised again."""
    if (error.sqlite_errorcode & 0xFF) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return False

    raise error
