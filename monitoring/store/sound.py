"""Whether a file can be trusted: SQLite looks through all of it, and we read some of what only we can read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from monitoring.store import journal, migrate
from monitoring.store.blocks import DAMAGED
from monitoring.store.errand import Errand
from monitoring.store.journal import Own
from monitoring.store.packing import unpack
from monitoring.store.unreadable import UNREADABLE

_SEGMENTS = "SELECT blob, max(start) FROM segment GROUP BY metric, width"
_JOURNAL = "SELECT blob FROM journal ORDER BY id DESC LIMIT 20"
_OPERATIONS = f"SELECT blob FROM operation_block WHERE state != {DAMAGED} ORDER BY id DESC LIMIT 20"
_DOCUMENTS = "SELECT body FROM document ORDER BY rowid DESC LIMIT 500"


def sound(path: Path, errand: Errand | None = None) -> bool:
    """Whether nothing is wrong with the whole file. Raises sqlite3.Error when it could not be looked at."""
    return not trouble(path, errand) and not unreadable(path)


def trouble(path: Path, errand: Errand | None = None, guard: Callable[[], None] = lambda: None) -> str:
    """What SQLite finds wrong with the file, all of which it looks through; "" for nothing.

    Raises sqlite3.Error as `sound`, and what a `guard` raises to end the look.
    """
    errand = errand or Errand()
    try:
        with _reading(path) as db, errand.watching(db, f"looking through {path.name.removesuffix('.new')}", guard):
            said = [str(row[0]) for row in db.execute("PRAGMA quick_check(5)")]
            return "" if said == ["ok"] else "; ".join(said)
    except sqlite3.DatabaseError as error:
        not_damage(error)
        return str(error)


def unreadable(path: Path) -> str:
    """What of our own writing cannot be read back, of the newest of each kind; "" for nothing. Raises as `sound`.

    Only this program's own schema is known well enough to try.
    """
    with _reading(path) as db:
        if db.execute("PRAGMA user_version").fetchone() != (len(migrate.migrations()),):
            return ""

        try:
            _read_back(db)
        except UNREADABLE as error:
            return f"what is stored cannot be read back ({error})"
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                raise

            return str(error)  # A table is missing.

    return ""


def _read_back(db: sqlite3.Connection) -> None:
    for blob, _ in db.execute(_SEGMENTS):
        Own(blob).rows()

    for (blob,) in db.execute(_JOURNAL):
        for part in journal.decode(blob).values():
            part.rows()

    for (blob,) in db.execute(_OPERATIONS):
        unpack(blob)

    for (body,) in db.execute(_DOCUMENTS):
        json.loads(body)


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as db:
        yield db


def not_damage(error: sqlite3.DatabaseError) -> bool:
    """False where an error means that the file is damaged; one that means anything else (locked, …) is raised again."""
    # Without a code: what is no UTF-8 cannot be read as text, of which Python complains and SQLite does not.
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in (0, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return False

    raise error
