"""What a running store knows by heart: all that a file which takes over must get besides what is in it already."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from monitoring.rows import Change
from monitoring.store.connection import Connection

if TYPE_CHECKING:
    from monitoring.store.appending import Letter

MOST_DOCUMENTS = 10_000
"""Documents remembered, the newest ones."""
MOST_ROWS = 5_000
"""Raw rows remembered, the newest ones."""
_STAMPED = secrets.SystemRandom()


class Memory:
    """The documents as they are stored, and the journal's rows of this process that are not folded yet."""

    def __init__(self) -> None:
        self._documents: dict[tuple[str, str], tuple[int, int | None, str]] = {}
        """(version, due, body) by (kind, key)."""
        self._batches: dict[int, tuple[int, bytes]] = {}
        """(key of the batch, blob) by row of the journal."""
        self._letters: deque[Letter] = deque()
        self._rows = 0

    async def learn(self, db: Connection) -> None:
        """Take over the documents as they are stored now."""
        rows = await db.execute_fetchall(
            "SELECT kind, key, version, due, body FROM document ORDER BY rowid DESC LIMIT ?", (MOST_DOCUMENTS,)
        )
        self._documents = {(kind, key): (version, due, body) for kind, key, version, due, body in rows}

    def saved(self, changes: Sequence[Change]) -> None:
        """Remember changes of documents that were stored just now."""
        for change in changes:
            document = change.document
            place = document.kind, document.key
            if change.delete:
                self._documents.pop(place, None)
            else:
                body = json.dumps(document.body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
                self._documents[place] = document.version + 1, document.due, body

    def appended(self, row: int, key: int, blob: bytes) -> None:
        """Remember a row of the journal, and the batch that it is of."""
        self._batches[row] = key, blob

    def wrote(self, letter: Letter) -> None:
        """Remember the raw rows written last; as many as come in half a minute of a busy bot."""
        if not letter.rows:
            return

        self._letters.append(letter)
        self._rows += letter.rows
        while self._rows > MOST_ROWS:
            self._rows -= self._letters.popleft().rows

    def folded(self, rows: Iterable[int]) -> None:
        """Forget rows that are in the segments."""
        for row in rows:
            self._batches.pop(row, None)

    def pour(self, path: Path, zone: str) -> tuple[list[tuple[int, bytes]], list[Letter]]:
        """Write everything into a file that takes over; the rows of its journal then, and the raw rows it lacks.

        Its documents give way to those in memory, which are newer. What it counted already is not counted again.
        Raises sqlite3.Error.
        """
        with closing(sqlite3.connect(path, isolation_level=None, timeout=1)) as db:
            db.execute("PRAGMA synchronous = FULL")
            db.execute("BEGIN IMMEDIATE")
            # Unlike any number before: a folding that began on the file before must not end on this one.
            db.execute("UPDATE fold SET number = ?", (_STAMPED.getrandbits(62),))
            db.execute("UPDATE fold SET zone = ? WHERE zone = ''", (zone,))
            db.execute("DELETE FROM document")
            db.executemany(
                "INSERT INTO document (kind, key, version, due, body) VALUES (?, ?, ?, ?, ?)",
                [(*place, *rest) for place, rest in reversed(self._documents.items())],
            )
            applied = {key for (key,) in db.execute("SELECT batch FROM applied")}
            again = [letter for letter in self._letters if letter.batch.key not in applied]
            batches = {}
            for key, blob in self._batches.values():
                if key not in applied:
                    row = db.execute("INSERT INTO journal (blob) VALUES (?)", (blob,)).lastrowid
                    db.execute("INSERT INTO applied (batch) VALUES (?)", (key,))
                    assert row is not None
                    batches[row] = key, blob

            rows = db.execute("SELECT id, blob FROM journal ORDER BY id").fetchall()
            db.execute("COMMIT")

        self._batches = batches
        return rows, again
