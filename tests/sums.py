"""What of each page adds: counts and sums by name, of a window and a scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from monitoring.analysis.figure import Figure, Timing
from monitoring.analysis.series import only
from monitoring.monitor import Monitor
from monitoring.questions.loading import guild_label
from monitoring.window import Scope, Window

PERSONAS = ("Toad", "Scav", "Nyx")
OFFERED: Mapping[str, tuple[str, ...]] = {}


class Sums(Counter[str]):
    """Sums by name; what is 0 is not there, so that nothing and none of it are the same."""

    def put(self, name: str, value: float | None) -> None:
        """Add to one sum; nothing where a figure is not known."""
        self[name] += value or 0  # type: ignore[assignment]  # floats add as well

    def times(self, name: str, timing: Timing) -> None:
        """Attempts, failures and seconds."""
        self.put(f"{name} n", timing.n)
        self.put(f"{name} failures", timing.failures)
        self.put(f"{name} µs", round((timing.mean or 0) * (timing.n - timing.failures) * 1e6))

    def part(self, name: str, figure: Figure) -> None:
        """A share or mean as what it is the sum and the number of."""
        self.put(f"{name} n", figure.n)
        self.put(f"{name} sum", round((figure.value or 0) * figure.n * 1e6) / 1e6)

    def used(self, name: str, used: Any) -> None:
        """Tokens and what they cost."""
        for what in ("prompt", "completion", "cached", "cost", "unpriced"):
            self.put(f"{name} {what}", getattr(used, what))


async def overview(monitor: Monitor, window: Window, scope: Scope) -> Sums:
    """Messages, answers, tokens, money."""
    page, found = await monitor.overview(window, scope), Sums()
    for name in ("messages", "persona_messages", "exchanges", "tokens", "cost"):
        found.put(name, getattr(page, name).value)

    found.part("errors", page.errors)
    found.part("unanswered", page.unanswered)
    found.part("mean", page.mean)
    found.put("unpriced", page.unpriced)
    for row in page.personas:
        found.put(row.name, row.count)

    return found


async def errors(monitor: Monitor, window: Window, scope: Scope) -> Sums:
    """Failures by kind and place."""
    page, found = await monitor.work.errors(window, scope), Sums()
    found.put("total", page.total.value)
    found.put("attempts", page.rate.n)
    found.part("answers", page.answers)
    for kind in page.kinds:
        found.put(f"kind {kind.name}", kind.count)

    for place in (*page.services, *page.commands):
        found.put(f"place {place.name}", place.failures)

    return found


async def performance(monitor: Monitor, window: Window, scope: Scope) -> Sums:
    """Answers by persona, components, first tokens."""
    page, found = await monitor.performance(window, scope), Sums()
    found.times("all", page.now)
    found.times("first token", page.first_token)
    for row in page.personas:
        found.times(row.persona, row.timing)

    for part in page.components:
        found.put(f"component {part.name}", part.n)

    for point in page.points:
        found.times("points", point.timing)

    return found


async def services(monitor: Monitor, window: Window, scope: Scope) -> Sums:
    """Operations by service and of one, and answers by time."""
    page, llm = await monitor.work.services(window, scope), await monitor.work.service("llm", window, scope)
    flow, found = await monitor.work.throughput(window, scope), Sums()
    found.times("all", page.all.timing)
    for row in (*page.rows, *llm.rows):
        found.times(row.name, row.timing)

    found.put("answers", flow.per_hour.n)
    found.put("failed answers", flow.failures)
    return found


async def tokens(monitor: Monitor, window: Window, scope: Scope) -> Sums:
    """Tokens by what used them."""
    page, found = await monitor.llm.tokens(window, scope), Sums()
    found.used("all", page.used)
    for what in ("models", "personas", "features"):
        for share in getattr(page, what):
            found.used(f"{what} {share.name}", share.used)

    return found


async def cost(monitor: Monitor, window: Window, scope: Scope) -> Sums:
    """Money by what cost it."""
    page, found = await monitor.llm.cost(window, scope), Sums()
    found.put("total", page.total.value)
    for what in ("models", "personas", "features"):
        for share in getattr(page, what):
            found.used(f"{what} {share.name}", share.used)

    return found


async def models(monitor: Monitor, window: Window, scope: Scope) -> Sums:
    """Models side by side."""
    page, found = await monitor.llm.models(window, scope), Sums()
    found.put("all", page.n)
    for row in page.rows:
        found.times(row.name, row.timing)
        found.times(f"{row.name} first token", row.first_token)
        found.used(row.name, row.used)

    # Not from the rows, which are the models that worked in the window: an answer may come a minute after the work.
    votes = await monitor.store.series("model_liking", window.start, window.end, 0)
    found.put("votes", votes.sum(only("model_liking", guild=guild_label(scope))).count)
    return found


async def features(monitor: Monitor, window: Window, scope: Scope) -> Sums:
    """Features and what they asked of caches."""
    page, found = await monitor.llm.features(window, scope), Sums()
    found.put("all", page.n)
    for row in page.rows:
        found.times(row.name, row.timing)
        found.used(row.name, row.used)
        found.part(f"{row.name} cache", Figure(row.hits, n=row.asks))

    return found


async def personas(monitor: Monitor, window: Window, scope: Scope) -> Sums:
    """Each persona's page, and all of them side by side."""
    found = Sums()
    for row in (await monitor.persona_table(window, scope)).rows:
        found.put(f"row {row.name}", row.messages)
        found.put(f"row {row.name} votes", row.votes)
        found.times(f"row {row.name}", row.response)

    for name in PERSONAS:
        page = await monitor.persona(name, window, scope)
        written = page.messages.n
        found.put(f"{name} messages", written)
        found.times(name, page.response)
        found.part(f"{name} unanswered", page.unanswered)
        for what in ("length", "questions", "emoji", "mentions", "banter_share"):
            found.put(f"{name} {what}", round((getattr(page, what) or 0) * written))

        found.part(f"{name} sentiment", Figure(page.sentiment, n=page.moods.n))
        for what in ("votes", "tokens", "cost", "unpriced"):
            found.put(f"{name} {what}", getattr(page, what))

        for quality in page.qualities:
            found.part(f"{name} {quality.name}", Figure(quality.mean, n=quality.n))

    return found


