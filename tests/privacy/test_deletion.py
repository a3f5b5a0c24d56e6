"""What is deleted is gone: from rows, from memory, and from every byte of file and log."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from monitoring.interfaces import Batch
from monitoring.model import DAY, HOUR, MINUTE, OperationDone
from monitoring.recording.identity import UserHash
from monitoring.rows import MessageChange, MessageRow, Presence
from monitoring.store.sqlite import SQLiteStore
from tests.store.building import NOW, add, columns_of, rows_of
from tests.store.conftest import StillClock

HASH = UserHash(bytes(range(32)))
ANNA, BERT = HASH(1), HASH(2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "monitoring.sqlite3"


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def store(path: Path, clock: StillClock) -> AsyncIterator[SQLiteStore]:
    """An open store, in which Anna and Bert have talked to Mira, and a thousand others have been."""
    store = SQLiteStore(path, clock=clock, busy_ms=50)
    await store.open()
    await fill(store)
    yield store
    await store.close()


async def fill(store: SQLiteStore) -> None:
    """Messages 10 (Anna) and 20 (Bert), Mira's answers 11 and 21 which name both, work for 10, and presences."""
    at = NOW - HOUR
    messages = [
        MessageRow(10, 1, 7, at, user=ANNA, length=40, question=True, addressed=("Mira",)),
        MessageRow(11, 1, 7, at + 5_000, persona="Mira", reference_id=10, named_users=(ANNA, BERT)),
        MessageRow(20, 1, 7, at + MINUTE, user=BERT, length=9, addressed=("Mira",)),
        MessageRow(21, 1, 7, at + MINUTE + 5_000, persona="Mira", named_users=(ANNA,)),
    ]
    changes = [MessageChange(10, answered=True), MessageChange(11, answers=10), MessageChange(21, answers=20)]
    presences = {Presence(at, 1, persona, user) for persona in ("", "Mira") for user in (ANNA, BERT)}
    done = [
        OperationDone("llm", "llm_inference", at + 1, 1.0, model="m", guild_id=1, message_id=id_) for id_ in (10, 20)
    ]
    batch = Batch(messages=messages, changes=changes, presences=presences, operations=[columns_of(*done)])
    add(batch, "message", at, ("user", "", "1", "7"), 40.0)
    await store.append(batch)
    others = random.Random(5)
    for hour in range(5):
        crowd = {Presence(NOW - hour * HOUR, 1, "", HASH(others.randrange(100, 3_000))) for _ in range(400)}
        await store.append(Batch(presences=crowd))


def bytes_of(path: Path) -> bytes:
    """Everything in the files of a store: the file itself, its log and the log's index."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()) if file.is_file())


async def test_what_is_handed_out_is_everything_about_one_person(store: SQLiteStore) -> None:
    """Messages with all their columns, hours, who named them, and the work that was done for them; nobody else's."""
    rows = await store.forgetting.rows(ANNA)

    (message,) = rows.messages
    assert (message["id"], message["addressed"], message["answered"]) == (10, ["Mira"], True)
    assert [row["persona"] for row in rows.presences] == ["", "Mira"]
    assert [row["id"] for row in rows.named_by] == [11, 21]
    (work,) = rows.operations
    assert (work["service"], work["message"]) == ("llm", 10)
    assert json.dumps([rows.messages, rows.operations]).count("20") == 0 or BERT not in json.dumps(rows.messages)
    assert not (await store.forgetting.rows("nobody")).messages


async def test_a_deletion_is_counted_and_leaves_what_others_wrote(store: SQLiteStore, path: Path) -> None:
    """Messages, hours, names and links of the one are gone; the others and the sums of all are as before."""
    gone = await store.forgetting.person(ANNA)

    assert (gone.messages, gone.hours, gone.named, gone.operations, gone.settled) == (1, 1, 2, 1, True)
    assert rows_of(path, "SELECT id, reference, answers FROM message ORDER BY id") == [
        (11, None, None), (20, None, None), (21, None, 20)
    ]  # fmt: skip
    (mira,) = [row for row in await store.messages(NOW - DAY, NOW) if row.id == 11]
    assert mira.named_users == (BERT,)
    done = await store.operations(NOW - DAY, NOW)
    assert sorted(done.message.tolist()) == [0, 20]
    assert not (await store.person(ANNA, NOW - DAY, NOW)).hours
    assert (await store.person(BERT, NOW - DAY, NOW)).messages == (NOW - HOUR + MINUTE,)
    assert (await store.series("message", NOW - DAY, NOW + 1, 0)).total(lambda _: "")[""].count == 1
    assert not await store.forgetting.person(ANNA)


