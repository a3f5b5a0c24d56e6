"""Upgrades killed on the way: afterwards a store is of the old version or the new, whole, and its backup is there."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile

from monitoring.store import migrate
from tests.forking import ADDRESS, fork

from .ledger import Ledger, Word
from .old_store import Content, content, make_old, schemas_up_to

ROOT = Path(__file__).parent.parent.parent
LIVES = 1_000_000
"""A statement that no upgrade comes to."""


@dataclass(slots=True)
class Upgrade:
    """One migration, killed again and again, each time from the same old store."""

    folder: Path
    version: int
    """The version that it leads to; 1 is the creation of a store."""
    source: Path = migrate.SCHEMAS
    rows: int = 3_000
    """In each table."""
    killed: int = 0
    old: int = 0
    """After how many of the kills the old version was there."""
    whole: int = 0
    """After how many of the kills the new one was."""
    faults: list[str] = field(default_factory=list)
    _before: list[Content | None] = field(default_factory=list)
    _after: Content | None = None
    _statements: int = 0
    _schemas: Path = migrate.SCHEMAS

    def prepare(self) -> None:
        """Make the old store, as it is when all was closed and as a kill leaves it, and see what becomes of it."""
        self._schemas = schemas_up_to(self.folder, self.version, source=self.source)
        for hot in (False, True):
            origin = self._origin(hot)
            origin.mkdir()
            if self.version > 1:
                older = self.folder / f"schemas-{self.version - 1}"
                if not older.exists():
                    schemas_up_to(self.folder, self.version - 1, source=self.source)

                make_old(origin / "store.sqlite3", older, self.rows, hot=hot)

            self._before.append(content(self._copied(origin) / "store.sqlite3"))

        self._run(LIVES, 0.0)
        self._after = content(self._path)
        book = Ledger(self._book)
        self._statements = book[Word.STATEMENTS]
        book.close()

    def kill(self, dice: random.Random) -> None:
        """Once: upgrade, die somewhere, look, start again, look again."""
        hot = dice.random() < 0.5
        self._copied(self._origin(hot))
        # Half of them near the end, where one version becomes the other.
        first = dice.choice((1, max(self._statements - 8, 1)))
        at, later = dice.randint(first, self._statements), dice.choice((0.0, dice.uniform(0, 0.006)))
        status, _ = self._run(at, later)
        self.killed += status == -9
        where = f"version {self.version}, killed at statement {at} of {self._statements} + {later * 1000:.1f} ms"
        found = self._look(where)
        before = self._before[hot]
        self.old += found == before
        self.whole += found == self._after
        if found not in (before, self._after):
            self._fault(f"{where}: neither the old version nor the new is there")

        if found == self._after and self.version > 1 and before not in self._backups(where):
            self._fault(f"{where}: there is no backup of the old version")

        status, said = self._run(LIVES, 0.0)
        if status or said:
            self._fault(f"{where}: the next start says {status}, {said}")

        if self._look(where) != self._after:
            self._fault(f"{where}: the next start does not lead to the new version")

        if self.version > 1 and before not in self._backups(where):
            self._fault(f"{where}: after the next start there is no backup of the old version")

        strange = [one.name for one in self._path.parent.iterdir() if "corrupt" in one.name or ".new" in one.name]
        if strange:
            self._fault(f"{where}: left behind {strange}")

    @property
    def _path(self) -> Path:
        return self.folder / "tried" / "store.sqlite3"

    @property
    def _book(self) -> Path:
        return self.folder / "ledger"

    def _origin(self, hot: bool) -> Path:
        return self.folder / ("hot" if hot else "cold")

    def _copied(self, origin: Path) -> Path:
        shutil.rmtree(self._path.parent, ignore_errors=True)
        return Path(shutil.copytree(origin, self._path.parent))

    def _run(self, at: int, later: float) -> tuple[int, str]:
        """Exit status, −9 when it killed itself, and what it said."""
        Ledger(self._book, create=True).close()
        told = [str(self._path), str(self._schemas), str(self._book), str(at), str(later)]
        run = ["-m", "tests.kill.upgrading", *told]
        if at == LIVES or ADDRESS not in os.environ:
            ended = subprocess.run([sys.executable, *run], cwd=ROOT, capture_output=True, text=True, check=False)
            return ended.returncode, ended.stdout + ended.stderr

        with TemporaryFile() as said:
            into = said.fileno()
            status = fork(run, cwd=ROOT, env=os.environ, stdout=into, stderr=into).waited(60)
            said.seek(0)
            return status, said.read().decode()

    def _look(self, where: str) -> Content | None:
        try:
            return content(self._path)
        except AssertionError as error:
            self._fault(f"{where}: {error}")
            return None

    def _backups(self, where: str) -> list[Content | None]:
        """What is in the backups, all of which are whole."""
        folder = self._path.parent / "backups"
        found = []
        for path in folder.glob("*.sqlite3") if folder.is_dir() else ():
            try:
                found.append(content(path))
            except AssertionError as error:
                self._fault(f"{where}: the backup {error}")

        return found

    def _fault(self, said: str) -> None:
        self.faults.append(said)
