"""`monitoring doctor`."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from monitoring.cli import USAGE, WELL, WRONG
from monitoring.cli.screen import AsJson, as_json, console, progress
from monitoring.errors import SettingError
from monitoring.finding import Finding, State
from monitoring.settings import load_settings
from monitoring.upkeep import Upkeep, findings_without_settings

_HELP = """Look at everything and say how to mend what is wrong.

Store, backups, disk, permissions, clock, settings, extras, fonts. It changes nothing that is stored,
and works while the bot runs.

Exit status: 0 all well (notes and warnings too), 1 something is wrong, 2 a setting is.

[dim]monitoring doctor
monitoring doctor --json[/dim]
"""
_COLOURS = {State.FINE: "green", State.NOTE: "cyan", State.WARNING: "yellow", State.WRONG: "bold red"}


def add_to(app: typer.Typer) -> None:
    """Give the terminal this command."""
    app.command("doctor", help=_HELP, short_help="Look at everything and say how to mend what is wrong.")(doctor)


def doctor(json: AsJson = False) -> None:
    """Look, show, and end with a status that a health check can use."""
    status = WELL
    with progress(quiet=json) as tell:
        try:
            found = list(Upkeep(load_settings(), tell=tell).findings())
        except SettingError as error:
            found, status = list(findings_without_settings(error)), USAGE

    worst = max((finding.state for finding in found), key=list(State).index)
    if status == WELL and worst is State.WRONG:
        status = WRONG

    if json:
        rows = [{"name": f.name, "state": f.state.value, "text": f.text, "mend": f.mend} for f in found]
        as_json({"state": worst.value, "findings": rows})
    else:
        _show(console(), found)

    raise typer.Exit(status)


def _show(out: Console, found: list[Finding]) -> None:
    """A line or more for each thing: how it is, its name, what was found, and below it what to do."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in found:
        text = escape(finding.text)
        if finding.mend:
            text += f"\n[dim]→ {escape(finding.mend)}[/dim]"

        colour = _COLOURS[finding.state]
        table.add_row(f"[{colour}]{finding.state.value}[/{colour}]", finding.name, text)

    out.print(table)
    out.print(_summary(found))


def _summary(found: list[Finding]) -> str:
    """The last line: what all of it comes to."""
    wrong = sum(finding.state is State.WRONG for finding in found)
    warnings = sum(finding.state is State.WARNING for finding in found)
    if wrong:
        return f"\n[bold red]{wrong} to mend[/bold red]" + (f", {_number(warnings, 'warning')}." if warnings else ".")

    return f"\nNothing to mend, {_number(warnings, 'warning')}." if warnings else "\nAll is well."


def _number(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
