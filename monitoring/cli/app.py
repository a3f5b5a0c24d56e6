"""All commands, and the file that has each: only the one that is called is loaded, so that it begins at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Annotated, NamedTuple

import typer

from monitoring import __version__
from monitoring.cli import INTERRUPTED, USAGE, WELL, WRONG
from monitoring.cli.screen import said
from monitoring.errors import MonitoringError, SettingError


class Command(NamedTuple):
    """Where a command is: its file, the heading that it stands under in the help, and what it does."""

    file: str
    heading: str
    words: str


LOOK, TAKE, TEND = "Look", "Take away", "Look after"
COMMANDS: dict[str, Command] = {
    "summary": Command("summary", LOOK, "Everything at a glance."),
    "stats": Command("stats", LOOK, "A service, a persona, or one of the questions of /stats."),
    "live": Command("live", LOOK, "What happens, as it happens."),
    "dashboard": Command("dashboard", LOOK, "The whole screen, kept up to date."),
    "digest": Command("digest", LOOK, "The digest of a day or week, as it is posted."),
    "probe": Command("probe", LOOK, "One line and an exit status, for health checks."),
    "rules": Command("rules", LOOK, "The alert rules: list them, test a file, try one on the past."),
    "report": Command("report", TAKE, "Every chart of a window as PDF, HTML or Markdown."),
    "export": Command("export", TAKE, "Every figure of a window as CSV, JSON or Prometheus text."),
    "import": Command("importing", TEND, "Bring exports of DiscordChatExporter into the store."),
    "backup": Command("backups", TEND, "Copy the store, verified, also while the bot runs."),
    "restore": Command("backups", TEND, "Put a backup in the place of the store."),
    "forget": Command("keys", TEND, "Delete what is stored about one person."),
    "rotate-key": Command("keys", TEND, "Give the users' hashes a new key."),
    "doctor": Command("doctor", TEND, "Look at everything and say how to mend what is wrong."),
}


def made(called: Iterable[str]) -> typer.Typer:
    """The program with the commands that are called, and the names of all others for the help."""
    app = typer.Typer(
        name="monitoring",
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(root)
    files = {COMMANDS[name].file for name in called}
    for file in sorted(files):
        import_module(f"monitoring.cli.{file}").add_to(app)

    for name, (file, heading, words) in COMMANDS.items():
        if file not in files:
            app.command(name, short_help=words, rich_help_panel=heading)(_elsewhere)

    return app


def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.", is_eager=True)] = False,
) -> None:
    """Look at the monitoring of your persona bots, and look after it, from the terminal.

    It reads the same settings as the bot: .env in this folder, or the environment. It only reads the store, also while
    the bot runs; what changes something says so.

    Exit statuses: 0 all well, 1 something is wrong, 2 the call or a setting is, 130 after Ctrl-C. probe has its own.
    """
    if version:
        typer.echo(f"Greenroom {__version__}")
        raise typer.Exit


def run(arguments: list[str] | None = None) -> int:
    """Run one command and answer with its exit status; what went wrong is said in sentences."""
    _speak_plainly()
    words = _words(sys.argv[1:] if arguments is None else arguments)
    try:
        made(_called(words))(arguments, prog_name="monitoring")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else WELL
    except KeyboardInterrupt:
        return INTERRUPTED
    except SettingError as error:
        return said(["These settings are wrong:", *(f"- {problem}" for problem in error.problems)], USAGE)
    except MonitoringError as error:
        return said([str(error)], WRONG)
    except OSError as error:
        return said([f"{error.filename or 'A file'} could not be used: {error.strerror or error}."], WRONG)

    return WELL


def _words(arguments: Sequence[str]) -> Sequence[str]:
    """What was typed: of a shell that asks how to go on, its line so far."""
    line = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS") or ""
    return line.split()[1:] if "_MONITORING_COMPLETE" in os.environ else arguments


def _called(words: Sequence[str]) -> Sequence[str]:
    return [word for word in words if word in COMMANDS][:1]


def _elsewhere() -> None:
    """Stands for a command that was not called."""


def _speak_plainly() -> None:
    """A terminal without Unicode shows a question mark for what it does not have, and no error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
