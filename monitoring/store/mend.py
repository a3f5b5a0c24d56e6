"""Gets a store's file ready to be opened, whatever lies at its path: nothing that was there is ever deleted."""

from __future__ import annotations

import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from monitoring.errors import StoreError
from monitoring.model import Instant
from monitoring.store import migrate
from monitoring.store.backup import Backups, stamp
from monitoring.store.durable import sync_file, sync_folder
from monitoring.store.faults import Suspicion
from monitoring.store.header import SIDES, Header, read_header
from monitoring.store.pages import ends_sound, right_schema, whole_sound

WHOLE = 16 * 1024 * 1024
"""Bytes up to which a file is looked through as a whole before it is used; of a larger one only its ends."""


@dataclass(slots=True)
class Preparation:
    """Makes a path hold a sound store of this program's schema."""

    path: Path
    backups: Backups
    now: Instant
    schemas: Path = migrate.SCHEMAS

    def run(self, suspicion: Suspicion | None = None) -> str:
        """Create, migrate or mend. Answers with a sentence about what was mended, or "". Raises StoreError.

        With a `suspicion`: while it is in use, in which nothing may be written to it meanwhile.
        """
        steps = migrate.migrations(self.schemas)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not os.path.lexists(self.path):
                self._clear_sides()
                migrate.create(self.path, steps, self.now)
                return self._told(suspicion, "was renamed or deleted", "a fresh one was begun.")

            said = self._look(steps, suspicion)
            return said or self._told(suspicion, "", "the one that lies there now is used.")
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{self.path} could not be opened: {error}.") from error

    def _told(self, suspicion: Suspicion | None, seen: str, then: str) -> str:
        """What became of a file in use: `seen` is what is known of it now, if it was suspected of nothing like that."""
        moved = "" if suspicion is None else suspicion.moved or seen
        return f"The store {self.path.name} {moved} while it was in use; {then}" if moved else ""

    def _look(self, steps: list[migrate.Migration], suspicion: Suspicion | None) -> str:
        if not self.path.is_file():
            return self._replace(steps, "was not a file")

        if self.path.stat().st_size == 0:
            self._clear_empty()
            migrate.create(self.path, steps, self.now)
            return self._told(suspicion, "was emptied", "a fresh one was begun.")

        header = read_header(self.path)
        if header is None:
            return self._replace(steps, "was not a SQLite file")

        migrate.refuse_newer(self.path, header, steps)
        if not header.ours:
            return self._replace(steps, "belongs to another program")

        self._make_ours()
        if not self._sound(header, steps, met_damage=suspicion is not None and suspicion.damaged):
            return self._replace(steps, "was damaged")

        if header.version < len(steps):
            migrate.make_room(self.path, self.backups.folder)
            self.backups.make(self.now)
            migrate.upgrade(self.path, steps, self.now)

        return ""

    def _make_ours(self) -> None:
        """Readable and writable for the owner only; SQLite makes side files with the mode that the file had then."""
        for path in (self.path, *(self._side(side) for side in SIDES)):
            if path.exists() and path.stat().st_mode & 0o777 != 0o600:
                path.chmod(0o600)

    def _clear_empty(self) -> None:
        """Take an empty file out of the way; a log beside it belongs to something that is gone, and is kept aside."""
        if any(self._side(side).exists() for side in SIDES):
            self._aside()
        else:
            self.path.unlink()

    def _clear_sides(self) -> None:
        """Keep the log of a file that is gone from being played into the one that is made at its path."""
        log = self._side("-wal")
        if log.exists() and log.stat().st_size:
            self._aside()

        for side in SIDES:
            self._side(side).unlink(missing_ok=True)

    def _sound(self, header: Header, steps: list[migrate.Migration], *, met_damage: bool) -> bool:
        """Whether the file can be used: all of a small one is looked at, of a large one the schema and both ends.

        Where SQLite has met damage, a large one is taken at its word: to look through it would take too long.
        """
        size = self.path.stat().st_size
        if not self._side("-wal").exists() and size < header.pages * header.page_size:
            return False

        if not right_schema(self.path, steps[: header.version]):
            return False

        if size <= WHOLE:
            return whole_sound(self.path, indexes=met_damage)

        return not met_damage and ends_sound(self.path)

    def _replace(self, steps: list[migrate.Migration], why: str) -> str:
        """Move what is there aside and let the newest good backup or a fresh file take over."""
        backup = self.backups.newest_good(len(steps))
        # Whole before anything is moved: where there is no room for it now, it is tried again from the beginning.
        making = migrate.place_beside(self.path)
        if backup is None:
            migrate.create(making, steps, self.now)
            then = "there was no good backup, so that a fresh one was begun."
        else:
            shutil.copyfile(backup, making)
            making.chmod(0o600)
            migrate.upgrade(making, steps, self.now)
            then = f"the backup {backup.name} took its place."

        sync_file(making)
        aside = self._aside()
        making.replace(self.path)
        sync_folder(self.path.parent)

        return f"The store {self.path.name} {why} and was moved aside to {aside.name}; {then}"

    def _aside(self) -> Path:
        """Give the path and its side files a name that is free; a file lies at the path until another replaces it."""
        name = base = f"{self.path.name}.corrupt-{stamp(self.now)}"
        n = 1
        while os.path.lexists(self.path.with_name(name)):
            n += 1
            name = f"{base}-{n}"

        target = self.path.with_name(name)
        for side in SIDES:
            if os.path.lexists(self._side(side)):
                self._side(side).rename(target.with_name(target.name + side))

        if os.path.lexists(self.path):
            try:
                # A second name first: so there is no moment at which a kill would leave nothing at the path.
                os.link(self.path, target)
            except OSError:
                self.path.rename(target)

        return target

    def _side(self, side: str) -> Path:
        return self.path.with_name(self.path.name + side)


def look_only(path: Path) -> None:
    """See whether a store can be read by this program, changing nothing. Raises StoreError or StoreTooNew."""
    steps = migrate.migrations()
    try:
        header = read_header(path)
    except OSError as error:
        raise StoreError(f"{path} could not be read: {error}.") from error

    if header is None or not header.ours:
        raise StoreError(f"{path} is not a store of this program.")

    migrate.refuse_newer(path, header, steps)
    if header.version < len(steps):
        raise StoreError(
            f"{path} has the older schema {header.version}: start the bot once, which brings it up to date."
        )
