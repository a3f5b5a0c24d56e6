"""A folder with a store as a bot leaves it, and the terminal's commands run in it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from monitoring import checkup
from monitoring.__main__ import main
from monitoring.alerting.documents import incident_document
from monitoring.incident import Incident, Stage
from monitoring.interfaces import Batch, SystemClock
from monitoring.model import DAY, MINUTE, OperationDone, Severity
from monitoring.monitor import Monitor
from monitoring.recording.identity import load_key
from monitoring.rows import Change, MessageRow
from monitoring.sandbox.traffic import history
from monitoring.sandbox.world import fixed_world
from monitoring.settings import load_settings
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


STORE = "monitoring.sqlite3"
HOSTILE = "[bold red]\x1b[31m@everyone[/]\u202e`*\u200b"
"""A name that would be markup, an escape sequence, and written from right to left."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two days of the sandbox's life until now, a hostile persona, and an open incident."""
    own = tmp_path_factory.mktemp("lived")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return await _lived(own / STORE)

    # Made by whichever process is first, and copied by the others, which wait for it.
    made = tmp_path_factory.getbasetemp().parent / "lived"
    with made.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not made.exists():
            making = tmp_path_factory.mktemp("making")
            await _lived(making / STORE)
            making.rename(made)

    shutil.copytree(made, own, dirs_exist_ok=True)
    return own / STORE


async def _lived(path: Path) -> Path:
    settings = load_settings(
        _env_file=None, database_url=f"sqlite:///{path}", alert_grace_seconds=0, alert_for_seconds=0
    )
    monitor = Monitor(settings)
    world, now = fixed_world(), monitor.clock.now()
    monitor.identify(user_id=world.application_id, application_id=world.application_id, name="Greenroom")
    monitor.registry.add(HOSTILE)
    await monitor.start()
    try:
        await monitor.replay(history(world, now_ms=now, days=2), since=now - 2 * DAY)
        for n in range(40):
            monitor.recorder.record(OperationDone("llm", "chat", now - n * 100, 9.0 + n / 10, persona=HOSTILE))

        monitor.recorder.record(OperationDone(HOSTILE, HOSTILE, now - 50, 0.5, model=HOSTILE))
        await monitor.recorder.flush()
        await monitor.rounds.ask_all()
        await monitor.watch.tick()
        incident = Incident(
            1, "response_time", "", Stage.OPEN, Severity.WARNING, now - MINUTE, HOSTILE, "s", now - MINUTE, value=9.5,
            history=((now - MINUTE, f"opened, {HOSTILE}"),),
        )  # fmt: skip
        await monitor.store.save([Change(incident_document(incident))])
    finally:
        await monitor.close()

    return path


@pytest.fixture
def at_lived(lived: Path, run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Runs a command on that store."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{lived}")
    return run


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A store that a bot wrote and closed."""
    path = tmp_path / "monitoring.sqlite3"
    await (await filled(path)).close()
    return path
