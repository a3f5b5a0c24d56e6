"""Help, completion, and what is said of commands: each is found, has an example, and is in the docs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from monitoring.cli import app
from monitoring.cli.app import COMMANDS

from .conftest import Ran

Run = Callable[..., Ran]
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_and_json(run: Run, name: str) -> None:
    """In its help, and stands in the docs and in the list of commands."""
    ran = run(name, "--help")
    assert ran.status == 0
    assert f"monitoring {name}" in ran.out.replace("Usage:", "").split("Options")[0]
    assert "--json" in ran.out
    assert f"`{name}`" in (ROOT / "docs/terminal.md").read_text()
    assert f" {name} " in run("--help").out


def test_parts_of_rules_have_help_too(run: Run) -> None:
    """With an example each."""
    for part in ("check", "try"):
        assert f"monitoring rules {part}" in run("rules", part, "--help").out


def _completed(run: Run, monkeypatch: pytest.MonkeyPatch, line: str) -> list[str]:
    with monkeypatch.context() as patch:
        patch.setenv("_MONITORING_COMPLETE", "complete_bash")
        patch.setenv("COMP_WORDS", line)
        patch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
        patch.setattr(sys, "argv", ["monitoring"])
        ran = run()
        assert ran.err == ""
        return ran.out.split()


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("monitoring su", "summary"),
        ("monitoring stats l", "llm"),
        ("monitoring stats --persona Bri", "Brine"),
        ("monitoring stats --about mod", "models"),
        ("monitoring summary --window 3", "30d"),
    ],
)
def test_a_shell_goes_on_with_names_of_the_store(
    at_lived: Run, monkeypatch: pytest.MonkeyPatch, line: str, first: str
) -> None:
    """Commands, services, personas, questions, windows."""
    assert _completed(at_lived, monkeypatch, line) == [first]


def test_hostile_names_are_not_offered(at_lived: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell would be given what it does not show."""
    offered = _completed(at_lived, monkeypatch, "monitoring stats --persona ")
    assert "Brine" in offered
    assert all(name.isprintable() for name in offered)


def test_without_a_store_or_with_wrong_settings_nothing_is_offered(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is said: a shell asks while somebody types."""
    assert _completed(run, monkeypatch, "monitoring stats ") == []
    monkeypatch.setenv("TIMEZONE", "Nowhere/Secret")
    assert _completed(run, monkeypatch, "monitoring stats ") == []
    assert _completed(run, monkeypatch, "monitoring stats --persona ") == []


def test_only_the_called_command_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that one that needs little begins at once."""
    loaded: list[str] = []
    real = app.import_module
    monkeypatch.setattr(app, "import_module", lambda name: loaded.append(name) or real(name))
    app.made(["probe"])
    assert loaded == ["monitoring.cli.probe"]
