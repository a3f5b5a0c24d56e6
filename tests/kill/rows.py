"""Raw rows and documents as they lie in the file."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from monitoring.model import ErrorKind, OperationDone
from monitoring.store import SQLiteStore

EVER = 2**45


async def operations(reading: SQLiteStore, db: sqlite3.Connection) -> list[OperationDone]:
    """All stored operations."""
    if hasattr(reading, "operations"):
        return list(await reading.operations(0, EVER))

    names = dict(db.execute("SELECT id, text FROM name")) | {None: "", 0: ""}
    rows = db.execute(
        "SELECT id >> 20, service, operation, duration, error, persona, model, feature, guild, message, response, "
        "first_token, prompt_tokens, completion_tokens, cached_tokens, cost, weight FROM operation"
    )
    return [
        OperationDone(
            names[r[1]], names[r[2]], r[0], r[3] / 1e6, ErrorKind(names[r[4]]) if r[4] else None, "", names[r[5]],
            names[r[6]], names[r[7]], r[8], 0, r[9], r[10], None if r[11] is None else r[11] / 1e6, r[12], r[13],
            r[14], r[15], False, r[16],
        )
        for r in rows
    ]  # fmt: skip


def documents(db: sqlite3.Connection, kind: str) -> dict[str, dict[str, Any]]:
    """The bodies of a kind by key."""
    return {key: json.loads(body) for key, body in db.execute("SELECT key, body FROM document WHERE kind = ?", (kind,))}
