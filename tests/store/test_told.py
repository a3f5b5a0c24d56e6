"""What the host told of its personas, in a real SQLite file."""

from __future__ import annotations

from pathlib import Path

from monitoring.interfaces import Batch
from monitoring.model import DAY, MINUTE, Told
from monitoring.store import SQLiteStore, told_sqlite
from monitoring.store.told_sqlite import MOST

from .building import NOW, rows_of

KEPT = 730 * DAY


async def write(store: SQLiteStore, *told: Told) -> None:
    """Write what was told, in one transaction."""
    statement, rows = told_sqlite.write(Batch(told=list(told)))
    await store._db.write(lambda db: db.executemany(statement, rows))


async def test_what_was_told_is_there_again_oldest_first(store: SQLiteStore) -> None:
    """Of one kind or all, in a span whose start is included and whose end is not; equal times keep their order."""
    level = Told("level", NOW, "Luna", value=3, guild_id=7)
    stage = Told("stage", NOW, "Luna", "Rex", "friends", guild_id=7)
    trait = Told("trait", NOW - MINUTE, "Lúna 🌙", "", "curious", 0.8)
    await write(store, level, stage)
    await write(store, trait)

    async def read(*asked: object) -> list[Told]:
        return await store._db.read(lambda db: told_sqlite.told(db, *asked))  # type: ignore[arg-type]  # as given

    assert await read(NOW - DAY, NOW + 1) == [trait, level, stage]
    assert await read(NOW - DAY, NOW) == [trait]
    assert await read(NOW - DAY, NOW + 1, "stage") == [stage]
    assert await read(NOW + 1, NOW + DAY) == []


async def test_what_is_past_its_time_is_deleted_a_little_at_a_time(store: SQLiteStore, path: Path) -> None:
    """Two years after it was told, at most so many rows in one step."""
    old = [Told("level", NOW - KEPT - number, "Luna", value=number) for number in range(1, 6)]
    await write(store, *old, Told("level", NOW - KEPT, "Luna", value=9))

    assert await store._db.write(lambda db: told_sqlite.clean(db, NOW - KEPT, 3)) == 3
    assert rows_of(path, "SELECT value FROM told ORDER BY id") == [(2.0,), (1.0,), (9.0,)]
    assert await store._db.write(lambda db: told_sqlite.clean(db, NOW - KEPT, 3)) == 2
    assert await store._db.write(lambda db: told_sqlite.clean(db, NOW - KEPT, 3)) == 0


async def test_f3_no_more_than_the_newest_two_hundred_thousand_are_kept(store: SQLiteStore, path: Path) -> None:
    """Whatever their age: a host that tells too much loses its oldest."""
    await store._db.write(
        lambda db: db.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO told SELECT ? + i, 'level', 'Luna', '', '', i, 0 FROM n",
            (MOST + 30, NOW << 20),
        )
    )

    assert await store._db.write(lambda db: told_sqlite.clean(db, NOW - KEPT, 500)) == 30
    assert rows_of(path, "SELECT count(*), min(value) FROM told") == [(MOST, 31.0)]
    assert await store._db.write(lambda db: told_sqlite.clean(db, NOW - KEPT, 500)) == 0
