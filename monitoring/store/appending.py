"""Writing a batch, all of it in one transaction, and remembering what a file that takes over would lack of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitoring.interfaces import Batch
from monitoring.model import Instant
from monitoring.store import blocks, documents, fold, journal, raw_operations, rows_sqlite
from monitoring.store.applied import Applied
from monitoring.store.blocks import Packed
from monitoring.store.connection import Connection
from monitoring.store.names import Numbers, number

if TYPE_CHECKING:
    from monitoring.store.memory import Memory
    from monitoring.store.rollups import Rollups


@dataclass(frozen=True, slots=True)
class Letter:
    """A batch as it is written: its rows, its operations as blocks, and what it adds to the rollups."""

    batch: Batch
    blocks: Sequence[Packed]
    blob: bytes

    @property
    def rows(self) -> int:
        """How many raw rows it has."""
        batch = self.batch
        listed = len(batch.messages) + len(batch.changes) + len(batch.exchanges) + len(batch.presences)
        return listed + len(batch.told) + sum(block.rows for block in self.blocks)

    def without(self, user: str) -> Letter:
        """Without a person (a keyed hash)."""
        b = self.batch
        gone = {row.id for row in b.messages if row.user == user}
        batch = replace(
            b,
            messages=[
                row._replace(named_users=tuple(one for one in row.named_users if one != user))
                for row in b.messages
                if row.user != user
            ],
            changes=[change for change in b.changes if change.id not in gone],
            presences={presence for presence in b.presences if presence.user != user},
        )
        return Letter(batch, self.blocks, self.blob)

    def only_rows(self) -> Letter:
        """Without what it adds to the rollups, which is kept for itself."""
        b = self.batch
        rows = Batch(b.messages, b.changes, [], b.exchanges, b.presences, b.told, key=b.key)
        return Letter(rows, self.blocks, b"")


def letter_of(batch: Batch, oldest: Instant) -> Letter:
    """A batch made ready, without the raw rows that are past their time."""
    block = raw_operations.block(batch.operations, oldest)
    return Letter(rows_sqlite.current(batch, oldest), block, journal.encode(batch.deltas, batch.columns))


async def write_rows(letter: Letter, db: Connection, known: Numbers) -> Numbers:
    """Write the raw rows of a letter; the numbers of its names and users, of which some are `known`."""
    numbers = Numbers()
    if rows_sqlite.has_rows(letter.batch):
        numbers = await number(db, letter.batch, known)
        for sql, rows in rows_sqlite.statements(letter.batch, numbers):
            await db.executemany(sql, rows)

    await blocks.write(db, letter.blocks)
    return numbers


@dataclass(frozen=True, slots=True)
class Written:
    """What a transaction has written: the row of the journal, if any, and the numbers that it found out."""

    letter: Letter
    row: int | None
    numbers: Numbers


class Appending:
    """Knows the numbers of names and users, and which batches are stored."""

    def __init__(self, rollups: Rollups, memory: Memory) -> None:
        self._rollups = rollups
        self._memory = memory
        self.numbers = Numbers()
        self.applied = Applied()

    def begin_anew(self, numbers: Numbers) -> None:
        """Another file has taken over, of whose names and users these numbers are known."""
        self.numbers = numbers

    def let_go(self, user: str) -> None:
        """A person (a keyed hash) was deleted: know nothing of them either."""
        self.numbers.forget()
        self._memory.let_go(user)

    async def write(self, batch: Batch, oldest: Instant, db: Connection) -> Written:
        """Write a batch without raw rows older than that, or nothing if it is there already."""
        # Made ready here, in the thread that writes, since going through one more takes as long as most of them do.
        letter = letter_of(batch, oldest)
        if await self.applied.already(db, batch.key):
            return Written(letter, None, Numbers())

        numbers = await write_rows(letter, db, self.numbers)
        if letter.batch.mark is not None:
            await documents.put(db, "mark", "recording", letter.batch.mark)

        for (kind, key), body in letter.batch.documents.items():
            await documents.put(db, kind, key, body)

        return Written(letter, await fold.append(db, letter.blob) if letter.blob else None, numbers)

    def wrote(self, written: Written) -> None:
        """Remember what a transaction that is through has written."""
        letter, key = written.letter, written.letter.batch.key
        self.applied.through(key)
        self.numbers.learn(written.numbers)
        if written.row is not None:
            self._rollups.added(written.row, letter.blob)
            self._memory.appended(written.row, key, letter.blob)

        self._memory.put(letter.batch.documents)
        self._memory.wrote(letter.only_rows())
