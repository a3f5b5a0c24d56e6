"""`monitoring backup` and `monitoring restore`: what they do, say and answer to programs."""

# ruff: noqa: ASYNC240 - a test has the loop to itself: its own small files may be touched directly.

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from monitoring.store.sound import sound

from .conftest import Ran, filled

Run = Callable[..., Ran]


def test_backup_says_where_it_is(run: Run, path: Path) -> None:
    """Among the daily ones; or as JSON."""
    ran = run("backup")
    (made,) = (path.parent / "backups").iterdir()
    assert ran.status == 0
    assert ran.out.startswith(f"backups/{made.name}: ")
    assert "whole and verified" in ran.out
    assert sound(made)

    answer = run("backup", "--json", "--to", "other.sqlite3").json
    assert Path(answer["backup"]) == path.parent / "other.sqlite3"
    assert answer["size"] == (path.parent / "other.sqlite3").stat().st_size


def test_backup_to_a_file_or_a_folder(run: Run, path: Path) -> None:
    """For its owner only; nothing that is there is overwritten."""
    (path.parent / "usb").mkdir()
    assert run("backup", "--to", "usb").status == 0
    assert stat.S_IMODE((path.parent / "usb" / path.name).stat().st_mode) == 0o600
    again = run("backup", "--to", "usb")
    assert (again.status, again.out) == (1, "")
    assert "is there already, and is not overwritten" in again.err


def test_nothing_to_back_up_or_restore(run: Run) -> None:
    """Without a store and without backups, in sentences."""
    assert "nothing to back up" in run("backup").err
    assert "no backups yet" in run("restore", "--list").out
    ran = run("restore", "--yes")
    assert ran.status == 1
    assert "no good backup" in ran.err


async def test_f11_backup_and_doctor_work_while_the_bot_runs_and_restore_refuses(run: Run, path: Path) -> None:
    """The bot has the store open; in another process, since locks are a process's own."""
    running = await filled(path, 5)
    try:
        statuses = {}
        for command in (["backup"], ["doctor"], ["restore", "--yes"]):
            ran = subprocess.run(  # noqa: ASYNC221 - the loop has nothing else to do
                [sys.executable, "-m", "monitoring", *command],
                capture_output=True, text=True, env=_environment(),
            )  # fmt: skip
            statuses[command[0]] = ran.returncode, ran.stdout + ran.stderr

        assert [status for status, _ in statuses.values()] == [0, 0, 1], statuses
        assert "in use by" in statuses["restore"][1]
        assert "Stop the bot first" in statuses["restore"][1]
    finally:
        await running.close()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


async def test_restore_takes_the_newest_good_one_or_the_one_named(run: Run, path: Path) -> None:
    """By name from the list, or any file; what was there is kept and named."""
    run("backup", "--to", "three.sqlite3")
    run("backup")
    (newest,) = (path.parent / "backups").iterdir()
    for chosen in ([], [newest.name], ["three.sqlite3"]):
        ran = run("restore", *chosen, "--json")
        assert ran.status == 0
        assert Path(ran.json["restored"]).name == (chosen or [newest.name])[0]
        assert Path(ran.json["aside"]).exists()

    said = run("restore", "--yes").out
    assert said.startswith(f"{newest.name} is the store now; what was there before lies in monitoring.sqlite3.before-")
    assert not list(path.parent.glob("*.new*"))


def test_list_shows_which_backups_are_good(run: Run, path: Path) -> None:
    """Each is looked through."""
    run("backup")
    (path.parent / "backups" / "monitoring-20250101T000000Z.sqlite3").write_bytes(b"broken")
    rows = run("restore", "--list", "--json").json
    assert [row["wrong"] for row in rows] == ["", "it is no SQLite file"]
    text = run("restore", "--list").out
    assert "good" in text
    assert "it is no SQLite file" in text


@pytest.mark.parametrize("call", [["restore", "x", "--list"], ["frob"], ["backup", "--frob"]])
def test_wrong_calls_end_with_two(run: Run, call: list[str]) -> None:
    """So that a script can tell a mistake of its own from something that is wrong."""
    ran = run(*call)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err


def test_wrong_settings_end_with_two(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named, without their values."""
    monkeypatch.setenv("TIMEZONE", "Nowhere/Secret")
    for command in ("backup", "restore"):
        ran = run(command)
        assert ran.status == 2
        assert "TIMEZONE is no zone known here" in ran.err
        assert "Secret" not in ran.err


def test_help_has_examples_and_statuses(run: Run) -> None:
    """Of every command."""
    assert "Exit statuses" in run("--help").out
    for command in ("backup", "restore", "doctor"):
        ran = run(command, "--help")
        assert ran.status == 0
        assert f"monitoring {command}" in ran.out
        assert "--json" in ran.out

    assert run("--version").out.startswith("Greenroom ")


def test_without_the_libraries_it_says_what_to_install(path: Path) -> None:
    """In one sentence, with status 2."""
    script = "import sys; sys.modules['typer'] = None; from monitoring.__main__ import main; sys.exit(main(['doctor']))"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, text=True, env=_environment(),
    )  # fmt: skip
    assert ran.returncode == 2
    assert ran.stderr == 'The terminal commands need typer, which is not installed: pip install "greenroom[cli]"\n'
