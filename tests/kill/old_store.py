"""Stores of older schemas with something in every table, and what is in a store, to compare."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from monitoring.store import migrate

from .upgrading import NOW

_TIMES = {"at", "until", "start", "hour", "seen", "first", "last"}
Content = dict[str, list[tuple[Any, ...]]]
"""Rows by table, with the schema itself and its version as tables of their own."""


def schemas_up_to(folder: Path, version: int, *, source: Path = migrate.SCHEMAS) -> Path:
    """A folder with the first migrations only."""
    target = folder / f"schemas-{version}"
    target.mkdir()
    for path in source.glob("*.sql"):
        if int(path.name[:4]) <= version:
            shutil.copy(path, target)

    return target


def with_another(folder: Path) -> Path:
    """The program's migrations and, after them, one that makes a large table anew, as they may come."""
    target = folder / "another"
    shutil.copytree(migrate.SCHEMAS, target)
    number = len(migrate.migrations()) + 1
    (target / f"{number:04}_rebuilt.sql").write_text(
        "ALTER TABLE message ADD COLUMN extra INTEGER NOT NULL DEFAULT 7;\n"
        "CREATE TABLE rebuilt AS SELECT id, at, length * 2 AS twice FROM message ORDER BY length;\n"
        "CREATE INDEX rebuilt_twice ON rebuilt (twice);\n"
        "DROP TABLE exchange;\nALTER TABLE rebuilt RENAME TO exchange;\n"
        "UPDATE message SET extra = length;\n"
    )

    return target


def make_old(path: Path, schemas: Path, rows: int, *, hot: bool) -> None:
    """A store of that schema with so many rows in every table; `hot`: as a kill leaves it, most of it in the log."""
    making = path.with_name("making.sqlite3")
    migrate.create(making, migrate.migrations(schemas), NOW)
    with closing(sqlite3.connect(making)) as db:
        db.execute("PRAGMA wal_autocheckpoint = 0")
        _fill(db, rows)
        db.commit()
        if not hot:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        for side in ("", "-wal"):
            shutil.copy(making.with_name(making.name + side), path.with_name(path.name + side))


def _fill(db: sqlite3.Connection, number: int) -> None:
    """Rows in every table that is empty, of what its columns seem to be about."""
    dice = random.Random(1)
    tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        if table.startswith("sqlite_") or db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():
            continue

        columns = db.execute(f"SELECT name, type FROM pragma_table_info('{table}')").fetchall()
        marks = ", ".join("?" * len(columns))
        rows = [tuple(_value(dice, n, *column) for column in columns) for n in range(1, number + 1)]
        db.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)


def _value(dice: random.Random, number: int, name: str, kind: str) -> object:
    if name == "id":
        return (NOW - number * 9_000) << 20

    if name in _TIMES:
        return NOW - number * 60_000

    if kind == "BLOB":
        return dice.randbytes(60)

    if kind == "TEXT":
        return "[1, 2]" if name in ("addressed", "named_users", "personas", "body") else f"{name} {number}"

    return dice.random() if kind == "REAL" else dice.randrange(60)


def content(path: Path) -> Content | None:
    """Everything in a store, as a reader sees it who comes after a kill; None where there is none. It must be sound."""
    if not path.exists():
        return None

    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        found = [row[0] for row in db.execute("PRAGMA integrity_check")]
        if found != ["ok"]:
            raise AssertionError(f"{path.name}: {found[:3]}")

        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        result: Content = {name: sorted(db.execute(f"SELECT * FROM {name}"), key=repr) for name in tables}
        result["sqlite_master"] = sorted(db.execute("SELECT type, name, sql FROM sqlite_master"), key=repr)
        result["user_version"] = db.execute("PRAGMA user_version").fetchall()
        return result
