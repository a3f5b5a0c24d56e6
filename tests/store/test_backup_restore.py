"""Restoring: the old or the new is there at every moment, nothing is deleted, and a running bot is in the way."""

# ruff: noqa: ASYNC240 - a test has the loop to itself: its own small files may be touched directly.

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from monitoring.errors import StoreError, StoreTooNew
from monitoring.store import SQLiteStore, migrate
from monitoring.store.backup import Backups
from monitoring.store.hold import holders
from monitoring.store.restore import Restore

from .building import NOW, message_batch, rows_of
from .conftest import StillClock

ASIDE = "monitoring.sqlite3.before-restore-20260108T120000Z"
COUNT = "SELECT count(*) FROM message"


async def kept(path: Path) -> Path:
    """A store with a backup of three messages, and four messages now; its backup."""
    store = SQLiteStore(path, clock=StillClock())
    await store.open()
    await store.append(message_batch(1, [NOW] * 3))
    backup = Backups(path).make(NOW)
    await store.append(message_batch(50, [NOW]))
    await store.close()

    return backup


async def test_restored_store_is_the_backup_and_the_old_one_is_kept(path: Path) -> None:
    """The backup is the store, the old one lies aside with all in it, and one sentence says so."""
    backup = await kept(path)
    done = Restore(path, NOW).run(backup)

    assert str(done) == f"{backup.name} is the store now; what was there before lies in {ASIDE}."
    assert rows_of(path, COUNT) == [(3,)]
    assert rows_of(path.with_name(ASIDE), COUNT) == [(4,)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert backup.exists()
    store = SQLiteStore(path, clock=StillClock())
    await store.open()
    assert len(await store.messages(0, NOW + 1)) == 3
    await store.close()


async def test_restore_twice_in_a_second_keeps_both(path: Path) -> None:
    """Nothing that was moved aside before is overwritten."""
    backup = await kept(path)
    first, second = Restore(path, NOW).run(backup).aside, Restore(path, NOW).run(backup).aside
    assert first is not None
    assert second is not None
    assert (rows_of(first, COUNT), rows_of(second, COUNT)) == ([(4,)], [(3,)])


async def test_restore_refuses_while_a_bot_has_the_store(path: Path, store: SQLiteStore) -> None:
    """Even one that is idle; not a byte changes, and it says how to stop it."""
    await store.append(message_batch(1, [NOW]))
    backup = Backups(path).make(NOW)
    await store.append(message_batch(9, [NOW]))
    before = sorted(p.name for p in path.parent.iterdir())
    script = (
        "import sys; from pathlib import Path; from monitoring.store.restore import Restore\n"
        "try: Restore(Path(sys.argv[1]), 0).run(Path(sys.argv[2]))\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    ran = subprocess.run(  # noqa: ASYNC221 - the loop has nothing else to do
        [sys.executable, "-c", script, path, backup], capture_output=True, text=True, check=True
    )

    assert ran.stdout.startswith("StoreError The store is in use by ")
    assert f"(process {os.getpid()})" in ran.stdout or not Path("/proc/locks").exists()
    assert "systemctl stop" in ran.stdout
    assert sorted(p.name for p in path.parent.iterdir()) == before
    assert len(await store.messages(0, NOW + 1)) == 2


@pytest.mark.parametrize("there", ["nothing", "garbage", "log only", "damaged", "folder", "link"])
async def test_f11_restore_whatever_lies_there(path: Path, there: str) -> None:
    """Nothing, no store, a store that is damaged, a stranger's log, a folder, a link to the file: all is kept."""
    backup = await kept(path)
    wal = path.with_name(f"{path.name}-wal")
    if there == "link":
        target = path.with_name("elsewhere.sqlite3")
        path.rename(target)
        path.symlink_to(target)
    elif there == "damaged":
        with path.open("r+b") as file:
            file.seek(100)
            file.write(b"\xff" * 5_000)
    else:
        path.unlink()

    if there == "garbage":
        path.write_bytes(b"no database at all" * 100)
    elif there == "folder":
        path.mkdir()
        (path / "note").write_text("x")

    if there in ("garbage", "log only"):
        wal.write_bytes(b"somebody's log")

    done = Restore(path, NOW).run(backup)
    assert not wal.exists()
    assert rows_of(path, COUNT) == [(3,)]
    assert (done.aside is None) == (there == "nothing")
    if there in ("garbage", "log only"):
        assert path.with_name(f"{ASIDE}-wal").read_bytes() == b"somebody's log"

    if there == "link":
        assert path.is_symlink()

    if there == "folder":
        assert (path.with_name(ASIDE) / "note").read_text() == "x"


async def test_damaged_foreign_or_newer_backup_is_refused(path: Path) -> None:
    """The store stays as it was, and the sentence says what is wrong with the backup."""
    backup = await kept(path)
    damaged, foreign, newer = (path.with_name(f"{name}.sqlite3") for name in ("damaged", "foreign", "newer"))
    whole = backup.read_bytes()
    damaged.write_bytes(whole[:8192] + b"\xff" * 4096 + whole[12288:])
    for other, sql in ((foreign, "CREATE TABLE t (x)"), (newer, "PRAGMA user_version = 99")):
        if other is newer:
            other.write_bytes(whole)

        with closing(sqlite3.connect(other)) as db:
            db.execute(sql)

    for wrong, says in ((damaged, "damaged|malformed"), (foreign, "no backup of this program"), (newer, "schema 99")):
        with pytest.raises(StoreError, match=says) as caught:
            Restore(path, NOW).run(wrong)

        assert isinstance(caught.value, StoreTooNew) == (wrong is newer)

    with pytest.raises(StoreError, match="There is no backup"):
        Restore(path, NOW).run(path.with_name("nowhere"))

    assert rows_of(path, COUNT) == [(4,)]
    assert not list(path.parent.glob("*.new")) + list(path.parent.glob("*.before-restore-*"))


def test_f14_backup_of_an_older_schema_is_brought_up_to_date(path: Path) -> None:
    """The way back over an upgrade, and forth again."""
    steps = migrate.migrations()
    old = path.with_name("old.sqlite3")
    migrate.create(old, steps[:1], NOW)
    done = Restore(path, NOW).run(old)
    assert (done.schema_before, done.schema) == (1, len(steps))
    assert rows_of(path, "PRAGMA user_version") == [(len(steps),)]
    assert rows_of(old, "PRAGMA user_version") == [(1,)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="takes a process for each kill")
def test_f14_killed_restore_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    """Killed at any line, what was only in the log included; all lines: python -m tests.store.killed_restore."""
    script = (
        "import sys; from tests.store.killed_restore import rounds; "
        "found = rounds(31); print(found); sys.exit(set(found) != {'\"present\"', '\"backup\"'})"
    )
    root = Path(__file__).parent.parent.parent
    ran = subprocess.run([sys.executable, "-W", "ignore", "-c", script], cwd=root, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_who_has_a_store_open_is_read_from_linux(tmp_path: Path) -> None:
    """By number and name; nobody where the system tells nothing."""
    path, locks = tmp_path / "x", tmp_path / "locks"
    path.touch()
    inode = path.stat().st_ino
    locks.write_text(
        f"1: POSIX  ADVISORY  READ {os.getppid()} 08:01:{inode} 1073741826 1073742335\n"
        f"2: POSIX  ADVISORY  READ {os.getpid()} 08:01:{inode} 128 128\n"
        f"3: FLOCK  ADVISORY  WRITE 1 08:01:{inode + 1} 0 EOF\n"
    )
    assert [number for number, _ in holders(path, locks)] == [os.getppid()]
    assert holders(path, tmp_path / "none") == []
