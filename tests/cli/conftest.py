"""A folder with a store as a bot leaves it, and the terminal's commands run in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from monitoring import checkup
from monitoring.__main__ import main
from monitoring.interfaces import Batch, SystemClock
from monitoring.recording.identity import load_key
from monitoring.rows import MessageRow
from monitoring.store import SQLiteStore


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit status, its answer, what it complained of."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def finding(self, name: str) -> dict[str, str]:
        """The doctor's worst finding of that name."""
        worst = ["fine", "note", "warning", "wrong"].index
        return max((f for f in self.json["findings"] if f["name"] == name), key=lambda f: worst(f["state"]))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs a command in a folder without .env, as a terminal of 100 columns would."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(checkup, "COMPARED", 0.02)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///monitoring.sqlite3")
    monkeypatch.setenv("DISCORD_TOKEN", "a-token-that-nobody-may-see")
    monkeypatch.setenv("ALERT_DISCORD_CHANNEL_ID", "1180000000000000001")

    def command(*arguments: str) -> Ran:
        capsys.readouterr()
        status = main(list(arguments))
        out, err = capsys.readouterr()
        assert "nobody-may-see" not in out + err
        return Ran(status, out, err)

    return command


async def filled(path: Path, messages: int = 3) -> SQLiteStore:
    """An open store with some messages of just now, and its key."""
    clock = SystemClock()
    store = SQLiteStore(path, clock=clock)
    await store.open()
    now = clock.now()
    rows = [MessageRow(now + n, 1, 7, now, user="u1", length=40) for n in range(messages)]
    await store.append(Batch(messages=rows))
    load_key(path.with_suffix(".key"))
    return store


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A store that a bot wrote and closed."""
    path = tmp_path / "monitoring.sqlite3"
    await (await filled(path)).close()
    return path
