"""All commands, by the file that has them."""

from __future__ import annotations

from typing import Annotated

import typer

from monitoring import __version__
from monitoring.cli import USAGE, WELL, WRONG, backups, doctor, report
from monitoring.cli.screen import said
from monitoring.errors import MonitoringError, SettingError

app = typer.Typer(
    name="monitoring",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (backups, doctor, report):
    group.add_to(app)


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.", is_eager=True)] = False,
) -> None:
    """Look after the monitoring of your persona bots, from the terminal.

    It reads the same settings as the bot: .env in this folder, or the environment.

    Exit statuses: 0 all well, 1 something is wrong, 2 the call or a setting is.
    """
    if version:
        typer.echo(f"Greenroom {__version__}")
        raise typer.Exit


def run(arguments: list[str] | None = None) -> int:
    """Run one command and answer with its exit status; what went wrong is said in sentences."""
    try:
        app(arguments, prog_name="monitoring")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else WELL
    except SettingError as error:
        return said(["These settings are wrong:", *(f"- {problem}" for problem in error.problems)], USAGE)
    except MonitoringError as error:
        return said([str(error)], WRONG)
    except OSError as error:
        return said([f"{error.filename or 'A file'} could not be used: {error.strerror or error}."], WRONG)

    return WELL
