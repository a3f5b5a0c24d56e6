"""`monitoring rules`: list them, test a file, try one on the past."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitoring.cli import WELL, WRONG
from monitoring.cli.screen import AsJson, as_answer, shown

_HELP = """The alert rules in force: built in, of the file, made in Discord.

[bold]rules check[/bold] reads a file as the bot would and names every mistake, [bold]rules try[/bold] plays a rule on
the last 30 days.

[dim]monitoring rules
monitoring rules check monitoring.toml
monitoring rules try response_time[/dim]
"""
_CHECK = """Read a configuration file as the bot would at its start, and name every mistake.

Rules, notifiers, probes, personas and prices. Nothing is begun or sent, and no store is needed.

Exit status: 0 it is right, 1 something is wrong.

[dim]monitoring rules check
monitoring rules check monitoring.toml --json[/dim]
"""
_TRY = """Play a rule on the last 30 days: how often it would have fired, when, and what other limits would do.

[dim]monitoring rules try response_time
monitoring rules try error_rate --json[/dim]
"""


def add_to(app: typer.Typer) -> None:
    """Give the terminal this command."""
    group = typer.Typer(help=_HELP, rich_markup_mode="rich", no_args_is_help=False)
    group.callback(invoke_without_command=True)(listed)
    group.command("check", help=_CHECK, short_help="Name every mistake of a file.")(check)
    group.command("try", help=_TRY, short_help="Play a rule on the last 30 days.")(tried)
    app.add_typer(group, name="rules")


def listed(context: typer.Context, json: AsJson = False) -> None:
    """Show them all, unless something else of rules is asked for."""
    if context.invoked_subcommand is not None:
        return

    from monitoring.cli.asking import asked
    from monitoring.cli.views_rules import rules as view
    from monitoring.incident import Rule
    from monitoring.stored_answers import StoredAnswers

    async def ask(answers: StoredAnswers) -> tuple[Rule, ...]:
        await answers.rules.tend()
        return answers.rules.all()

    found = asked(ask, quiet=json)
    if json:
        as_answer(found)
    else:
        shown(view(found))


def check(
    file: Annotated[
        Path | None, typer.Argument(help="The file; else that of MONITORING_CONFIG_FILE.", show_default=False)
    ] = None,
    json: AsJson = False,
) -> None:
    """Look through a file."""
    from monitoring.cli.views_rules import looked as view
    from monitoring.config_check import looked_through
    from monitoring.settings import load_settings

    settings = load_settings()
    named = file or (Path(settings.monitoring_config_file) if settings.monitoring_config_file else None)
    if named is None:
        raise typer.BadParameter("say which, since MONITORING_CONFIG_FILE names none", param_hint="FILE")

    found = looked_through(named, settings)
    if json:
        as_answer(found)
    else:
        shown(view(found, named.name))

    raise typer.Exit(WRONG if found.problems else WELL)


def tried(name: Annotated[str, typer.Argument(help="The rule's name.")], json: AsJson = False) -> None:
    """Play a rule on the past."""
    from monitoring.analysis.rehearsal import Rehearsal
    from monitoring.cli.asking import asked
    from monitoring.cli.views_rules import rehearsal as view
    from monitoring.stored_answers import StoredAnswers

    async def ask(answers: StoredAnswers) -> tuple[Rehearsal, str]:
        await answers.rules.tend()
        return await answers.rules.rehearse(answers.rules.get(name)), answers.zone

    found, zone = asked(ask, quiet=json)
    if json:
        as_answer(found)
    else:
        shown(view(found, zone))
