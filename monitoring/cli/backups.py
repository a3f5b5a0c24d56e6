"""`monitoring backup` and `monitoring restore`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from monitoring import phrasing
from monitoring.cli import USAGE
from monitoring.cli.screen import AsJson, as_json, console, progress, said
from monitoring.settings import load_settings
from monitoring.upkeep import BackupNote, Upkeep

_BACKUP = """Copy the store, verified, also while the bot runs.

Without [bold]--to[/bold] it becomes one of the seven that are kept beside the store.

[dim]monitoring backup
monitoring backup --to /mnt/usb/monitoring.sqlite3[/dim]
"""
_RESTORE = """Put a backup in the place of the store.

Stop the bot first. What is there now is moved aside, never deleted; ended at any moment, it leaves the old or the new.

[dim]monitoring restore --list
monitoring restore
monitoring restore monitoring-20260131T090000Z.sqlite3
monitoring restore /mnt/usb/monitoring.sqlite3 --yes[/dim]
"""


def add_to(app: typer.Typer) -> None:
    """Give the terminal these commands."""
    app.command("backup", help=_BACKUP, short_help="Copy the store, verified, also while the bot runs.")(backup)
    app.command("restore", help=_RESTORE, short_help="Put a backup in the place of the store.")(restore)


def backup(
    to: Annotated[Path | None, typer.Option(help="A file that is not there yet, or a folder.", metavar="FILE")] = None,
    json: AsJson = False,
) -> None:
    """Make one and say where it is."""
    began = time.monotonic()
    with progress(quiet=json) as tell:
        made = Upkeep(load_settings(), tell=tell).backup(to)

    size, took = made.stat().st_size, time.monotonic() - began
    if json:
        as_json({"backup": str(made.absolute()), "size": size, "seconds": round(took, 3)})
    else:
        typer.echo(f"{made}: {phrasing.size(size)}, whole and verified, in {phrasing.seconds(took)}.")


def restore(
    file: Annotated[
        str | None, typer.Argument(help="A backup's name or file; the newest good one without.", show_default=False)
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Show the backups, each looked through.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: AsJson = False,
) -> None:
    """Restore, or list what could be restored."""
    if listed and file is not None:
        raise typer.Exit(said(["Either --list, or a backup to restore."], USAGE))

    if listed:
        with progress(quiet=json) as tell:
            notes = list(Upkeep(load_settings(), tell=tell).backups())

        _show(notes, json=json)
        return

    if not (yes or json) and sys.stdin.isatty():
        which = file or "the newest good backup"
        question = f"Put {which} in the place of the store? What was recorded since is moved aside with the old file."
        if not typer.confirm(question):
            raise typer.Exit(said(["Left as it was."], USAGE))

    with progress(quiet=json) as tell:
        done = Upkeep(load_settings(), tell=tell).restore(file)

    if json:
        aside = str(done.aside) if done.aside else None
        as_json({"restored": str(done.backup.absolute()), "aside": aside, "schema": done.schema, "said": str(done)})
    else:
        typer.echo(str(done))


def _show(notes: list[BackupNote], *, json: bool) -> None:
    if json:
        as_json(
            [
                {"file": str(n.path.absolute()), "made": n.made, "size": n.size, "schema": n.schema, "wrong": n.wrong}
                for n in notes
            ]
        )
        return

    if not notes:
        typer.echo("There are no backups yet. The bot makes one every day; now: monitoring backup.")
        return

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("backup", "age", "size", "schema", "state"):
        table.add_column(name, no_wrap=name != "state", justify="right" if name in ("size", "schema") else "left")

    for note in notes:
        age = phrasing.duration(time.time() - note.made / 1000)
        state = f"[red]{escape(note.wrong)}[/red]" if note.wrong else "good"
        table.add_row(escape(note.path.name), age, phrasing.size(note.size), str(note.schema or "n/a"), state)

    console().print(table)
