"""From rows to columns (schema 2): every operation that was there is there, and every name in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from monitoring.model import DAY, HOUR, MINUTE, ErrorKind, OperationDone
from monitoring.store import SQLiteStore, migrate

from .building import NOW, rows_of
from .conftest import StillClock

NAMES = {1: "llm", 2: "llm_inference", 3: "gpt-4o", 4: "Mira", 5: "timeout", 6: "f00d", 7: "quiz"}
INSERT = """
INSERT INTO operation (id, service, operation, duration, error, fingerprint, persona, model, feature, guild, channel,
  message, response, first_token, prompt_tokens, completion_tokens, cached_tokens, cost, local, weight)
VALUES (?, 1, 2, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 9, 8, 7, ?, ?, 1)
"""


def as_it_was(path: Path, rows: list[tuple[object, ...]]) -> None:
    """A store of schema 1 with these operations."""
    migrate.create(path, migrate.migrations()[:1], NOW - DAY)
    with closing(sqlite3.connect(path)) as db:
        db.executemany("INSERT INTO name (id, text) VALUES (?, ?)", NAMES.items())
        db.executemany(INSERT, rows)
        db.commit()


async def test_f14_operations_of_the_older_store_are_kept(path: Path, clock: StillClock) -> None:
    """With all they bore, ids of 63 bits too; the next tending makes columns of them."""
    early, late = NOW - 3 * HOUR, NOW - MINUTE
    large = 2**63 - 1
    as_it_was(
        path,
        [
            (early << 20, 1_500_000, None, None, 4, 3, 7, large, large - 1, large - 2, 11, 250_000, 7_500, 0),
            ((late << 20) + 1, 1, 5, 6, None, None, None, 0, 0, None, None, None, None, 1),
        ],
    )
    store = SQLiteStore(path, clock=clock)
    await store.open()
    try:
        before = list(await store.operations(0, NOW))
        await store.tend(NOW)
        after = list(await store.operations(0, NOW))
    finally:
        await store.close()

    tokens = {"prompt_tokens": 9, "completion_tokens": 8, "cached_tokens": 7}
    assert before == [
        OperationDone(
            "llm", "llm_inference", early, 1.5, persona="Mira", model="gpt-4o", feature="quiz", guild_id=large,
            channel_id=large - 1, message_id=large - 2, response_id=11, first_token=0.25, cost=7_500, **tokens,
        ),
        OperationDone("llm", "llm_inference", late, 1e-6, ErrorKind.TIMEOUT, "f00d", local=True, **tokens),
    ]  # fmt: skip
    assert after == before
    assert rows_of(path, "SELECT rows, state FROM operation_block") == [(1, 1), (1, 1)]
