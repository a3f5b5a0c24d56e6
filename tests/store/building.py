"""Batches as a recorder would make them, and the recount that rollups are held against."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from monitoring.interfaces import Batch
from monitoring.model import MINUTE, Instant, OperationDone
from monitoring.operations import Operations
from monitoring.recording.columns import gather
from monitoring.rollup import Rollup
from monitoring.rows import MessageRow

NOW = 1_767_873_600_000
"""2026-01-08 12:00 UTC, a Thursday."""


def add(batch: Batch, metric: str, at: Instant, labels: tuple[str, ...], value: float) -> None:
    """Count one value of a metric in the batch's deltas."""
    table = batch.deltas.setdefault((metric, at - at % MINUTE), {})
    table.setdefault(labels, Rollup()).add(value, sketch=True)


def message_batch(first_id: int, ats: list[Instant], *, user: str = "u1", guild: int = 1) -> Batch:
    """One user message of 40 characters at each instant, counted in the metric `message`."""
    batch = Batch()
    for number, at in enumerate(ats):
        batch.messages.append(MessageRow(first_id + number, guild, 7, at, user=user, length=40))
        add(batch, "message", at, ("user", "", str(guild), "7"), 40.0)

    return batch


def response_batch(values: list[tuple[Instant, float]], persona: str = "Mira") -> Batch:
    """One operation and one `response` for each (instant, seconds)."""
    done = [OperationDone("llm", "llm_inference", at, seconds, persona=persona, guild_id=1) for at, seconds in values]
    batch = Batch(operations=[columns_of(*done)])
    for at, seconds in values:
        add(batch, "response", at, (persona, "1", "reported"), seconds)

    return batch


def columns_of(*done: OperationDone) -> Operations:
    """Operations as a recorder hands them over."""
    operations, refused = gather(done, max(one.at for one in done))
    assert not refused
    return operations


def rows_of(path: Path, sql: str) -> list[tuple[object, ...]]:
    """What a plain SQLite connection reads from a store's file."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        return db.execute(sql).fetchall()
