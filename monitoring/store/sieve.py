"""Takes what cannot be read out of the rollups, when folding met such a thing."""

from __future__ import annotations

from collections.abc import Callable

from monitoring.store import fold
from monitoring.store.connection import Connection, Connections
from monitoring.store.journal import Part, Pending, rows_of
from monitoring.store.segments import Folding, Kept
from monitoring.store.threads import Threads
from monitoring.store.unreadable import Sifted, bad_places, bad_rows, set_aside, whole


class Sieve:
    """Sets aside rows of the journal, and segments that folding needs, whose bytes were changed; counts them."""

    def __init__(self, connections: Connections, threads: Threads, zone: str) -> None:
        self._db = connections
        self._threads = threads
        self._zone = zone
        self.caught = 0
        """Rows and segments set aside since the start."""
        self.tell: Callable[[str], None] = lambda _: None

    def move(self, zone: str) -> None:
        """Days are those of another zone from now on."""
        self._zone = zone

    async def sift(self, pending: Pending, kept: Kept) -> None:
        """Look through all that the next folding would read. `pending` is taken from the store anew.

        Raises StoreError.
        """
        rows = [(row, blob) for row, blob in await self._db.read(_journal)]
        sifted = Sifted(await self._threads.run(bad_rows, rows))
        bad = set(sifted.rows)
        pending.drop([row for row, _ in rows])
        parts: dict[str, list[Part]] = {}
        for row in rows:
            if row[0] not in bad:
                pending.add(*row)
                for metric, part in (whole(row) or {}).items():
                    parts.setdefault(metric, []).append(part)

        for metric, found in parts.items():
            sifted.places += await self._bad_segments(metric, found, kept)

        if sifted:
            await self._db.write(lambda db: set_aside(db, sifted))
            self._say(len(sifted))

    async def _bad_segments(self, metric: str, parts: list[Part], kept: Kept) -> list[tuple[str, int, int]]:
        folding = await self._threads.run(lambda: Folding.of(rows_of(parts), kept, self._zone))
        stored = await self._db.read(lambda db: fold.stored(db, metric, folding.starts))
        return await self._threads.run(bad_places, metric, stored)

    def _say(self, number: int) -> None:
        """Once; how many there are by now can be seen in `caught`."""
        if not self.caught:
            self.tell(
                "Some figures in the store could not be read back and were set aside, and charts may lack a moment. "
                "Check the disk that the store lies on."
            )

        self.caught += number


async def _journal(db: Connection) -> list[tuple[int, bytes]]:
    rows = await db.execute_fetchall("SELECT id, blob FROM journal ORDER BY id")
    return [(row, blob) for row, blob in rows]