async def test_a_deletion_leaves_no_byte_in_file_and_log(store: SQLiteStore, path: Path) -> None:
    """The hash is nowhere in the raw bytes of file, -wal and -shm, and the log is empty."""
    await store.tend(NOW)
    assert ANNA.encode() in bytes_of(path)

    await store.forgetting.person(ANNA)

    assert ANNA.encode() not in bytes_of(path)
    assert BERT.encode() in bytes_of(path)
    assert path.with_name(f"{path.name}-wal").stat().st_size == 0


async def test_what_an_earlier_version_left_in_free_space_is_overwritten_too(store: SQLiteStore, path: Path) -> None:
    """Copies of rows that moved from page to page, and pages that were freed, as they are where nothing is cleared."""
    many = [HASH(number) for number in range(5_000, 7_000)]
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("CREATE TABLE spare (hash TEXT)")
        db.executemany("INSERT INTO spare VALUES (?)", [(user,) for user in many])
        for begin in range(0, 2_000, 40):
            db.execute("BEGIN")
            db.executemany("INSERT INTO person (hash, seen) VALUES (?, 0)", [(u,) for u in many[begin : begin + 40]])
            moved = random.Random(begin).sample(many[: begin + 40], 20)
            db.executemany("UPDATE person SET seen = ? WHERE hash = ?", [(1 << 40, user) for user in moved])
            db.execute("COMMIT")

        db.execute("DROP TABLE spare")

    some = random.Random(7).sample(many, 30)
    for user in some:
        await store.forgetting.person(user)

    found = bytes_of(path)
    assert [user for user in some if user.encode() in found] == []
    assert len(rows_of(path, "SELECT 1 FROM person")) > 1_960


async def test_a_log_that_somebody_reads_is_emptied_when_they_end(store: SQLiteStore, path: Path) -> None:
    """The answer says that it is owed; looked at again, it is done."""
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM person").fetchone()
        gone = await store.forgetting.person(ANNA)
        assert gone.messages == 1
        assert not gone.settled
        assert not await store.forgetting.settle()
        reader.execute("COMMIT")

    assert await store.forgetting.settle()
    assert ANNA.encode() not in bytes_of(path)


async def test_f11_a_file_that_takes_over_does_not_bring_the_deleted_back(store: SQLiteStore, path: Path) -> None:
    """What a running store knows by heart of the last half minute is without them."""
    await store.forgetting.person(ANNA)
    for side in ("", "-wal", "-shm"):
        path.with_name(path.name + side).unlink(missing_ok=True)

    await store.append(Batch(presences={Presence(NOW, 1, "", BERT)}))

    assert [row.id for row in await store.messages(NOW - DAY, NOW)] == [11, 20, 21]
    assert ANNA not in {user for (user,) in rows_of(path, "SELECT hash FROM person")}


async def test_backups_are_without_them_after_seven_days(store: SQLiteStore, path: Path, clock: StillClock) -> None:
    """Every backup from before the deletion is gone then, the last one too; those made since stay."""
    backups = path.parent / "backups"
    await store.tend(clock.now(), backup=True)
    deleted = clock.at = clock.at + HOUR
    await store.forgetting.person(ANNA)
    assert ANNA.encode() in bytes_of(backups / "x")

    clock.at += 7 * DAY - HOUR - MINUTE
    assert store.forgetting.expire([deleted]) == []
    clock.at += MINUTE
    assert len(store.forgetting.expire([deleted])) == 1
    assert list(backups.iterdir()) == []


async def test_without_a_deletion_the_newest_backup_stays(store: SQLiteStore, path: Path, clock: StillClock) -> None:
    """Where backups fail for a week, the last good one is not thrown away."""
    for _ in range(3):
        await store.tend(clock.now(), backup=True)
        clock.at += DAY

    clock.at += 20 * DAY
    assert len(store.forgetting.expire([])) == 2
    assert len(list((path.parent / "backups").iterdir())) == 1


async def test_f10_a_clock_that_jumps_removes_no_backup(path: Path) -> None:
    """A year forward is not believed."""

    class Jumping(StillClock):
        def monotonic(self) -> float:
            return 5.0

    clock = Jumping()
    store = SQLiteStore(path, clock=clock)
    await store.open()
    await store.tend(clock.now(), backup=True)
    clock.at += 365 * DAY
    assert store.forgetting.expire([clock.at]) == []
    await store.close()
