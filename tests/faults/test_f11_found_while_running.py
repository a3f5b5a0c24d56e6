"""Whatever happens to the store while it is used, it goes on, with what is in memory, and says what happened."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from monitoring.errors import StoreError, StoreTooNew
from monitoring.model import DAY
from monitoring.rows import Change, Document
from monitoring.store import SQLiteStore
from tests.store.building import NOW, message_batch, rows_of
from tests.store.conftest import StillClock

from . import causes
from .causes import DAMAGES, Cause, side

STAMP = "20260108T120000Z"
BEFORE, AFTER = 900, 7
"""Messages before the last backup and after it, the latter not folded yet."""


class Running:
    """A store in use, with a backup, an incident that changed since, and what it said."""

    def __init__(self, path: Path, clock: StillClock) -> None:
        self.path = path
        self.store = SQLiteStore(path, clock=clock, busy_ms=200)
        self.told: list[str] = []
        self.store.tell = self.told.append

    async def begin(self) -> None:
        """All of the above."""
        store = self.store
        await store.open()
        await store.append(message_batch(1, [NOW - i for i in range(BEFORE)]))
        await store.save([Change(Document("incident", "1", 0, {"stage": "open"}))])
        await store.save([Change(Document("notice", "sent long ago", 0, {}))])
        await store.tend(NOW, backup=True)
        await store.save([Change(Document("incident", "1", 1, {"stage": "acknowledged"}))])
        await store.save([Change(Document("notice", "sent long ago", 1, {}), delete=True)])
        await store.append(message_batch(5_000, [NOW] * AFTER))

    async def numbers(self) -> set[int]:
        """The ids of all messages."""
        return {row.id for row in await self.store.messages(0, NOW + DAY)}

    async def counted(self) -> int:
        """How many messages the figures say there were."""
        return (await self.store.series("message", NOW - DAY, NOW + DAY, 0)).sum().count

    async def state_is_as_it_was(self) -> None:
        """What was in memory of documents is in the store, in their latest version."""
        incidents = await self.store.load("incident")
        assert incidents == [Document("incident", "1", 2, {"stage": "acknowledged"})]
        assert await self.store.load("notice") == []


@pytest.fixture
async def running(path: Path, clock: StillClock) -> AsyncIterator[Running]:
    """A store in use; afterwards it must close, and what it leaves must be sound."""
    it = Running(path, clock)
    await it.begin()
    yield it
    await it.store.close()
    assert rows_of(path, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
async def test_f11_damage_is_met_while_running(running: Running, damage: Cause) -> None:
    """A read or a write that meets damage ends on the newest good backup, with what was in memory written to it."""
    damage(running.path)
    await running.numbers()
    await running.store.append(message_batch(9_000, [NOW]))

    (said,) = running.told
    assert said.endswith("took its place. What was in memory was written to it.")
    assert side(running.path, f".corrupt-{STAMP}").exists()
    assert await running.numbers() == {*range(1, BEFORE + 1), *range(5_000, 5_000 + AFTER), 9_000}
    assert await running.counted() == BEFORE + AFTER + 1
    await running.state_is_as_it_was()
    assert running.store.mended == said


async def test_f11_damage_is_found_by_the_look_beside(running: Running) -> None:
    """Damage that nobody meets is found by the daily look through the whole file."""
    checking = running.store._checking
    assert checking._running is not None
    await checking._running  # The one that the backup began.
    causes.middle_leaf(running.path)
    checking.start()
    await checking._running

    assert len(running.told) == 1
    assert await running.counted() == BEFORE + AFTER
    await running.store.append(message_batch(9_000, [NOW]))


async def test_f11_without_a_backup_a_fresh_file_takes_over(path: Path, clock: StillClock) -> None:
    """Then the figures of the last minute and the state are all there is."""
    it = Running(path, clock)
    await it.begin()
    for backup in (path.parent / "backups").iterdir():
        backup.write_bytes(b"broken")

    causes.first_page(path)
    await it.store.append(message_batch(9_000, [NOW]))
    assert "there was no good backup, so that a fresh one was begun" in it.told[0]
    assert await it.numbers() == {*range(1, BEFORE + 1), *range(5_000, 5_000 + AFTER), 9_000}
    assert await it.counted() == AFTER + 1
    await it.state_is_as_it_was()
    await it.store.close()


@pytest.mark.parametrize("cause", [causes.renamed, causes.deleted])
async def test_f11_file_that_is_gone_takes_no_more_writes(running: Running, cause: Cause) -> None:
    """A renamed file would still take writes: instead a fresh one is begun at the path, and the old one is whole."""
    cause(running.path)
    await running.store.append(message_batch(9_000, [NOW]))

    assert running.told == [
        f"The store {running.path.name} was renamed or deleted while it was in use; a fresh one was begun. "
        "What was in memory was written to it."
    ]
    assert await running.numbers() == {*range(1, BEFORE + 1), *range(5_000, 5_000 + AFTER), 9_000}
    await running.state_is_as_it_was()
    if cause is causes.renamed:
        kept = side(running.path, ".kept")
        assert rows_of(kept, "SELECT count(*) FROM message") == [(BEFORE + AFTER,)]
        assert rows_of(kept, "PRAGMA integrity_check") == [("ok",)]
        assert not side(kept, "-wal").exists() or side(kept, "-wal").stat().st_size == 0


async def test_f11_file_that_comes_back_is_counted_once(running: Running) -> None:
    """Renamed away and back again: what is in memory and in the file too is not counted twice."""
    causes.renamed(running.path)
    await running.store.append(message_batch(9_000, [NOW]))
    causes.back(running.path)
    await running.store.append(message_batch(9_001, [NOW]))

    assert running.told[1].startswith(f"The store {running.path.name} was replaced while it was in use; the one that")
    assert await running.numbers() == {*range(1, BEFORE + 1), *range(5_000, 5_000 + AFTER), 9_000, 9_001}
    assert await running.counted() == BEFORE + AFTER + 2
    await running.state_is_as_it_was()


async def test_f11_sound_file_that_replaces_it_is_used(running: Running) -> None:
    """A sound store that is renamed over ours is taken; its log is never mixed with ours."""
    causes.replaced(running.path)
    await running.store.append(message_batch(9_000, [NOW]))

    assert "was replaced while it was in use; the one that lies there now is used" in running.told[0]
    assert await running.numbers() == {*range(1, BEFORE + 1), *range(5_000, 5_000 + AFTER), 9_000}
    assert await running.counted() == BEFORE + AFTER + 1
    await running.state_is_as_it_was()


@pytest.mark.parametrize("read_first", [False, True], ids=["", "read first"])
@pytest.mark.parametrize("cause", [causes.emptied, causes.directory, causes.foreign, causes.text])
async def test_f11_what_is_no_store_is_moved_aside_while_running(
    running: Running, cause: Cause, read_first: bool
) -> None:
    """Emptied, or something else in its place: the newest good backup takes over, or a fresh file for an empty one.

    Whoever meets it first: SQLite tells a reader of an empty file that it is no database.
    """
    cause(running.path)
    if read_first:
        await running.numbers()

    await running.store.append(message_batch(9_000, [NOW]))
    assert len(running.told) == 1
    assert 9_000 in await running.numbers()
    assert await running.counted() == AFTER + 1 + (0 if cause is causes.emptied else BEFORE)
    await running.state_is_as_it_was()


async def test_f14_newer_store_swapped_in_is_not_written(running: Running) -> None:
    """As long as it lies there every write is refused, and not a byte of it changes; afterwards all goes on."""
    causes.newer(running.path)
    before = running.path.read_bytes()
    for _ in range(2):
        with pytest.raises(StoreTooNew, match="schema 99"):
            await running.store.append(message_batch(9_000, [NOW]))

        with pytest.raises(StoreTooNew):
            await running.numbers()

    assert running.path.read_bytes() == before
    assert {p.name for p in running.path.parent.glob(f"{running.path.name}*")} == {
        running.path.name, f"{running.path.name}.kept",
    }  # fmt: skip

    causes.back(running.path)
    await running.store.append(message_batch(9_000, [NOW]))
    assert await running.counted() == BEFORE + AFTER + 1
    assert len(await running.numbers()) == BEFORE + AFTER + 1


async def test_f14_schema_that_a_newer_program_changed_meanwhile_is_not_written(running: Running) -> None:
    """A newer program that migrates the open file is noticed before the next write."""
    with closing(sqlite3.connect(running.path)) as db:
        db.execute("PRAGMA user_version = 99")
        db.commit()

    with pytest.raises(StoreTooNew):
        await running.store.append(message_batch(9_000, [NOW]))

    with closing(sqlite3.connect(running.path)) as db:
        assert db.execute("SELECT count(*) FROM message WHERE id = 9000").fetchone() == (0,)
        db.execute("PRAGMA user_version = 2")
        db.commit()

    await running.store.append(message_batch(9_000, [NOW]))


async def test_f11_locked_store_is_written_to_when_it_is_free(running: Running) -> None:
    """While another process holds the lock, writes are refused, soon and without harm; reads go on."""
    with closing(sqlite3.connect(running.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(2):
            with pytest.raises(StoreError, match="locked"):
                await running.store.append(message_batch(9_000, [NOW]))

        assert len(await running.numbers()) == BEFORE + AFTER
        other.execute("ROLLBACK")

    await running.store.append(message_batch(9_000, [NOW]))
    assert running.told == []
    assert await running.counted() == BEFORE + AFTER + 1


async def test_f11_batch_whose_end_was_not_seen_counts_once(running: Running) -> None:
    """The disk fails at the commit, which took place all the same: the batch comes again and changes nothing."""
    writer = running.store._db._writer
    assert writer is not None
    run = writer.run

    async def failing(work: object) -> None:
        await run(work)  # type: ignore[arg-type]
        raise sqlite3.OperationalError("disk I/O error")

    writer.run = failing  # type: ignore[assignment, method-assign]
    batch = message_batch(9_000, [NOW])
    with pytest.raises(StoreError, match="disk I/O"):
        await running.store.append(batch)

    await running.store.append(batch)
    assert await running.counted() == BEFORE + AFTER + 1
    assert len(await running.numbers()) == BEFORE + AFTER + 1


@pytest.mark.parametrize(("table", "rest"), [("journal", BEFORE), ("segment", AFTER)])
async def test_f11_rollups_that_cannot_be_read_are_set_aside(running: Running, table: str, rest: int) -> None:
    """A byte changed in a row of figures stops neither folding nor questions; it is kept, counted, and said once."""
    await running.store._let_go()  # As if killed: nothing more is folded.
    with closing(sqlite3.connect(running.path)) as db:
        db.execute(f"UPDATE {table} SET blob = CAST(x'02ffff' || substr(blob, 4) AS BLOB)")
        changed = db.execute(f"SELECT blob FROM {table}").fetchall()
        db.commit()

    await running.store.open()
    assert await running.counted() == rest
    for number in (9_001, 9_002):
        await running.store.append(message_batch(number, [NOW]))
        await running.store.tend(NOW)

    assert await running.counted() == rest + 2
    assert rows_of(running.path, "SELECT count(*) FROM journal") == [(0,)]
    kept = rows_of(running.path, "SELECT blob FROM set_aside")
    assert kept
    assert set(kept) <= set(changed)
    (said,) = running.told
    assert said.startswith("Some figures in the store could not be read back")
