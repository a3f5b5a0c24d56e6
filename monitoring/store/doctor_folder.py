"""What is well and what is not around a store's file: its folder, its disk, who may read it, what was left behind."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from monitoring import phrasing
from monitoring.finding import Finding, fine, note, warning, wrong
from monitoring.model import DAY
from monitoring.store.backup import Backups
from monitoring.store.header import SIDES
from monitoring.store.mounts import network_complaint
from monitoring.store.wal import log_size

_LEAST = 64 * 1024 * 1024
"""Bytes of free disk below which recording is about to stop."""
_SOON = 30
"""Days of room below which a disk is worth a warning."""


class FolderDoctor:
    """Looks at the folder of one store, its key and its backups, changing nothing."""

    def __init__(self, path: Path, key: Path, backups: Backups) -> None:
        self._path = path
        self._key = key
        self._backups = backups

    def findings(self) -> Iterator[Finding]:
        """One after another."""
        yield self._disk()
        yield self._permissions()
        yield self._keys()
        said = network_complaint(self._folder())
        if said:
            yield warning("file system", said)
        else:
            yield fine("file system", "No network file system, as far as this system tells.")

        yield self._leftovers()

    def _folder(self) -> Path:
        """The store's folder, or the nearest one above that is there."""
        folder = self._path.absolute().parent
        return next(place for place in (folder, *folder.parents) if place.is_dir())

    def _disk(self) -> Finding:
        """Free space against what the store has, what its next backup takes, and how it grows."""
        free = shutil.disk_usage(self._folder()).free
        size = (self._path.stat().st_size + log_size(self._path)) if self._path.is_file() else 0
        text = f"{phrasing.size(free)} free"
        if free < _LEAST:
            return wrong("disk", f"{text}: recording stops when it is full.", _room())

        if free < size * 1.1 + _LEAST:
            return wrong(
                "disk",
                f"{text}, and the store has {phrasing.size(size)}: no backup fits any more.",
                _room(),
            )

        growth = self._growth()
        if growth <= 0:
            return fine("disk", f"{text}.")

        # A week of backups grows with the store.
        days = free / (growth * (1 + len(self._backups.all())))
        text += f"; the store grows by {phrasing.size(growth)} a day, which with its backups"
        if days < _SOON:
            return warning("disk", f"{text} fills the disk in about {days:.0f} days.", _room())

        return fine("disk", f"{text} is room for {'years' if days > 730 else f'{days:.0f} days'}.")

    def _growth(self) -> float:
        """Bytes a day, from the oldest backup to the newest; 0 where they are too few or too close."""
        found = self._backups.all()
        if len(found) < 2:
            return 0.0

        between = (self._backups.made(found[0]) or 0) - (self._backups.made(found[-1]) or 0)
        grown = found[0].stat().st_size - found[-1].stat().st_size
        return grown / between * DAY if between >= DAY // 2 else 0.0

    def _permissions(self) -> Finding:
        """Whether the bot can write, and nobody else can read."""
        folder = self._folder()
        if not os.access(folder, os.W_OK | os.X_OK):
            return wrong(
                "permissions",
                f"{folder} cannot be written by {_user()}.",
                "SQLite writes its log beside the store: let the one who runs the bot own the folder (chown).",
            )

        files = [self._path, *(self._path.with_name(self._path.name + side) for side in SIDES), *self._backups.all()]
        open_ones = [path for path in files if path.exists() and _for_others(path)]
        if open_ones:
            return wrong("permissions", f"Others may read {_listed(open_ones)}.", f"chmod 600 {open_ones[0]}")

        denied = [path for path in files if path.exists() and not os.access(path, os.R_OK | os.W_OK)]
        if denied:
            return wrong(
                "permissions",
                f"{_user()} cannot write {_listed(denied)}.",
                "Run this as the one who runs the bot, or let that one own the files (chown).",
            )

        if not self._path.exists():
            return fine("permissions", f"{folder} can be written.")

        return fine("permissions", "Only its owner can read the store, and its folder can be written.")

    def _keys(self) -> Finding:
        """The key of the user hashes: there, whole, for its owner only."""
        if not self._key.exists():
            if not self._path.exists():
                return note("key", f"{self._key.name} is made at the first start.")

            return wrong(
                "key",
                f"{self._key} is missing: users of the past are not recognised without it.",
                "Bring it back from where you keep a copy. If there is none, the next start makes a new one.",
            )

        if _for_others(self._key):
            return wrong("key", f"Others may read {self._key.name}.", f"chmod 600 {self._key}")

        return fine("key", "Only its owner can read it. Keep a copy apart from the backups.")

    def _leftovers(self) -> Finding:
        """Files that were moved aside, and half-made ones."""
        folder, name = self._path.absolute().parent, self._path.name
        found = sorted(path for kind in ("corrupt", "before-restore") for path in folder.glob(f"{name}.{kind}-*"))
        half = [path for path in (folder / f"{name}.new",) if path.exists()]
        if self._backups.folder.is_dir():
            half += sorted(self._backups.folder.glob(f"{self._path.stem}-*.new"))

        if found:
            size = phrasing.size(sum(path.stat().st_size for path in found if path.is_file()))
            return note(
                "leftovers",
                f"Moved aside earlier, {size}: {_listed(found)}.",
                "None of it is used. Remove it once nothing is missed.",
            )

        if half:
            return note(
                "leftovers",
                f"{_listed(half)}: a backup or an upgrade that is under way, or was cut off.",
                "Cleared away by the next one.",
            )

        return fine("leftovers", "Nothing was moved aside or left half made.")


def _for_others(path: Path) -> bool:
    return os.name == "posix" and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _listed(paths: list[Path]) -> str:
    shown = ", ".join(path.name for path in paths[:3])
    return shown if len(paths) <= 3 else f"{shown} and {len(paths) - 3} more"


def _room() -> str:
    return "Make room, move the store (DATABASE_URL), or keep single messages for fewer days (METRICS_RETENTION_DAYS)."


def _user() -> str:
    return f"user {os.getuid()}" if os.name == "posix" else "this user"
