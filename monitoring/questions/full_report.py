"""The full report: every chart that has something to show, and a first page that says what each of them found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from monitoring.analysis.channels import Channels
from monitoring.analysis.features import Features
from monitoring.analysis.kept import kept
from monitoring.analysis.models import Models
from monitoring.answers import Answers
from monitoring.charts import title
from monitoring.charts.document import DOCUMENT, Document
from monitoring.charts.drawing import Drawing
from monitoring.charts.summary import Finding, Summary
from monitoring.model import Instant
from monitoring.window import SPAN_WORDS, Scope, Window

Page = tuple[str, object]
"""A kind of chart, and its value."""
Pages = Callable[[Answers, Window, Scope], Awaitable[Sequence[Page]]]
MOST_PERSONAS = 8
"""Personas with a page of their own, the most talkative first."""
PDF_WITHIN = 120.0
"""Seconds that drawing all pages may take."""
REPEATED = ("persona", "relationships_matrix", "relationships_history")
"""Kinds whose pages are not told one by one in the summary."""


@dataclass(frozen=True, slots=True)
class FullReport:
    """Everything about a window; `pages` begin with the summary."""

    window: Window
    of: str
    """Whose it is: a guild's name, or "whole bot"."""
    made_at: Instant
    pages: tuple[Page, ...]

    @property
    def title(self) -> str:
        """What a reader of the file shows as its name."""
        return f"{self.of}, {SPAN_WORDS.get(self.window.name, 'report')}"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What its pages found, in order."""
        summary = self.pages[0][1]
        assert isinstance(summary, Summary), "made so"
        return summary.findings

    @property
    def document(self) -> Document:
        """It as the pages of a PDF."""
        return Document(self.title, self.made_at, self.pages)


async def full_report(
    monitor: Answers,
    window: Window,
    scope: Scope,
    *,
    of: str,
    host: bool,
    named: Callable[[Channels], Channels] = lambda channels: channels,
) -> FullReport:
    """Ask everything there is a chart for. Raises StoreError.

    `host`: with the machine and with money. `named` puts in the names of channels, which only Discord knows.
    """
    pages: list[Page] = []
    owners = (_incidents, _money, _machine) if host else ()
    for ask in (_speed, _trouble, _kept, _models, *owners, _people, _personas):
        pages.extend([(kind, _shown(value, named, host=host)) for kind, value in await ask(monitor, window, scope)])

    overview = await monitor.overview(window, scope)
    first: Page = ("overview", overview)
    told = [(number, page) for number, page in enumerate([first, *pages], 2) if page[0] not in REPEATED]
    findings = tuple(Finding(number, title(*page)) for number, page in told)
    summary = Summary(window, findings[0].words, findings, of, pages=len(pages) + 2)
    return FullReport(window, of, monitor.clock.now(), (("summary", summary), first, *pages))


def _shown(value: object, named: Callable[[Channels], Channels], *, host: bool) -> object:
    """The value as those may see it for whom it is."""
    if isinstance(value, Channels):
        return named(value)

    return value.without_money() if isinstance(value, Models | Features) and not host else value


async def pdf(report: FullReport, theme: str) -> bytes:
    """The report as one PDF. Raises ChartError.

    Drawn in a process of its own, which ends with it: it takes seconds, for which no other chart is to wait.
    """
    drawing = Drawing(limit=PDF_WITHIN)
    try:
        return await drawing.draw(DOCUMENT, report.document, theme)
    finally:
        await drawing.close()


async def _speed(monitor: Answers, window: Window, scope: Scope) -> Sequence[Page]:
    value = await monitor.performance(window, scope)
    flow = await monitor.work.throughput(window, scope)
    if not value.now.n:
        return []

    parts = [("components", value)] if value.components else []
    several = [("response_by_persona", value)] if len(value.personas) > 1 else []
    return [("response_times", value), *parts, *several, ("throughput", flow)]


async def _trouble(monitor: Answers, window: Window, scope: Scope) -> Sequence[Page]:
    pages: list[Page] = [("errors", await monitor.work.errors(window, scope))]
    why = await monitor.insight.why("mean", window, scope)
    return pages + ([("why", why)] if why.sure and why.parts else [])


async def _kept(monitor: Answers, window: Window, scope: Scope) -> Sequence[Page]:
    up, promises = await monitor.work.uptime(window), kept(window, await monitor.insight.slo(window, scope))
    pages: list[Page] = [("uptime", up)] if any(one.n for one in up.services) else []
    return pages + ([("slo", promises)] if promises.known else [])


async def _incidents(monitor: Answers, window: Window, scope: Scope) -> Sequence[Page]:
    log = await monitor.work.incidents(window)
    return [("incidents", log)] if log.rules else []


async def _models(monitor: Answers, window: Window, scope: Scope) -> Sequence[Page]:
    models, tokens = await monitor.llm.models(window, scope), await monitor.llm.tokens(window, scope)
    features = await monitor.llm.features(window, scope)
    pages: list[Page] = [("models", models)] if models.rows else []
    pages += [("tokens", tokens)] if tokens.total.value else []
    pages += [("features", features)] if features.rows else []
    return pages + ([("variants", features)] if features.trials else [])


async def _money(monitor: Answers, window: Window, scope: Scope) -> Sequence[Page]:
    cost = await monitor.llm.cost(window, scope)
    return [("cost", cost)] if cost.running else []


async def _machine(monitor: Answers, window: Window, scope: Scope) -> Sequence[Page]:
    value = await monitor.resources(window)
    return [("resources", value)] if any(line.peak is not None for line in value.lines) else []


async def _people(monitor: Answers, window: Window, scope: Scope) -> Sequence[Page]:
    activity, users = await monitor.activity(window, scope), await monitor.audience.users(window, scope)
    channels = await monitor.audience.channels(window, scope)
    talks, scenarios = (
        await monitor.audience.conversations(window, scope),
        await monitor.audience.scenarios(window, scope),
    )
    pages: list[Page] = [("activity", activity)] if activity.n else []
    pages += [("users", users), *([("channels", channels)] if channels.rows else [])]
    pages += [("conversations", talks)] if talks.count.value else []
    return pages + ([("scenarios", scenarios)] if scenarios.starts.value else [])


async def _personas(monitor: Answers, window: Window, scope: Scope) -> Sequence[Page]:
    table = await monitor.persona_table(window, scope)
    pages: list[Page] = [
        ("persona", await monitor.persona(row.name, window, scope)) for row in table.rows[:MOST_PERSONAS]
    ]
    bonds, banter = await monitor.relationships(window, scope), await monitor.banter(window, scope)
    if bonds.pairs:
        pages += [(f"relationships{form}", bonds) for form in ("", "_matrix", "_history")]

    return pages + ([("banter", banter)] if banter.exchanges.value else [])
