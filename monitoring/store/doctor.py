"""What is well and what is not with a store's file, in words, changing nothing; also while the bot uses it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from monitoring import phrasing
from monitoring.errors import StoreError
from monitoring.finding import Finding, fine, note, warning, wrong
from monitoring.model import DAY, HOUR, Instant
from monitoring.store import migrate, wal
from monitoring.store.backup import Backups
from monitoring.store.errand import Errand
from monitoring.store.header import Header, read_header
from monitoring.store.rollups import FOLD_ROWS
from monitoring.store.sound import trouble, unreadable

_TWO_WRITERS = (3, 51, 3)
"""The first SQLite in which two writers cannot damage a file in WAL mode."""
_NEWEST = (
    "SELECT max(at) FROM message",
    "SELECT max(start) FROM segment WHERE metric = 'alive' AND width = 60000",
)


class StoreDoctor:
    """Looks at one store and its backups."""

    def __init__(self, path: Path, backups: Backups, now: Instant, errand: Errand | None = None) -> None:
        self._path = path
        self._backups = backups
        self._now = now
        self._errand = errand or Errand()
        self.newest: Instant | None = None
        """When the newest record was made, once it was looked at."""

    def findings(self) -> Iterator[Finding]:
        """One after another, since some take long."""
        yield sqlite_version(sqlite3.sqlite_version_info)
        if not self._path.exists():
            yield note("store", f"Nothing recorded yet: {self._path} will be made at the first start.")
            yield from self._backup()
            return

        header, finding = self._header()
        yield finding
        if header is None:
            yield from self._backup()
            return

        yield self._schema(header)
        yield self._integrity()
        if header.version == len(migrate.migrations()):
            yield self._inside()

        yield self._log()
        yield from self._backup()

    def _header(self) -> tuple[Header | None, Finding]:
        """Whether the file is a store at all."""
        mend = "The next start of the bot moves it aside and takes the newest good backup. Or now: monitoring restore."
        try:
            header = read_header(self._path)
        except OSError as error:
            return None, wrong(
                "store",
                f"{self._path} cannot be read: {error.strerror or error}.",
                "Let the one who runs the bot own it, as a file: chown, and mode 600.",
            )

        if header is None:
            if self._path.stat().st_size == 0:
                return None, note("store", f"{self._path} is empty; the next start begins a fresh one.")

            return None, wrong("store", f"{self._path} is no SQLite file.", mend)

        if not header.ours:
            return None, wrong("store", f"{self._path} belongs to another program.", mend)

        size = phrasing.size(self._path.stat().st_size + wal.log_size(self._path))
        return header, fine("store", f"{self._path}, {size}.")

    def _schema(self, header: Header) -> Finding:
        known = len(migrate.migrations())
        if header.version > known:
            return wrong(
                "schema",
                f"Schema {header.version} is of a newer program; this one knows {known}.",
                "Install the newer version again, or restore an older backup: monitoring restore --list.",
            )

        if header.version < known:
            text = f"Schema {header.version}; the next start of the bot brings it up to {known}, after a backup."
            return note("schema", text)

        return fine("schema", f"Schema {header.version}, the newest this program knows.")

    def _integrity(self) -> Finding:
        """All of the file, without holding up the log of a running bot for longer than is ours."""
        try:
            damage = trouble(self._path, self._errand, wal.bound(self._path))
            strange = unreadable(self._path)
        except (StoreError, sqlite3.Error) as error:
            return warning(
                "integrity",
                f"It could not be looked through: {error}",
                "Try again when less is written, or with the bot stopped.",
            )

        if damage:
            return wrong(
                "integrity",
                f"The file is damaged: {damage}.",
                "Stop the bot and put the newest good backup in its place: monitoring restore. Then look at the disk.",
            )

        if strange:
            return warning(
                "integrity",
                f"SQLite finds nothing wrong, but {strange}.",
                "The running bot sets such bytes aside and goes on. Look at the disk.",
            )

        return fine("integrity", "SQLite finds nothing wrong with any page.")

    def _inside(self) -> Finding:
        """How much waits to be folded; notes the newest record on the way."""
        try:
            with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as db:
                newest = [row[0] for sql in _NEWEST for row in db.execute(sql) if row[0] is not None]
                (rows,) = db.execute("SELECT count(*) FROM journal").fetchone()
        except sqlite3.Error as error:
            return warning("journal", f"It could not be read: {error}.", "See what is said of integrity.")

        self.newest = max(newest, default=None)
        if rows > 5 * FOLD_ROWS:
            return warning(
                "journal",
                f"{phrasing.count(rows)} flushes are not folded into figures yet.",
                "Nothing is lost. They are folded within a minute while the bot runs; if not, its log says why.",
            )

        return fine("journal", f"{phrasing.count(rows)} flushes wait to be folded; none is lost.")

    def _log(self) -> Finding:
        size = wal.log_size(self._path)
        said = wal.complaint(self._path, size)
        if said:
            return warning(
                "log", f"{said} It has {phrasing.size(size)} now.", "lsof or fuser shows who has the file open."
            )

        return fine("log", f"The write-ahead log has {phrasing.size(size)}.")

    def _backup(self) -> Iterator[Finding]:
        """How old the newest backup is, and whether it can be trusted."""
        found = self._backups.all()
        if not found:
            say = note if self.newest is None else warning
            text = f"There is none in {self._backups.folder} yet."
            yield say("backup", text, "The bot makes one every day; now: monitoring backup.")
            return

        at = self._backups.made(found[0])
        age = phrasing.duration((self._now - (at or 0)) / 1000)
        mend = "Make one now, and see what it says: monitoring backup."
        try:
            damage = trouble(found[0], self._errand)
        except (StoreError, sqlite3.Error) as error:
            yield warning("backup", f"{found[0].name} could not be looked through: {error}.", mend)
            return

        if damage:
            yield wrong("backup", f"The newest, {found[0].name}, is damaged: {damage}.", mend)
        elif at is None or at > self._now + HOUR:
            yield warning(
                "backup",
                f"The newest, {found[0].name}, bears a time that is still to come.",
                "A clock was wrong. Move it elsewhere, so that it is not taken for the newest.",
            )
        elif self._now - at > 3 * DAY:
            yield wrong("backup", f"The newest is {age} old, though one is made every day.", mend)
        elif self._now - at > 2 * DAY:
            yield warning("backup", f"The newest is {age} old.", mend)
        else:
            yield fine("backup", f"{len(found)} kept; the newest is {age} old and sound.")


def sqlite_version(version: tuple[int, int, int]) -> Finding:
    """Whether this SQLite is safe for what is done with it."""
    text = ".".join(map(str, version))
    if version >= _TWO_WRITERS:
        return fine("SQLite", f"SQLite {text}.")

    return note(
        "SQLite",
        f"SQLite {text}: before 3.51.3, two programs that write to one store at the same time can damage it.",
        "Nothing to do as long as one bot writes; the terminal's commands only read.",
    )
