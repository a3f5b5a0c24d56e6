"""Whether the pages of a SQLite file can be read: all of them, or those at the ends of every table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from monitoring.store.migrate import Migration
from monitoring.store.sound import not_damage

_COLUMNS = (
    "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' "
    "AND m.name NOT LIKE 'sqlite_%' UNION SELECT name, '' FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
)


def whole_sound(path: Path, *, indexes: bool = False) -> bool:
    """Whether SQLite finds nothing wrong with the whole file; `indexes`: nor between its tables and their indexes.

    Raises sqlite3.Error when it could not look.
    """
    with _reading(path) as db:
        try:
            check = "integrity_check(1)" if indexes else "quick_check(1)"
            return bool(db.execute(f"PRAGMA {check}").fetchone() == ("ok",))
        except sqlite3.DatabaseError as error:
            return not_damage(error)


def ends_sound(path: Path) -> bool:
    """Whether the schema and the first and last rows of every table can be read. Raises sqlite3.Error as above."""
    with _reading(path) as db:
        try:
            for table in tables(db):
                (key,) = next(db.execute(f"SELECT name FROM pragma_table_info('{table}') ORDER BY pk = 0, pk"))
                for order in ("ASC", "DESC"):
                    db.execute(f"SELECT * FROM {table} ORDER BY {key} {order} LIMIT 3").fetchall()
        except sqlite3.DatabaseError as error:
            return not_damage(error)

    return True


def right_schema(path: Path, steps: list[Migration]) -> bool:
    """Whether every table, column and index is there that these steps make. Raises sqlite3.Error as above."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        for step in steps:
            fresh.executescript(step.sql)

        wanted = set(fresh.execute(_COLUMNS))

    with _reading(path) as db:
        try:
            return wanted <= set(db.execute(_COLUMNS))
        except sqlite3.DatabaseError as error:
            return not_damage(error)


def tables(db: sqlite3.Connection) -> list[str]:
    """The names of all tables."""
    return [str(name) for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as db:
        yield db
