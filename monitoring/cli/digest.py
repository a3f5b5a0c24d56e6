"""`monitoring digest`."""

from __future__ import annotations

from typing import Annotated

import typer

from monitoring.cli.screen import AsJson, as_answer

_HELP = """The digest of the last complete day, in the words in which it is posted.

With [bold]--date[/bold] of another day, with [bold]--week[/bold] of the last whole week, or of the week that ends
with the date. Nothing is posted.

[dim]monitoring digest
monitoring digest --date 2026-11-20
monitoring digest --week --json[/dim]
"""


def add_to(app: typer.Typer) -> None:
    """Give the terminal this command."""
    app.command("digest", help=_HELP)(digest)


def digest(
    date: Annotated[str, typer.Option(help="A local date, such as 2026-11-20.", show_default=False)] = "",
    week: Annotated[bool, typer.Option("--week", help="Of a week instead of a day.")] = False,
    json: AsJson = False,
) -> None:
    """Ask and print."""
    from monitoring.cli.asking import asked
    from monitoring.digest.day import Digest
    from monitoring.digest.plain import digest_text
    from monitoring.digest.week import Week
    from monitoring.stored_answers import StoredAnswers

    async def ask(answers: StoredAnswers) -> Digest | Week:
        await answers.rules.load()
        return await (answers.digests.week(date or None) if week else answers.digests.day(date or None))

    try:
        value = asked(ask, quiet=json)
    except ValueError:
        raise typer.BadParameter("has to be a date such as 2026-11-20", param_hint="--date") from None

    if json:
        as_answer(value)
    else:
        typer.echo(digest_text(value))
