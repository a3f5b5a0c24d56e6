"""`monitoring rotate-key` and `monitoring forget`: what the terminal does while the bot is stopped."""

# ruff: noqa: ASYNC221 - a test has the loop to itself: files and processes may be waited for.

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from monitoring.interfaces import Batch, SystemClock
from monitoring.recording.identity import UserHash, load_key
from monitoring.recording.opt_outs import OptOuts
from monitoring.rows import MessageRow, Presence
from monitoring.store import SQLiteStore
from tests.cli.conftest import Ran, path, run
from tests.store.building import rows_of

from .conftest import ANNA, BERT

__all__ = ["path", "run"]

Run = Callable[..., Ran]
ROOT = Path(__file__).parents[2]


async def filled(path: Path) -> SQLiteStore:
    """An open store in which Anna and Bert wrote."""
    clock = SystemClock()
    store = SQLiteStore(path, clock=clock)
    await store.open()
    user_hash, now = UserHash(load_key(path.with_suffix(".key"))), clock.now()
    rows = [MessageRow(id_, 1, 7, now, user=user_hash(user)) for id_, user in ((10, ANNA), (20, BERT))]
    there = {Presence(now - now % 3_600_000, 1, "", row.user) for row in rows}
    await store.append(Batch(messages=rows, presences=there))
    return store


def test_a_new_key_is_said_for_what_it_is(run: Run, path: Path) -> None:
    """What was stored joins to nobody any more, and who opted out stays out; the old key is gone."""
    asyncio.run(left(path))
    out = OptOuts(path.with_suffix(".opt-outs"))
    out.add(BERT)
    old = load_key(path.with_suffix(".key"))
    ran = run("rotate-key", "--yes")

    assert ran.status == 0
    assert "can no longer be joined to anybody" in ran.out
    new = load_key(path.with_suffix(".key"))
    assert new != old
    known = {text for (text,) in rows_of(path, "SELECT hash FROM person")}
    assert UserHash(old).of(ANNA) in known
    assert UserHash(new).of(ANNA) not in known
    out.load()
    assert UserHash(new, out)(BERT) == ""
    assert not [file for file in path.parent.iterdir() if file.is_file() and old in file.read_bytes()]


def test_forgetting_somebody_in_the_terminal(run: Run, path: Path) -> None:
    """By id; what was deleted is said, and nothing of it is left in the folder's files."""
    asyncio.run(left(path))
    user = UserHash(load_key(path.with_suffix(".key"))).of(ANNA)
    ran = run("forget", str(ANNA), "--json")

    assert (ran.json["messages"], ran.json["hours"]) == (1, 1)
    assert user.encode() not in b"".join(file.read_bytes() for file in path.parent.iterdir() if file.is_file())
    assert "Nothing was stored about this person." in run("forget", str(ANNA)).out
    assert "1 messages, 1 hours" in run("forget", str(BERT), "--yes").out
    assert len(rows_of(path, "SELECT 1 FROM document WHERE kind = 'deletion'")) == 3


async def left(path: Path) -> None:
    """As a bot leaves it."""
    await (await filled(path)).close()


async def test_f11_neither_is_done_while_the_bot_runs(run: Run, path: Path) -> None:
    """It would go on with the old key, and write what it remembers."""
    running = await filled(path)
    key = load_key(path.with_suffix(".key"))
    for command in (("rotate-key", "--yes"), ("forget", str(ANNA), "--yes")):
        # In another process, since locks are a process's own.
        ran = subprocess.run(
            [sys.executable, "-m", "monitoring", *command],
            cwd=path.parent, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 1
        assert "Stop the bot first" in ran.stderr

    assert load_key(path.with_suffix(".key")) == key
    await running.close()


def test_without_a_store(run: Run, path: Path) -> None:
    """There is nobody to forget; a key may be made anew."""
    path.unlink(missing_ok=True)
    assert "There is no store" in run("forget", str(ANNA), "--yes").err
    assert run("rotate-key", "--json").json["key"].endswith("monitoring.key")
