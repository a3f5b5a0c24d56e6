"""`monitoring rotate-key` and `monitoring forget`."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from monitoring import phrasing
from monitoring.cli import USAGE
from monitoring.cli.screen import AsJson, as_json, said
from monitoring.privacy_offline import forget as forget_now
from monitoring.privacy_offline import rotate_key as rotate_now
from monitoring.settings import load_settings

_ROTATE = """Give the users' hashes a new key; the old one is overwritten.

Stop the bot first. What was stored under the old key stays as counts and can no longer be joined to anybody: people
begin anew in /privacy me, and figures of users over both times count them twice. Who opted out stays out.

[dim]monitoring rotate-key
monitoring rotate-key --yes[/dim]
"""
_FORGET = """Delete everything that is stored about one person.

Stop the bot first; while it runs, /monitoring forget does the same in Discord.

[dim]monitoring forget 1180000000000000001
monitoring forget 1180000000000000001 --yes[/dim]
"""
TOLD = (
    "The users' hashes have a new key. What was stored before can no longer be joined to anybody: it cannot be shown "
    "to or deleted by the person it was about, and goes by itself (messages after a week, hours after 90 days). Copies "
    "of the old key elsewhere still open it: destroy them."
)
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def add_to(app: typer.Typer) -> None:
    """Give the terminal these commands."""
    app.command("rotate-key", help=_ROTATE, short_help="Give the users' hashes a new key.")(rotate_key)
    app.command("forget", help=_FORGET, short_help="Delete what is stored about one person.")(forget)


def rotate_key(yes: Yes = False, json: AsJson = False) -> None:
    """Rotate it and say what that means."""
    _ask("Give the users' hashes a new key? What is stored can then no longer be joined to anybody.", yes or json)
    key = rotate_now(load_settings())
    if json:
        as_json({"key": str(key.absolute()), "said": TOLD})
    else:
        typer.echo(TOLD)


def forget(
    user: Annotated[int, typer.Argument(help="The person's id in Discord.", min=1)],
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """Delete it and say how much it was."""
    _ask("Delete everything that is stored about this person? It cannot be brought back.", yes or json)
    gone = asyncio.run(forget_now(load_settings(), user))
    if json:
        as_json(asdict(gone))
    elif not gone:
        typer.echo("Nothing was stored about this person.")
    else:
        counts = ((gone.messages, "messages"), (gone.hours, "hours"), (gone.named, "mentions by personas"))
        told = ", ".join(f"{phrasing.count(n)} {word}" for n, word in counts)
        typer.echo(f"Deleted: {told}. Gone from the store and its log now, from the backups within 7 days.")


def _ask(question: str, sure: bool) -> None:
    if not sure and sys.stdin.isatty() and not typer.confirm(question):
        raise typer.Exit(said(["Left as it was."], USAGE))
