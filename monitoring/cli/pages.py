"""The questions that the terminal can show, by name: what is asked, and how the answer is looked at.

The values are those that the API answers, so that `--json` is the same from both.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from rich.console import RenderableType

from monitoring.analysis.services import ServicePage
from monitoring.cli import views_models, views_past, views_people, views_personas, views_work
from monitoring.errors import UnknownName
from monitoring.model import Service
from monitoring.quantities import did_you_mean
from monitoring.safe_text import plain_text
from monitoring.stored_answers import StoredAnswers
from monitoring.window import Scope, Window

Ask = Callable[[StoredAnswers, Window, Scope], Awaitable[Any]]
View = Callable[[Any, str], RenderableType]


class Page(NamedTuple):
    """One question: how it is asked, and how its answer looks in a zone."""

    ask: Ask
    view: View


async def _tokens(answers: StoredAnswers, window: Window, scope: Scope) -> object:
    return await answers.llm.tokens(window, scope), await answers.llm.cost(window, scope)


PAGES: dict[str, Page] = {
    "performance": Page(lambda a, window, scope: a.performance(window, scope), views_work.performance),
    "services": Page(lambda a, window, scope: a.work.services(window, scope), views_work.service),
    "errors": Page(lambda a, window, scope: a.work.errors(window, scope), views_work.errors),
    "models": Page(lambda a, window, scope: a.llm.models(window, scope), views_models.models),
    "tokens": Page(_tokens, views_models.tokens),
    "features": Page(lambda a, window, scope: a.llm.features(window, scope), views_models.features),
    "personas": Page(lambda a, window, scope: a.persona_table(window, scope), views_personas.personas),
    "relationships": Page(lambda a, window, scope: a.relationships(window, scope), views_personas.relationships),
    "banter": Page(lambda a, window, scope: a.banter(window, scope), views_personas.banter),
    "users": Page(lambda a, window, scope: a.audience.users(window, scope), views_people.users),
    "conversations": Page(lambda a, window, scope: a.audience.conversations(window, scope), views_people.conversations),
    "channels": Page(lambda a, window, scope: a.audience.channels(window, scope), views_people.channels),
    "scenarios": Page(lambda a, window, scope: a.audience.scenarios(window, scope), views_people.scenarios),
    "resources": Page(lambda a, window, scope: a.resources(window), views_past.resources),
    "promises": Page(lambda a, window, scope: a.insight.slo(window, scope), views_past.promises),
    "incidents": Page(lambda a, window, scope: a.work.incidents(window), views_past.incidents),
    "insights": Page(lambda a, window, scope: a.insight.insights(window, scope), views_past.insights),
}


async def one_service(
    answers: StoredAnswers, name: str, window: Window, scope: Scope
) -> tuple[ServicePage, Service | None]:
    """A service's operations, and how its probe finds it (None: it has none). Raises UnknownName."""
    known = next((one for one in answers.rounds.services() if one.name == name), None)
    page = await answers.work.service(name, window, scope)
    if known is None and not page.all.timing.n:
        there = await answers.work.names(answers.window("30d"), Scope())
        raise UnknownName(f"There is no service {plain_text(name)} here{did_you_mean(name, there) or '.'}")

    return page, await answers.service(name) if known is not None else None
