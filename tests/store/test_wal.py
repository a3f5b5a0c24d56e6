"""The write-ahead log stays short: whatever of ours reads, and again once somebody else's long reader ends."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from monitoring.errors import StoreError
from monitoring.monitor import Monitor
from monitoring.settings import load_settings
from monitoring.store import SQLiteStore, wal
from monitoring.store.mounts import network_of

from .building import NOW, message_batch, response_batch

_READER = """
import sqlite3, sys
db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, isolation_level=None)
db.execute("BEGIN")
db.execute("SELECT count(*) FROM message").fetchone()
print("reading", flush=True)
sys.stdin.read()
"""


class LongReader:
    """Another program that reads one state of the store until it is told to end."""

    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _READER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"reading\n"

    def end(self) -> None:
        self._process.communicate()


async def write(store: SQLiteStore, first: int, rounds: int) -> int:
    """A load of flushes; the next free id."""
    for _ in range(rounds):
        await store.append(message_batch(first, [NOW] * 400))
        first += 400

    return first


async def test_f2_log_is_bounded_while_the_readers_are_ours(store: SQLiteStore, path: Path) -> None:
    """Under a load of writes with all of our own questions beside it, backups too, the log stays short."""
    most, first = 0, 1
    for number in range(6):
        await asyncio.gather(
            write(store, first, 10),
            store.messages(0, NOW + 1),
            store.series("message", 0, NOW + 1, 0),
            store.tend(NOW, backup=number % 3 == 0),
        )
        first += 4_000
        most = max(most, wal.log_size(path))

    assert 0 < most <= wal.SHORT, most


async def test_f2_long_foreign_reader_is_told_of_and_overcome(
    store: SQLiteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another program reads one state the log grows, writes go on and people are told; then one tend cuts it."""
    monkeypatch.setattr(wal, "SHORT", 1_000_000)
    monkeypatch.setattr(wal, "LONG", 4_000_000)
    first = await write(store, 1, 1)
    reader = LongReader(path)
    try:
        while wal.log_size(path) <= wal.LONG:
            first = await write(store, first, 10)
            await store.tend(NOW)

        (problem,) = (await store.status()).problems
        assert "another program has been reading" in problem
        assert (await store.status()).log > wal.LONG
        assert len(await store.messages(0, NOW + 1)) == first - 1
    finally:
        reader.end()

    await store.tend(NOW)
    assert wal.log_size(path) == 0
    assert (await store.status()).problems == ()
    assert len(await store.messages(0, NOW + 1)) == first - 1


async def test_tending_waits_for_no_reader(store: SQLiteStore, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that cannot be cut just now is left; the writer does not stand still for the patience of its statements."""
    monkeypatch.setattr(wal, "SHORT", 0)
    patient = SQLiteStore(path, clock=store._clock, busy_ms=30_000)
    await patient.open()
    await patient.append(response_batch([(NOW, 1.0)]))
    reader = LongReader(path)
    try:
        await patient.append(response_batch([(NOW, 1.0)]))
        async with asyncio.timeout(5):
            await patient.tend(NOW)

        assert wal.log_size(path) > 0
    finally:
        reader.end()
        await patient.close()


async def test_monitor_says_what_the_store_says(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its problems, once, as long as it lasts."""
    monitor = Monitor(load_settings(_env_file=None, database_url=f"sqlite:///{path}"))
    await monitor.store.open()
    try:
        monitor.problems.append("something else")
        monkeypatch.setattr(wal, "LONG", -1)
        for _ in range(2):
            await monitor._tend()

        assert len(monitor.problems) == 2
        assert "has grown past" in monitor.problems[1]
        monkeypatch.undo()
        await monitor._tend()
        assert monitor.problems == ["something else"]
    finally:
        await monitor.store.close()


async def test_monitor_tries_a_failed_backup_again_in_an_hour(path: Path) -> None:
    """Not every minute: copying a large store again and again would help nobody."""
    monitor = Monitor(load_settings(_env_file=None, database_url=f"sqlite:///{path}"))
    await monitor.store.open()
    blocker = path.parent / "backups"
    blocker.write_text("a file is in the way")
    try:
        with pytest.raises(StoreError):
            await monitor._tend()

        assert "The daily backup failed" in monitor.problems[0]
        await monitor._tend()
        assert (await monitor.store.status()).backup_failures == 1

        blocker.unlink()
        assert monitor._backed_up is not None
        monitor._backed_up -= 3_600
        await monitor._tend()
        assert monitor.problems == []
        assert len(list(blocker.iterdir())) == 1
    finally:
        await monitor.store.close()


def test_guard_lets_a_reader_go_on_until_the_log_has_grown(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody else let it grow to before is not held against ours."""
    monkeypatch.setattr(wal, "OURS", 10)
    log = path.with_name(f"{path.name}-wal")
    log.write_bytes(b"x" * 100)
    guard = wal.bound(path)
    guard()
    log.write_bytes(b"x" * 111)
    with pytest.raises(StoreError, match="faster than it can be read"):
        guard()


def test_f2_network_file_systems_are_known(tmp_path: Path) -> None:
    """By the mount that a path lies on, as Linux lists them; elsewhere nobody can tell."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        f"30 22 0:40 / {str(tmp_path).replace(' ', chr(92) + '040')}/far rw shared:5 - nfs4 host:/export rw\n"
        f"31 30 0:41 / {tmp_path}/far/near rw - tmpfs tmpfs rw\n"
    )
    assert network_of(tmp_path / "far" / "x.sqlite3", mounts) == "nfs4"
    assert network_of(tmp_path / "far" / "near" / "x.sqlite3", mounts) == ""
    assert network_of(tmp_path / "farther" / "x.sqlite3", mounts) == ""
    assert network_of(tmp_path, tmp_path / "none") == ""


async def test_idle_connection_of_ours_holds_no_state(store: SQLiteStore, path: Path) -> None:
    """After a question the log can be emptied at once: nothing of ours goes on reading."""
    await store.append(message_batch(1, [NOW]))
    await store.messages(0, NOW + 1)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
