"""What a row of the tables says, and the questions that its figure is read from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from monitoring.monitor import Monitor
from monitoring.window import Scope, Window
from tests.scripted.play import USERS, ZONE, when

WINDOWS = {
    "days": Window(when("Mon 00:00"), when("Thu 00:00"), ZONE),
    "tue": Window(when("Tue 00:00"), when("Wed 00:00"), ZONE),
    "wed": Window(when("Wed 00:00"), when("Thu 00:00"), ZONE),
    "wed 23:00": Window(when("Wed 00:00"), when("Wed 23:00"), ZONE),
    "thu": Window(when("Thu 00:00"), when("Thu 12:00"), ZONE),
}
"""The windows that are asked about; `days` are Monday to Wednesday."""
OFFERED = {"slash": ("play", "sing"), "prefix": ("roll",)}


class Ask(NamedTuple):
    """A question: which page, of which window, of a guild or (None) the whole bot, and of whom."""

    page: str
    window: str = "days"
    guild: int | None = None
    whom: str = ""


class Row(NamedTuple):
    """A figure: where it is read, what it must be, and how that was worked out; `within` is for percentiles."""

    name: str
    ask: Ask
    read: Callable[[Any], object]
    expected: object
    why: str
    within: float = 0.0


async def answer(monitor: Monitor, ask: Ask) -> Any:
    """What the product says."""
    window, scope = WINDOWS[ask.window], Scope(ask.guild)
    match ask.page:
        case "persona":
            return await monitor.persona(ask.whom, window, scope)
        case "health":
            await monitor.rounds.ask_all()
            return await monitor.health(host=False, scope=scope)
        case "performance":
            return await monitor.performance(window, scope, persona=ask.whom)
        case "service":
            return await monitor.work.service(ask.whom, window, scope)
        case "errors":
            return await monitor.work.errors(window, scope)
        case "commands":
            return await monitor.audience.commands(window, scope, OFFERED)
        case "person":
            return await monitor.audience.person(USERS[ask.whom], window)
        case "detail":
            return (await monitor.store.series("detail", window.start, window.end, 0)).total(lambda labels: labels[:2])
        case "services" | "throughput":
            return await getattr(monitor.work, ask.page)(window, scope)
        case "models" | "tokens" | "cost" | "features":
            return await getattr(monitor.llm, ask.page)(window, scope)
        case "users" | "channels" | "conversations" | "scenarios":
            return await getattr(monitor.audience, ask.page)(window, scope)
        case "spend" | "tree":
            return await getattr(monitor.bonds, ask.page)(window, scope)
        case _:
            return await getattr(monitor, ask.page)(window, scope)


def named(rows: Any, name: str) -> Any:
    """The row of that name, whatever its rows call it."""
    for row in rows:
        for attribute in ("name", "persona", "channel"):
            if getattr(row, attribute, None) == name:
                return row

    raise LookupError(name)
