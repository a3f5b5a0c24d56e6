"""`monitoring doctor`: what it finds, what it says to do, and that it changes nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from monitoring import checkup
from monitoring.finding import State
from monitoring.model import DAY, HOUR
from monitoring.store import doctor as store_doctor
from monitoring.store import wal
from monitoring.store.backup import Backups, stamp
from monitoring.store.doctor import sqlite_version

from .conftest import Ran

Run = Callable[..., Ran]
NOW = 1_790_000_000_000


def test_all_is_well(run: Run, path: Path) -> None:
    """Everything is looked at once, nothing is wrong, and nothing that is stored changes."""
    run("backup")
    before = path.read_bytes()
    ran = run("doctor", "--json")
    assert ran.status == 0
    names = [finding["name"] for finding in ran.json["findings"]]
    assert names == [
        "settings", "SQLite", "store", "schema", "integrity", "journal", "log", "backup", "disk", "permissions", "key",
        "file system", "leftovers", "clock", "extras", "fonts",
    ]  # fmt: skip
    assert not [f for f in ran.json["findings"] if f["state"] in ("warning", "wrong")]
    assert path.read_bytes() == before

    text = run("doctor")
    assert text.status == 0
    assert "All is well." in text.out
    assert max(map(len, text.out.splitlines())) <= 120


def test_nothing_recorded_yet_is_well(run: Run, tmp_path: Path) -> None:
    """Before the first start; and the doctor makes no files."""
    ran = run("doctor", "--json")
    assert ran.status == 0
    assert "Nothing recorded yet" in ran.finding("store")["text"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("damage", "name", "says"),
    [
        (lambda p: p.write_bytes(b"x" * 5_000), "store", "no SQLite file"),
        (lambda p: _sql(p, "PRAGMA application_id = 7"), "store", "belongs to another program"),
        (lambda p: _sql(p, "PRAGMA user_version = 99"), "schema", "newer program"),
        (lambda p: _overwrite(p, 2), "integrity", "damaged"),
        (lambda p: p.chmod(0o644), "permissions", "Others may read monitoring.sqlite3"),
        (lambda p: p.with_suffix(".key").chmod(0o640), "key", "Others may read monitoring.key"),
        (lambda p: p.with_suffix(".key").unlink(), "key", "is missing"),
        (lambda p: (_unlink(p), p.mkdir()), "store", "cannot be read"),
    ],
)
def test_f11_what_is_wrong_is_named_with_what_to_do(
    run: Run, path: Path, damage: Callable[[Path], object], name: str, says: str
) -> None:
    """With status 1 and a sentence that says how to mend it."""
    damage(path)
    ran = run("doctor", "--json")
    found = ran.finding(name)
    assert ran.status == 1
    assert (found["state"], says in found["text"], bool(found["mend"])) == ("wrong", True, True), found
    assert run("doctor").status == 1


def _sql(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(sql)


def _overwrite(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek(page * 4096)
        file.write(b"\xff" * 4096)


def _unlink(path: Path) -> None:
    path.unlink()


def test_backups_are_looked_at(run: Run, path: Path) -> None:
    """None yet, damaged, old, of a time to come: each is said."""
    assert run("doctor", "--json").finding("backup")["state"] == "warning"
    run("backup")
    (made,) = (path.parent / "backups").iterdir()
    assert run("doctor", "--json").finding("backup")["state"] == "fine"

    at = Backups(path).made(made)
    assert at is not None
    for shift, state in ((-2.5 * DAY, "warning"), (-4 * DAY, "wrong"), (DAY, "warning")):
        moved = made.with_name(f"monitoring-{stamp(round(at + shift))}.sqlite3")
        made.rename(moved)
        made = moved
        assert run("doctor", "--json").finding("backup")["state"] == state

    made.write_bytes(b"x" * 8_192)
    found = run("doctor", "--json").finding("backup")
    assert (found["state"], "is damaged" in found["text"]) == ("wrong", True)


def test_leftovers_are_named(run: Run, path: Path) -> None:
    """What was moved aside, with its size; it is nobody's task to mend it at once."""
    (path.parent / f"{path.name}.corrupt-20260101T000000Z").write_bytes(b"x" * 2_000_000)
    found = run("doctor", "--json").finding("leftovers")
    assert found["state"] == "note"
    assert f"Moved aside earlier, 2.0\u00a0MB: {path.name}.corrupt-20260101T000000Z." in found["text"]


