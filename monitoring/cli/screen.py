"""What every command puts on the terminal: answers on stdout, progress and complaints on stderr."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from monitoring.encoding import dumps
from monitoring.finding import Tell
from monitoring.window import SPANS

_PIPED = 100
"""Columns where nobody's terminal says how many it has."""


def spans(incomplete: str = "") -> list[str]:
    """The names of windows that begin like this, for a shell to go on with."""
    return [name for name in SPANS if name.startswith(incomplete)]


def known_span(name: str) -> str:
    """The name of a window, which there is."""
    if name not in SPANS:
        raise typer.BadParameter(f"has to be one of {', '.join(SPANS)}")

    return name


AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")]
"""The option that every command has."""
Within = Annotated[
    str,
    typer.Option(
        "--window", "-w", help=f"How far back: {', '.join(SPANS)}.", callback=known_span, autocompletion=spans
    ),
]
"""The option of every command that tells figures of a span of time."""
OfGuild = Annotated[int | None, typer.Option("--guild", help="Only this guild, by its id.", show_default=False)]
"""The option of every command whose figures can be one guild's."""


def console() -> Console:
    """Where answers go."""
    made = Console(highlight=False, soft_wrap=False)
    return made if made.is_terminal else Console(highlight=False, width=_PIPED)


def shown(value: RenderableType) -> None:
    """Print something to be looked at; plain where it goes into a file or pipe."""
    console().print(value)


def as_json(value: object) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def as_answer(value: object) -> None:
    """Print a frozen value as JSON, byte for byte as the API answers the same question."""
    typer.echo(dumps(value))


def said(lines: Sequence[str], status: int) -> int:
    """Complain, and answer with an exit status."""
    for line in lines:
        typer.echo(line, err=True)

    return status


@contextmanager
def progress(*, quiet: bool) -> Iterator[Tell]:
    """Shows how far long work is, while it lasts; on a terminal only, and not where JSON was asked for."""
    shown_on = Console(stderr=True)
    columns = (SpinnerColumn("line"), TextColumn("{task.description}"), BarColumn(24), TimeElapsedColumn())
    with Progress(*columns, console=shown_on, transient=True, disable=quiet or not shown_on.is_terminal) as bar:
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
