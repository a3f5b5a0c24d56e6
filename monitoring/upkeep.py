"""Looking after the store from outside a running bot: backups, restoring, and a look at everything."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from monitoring import checkup
from monitoring.errors import SettingError, StoreError
from monitoring.finding import Finding, Tell, note, tell_nobody, wrong
from monitoring.interfaces import Clock, SystemClock
from monitoring.model import Instant
from monitoring.settings import Settings
from monitoring.store import migrate
from monitoring.store.backup import Backups, save_copy
from monitoring.store.doctor import StoreDoctor, sqlite_version
from monitoring.store.doctor_folder import FolderDoctor
from monitoring.store.errand import Errand
from monitoring.store.header import read_header
from monitoring.store.restore import Restore, Restored
from monitoring.store.sound import trouble


@dataclass(frozen=True, slots=True)
class BackupNote:
    """One backup as a list shows it: sizes in bytes; `wrong` says what is wrong with it, "" for a good one."""

    path: Path
    made: Instant
    size: int
    schema: int | None
    wrong: str


class Upkeep:
    """Needs no event loop and no running bot; beside one it only reads, except for `restore`, which refuses then."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None, tell: Tell = tell_nobody) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._errand = Errand(tell)
        self._path = settings.store_path
        self._backups = Backups(self._path)

    def backup(self, to: Path | None = None) -> Path:
        """Make a verified backup: among the daily ones, or as a file that is not there yet. Raises StoreError."""
        if not self._path.is_file():
            raise StoreError(f"There is nothing to back up: {self._path} is not there yet.")

        if to is None:
            return self._backups.make(self._clock.now(), self._errand)

        target = to / self._path.name if to.is_dir() else to
        if target.exists():
            raise StoreError(f"{target} is there already, and is not overwritten. Choose another name.")

        save_copy(self._path, target, self._errand)
        return target

    def backups(self) -> Iterator[BackupNote]:
        """Every backup, newest first, each looked through."""
        for path in self._backups.all():
            made, size = self._backups.made(path), path.stat().st_size
            assert made is not None, "only files that say so are listed"
            try:
                header = read_header(path)
                known = header is not None and header.version <= len(migrate.migrations())
                said = trouble(path, self._errand) if known else "" if header else "it is no SQLite file"
                if header is not None and not known:
                    said = "it was made by a newer program"
            except (OSError, sqlite3.Error) as error:
                header, said = None, f"it cannot be read: {error}"

            yield BackupNote(path, made, size, header.version if header else None, said)

    def restore(self, backup: str | None = None) -> Restored:
        """Put a backup in the store's place: a file, the name of one in the list, or (None) the newest good one.

        Raises StoreError, after which everything is as it was.
        """
        return Restore(self._path, self._clock.now(), self._errand).run(self._chosen(backup))

    def made(self, backup: Path) -> Instant | None:
        """When a backup was made, as its name says."""
        return self._backups.made(backup)

    def _chosen(self, backup: str | None) -> Path:
        if backup is not None:
            named = self._backups.folder / backup
            return named if not Path(backup).exists() and named.is_file() else Path(backup)

        newest = self._backups.newest_good(len(migrate.migrations()))
        if newest is None:
            raise StoreError(
                f"There is no good backup in {self._backups.folder}. Name a file: monitoring restore FILE."
            )

        return newest

    def findings(self) -> Iterator[Finding]:
        """Everything that is looked at, one after another."""
        drift = checkup.Drift(self._clock)
        doctor = StoreDoctor(self._path, self._backups, self._clock.now(), self._errand)
        yield from checkup.settings_findings(self._settings)
        yield from _seen("store", doctor.findings())
        yield from _seen("folder", FolderDoctor(self._path, self._path.with_suffix(".key"), self._backups).findings())
        yield checkup.clock_findings(self._clock.now(), doctor.newest, *drift.measured())
        yield from installation()


def _seen(name: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """Findings as far as they can be made; what may not be looked at is one too."""
    try:
        yield from findings
    except OSError as error:
        yield wrong(
            name,
            f"{error.filename or 'It'} cannot be looked at: {error.strerror or error}.",
            "Run this as the user who runs the bot, or let that one own the files (chown).",
        )


def findings_without_settings(error: SettingError) -> Iterator[Finding]:
    """What can be looked at where the settings cannot be read."""
    yield from checkup.settings_wrong(error)
    yield note("store", "Not looked at, since the settings say where it is.")
    yield sqlite_version(sqlite3.sqlite_version_info)
    yield from installation()


def installation() -> Iterator[Finding]:
    """What is installed."""
    yield checkup.extras_finding()
    yield checkup.fonts_finding()
