"""What a running store knows by heart: all that a file which takes over must get besides what is in it already."""

from __future__ import annotations

import secrets
import sqlite3
from collections import deque
from collections.abc import Container, Iterable, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from monitoring.rows import Change
from monitoring.store import applied
from monitoring.store.appending import Letter, write_rows
from monitoring.store.connecting import at_once
from monitoring.store.connection import Connection
from monitoring.store.documents import dumped
from monitoring.store.names import Numbers

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
        self._letters: deque[tuple[int, Letter]] = deque()
        """Numbered in order of all batches, those without raw rows too."""
        self._rows = 0
        self._number = 0

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
                self._documents[place] = document.version + 1, document.due, dumped(document.body)

    def put(self, bodies: Mapping[tuple[str, str], Mapping[str, object]]) -> None:
        """Remember documents that were written just now, whatever was there before."""
        for place, body in bodies.items():
            version, _, _ = self._documents.get(place, (0, None, ""))
            self._documents[place] = version + 1, None, dumped(body)

    def appended(self, row: int, key: int, blob: bytes) -> None:
        """Remember a row of the journal, and the batch that it is of."""
        self._batches[row] = key, blob

    def wrote(self, letter: Letter) -> None:
        """Remember the raw rows written last; as many as come in half a minute of a busy bot.

        None of a batch that a file may have forgotten it has: its rows would be written to it a second time.
        """
        self._number += 1
        if letter.rows:
            self._letters.append((self._number, letter))
            self._rows += letter.rows

        while self._letters and (self._rows > MOST_ROWS or self._letters[0][0] <= self._number - applied.KEPT):
            self._rows -= self._letters.popleft()[1].rows

    def let_go(self, user: str) -> None:
        """Remember no row of a person (a keyed hash), who was deleted."""
        self._letters = deque((number, letter.without(user)) for number, letter in self._letters)
        self._rows = sum(letter.rows for _, letter in self._letters)

    def folded(self, rows: Iterable[int]) -> None:
        """Forget rows that are in the segments."""
        for row in rows:
            self._batches.pop(row, None)

    def pour(self, path: Path, zone: str) -> tuple[list[tuple[int, bytes]], Numbers]:
        """Write everything into a file that takes over; the rows of its journal then, and numbers of names in it.

        Its documents give way to those in memory, which are newer. A batch that it has already is not written again;
        of any other, all goes into one transaction with the key that says so. So it may be done as often as need be.
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
            there = {key for (key,) in db.execute("SELECT batch FROM applied")}
            mine = list(self._batches.values())
            db.executemany("INSERT INTO journal (blob) VALUES (?)", [(blob,) for key, blob in mine if key not in there])
            numbers = at_once(partial(self._pour_rows, there), db)
            keys = dict.fromkeys((*(key for key, _ in mine), *(letter.batch.key for _, letter in self._letters)))
            db.executemany("INSERT INTO applied (batch) VALUES (?)", [(key,) for key in keys if key not in there])
            rows = db.execute("SELECT id, blob FROM journal ORDER BY id").fetchall()
            db.execute("COMMIT")

        self._batches = _unfolded(rows, mine)
        return rows, numbers

    async def _pour_rows(self, there: Container[int], db: Connection) -> Numbers:
        numbers = Numbers()
        for _, letter in self._letters:
            if letter.batch.key not in there:
                numbers.learn(await write_rows(letter, db, numbers))

        return numbers


def _unfolded(rows: Iterable[tuple[int, bytes]], mine: Iterable[tuple[int, bytes]]) -> dict[int, tuple[int, bytes]]:
    """Which of my batches lie in the rows of a journal, whoever wrote them there."""
    keys: dict[bytes, list[int]] = {}
    for key, blob in mine:
        keys.setdefault(blob, []).append(key)

    return {row: (keys[blob].pop(0), blob) for row, blob in rows if keys.get(blob)}
