"""Histories to ask about: filled through the recorder once a run, and the same rows in the peers' databases."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from monitoring.model import DAY
from monitoring.store import SQLiteStore

from .frame import Bench
from .ours import NOW, ToldClock, data_path
from .traffic import COLUMNS, columns, operations

RAW_DAYS = 30
MONTH = 5_000_000
"""Operations of the month that is reported."""
COMPACT = f"""
CREATE TABLE operation (id INTEGER PRIMARY KEY, {", ".join(f"{name} INTEGER NOT NULL" for name in COLUMNS)});
"""
INSERT = f"INSERT INTO operation ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"


@dataclass(frozen=True, slots=True)
class History:
    """So many operations in the days before NOW."""

    count: int
    days: int
    raw_days: int = 7

    @property
    def start(self) -> int:
        """Where it begins."""
        return NOW - self.days * DAY

    @property
    def file(self) -> str:
        """Its name, by which it is found again within a run."""
        return f"{self.count}-{self.days}-{self.raw_days}.sqlite3"


async def filled(bench: Bench, history: History) -> Path:
    """The store with that history, folded and cleaned up; made when it is not there yet."""
    file = bench.folder / history.file
    if file.exists():
        return file

    began = time.monotonic()
    async with data_path(file, ToldClock(), raw_days=history.raw_days) as path:
        await path.recorder.replay(operations(history.count, history.start, NOW))
        # As often as a month of minutes would have, until no page is left to give back.
        while await _tended(path.store):
            pass

    seconds = time.monotonic() - began
    print(f"   {history.count:,} operations of {history.days} days filled in {seconds:.0f} s", file=sys.stderr)
    return file


async def _tended(store: SQLiteStore) -> bool:
    """Tend a store once; whether there is more to pack or to give back to the file system."""
    before = _left(store.path)
    await store.tend(NOW)
    return _left(store.path) < before


def _left(file: Path) -> tuple[int, int]:
    """Blocks to be packed, and free pages."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as db:
        (blocks,) = db.execute("SELECT count(*) FROM operation_block WHERE state = 0").fetchone()
        (pages,) = db.execute("PRAGMA freelist_count").fetchone()
        return int(blocks), int(pages)


@asynccontextmanager
async def opened(bench: Bench, history: History) -> AsyncIterator[SQLiteStore]:
    """A store with that history."""
    store = SQLiteStore(await filled(bench, history), clock=ToldClock(), raw_days=history.raw_days, backups=0)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def chunks(history: History) -> Iterator[list[Any]]:
    """The same rows as columns of numbers, in chunks."""
    for chunk in columns(history.count, history.start, NOW):
        yield [chunk[name] for name in COLUMNS]


def compact_rows(bench: Bench, history: History) -> sqlite3.Connection:
    """The same rows in SQLite as it is written by who knows it: numbers only, in order of time, indexed by time."""
    db = sqlite3.connect(bench.folder / f"compact-{history.file}", isolation_level=None)
    db.execute("PRAGMA journal_mode = OFF")
    db.executescript(COMPACT)
    db.execute("BEGIN")
    for chunk in chunks(history):
        db.executemany(INSERT, zip(*(column.tolist() for column in chunk), strict=True))

    db.execute("CREATE INDEX operation_at ON operation (began)")
    db.execute("COMMIT")
    db.execute("PRAGMA cache_size = -200000")
    return db


def duck_rows(bench: Bench, history: History) -> duckdb.DuckDBPyConnection:
    """The same rows in DuckDB, with as many threads as there are cores."""
    db = duckdb.connect(str(bench.folder / f"{history.file}.duckdb"))
    types = ", ".join(f"{name} {'BIGINT' if name in ('began', 'message') else 'INTEGER'}" for name in COLUMNS)
    db.execute(f"CREATE TABLE operation ({types})")
    for chunk in columns(history.count, history.start, NOW):
        db.register("chunk", chunk)
        db.execute(f"INSERT INTO operation SELECT {', '.join(COLUMNS)} FROM chunk")
        db.unregister("chunk")

    db.execute("CHECKPOINT")
    return db


def size_of(file: Path) -> int:
    """Bytes of a store with everything that lies beside it."""
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    return sum(one.stat().st_size for one in file.parent.glob(f"{file.name}*"))