def test_full_disk_is_said_before_it_is_full(run: Run, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against what the store has, and how it grows from backup to backup."""
    run("backup")
    (newest,) = (path.parent / "backups").iterdir()
    at = Backups(path).made(newest)
    assert at is not None
    oldest = newest.with_name(f"monitoring-{stamp(at - 2 * DAY)}.sqlite3")
    shutil.copy(newest, oldest)
    with newest.open("ab") as file:
        file.truncate(newest.stat().st_size + 20_000_000)

    usage = shutil.disk_usage(path)
    for free, state, says in (
        (10_000_000, "wrong", "recording stops"),
        (300_000_000, "warning", "fills the disk in about 10 days"),
        (300_000_000_000, "fine", "room for years"),
    ):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: type(usage)(usage.total, usage.used, free))
        found = run("doctor", "--json").finding("disk")
        assert (found["state"], says in found["text"]) == (state, True), found


def test_long_log_and_a_journal_that_waits_are_said(run: Run, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning each; nothing is lost."""
    monkeypatch.setattr(wal, "LONG", -1)
    monkeypatch.setattr(store_doctor, "FOLD_ROWS", -1)
    ran = run("doctor", "--json")
    assert ran.status == 0
    assert "has grown past" in ran.finding("log")["text"]
    assert "not folded into figures yet" in ran.finding("journal")["text"]


def test_wrong_settings_end_with_two_and_the_rest_is_looked_at(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What can be, without knowing where the store is."""
    monkeypatch.setenv("TIMEZONE", "Nowhere/Secret")
    monkeypatch.setenv("DIGEST_TIME", "25:00")
    ran = run("doctor", "--json")
    assert ran.status == 2
    assert len([f for f in ran.json["findings"] if f["state"] == "wrong"]) == 2
    assert "Secret" not in ran.out
    assert ran.finding("fonts")


def test_settings_that_work_but_say_little(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """No token, no ops channel, an .env that everybody can read."""
    Path(".env").write_text("")
    Path(".env").chmod(0o644)
    for name in ("DISCORD_TOKEN", "ALERT_DISCORD_CHANNEL_ID"):
        monkeypatch.delenv(name)

    texts = [f["text"] for f in run("doctor", "--json").json["findings"] if f["name"] == "settings"]
    assert [text.split()[0] for text in texts] == ["DISCORD_TOKEN", "No", "Others"]


@pytest.mark.parametrize(
    ("now", "newest", "ahead", "state"),
    [
        (NOW, NOW - HOUR, 0.001, State.FINE),
        (NOW, None, -0.001, State.FINE),
        (NOW, NOW + HOUR, 0.0, State.WRONG),
        (0, None, 0.0, State.WRONG),
        (10**15, None, 0.0, State.WRONG),
        (NOW, NOW, 0.2, State.WARNING),
        (NOW, NOW, -3_600.0, State.WARNING),
    ],
)
def test_f10_clock_is_held_against_what_is_known(now: int, newest: int | None, ahead: float, state: State) -> None:
    """Not before the newest record, not in another century, and as fast as the monotonic clock."""
    assert checkup.clock_findings(now, newest, 1.0, ahead).state is state


def test_old_sqlite_is_a_note() -> None:
    """As long as one bot writes, nothing has to be done."""
    assert sqlite_version((3, 51, 2)).state is State.NOTE
    assert sqlite_version((3, 51, 3)).state is State.FINE


def test_missing_extras_are_a_note() -> None:
    """With the one command that brings them."""
    found = checkup.extras_finding({"there": ("json",), "not": ("no_such_library", "json"), "nested": ("no.such",)})
    assert found.state is State.NOTE
    assert found.mend.endswith('pip install "greenroom[not,nested]"')
    assert checkup.extras_finding({"there": ("json",)}).state is State.FINE


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_folder_that_cannot_be_written_is_wrong(run: Run, path: Path) -> None:
    """SQLite needs to write beside the store."""
    path.parent.chmod(0o500)
    assert run("doctor", "--json").finding("permissions")["state"] == "wrong"
    path.parent.chmod(0o700)
