"""What it costs to make operations durable, and how many bytes they take."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from itertools import count
from pathlib import Path

from monitoring.interfaces import Batch
from monitoring.model import OperationDone

from .frame import Bench, Row, medians
from .histories import COMPACT, INSERT, MONTH, RAW_DAYS, History, filled, size_of
from .ours import NOW, ToldClock, data_path, recorder_to
from .traffic import COLUMNS, columns, operations

FLUSH = 2_500


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """CPU, then bytes."""
    async for row in _cpu(bench):
        yield row

    yield await _bytes(bench)


async def _cpu(bench: Bench) -> AsyncIterator[Row]:
    """CPU of all threads to the disk, of ready batches as of ready rows: a minute of 10,000 a second."""
    flushes = bench.size(240, 2)
    spans = [(NOW - 250 * (flushes - number), NOW - 250 * (flushes - number - 1)) for number in range(flushes)]
    facts = [list(operations(FLUSH, *span)) for span in spans]
    batches = await _batches(facts)
    tuples = [_compact(span) for span in spans]
    number = count(1)

    async with data_path(bench.folder / "ingest.sqlite3", ToldClock()) as path:

        async def ours() -> float:
            began = time.process_time()
            for batch in batches:
                await path.store.append(batch)

            return (time.process_time() - began) / flushes / FLUSH * 1e6

        async def later() -> float:
            began = time.process_time()
            await path.store.tend(NOW)
            return (time.process_time() - began) / flushes / FLUSH * 1e6

        async def recorded() -> float:
            began = time.process_time()
            for seen in facts:
                for done in seen:
                    path.recorder.record(done)

                await path.recorder.flush()

            await path.store.tend(NOW)
            return (time.process_time() - began) / flushes / FLUSH * 1e6

        def peer() -> float:
            with closing(_durable(bench.folder / f"bare-{next(number)}.sqlite3")) as db:
                db.executescript(COMPACT)
                began = time.process_time()
                for batch in tuples:
                    db.execute("BEGIN")
                    db.executemany(INSERT, batch)
                    db.execute("COMMIT")

                return (time.process_time() - began) / flushes / FLUSH * 1e6

        mine, tended, whole, theirs = await medians(bench.rounds, ours, later, recorded, peer)

    named = "bare `executemany` of numbers"
    yield Row("durable ingest, CPU per operation", mine, "µs", theirs, named, 1.3, 0.8)
    yield Row("folding and packing them, once a minute", tended, "µs", theirs, named)
    yield Row("all of it from recorded facts, tried, priced and counted", whole, "µs", theirs, named)


async def _batches(facts: list[list[OperationDone]]) -> list[Batch]:
    """What the recorder makes of facts for the store."""
    made: list[Batch] = []

    async def keep(batch: Batch) -> None:
        made.append(batch)

    recorder = recorder_to(keep, ToldClock())
    for seen in facts:
        for done in seen:
            recorder.record(done)

        await recorder.flush()

    await recorder.close()
    return made


def _durable(file: Path) -> sqlite3.Connection:
    db = sqlite3.connect(file, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    return db


def _compact(span: tuple[int, int]) -> list[tuple[int, ...]]:
    (chunk,) = columns(FLUSH, *span)
    return list(zip(*(chunk[name].tolist() for name in COLUMNS), strict=True))


TEXT = """
CREATE TABLE operation (id INTEGER PRIMARY KEY, at INTEGER, service TEXT, operation TEXT, persona TEXT, model TEXT,
  guild TEXT, duration REAL, error TEXT, first_token REAL, prompt INTEGER, completion INTEGER);
CREATE INDEX by_time ON operation (at);
CREATE INDEX by_service ON operation (service, at);
CREATE INDEX by_persona ON operation (persona, at);
CREATE INDEX by_guild ON operation (guild, at);
"""
TEXT_INSERT = f"""
INSERT INTO operation (at, service, operation, persona, model, guild, duration, error, first_token, prompt,
  completion) VALUES ({", ".join("?" * 11)})
"""


def text_row(done: OperationDone) -> tuple[object, ...]:
    """An operation as somebody would store it who has not measured yet."""
    return (
        done.at,
        done.service,
        done.operation,
        done.persona,
        done.model,
        str(done.guild_id),
        done.duration,
        None if done.error is None else done.error.value,
        done.first_token,
        done.prompt_tokens,
        done.completion_tokens,
    )


async def _bytes(bench: Bench) -> Row:
    """A month kept as raw rows all through and as rollups; the naive table holds a tenth, as its rows are all alike."""
    month = History(bench.size(MONTH, 2_000), 30, RAW_DAYS)
    file = await filled(bench, month)
    naive = bench.folder / "text.sqlite3"
    tenth = month.count // 10
    with closing(sqlite3.connect(naive)) as db:
        db.executescript(TEXT)
        db.executemany(TEXT_INSERT, map(text_row, operations(tenth, month.start, NOW)))
        db.commit()

    ours, theirs = size_of(file) / month.count, size_of(naive) / tenth
    what = "bytes per operation, raw and rollups together"
    return Row(what, ours, "B", theirs, "text rows with four indexes", 0.15, 0.07)
