"""`monitoring stats`."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType

from monitoring.cli import USAGE
from monitoring.cli.screen import AsJson, OfGuild, Within, as_answer, said, shown
from monitoring.vital_signs import persona_names, service_names
from monitoring.window import Scope

ABOUT = (
    "performance", "errors", "models", "tokens", "features", "personas", "relationships", "banter", "users",
    "conversations", "channels", "scenarios", "resources", "promises", "incidents", "insights",
)  # fmt: skip
_HELP = f"""A service: how fast and reliable it is, what failed, its slowest operations. Without a name: all of them.

With [bold]--persona[/bold] everything about one persona; with [bold]--about[/bold] one of the other questions:
{", ".join(ABOUT)}.

[dim]monitoring stats
monitoring stats llm --window 7d
monitoring stats --persona Luna
monitoring stats --about models --json[/dim]
"""


def add_to(app: typer.Typer) -> None:
    """Give the terminal this command."""
    app.command("stats", help=_HELP)(stats)


def _services(incomplete: str) -> list[str]:
    return [name for name in service_names() if name.startswith(incomplete) and name.isprintable()]


def _personas(incomplete: str) -> list[str]:
    return [name for name in persona_names() if name.startswith(incomplete) and name.isprintable()]


def _about(incomplete: str) -> list[str]:
    return [name for name in ABOUT if name.startswith(incomplete)]


def stats(
    service: Annotated[
        str, typer.Argument(help="A service's name.", autocompletion=_services, show_default=False)
    ] = "",
    persona: Annotated[
        str, typer.Option("--persona", "-p", help="A persona's name.", autocompletion=_personas, show_default=False)
    ] = "",
    about: Annotated[
        str, typer.Option("--about", "-a", help="Another question.", autocompletion=_about, show_default=False)
    ] = "",
    window: Within = "24h",
    guild: OfGuild = None,
    json: AsJson = False,
) -> None:
    """Ask and show."""
    if sum(map(bool, (service, persona, about))) > 1:
        raise typer.Exit(said(["One of these: a service, --persona, or --about."], USAGE))

    if about and about not in ABOUT:
        raise typer.BadParameter(f"has to be one of {', '.join(ABOUT)}", param_hint="--about")

    value, view = _asked(service, persona, about, window, Scope(guild), quiet=json)
    if json:
        as_answer(value)
    else:
        shown(view)


def _asked(
    service: str, persona: str, about: str, window: str, scope: Scope, *, quiet: bool
) -> tuple[Any, RenderableType]:
    """The answer, and how it looks."""
    from monitoring.cli.asking import asked
    from monitoring.cli.pages import PAGES, one_service
    from monitoring.cli.views_health import told_facts
    from monitoring.cli.views_personas import persona as of_persona
    from monitoring.cli.views_work import service as of_service
    from monitoring.stored_answers import StoredAnswers

    async def ask(answers: StoredAnswers) -> tuple[Any, RenderableType]:
        span = answers.window(window)
        if service:
            page, known = await one_service(answers, service, span, scope)
            facts = [told_facts(known)] if known is not None else []
            return page, Group(of_service(page, answers.zone), *facts)

        if persona:
            found = await answers.persona(persona, span, scope)
            return found, of_persona(found, answers.zone)

        chosen = PAGES[about or "services"]
        value = await chosen.ask(answers, span, scope)
        return value, chosen.view(value, answers.zone)

    return asked(ask, quiet=quiet)
