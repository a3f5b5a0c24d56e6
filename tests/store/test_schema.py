"""What the store could hold at all."""

# ruff: noqa: ASYNC240 - a test has the loop to itself: its own small files may be touched directly.

from __future__ import annotations

import stat
from pathlib import Path

from monitoring.interfaces import Batch
from monitoring.model import OperationDone
from monitoring.rows import Presence
from monitoring.store import SQLiteStore
from monitoring.store.header import APPLICATION_ID, read_header

from .building import NOW, columns_of, rows_of
from .test_append import FULL

ALLOWED = {
    "schema_version": "version applied_at",
    "fold": "number zone",
    "name": "id text seen",
    "person": "id hash seen",
    "message": "id guild channel at persona user length words question emoji mentions sentiment reference addressed "
    "named_users answers chunk_of placeholder failed command answered edited_at deleted_at",
    "operation_block": "id first last rows state blob",
    "exchange": "id guild channel at until turns messages starter ender personas success",
    "presence": "hour guild persona user",
    "segment": "metric width start blob",
    "journal": "id blob",
    "applied": "id batch",
    "set_aside": "id source blob",
    "told": "id what persona other name value guild",
    "document": "kind key version due body",
    "sqlite_sequence": "name seq",
}
"""Every column there may be. Before you add one: can the text of a message, or a name of a user, get into it?"""


async def test_no_column_beside_those_allowed(store: SQLiteStore, path: Path) -> None:
    """The store has the columns listed here and no other; none of them is for text that somebody wrote."""
    found = {
        str(table): " ".join(str(name) for (name,) in rows_of(path, f"SELECT name FROM pragma_table_info('{table}')"))
        for (table,) in rows_of(path, "SELECT name FROM sqlite_master WHERE type = 'table'")
    }

    assert found == ALLOWED


async def test_names_hold_names_only(store: SQLiteStore, path: Path) -> None:
    """What a batch brings of text is names of personas and services, and keyed hashes of users."""
    done = OperationDone(
        "llm", "llm_inference", NOW, 1.0, fingerprint="f00d", persona="Mira", model="m", feature="quiz"
    )
    await store.append(Batch(messages=[FULL], operations=[columns_of(done)], presences={Presence(NOW, 1, "", "u3")}))

    names = {text for (text,) in rows_of(path, "SELECT text FROM name")}
    assert names == {"Mira", "Söl"}
    assert rows_of(path, "SELECT hash FROM person ORDER BY 1") == [("u1",), ("u2",), ("u3",)]


async def test_file_is_ours_alone(store: SQLiteStore, path: Path) -> None:
    """The file bears our mark and its schema, is readable by its owner only, and in WAL with incremental vacuum."""
    header = read_header(path)

    assert header is not None
    assert (header.application_id, header.version) == (APPLICATION_ID, 2)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert rows_of(path, "PRAGMA journal_mode") == [("wal",)]
    assert rows_of(path, "PRAGMA auto_vacuum") == [(2,)]
    assert rows_of(path, "SELECT version, applied_at FROM schema_version") == [(1, NOW), (2, NOW)]
