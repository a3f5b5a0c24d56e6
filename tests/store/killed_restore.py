"""Kills a restore after its n-th line, for many n, and looks at what is left: `python -m tests.store.killed_restore`.

Each restore runs in a process of its own, which ends as SIGKILL ends it: nothing is closed, nothing put right.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import Any

from monitoring.store import migrate
from monitoring.store.backup import Backups
from monitoring.store.mend import Preparation
from monitoring.store.restore import Restore

NOW = 1_767_873_600_000
NAME = "monitoring.sqlite3"
WATCHED = {"restore.py", "hold.py", "migrate.py", "copying.py", "durable.py", "sound.py"}


def build(folder: Path) -> Path:
    """A store whose newest row lies in its log only, as after a kill, and a backup that has another row."""
    made = folder / "made" / NAME
    made.parent.mkdir(parents=True)
    migrate.create(made, migrate.migrations(), NOW)
    left = folder / "left"
    left.mkdir()
    with closing(sqlite3.connect(made, isolation_level=None)) as db:
        _write(db, "backup")
        Backups(made, left / "backups").make(NOW)
        db.execute("DELETE FROM document")
        _write(db, "present")
        for side in ("", "-wal", "-shm"):
            shutil.copy(made.with_name(NAME + side), left / (NAME + side))

    return left


def _write(db: sqlite3.Connection, value: str) -> None:
    db.execute("INSERT INTO document (kind, key, version, body) VALUES ('setting', 'which', 1, ?)", (f'"{value}"',))


def restore_until(path: Path, lines: int) -> bool:
    """Restore in a process that is killed after so many lines; whether it came to its end before."""
    child = os.fork()
    if child == 0:
        left = lines

        def trace(frame: FrameType, event: str, _: object) -> Any:
            nonlocal left
            if os.path.basename(frame.f_code.co_filename) not in WATCHED:
                return None

            if event == "line":
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), 9)

            return trace

        sys.settrace(trace)
        Restore(path, NOW + 1000).run(Backups(path).all()[0])
        os._exit(0)

    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the restore itself failed"
    return os.WIFEXITED(status)


def which(path: Path) -> str:
    """The row that a store has, after a start of the bot's own kind; "" for a store that was begun anew."""
    said = Preparation(path, Backups(path), NOW + 2000).run()
    assert said == "", said
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        return "".join(body for (body,) in db.execute("SELECT body FROM document WHERE kind = 'setting'"))


def rounds(step: int) -> dict[str, int]:
    """Kill after every `step`-th line until one comes to its end; how often the old and the new was there."""
    found: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as base:
        template = build(Path(base))
        ended, lines = False, 1
        while not ended:
            folder = Path(base) / f"run-{lines}"
            shutil.copytree(template, folder)
            ended = restore_until(folder / NAME, lines)
            left = which(folder / NAME)
            asides = [path for path in folder.glob(f"{NAME}.before-restore-*") if "-wal" not in path.name]
            if left == '"backup"':
                assert [which(path) for path in asides] == ['"present"'], "what was there before is lost"

            found[left] = found.get(left, 0) + 1
            shutil.rmtree(folder)
            lines += step

        assert left == '"backup"'

    return found


if __name__ == "__main__":
    sys.stdout.write(f"{rounds(int(sys.argv[1]) if len(sys.argv) > 1 else 1)}\n")
