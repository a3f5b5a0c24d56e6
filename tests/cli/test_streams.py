"""What a terminal, a pipe that ends, and a machine without all libraries get."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _environment(store: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "FORCE_COLOR")}
    return {**kept, "PYTHONPATH": str(ROOT), "DATABASE_URL": f"sqlite:///{store}", **more}


def _on_terminal(*call: str, **environment: str) -> bytes:
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "monitoring", *call], stdout=theirs, stderr=theirs, stdin=theirs, env=environment
    ) as running:
        os.close(theirs)
        found = b""
        try:
            while piece := os.read(ours, 65_536):
                found += piece
        except OSError:
            pass  # Linux says so that the other side is closed.
        finally:
            os.close(ours)

        running.wait(30)

    return found


def test_colours_on_a_terminal_only_where_they_are_wanted(lived: Path) -> None:
    """Of the sixteen that every terminal has; NO_COLOR takes them away, and the words stay."""
    coloured = _on_terminal("summary", **_environment(lived, TERM="xterm", COLUMNS="80"))
    assert b"\x1b[3" in coloured
    assert b"38;2;" not in coloured
    assert b"38;5;" not in coloured
    plain = _on_terminal("summary", **_environment(lived, TERM="xterm", COLUMNS="80", NO_COLOR="1"))
    assert b"\x1b[31m" not in plain
    assert b"\x1b[32m" not in plain
    assert b"Open incidents: 1" in plain


def test_a_pipe_that_ends_is_no_error(lived: Path) -> None:
    """As `monitoring … | head -1` leaves it: nothing is complained of."""
    environment = _environment(lived)
    with subprocess.Popen(
        [sys.executable, "-m", "monitoring", "live", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(30) == 1


def test_ctrl_c_ends_with_130(lived: Path) -> None:
    """And says nothing."""
    with subprocess.Popen(
        [sys.executable, "-m", "monitoring", "live", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment(lived),
    ) as running:  # fmt: skip
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline()
        running.send_signal(signal.SIGINT)
        assert (running.stderr.read(), running.wait(30)) == (b"", 130)


def test_ascii_terminals_get_what_they_can_show(lived: Path) -> None:
    """A question mark for what they do not have."""
    environment = _environment(lived, PYTHONIOENCODING="ascii")
    ran = subprocess.run(
        [sys.executable, "-m", "monitoring", "summary"], capture_output=True, env=environment, timeout=60
    )
    assert ran.stderr == b""
    assert b"Open incidents: 1" in ran.stdout


@pytest.mark.parametrize("library", ["rich", "textual"])
def test_without_a_library_it_says_what_to_install(lived: Path, library: str) -> None:
    """In one sentence, with status 2; textual is only missed where it is needed."""
    script = (
        f"import sys; sys.modules['{library}'] = None; sys.stdout.isatty = lambda: True;"
        "from monitoring.__main__ import main; sys.exit(main(['dashboard']))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=_environment(lived))
    assert ran.stderr == f'The terminal commands need {library}, which is not installed: pip install "greenroom[cli]"\n'
    assert ran.returncode == 2