async def banter(monitor: Monitor, window: Window, scope: Scope) -> Sums:
    """Exchanges, who was in them, and what they cost."""
    page, found = await monitor.banter(window, scope), Sums()
    found.put("exchanges", page.exchanges.n)
    found.put("messages", page.messages)
    found.put("turns", round((page.mean_turns or 0) * page.exchanges.n))
    found.part("joined", page.joined)
    found.part("mood", page.mood)
    for what in ("starters", "enders"):
        for row in getattr(page, what):
            found.put(f"{what} {row.name}", row.count)

    for day in page.days:
        found.put("days", day.exchanges)

    found.put("interactions", (await monitor.relationships(window, scope)).interactions)
    spend = await monitor.bonds.spend(window, scope)
    # None where raw rows do not reach; of a longer window, it is of the part that they cover.
    if spend is not None:
        for what in ("exchanges", "operations", "tokens", "cost"):
            found.put(f"spent {what}", getattr(spend, what))

    return found


async def conversations(monitor: Monitor, window: Window, scope: Scope) -> Sums:
    """Conversations with their messages and seconds."""
    page, found = await monitor.audience.conversations(window, scope), Sums()
    found.put("all", page.count.n)
    for what in ("length", "duration", "follow_up"):
        found.part(what, getattr(page, what))

    for day in page.days:
        found.put("days", day.n)

    return found


async def commands(monitor: Monitor, window: Window, scope: Scope) -> Sums:
    """Uses by command and kind."""
    page, found = await monitor.audience.commands(window, scope, OFFERED), Sums()
    found.part("failures", page.failures)
    for row in page.rows:
        found.times(f"{row.kind} {row.name}", row.timing)

    for kind, n in page.kinds:
        found.put(kind, n)

    return found


async def channels(monitor: Monitor, window: Window, scope: Scope) -> Sums:
    """Messages by channel, and of them the personas'."""
    page, found = await monitor.audience.channels(window, scope), Sums()
    found.put("all", page.messages.n)
    for row in page.rows:
        found.put(row.channel, row.messages.n)
        found.put(f"{row.channel} personas", round(row.personas * row.messages.n))

    return found


async def scenarios(monitor: Monitor, window: Window, scope: Scope) -> Sums:
    """Scenarios begun, finished, given up, and seconds of those finished."""
    page, found = await monitor.audience.scenarios(window, scope), Sums()
    found.put("starts", page.starts.value)
    found.part("length", page.length)
    for row in page.rows:
        for what in ("starts", "completed", "abandoned"):
            found.put(f"{row.name} {what}", getattr(row, what))

    return found


async def users(monitor: Monitor, window: Window, scope: Scope) -> Sums:
    """What users got: answers, and how they liked it; and when they wrote."""
    page, found = await monitor.audience.users(window, scope), Sums()
    score = page.engagement.score
    found.put("asked", score.n)
    found.put("answered", round((score.value or 0) * score.n / 100))
    found.put("votes", page.satisfaction.n)
    found.put("voice", page.voice.value)
    found.put("joined voice", page.voice.n)
    for quality in page.qualities:
        found.part(quality.name, Figure(quality.mean, n=quality.n))

    found.put("hours", (await monitor.activity(window, scope)).n)
    return found


Page: TypeAlias = Callable[[Monitor, Window, Scope], Awaitable[Sums]]
PAGES: tuple[Page, ...] = (
    overview, errors, performance, services, tokens, cost, models, features, personas, banter, conversations,
    commands, channels, scenarios, users,
)  # fmt: skip
"""All pages."""
