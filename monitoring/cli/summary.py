"""`monitoring summary`."""

from __future__ import annotations

import typer

from monitoring.cli import WELL, WRONG
from monitoring.cli.screen import AsJson, OfGuild, Within, as_answer, shown
from monitoring.model import Health
from monitoring.window import Scope

_HELP = """Everything at a glance: whether the bot records, health, open incidents, the figures of a window.

It reads the store, also while the bot runs: figures are as new as its last write, a quarter of a second ago.

Exit status: 0 all well, 1 something needs somebody (a service, an incident, or no sign of life of the bot).

[dim]monitoring summary
monitoring summary --window 7d --guild 1180000000000000001
monitoring summary --json[/dim]
"""


def add_to(app: typer.Typer) -> None:
    """Give the terminal this command."""
    app.command("summary", help=_HELP)(summary)


def summary(window: Within = "24h", guild: OfGuild = None, json: AsJson = False) -> None:
    """Ask, show, and end with a status that a script can use."""
    from monitoring.cli.asking import asked
    from monitoring.cli.views_health import summary as view
    from monitoring.stored_answers import StoredAnswers, Summary

    async def ask(answers: StoredAnswers) -> tuple[Summary, str]:
        return await answers.summary(answers.window(window), Scope(guild)), answers.zone

    value, zone = asked(ask, quiet=json)
    if json:
        as_answer(value)
    else:
        shown(view(value, zone))

    well = {value.pulse.state, value.health.overall} <= {Health.HEALTHY, Health.UNKNOWN}
    raise typer.Exit(WELL if well and value.pulse.state is not Health.UNKNOWN else WRONG)
