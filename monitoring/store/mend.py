"""Gets a store's file ready to be opened, whatever lies at its path: nothing that was there is ever deleted."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from monitoring.errors import StoreError
from monitoring.model import Instant
from monitoring.store import migrate
from monitoring.store.backup import Backups, not_damage, sound, stamp
from monitoring.store.header import SIDES, Header, read_header

_WHOLE = 64 * 1024 * 1024
"""Bytes up to which a file is looked through as a whole at the start; of a larger one only its ends."""


@dataclass(slots=True)
class Preparation:
    """Makes a path hold a sound store of this program's schema."""

    path: Path
    backups: Backups
    now: Instant
    schemas: Path = migrate.SCHEMAS

    def run(self) -> str:
        """Create, migrate or mend. Answers with a sentence about what was mended, or "". Raises StoreError."""
        steps = migrate.migrations(self.schemas)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not os.path.lexists(self.path):
                migrate.create(self.path, steps, self.now)
                return ""

            return self._look(steps)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{self.path} could not be opened: {error}.") from error

    def _look(self, steps: list[migrate.Migration]) -> str:
        if not self.path.is_file():
            return self._replace(steps, "was not a file")

        if self.path.stat().st_size == 0:
            self._clear_empty()
            migrate.create(self.path, steps, self.now)
            return ""

        header = read_header(self.path)
        if header is None:
            return self._replace(steps, "was not a SQLite file")

        migrate.refuse_newer(self.path, header, steps)
        if not header.ours:
            return self._replace(steps, "belongs to another program")

        if not self._sound(header):
            return self._replace(steps, "was damaged")

        self.path.chmod(0o600)
        if header.version < len(steps):
            self.backups.make(self.now)
            migrate.upgrade(self.path, steps, self.now)

        return ""

    def _clear_empty(self) -> None:
        """Take an empty file out of the way; a log beside it belongs to something that is gone, and is kept aside."""
        if any(self._side(side).exists() for side in SIDES):
            self._aside()
        else:
            self.path.unlink()

    def _sound(self, header: Header) -> bool:
        """Whether the file can be used: all of a small one is looked at, of a large one the schema and both ends."""
        size = self.path.stat().st_size
        if not self._side("-wal").exists() and size < header.pages * header.page_size:
            return False

        if size <= _WHOLE:
            return sound(self.path)

        return _ends_sound(self.path)

    def _replace(self, steps: list[migrate.Migration], why: str) -> str:
        """Move what is there aside and let the newest good backup or a fresh file take over."""
        aside = self._aside()
        backup = self.backups.newest_good(len(steps))
        said = f"The store {self.path.name} {why} and was moved aside to {aside.name}; "
        if backup is None:
            migrate.create(self.path, steps, self.now)
            return said + "there was no good backup, so that a fresh one was begun."

        making = migrate.place_beside(self.path)
        shutil.copyfile(backup, making)
        making.chmod(0o600)
        migrate.upgrade(making, steps, self.now)
        making.replace(self.path)

        return said + f"the backup {backup.name} took its place."

    def _aside(self) -> Path:
        """Rename the path and its side files to a name that is free."""
        name = base = f"{self.path.name}.corrupt-{stamp(self.now)}"
        n = 1
        while os.path.lexists(self.path.with_name(name)):
            n += 1
            name = f"{base}-{n}"

        target = self.path.with_name(name)
        for side in SIDES:
            if os.path.lexists(self._side(side)):
                self._side(side).rename(target.with_name(target.name + side))

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


def _ends_sound(path: Path) -> bool:
    """Whether the schema and the first and last rows of every table can be read."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                (key,) = next(db.execute(f"SELECT name FROM pragma_table_info('{table}') ORDER BY pk = 0, pk"))
                for order in ("ASC", "DESC"):
                    db.execute(f"SELECT * FROM {table} ORDER BY {key} {order} LIMIT 3").fetchall()
    except sqlite3.DatabaseError as error:
        return not_damage(error)

    return True
