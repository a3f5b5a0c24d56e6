"""`monitoring dashboard`."""

from __future__ import annotations

import sys

import typer

from monitoring.cli import USAGE
from monitoring.cli.screen import AsJson, OfGuild, Within, as_answer, said
from monitoring.window import Scope

_HELP = """The whole screen, kept up to date: Overview, Performance, Personas, Users, System, History.

Keys: [bold]1[/bold] to [bold]6[/bold] or the arrows change the page, [bold]w[/bold] the window, [bold]o[/bold] the
service or persona that it is about, [bold]r[/bold] reads anew, [bold]p[/bold] holds still, [bold]q[/bold] ends.

It only reads the store, also while the bot runs. With [bold]--json[/bold] it writes what the first page shows.

[dim]monitoring dashboard
monitoring dashboard --window 7d --guild 1180000000000000001[/dim]
"""


def add_to(app: typer.Typer) -> None:
    """Give the terminal this command."""
    app.command("dashboard", help=_HELP)(dashboard)


def dashboard(window: Within = "24h", guild: OfGuild = None, json: AsJson = False) -> None:
    """Show it until somebody ends it."""
    if json:
        from monitoring.cli.asking import asked

        as_answer(asked(lambda answers: answers.summary(answers.window(window), Scope(guild)), quiet=True))
        return

    if not sys.stdout.isatty():
        raise typer.Exit(said(["This needs a terminal. For a file or pipe: monitoring summary."], USAGE))

    from monitoring.cli.dashboard_screen import Dashboard
    from monitoring.settings import load_settings

    screen = Dashboard(load_settings(), window, guild)
    screen.run()
    raise typer.Exit(screen.return_code or 0)
