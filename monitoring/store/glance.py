"""A document read before the store is opened, without touching anything in its folder."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path


def glance(path: Path, kind: str, key: str) -> dict[str, object]:
    """The body of a document as it last was in the file itself; {} where that cannot be told.

    What only lies in the write-ahead log is not seen: whoever opens the store afterwards reads it anew.
    """
    if not path.is_file():
        return {}

    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as db:
            found = db.execute("SELECT body FROM document WHERE kind = ? AND key = ?", (kind, key)).fetchone()

        body = json.loads(found[0]) if found else {}
    except (sqlite3.Error, ValueError, OSError):
        # Opening the store says what is wrong with it, and mends it.
        return {}

    return body if isinstance(body, dict) else {}


def glances(path: Path, kind: str) -> dict[str, dict[str, object]] | None:
    """All documents of a kind by key, those in the write-ahead log too; None where there is no store to be read.

    Beside a running bot it is as quick as one query can be; it changes nothing that is stored.
    """
    if not path.is_file():
        return None

    for ways in ("mode=ro", "mode=ro&immutable=1"):
        try:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{ways}", uri=True, timeout=2)) as db:
                found = db.execute("SELECT key, body FROM document WHERE kind = ?", (kind,)).fetchall()

            bodies = {key: json.loads(body) for key, body in found}
        except (sqlite3.Error, ValueError, OSError):
            # In a folder that may not be written to, only the file itself can be read.
            continue

        return {key: body for key, body in bodies.items() if isinstance(body, dict)}

    return None
