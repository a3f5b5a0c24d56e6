"""Backups: whole copies of the store, made while it is used, each verified before it counts."""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from monitoring import phrasing
from monitoring.errors import StoreError
from monitoring.model import HOUR, Instant
from monitoring.store.copying import copy
from monitoring.store.durable import sync_folder
from monitoring.store.errand import Errand
from monitoring.store.header import SIDES, read_header
from monitoring.store.sound import not_damage, sound, trouble, unreadable
from monitoring.store.wal import log_size

__all__ = ["KEEP", "Backups", "not_damage", "save_copy", "sound", "stamp"]

KEEP = 7
"""Backups that are kept: a week of daily ones."""
_STAMP = "%Y%m%dT%H%M%SZ"
_SPARE = 64 * 1024 * 1024
"""Bytes that a backup leaves to the store on their disk (less on a small one): a full disk stops the recording."""


def stamp(now: Instant) -> str:
    """An instant as file names bear it: 20260131T090000Z."""
    return datetime.fromtimestamp(now / 1000, UTC).strftime(_STAMP)


class Backups:
    """The backups of one store in one folder (by default `backups` beside it), `keep` of them."""

    def __init__(self, store: Path, folder: Path | None = None, keep: int = KEEP) -> None:
        self._store = store
        self.folder = folder or store.parent / "backups"
        self._keep = keep
        self._named = re.compile(rf"{re.escape(store.stem)}-(\d{{8}}T\d{{6}}Z)\.sqlite3")

    def all(self) -> list[Path]:
        """Every backup there is, newest first."""
        if not self.folder.is_dir():
            return []

        return sorted((p for p in self.folder.iterdir() if self.made(p) is not None), reverse=True)

    def made(self, path: Path) -> Instant | None:
        """When a backup was made, as its name says; None for another file."""
        match = self._named.fullmatch(path.name)
        if match is None:
            return None

        with contextlib.suppress(ValueError):  # A 31st of February is nobody's backup.
            return round(datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC).timestamp() * 1000)

        return None

    def last(self) -> Instant | None:
        """When the newest was made."""
        newest = next(iter(self.all()), None)
        return self.made(newest) if newest else None

    def make(self, now: Instant, errand: Errand | None = None) -> Path:
        """Copy the store as it is at one moment, verify the copy, and let go of the oldest. Raises StoreError.

        Never of one that bears a later time than now: a clock that was set back must not cost the good ones.
        """
        target = self.folder / f"{self._store.stem}-{stamp(now)}.sqlite3"
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            self._clear_unfinished(now)

        save_copy(self._store, target, errand or Errand())
        old = [path for path in self.all() if path.name <= target.name][self._keep :]
        for path in old:
            path.unlink(missing_ok=True)

        return target

    def _clear_unfinished(self, now: Instant) -> None:
        """Remove what backups left that were killed, but not what another process is at just now."""
        for path in self.folder.iterdir():
            bare = path.name.partition(".new")[0]
            if bare != path.name and self._named.fullmatch(bare):
                with contextlib.suppress(FileNotFoundError):
                    if abs(now - path.stat().st_mtime * 1000) > HOUR:
                        path.unlink()

    def newest_good(self, schemas: int) -> Path | None:
        """The newest backup that is ours, sound, and of a schema this program knows."""
        for path in self.all():
            with contextlib.suppress(sqlite3.Error, OSError):  # One that cannot be looked at is passed over.
                header = read_header(path)
                if header and header.ours and header.version <= schemas and not trouble(path):
                    return path

        return None


def save_copy(store: Path, target: Path, errand: Errand) -> None:
    """Copy a store to a new file that only its owner can read, whole and verified, or not at all: then StoreError."""
    making = target.with_name(f"{target.name}.new")
    try:
        if not target.parent.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            sync_folder(target.parent.parent)

        _make_room(store, target.parent)
        _remove(making)
        making.touch(mode=0o600, exist_ok=False)
        copy(store, making, errand)
        if wrong := trouble(making, errand) or _misread(making, store):
            raise StoreError(f"The backup of {store} was not sound and was thrown away ({wrong}): look at the store.")

        making.replace(target)
        sync_folder(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{store} could not be backed up: {error}.") from error
    finally:
        with contextlib.suppress(OSError):  # Where the folder itself is none, there is nothing to remove.
            _remove(making)


def _misread(copied: Path, store: Path) -> str:
    """What of a copy cannot be read back, and could be read in the store: where it could not, the copy is true."""
    wrong = unreadable(copied)
    return wrong if wrong and wrong != unreadable(store) else ""


def _remove(making: Path) -> None:
    for side in ("", *SIDES):
        making.with_name(making.name + side).unlink(missing_ok=True)


def room_for(store: Path) -> int:
    """Bytes that a copy of the store may take."""
    return store.stat().st_size + log_size(store)


def _make_room(store: Path, folder: Path) -> None:
    """Raise StoreError where a copy would not fit, or leave the store no room to write."""
    disk = shutil.disk_usage(folder)
    needed = round(room_for(store) * 1.1) + min(_SPARE, disk.total // 20)
    if disk.free < needed:
        raise StoreError(
            f"No room for a backup in {folder}: {phrasing.size(needed)} needed, {phrasing.size(disk.free)} free."
        )
