"""The figures: every question that `/stats`, `/report` and `/why` answer, as JSON."""

from __future__ import annotations

from dataclasses import dataclass, replace

from monitoring.analysis.advice import Insights
from monitoring.analysis.audience import Audience
from monitoring.analysis.banter import Banter
from monitoring.analysis.banter_spend import BanterSpend
from monitoring.analysis.conversations import Conversations
from monitoring.analysis.errors import Errors
from monitoring.analysis.features import Features
from monitoring.analysis.models import Models
from monitoring.analysis.overview import Overview
from monitoring.analysis.performance import Performance
from monitoring.analysis.personas import PersonaPage, Personas
from monitoring.analysis.relationships import Relationships
from monitoring.analysis.scenarios import Scenarios
from monitoring.analysis.services import ServicePage
from monitoring.analysis.slo import Slo
from monitoring.analysis.spending import Cost
from monitoring.analysis.tokens import Tokens
from monitoring.errors import UnknownName
from monitoring.model import HOUR, MINUTE
from monitoring.monitor import Monitor
from monitoring.web.params import GUILD, NAMED, SERVICE, SPAN_OF, Asked, whole, word
from monitoring.web.route import Route
from monitoring.window import Window, step_start

DAYS = 90


@dataclass(frozen=True, slots=True)
class TokensAnswer:
    """Tokens, and what they cost."""

    tokens: Tokens
    cost: Cost


@dataclass(frozen=True, slots=True)
class BanterAnswer:
    """Exchanges between personas, and what was used in them (null where raw records do not go back)."""

    banter: Banter
    spend: BanterSpend | None


@dataclass(frozen=True, slots=True)
class InsightsAnswer:
    """What is worth doing, what is to come, what was unusual, and how the promises stand."""

    insights: Insights
    slo: tuple[Slo, ...]


async def historical(monitor: Monitor, asked: Asked) -> Overview:
    """The last so many hours."""
    hours = asked.get("hours", 24)
    start = step_start(asked.now - hours * HOUR, MINUTE if hours <= 48 else HOUR, asked.zone)
    return await monitor.overview(Window(start, asked.now, asked.zone), asked.scope)


async def performance(monitor: Monitor, asked: Asked) -> Performance:
    """Response times."""
    return await monitor.performance(asked.window, asked.scope, persona=asked.get("persona", ""))


async def service(monitor: Monitor, asked: Asked) -> ServicePage:
    """The operations of one service."""
    name, window = asked["name"], asked.window
    page = await monitor.work.service(name, window, asked.scope)
    if not page.all.timing.n and name not in monitor.service_names():
        raise UnknownName(f"There is no service {name} here.")

    return page


async def tokens(monitor: Monitor, asked: Asked) -> TokensAnswer:
    """Tokens and cost."""
    window, scope = asked.window, asked.scope
    return TokensAnswer(await monitor.llm.tokens(window, scope), await monitor.llm.cost(window, scope))


async def models(monitor: Monitor, asked: Asked) -> Models:
    """Models side by side."""
    return await monitor.llm.models(asked.window, asked.scope)


async def features(monitor: Monitor, asked: Asked) -> Features:
    """What each feature is used for."""
    return await monitor.llm.features(asked.window, asked.scope)


async def errors(monitor: Monitor, asked: Asked) -> Errors:
    """What failed."""
    return await monitor.work.errors(asked.window, asked.scope, service=asked.get("service", ""))


async def personas(monitor: Monitor, asked: Asked) -> Personas:
    """All personas side by side."""
    return await monitor.persona_table(asked.window, asked.scope)


async def persona(monitor: Monitor, asked: Asked) -> PersonaPage:
    """Everything about one persona."""
    return await monitor.persona(asked["name"], asked.window, asked.scope)


async def relationships(monitor: Monitor, asked: Asked) -> Relationships:
    """How the personas stand to each other."""
    return await monitor.relationships(asked.window, asked.scope)


async def banter(monitor: Monitor, asked: Asked) -> BanterAnswer:
    """Exchanges between personas."""
    window, scope = asked.window, asked.scope
    return BanterAnswer(await monitor.banter(window, scope), await monitor.bonds.spend(window, scope))


async def users(monitor: Monitor, asked: Asked) -> Audience:
    """Who was there, as counts."""
    return await monitor.audience.users(asked.window, asked.scope)


async def conversations(monitor: Monitor, asked: Asked) -> Conversations:
    """How users and personas talked."""
    return await monitor.audience.conversations(asked.window, asked.scope)


async def scenarios(monitor: Monitor, asked: Asked) -> Scenarios:
    """Which scenarios were begun and finished."""
    found = await monitor.audience.scenarios(asked.window, asked.scope)
    return replace(found, rows=found.rows[: asked.get("limit", 50)])


async def insights(monitor: Monitor, asked: Asked) -> InsightsAnswer:
    """What is worth doing."""
    window, scope = asked.window, asked.scope
    return InsightsAnswer(await monitor.insight.insights(window, scope), await monitor.insight.slo(window, scope))


ROUTES = (
    Route(
        "/api/metrics/historical", "How the bot did in the last hours", Overview, historical,
        (whole("hours", 1, DAYS * 24, 24, "How many hours until now."), GUILD), fresh=5.0,
    ),
    Route(
        "/api/performance", "Response times and their parts", Performance, performance,
        (*SPAN_OF, word("persona", "Only this persona.", example="Luna")), missing=True,
    ),
    Route(
        "/api/performance/services/{name}", "The operations of one service", ServicePage, service,
        (NAMED, *SPAN_OF), missing=True,
    ),
    Route("/api/tokens", "Tokens and what they cost", TokensAnswer, tokens, SPAN_OF, tag="models"),
    Route("/api/models", "Models side by side", Models, models, SPAN_OF, tag="models"),
    Route("/api/features", "Features and variants", Features, features, SPAN_OF, tag="models"),
    Route("/api/errors", "What failed, how often, where", Errors, errors, (*SPAN_OF, SERVICE)),
    Route("/api/personas", "All personas side by side", Personas, personas, SPAN_OF, tag="personas"),
    Route(
        "/api/personas/{name}", "Everything about one persona", PersonaPage, persona, (NAMED, *SPAN_OF),
        tag="personas", missing=True,
    ),
    Route(
        "/api/relationships", "How the personas stand to each other", Relationships, relationships, SPAN_OF,
        tag="personas",
    ),
    Route("/api/banter", "Exchanges between personas", BanterAnswer, banter, SPAN_OF, tag="personas"),
    Route("/api/users", "Who was there and came back, as counts", Audience, users, SPAN_OF, tag="people"),
    Route("/api/conversations", "How users and personas talked", Conversations, conversations, SPAN_OF, tag="people"),
    Route(
        "/api/scenarios", "Scenarios begun and finished", Scenarios, scenarios,
        (*SPAN_OF, whole("limit", 1, 500, 50, "How many at most.")), tag="people",
    ),
    Route("/api/insights", "What is worth doing, to come, unusual", InsightsAnswer, insights, SPAN_OF, tag="insights"),
)  # fmt: skip
