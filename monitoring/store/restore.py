"""Putting a backup in the place of the store: what was there is kept aside; a kill leaves the old or the new."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from monitoring import phrasing
from monitoring.errors import StoreError
from monitoring.model import Instant
from monitoring.store import migrate
from monitoring.store.backup import stamp
from monitoring.store.copying import copy
from monitoring.store.durable import sync_file, sync_folder
from monitoring.store.errand import Errand
from monitoring.store.header import SIDES, read_header
from monitoring.store.hold import held
from monitoring.store.sound import trouble


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done: the backup that is the store now, and where what was there before lies (None: nothing was)."""

    backup: Path
    aside: Path | None
    schema_before: int
    schema: int

    def __str__(self) -> str:
        said = f"{self.backup.name} is the store now"
        if self.schema_before < self.schema:
            said += f", brought from schema {self.schema_before} up to {self.schema}"

        return said + (f"; what was there before lies in {self.aside.name}." if self.aside else ".")


class Restore:
    """Restores one store at `path`; `now` names what is moved aside."""

    def __init__(self, path: Path, now: Instant, errand: Errand | None = None) -> None:
        # Through a link, SQLite keeps its side files beside the file it leads to.
        self._path = path.resolve()
        self._now = now
        self._errand = errand or Errand()

    def run(self, backup: Path) -> Restored:
        """Do it, or raise StoreError (StoreTooNew for a backup of a newer program) with the store as it was."""
        steps = migrate.migrations()
        making = self._path.with_name(f"{self._path.name}.new")
        try:
            version = _schema_of(backup, steps)
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with held(self._path):
                pass  # Asked before the long work too: nobody wants to hear of the running bot after it.

            self._make_room(backup)
            making = migrate.place_beside(self._path)
            self._prepare(backup, making, steps)
            aside = self._swap(making)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{backup.name} could not be restored: {error}. The store is as it was.") from error
        finally:
            for side in ("", *SIDES):
                with contextlib.suppress(OSError):
                    making.with_name(making.name + side).unlink(missing_ok=True)

        return Restored(backup, aside, version, len(steps))

    def _make_room(self, backup: Path) -> None:
        needed, free = round(backup.stat().st_size * 1.1), shutil.disk_usage(self._path.parent).free
        if free < needed:
            raise StoreError(
                f"No room to restore in {self._path.parent}: {phrasing.size(needed)} needed, "
                f"{phrasing.size(free)} free. Nothing was changed."
            )

    def _prepare(self, backup: Path, making: Path, steps: list[migrate.Migration]) -> None:
        """Make a whole, sound file of this program's schema beside the store."""
        making.touch(mode=0o600, exist_ok=False)
        copy(backup, making, self._errand, gently=False)
        migrate.upgrade(making, steps, self._now)
        if wrong := trouble(making, self._errand):
            raise StoreError(f"{backup.name} is damaged ({wrong}): take another backup. The store is as it was.")

        # Looking at it left these beside it, with nothing in them.
        for side in SIDES:
            making.with_name(making.name + side).unlink(missing_ok=True)

        sync_file(making)

    def _swap(self, making: Path) -> Path | None:
        """Let the new file take the place of what is there, which is kept aside; where it lies then."""
        with ExitStack() as open_files, held(self._path) as whole:
            aside = None
            if os.path.lexists(self._path) or any(self._side(side).exists() for side in SIDES):
                aside = self._free_name()
                self._keep_aside(aside, open_files)
                if whole:
                    # What is left is the index of a log that is empty; nobody has it open.
                    self._side("-shm").unlink(missing_ok=True)
                else:
                    self._sides_aside(aside)

                sync_folder(self._path.parent)

            making.replace(self._path)
            sync_folder(self._path.parent)

        return aside

    def _keep_aside(self, aside: Path, open_files: ExitStack) -> None:
        """Give what is there a second name; under its first it stays until the new file replaces it."""
        if self._path.is_dir():
            self._path.rename(aside)
        elif self._path.exists():
            try:
                os.link(self._path, aside)
            except OSError:  # Not every file system can: then it is a copy.
                # Kept open till the end: closing any descriptor of a file gives up all locks on it.
                source = open_files.enter_context(self._path.open("rb"))
                with aside.open("xb") as target:
                    shutil.copyfileobj(source, target)

                aside.chmod(0o600)
                sync_file(aside)

    def _sides_aside(self, aside: Path) -> None:
        """Take away what SQLite would add to the new file: the log of the old one, which could not be carried over."""
        for side in SIDES:
            with contextlib.suppress(FileNotFoundError):
                self._side(side).rename(aside.with_name(aside.name + side))

    def _side(self, side: str) -> Path:
        return self._path.with_name(self._path.name + side)

    def _free_name(self) -> Path:
        base = f"{self._path.name}.before-restore-{stamp(self._now)}"
        names = (base, *(f"{base}-{n}" for n in range(2, 1_000)))
        return next(path for name in names if not os.path.lexists(path := self._path.with_name(name)))


def _schema_of(backup: Path, steps: list[migrate.Migration]) -> int:
    """The schema of a backup. Raises StoreError for what is none of ours, StoreTooNew for a newer program's."""
    if not backup.is_file():
        raise StoreError(f"There is no backup {backup}.")

    header = read_header(backup)
    if header is None or not header.ours:
        raise StoreError(f"{backup.name} is no backup of this program. Nothing was changed.")

    migrate.refuse_newer(backup, header, steps)
    return header.version
