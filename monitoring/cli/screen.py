"""What every command puts on the terminal: answers on stdout, progress and complaints on stderr."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from monitoring.finding import Tell

AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")]
"""The option that every command has."""
_PIPED = 120
"""Columns where nobody's terminal says how many it has."""


def console() -> Console:
    """Where answers go."""
    made = Console(highlight=False, soft_wrap=False)
    return made if made.is_terminal else Console(highlight=False, width=_PIPED)


def as_json(value: object) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def said(lines: Sequence[str], status: int) -> int:
    """Complain, and answer with an exit status."""
    for line in lines:
        typer.echo(line, err=True)

    return status


@contextmanager
def progress(*, quiet: bool) -> Iterator[Tell]:
    """Shows how far long work is, while it lasts; on a terminal only, and not where JSON was asked for."""
    shown = Console(stderr=True)
    columns = (SpinnerColumn("line"), TextColumn("{task.description}"), BarColumn(24), TimeElapsedColumn())
    with Progress(*columns, console=shown, transient=True, disable=quiet or not shown.is_terminal) as bar:
        task = bar.add_task("looking", total=None)
        doing = ""

        def tell(what: str, share: float | None) -> None:
            nonlocal doing
            if what != doing:
                doing = what
                bar.reset(task, description=what, total=None if share is None else 1.0)

            if share is not None:
                bar.update(task, completed=share)

        yield tell
