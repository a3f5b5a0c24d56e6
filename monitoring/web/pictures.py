"""Drawn charts by their address: the same pictures as in Discord, with the words for those who do not see them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from aiohttp import web

from monitoring import charts
from monitoring.analysis.why_findings import named
from monitoring.errors import ChartError
from monitoring.monitor import Monitor
from monitoring.web.answer import Ready, Refusal
from monitoring.web.guard import Policy
from monitoring.web.keys import Right
from monitoring.web.params import GUILD, SERVICE, SPAN, Asked, fresh_for, one_of, read_params, word
from monitoring.web.serving import Handle, Served, Serving

Ask: TypeAlias = Callable[[Monitor, Asked], Awaitable[object]]

PARAMS = (
    *SPAN,
    GUILD,
    SERVICE,
    word("persona", "Only this persona.", example="Luna"),
    one_of("theme", ("dark", "light"), "Its ground."),
    word("tag", "Of the picture that is meant, so that a new one has another address.", example="a1b2c3"),
)
AT_LEAST = 20.0
"""Seconds that a picture is kept: drawing it takes a tenth of one."""


async def _times(monitor: Monitor, asked: Asked) -> object:
    whose = asked.get("persona", "")
    return await monitor.performance(asked.window, asked.scope, persona=whose, service=asked.get("service", ""))


async def _persona(monitor: Monitor, asked: Asked) -> object:
    return await monitor.persona(asked.get("persona", ""), asked.window, asked.scope)


async def _channels(monitor: Monitor, asked: Asked) -> object:
    value = await monitor.audience.channels(asked.window, asked.scope)
    return value.named({row.channel: monitor.place_name(row.channel) for row in value.rows})


async def _why(monitor: Monitor, asked: Asked) -> object:
    value = await monitor.insight.why("mean", asked.window, asked.scope)
    guilds = {row.name for ranking in value.rankings for row in ranking.rows if row.dimension == "guild"}
    return named(value, {guild: monitor.place_name(guild) or guild for guild in guilds})


ASK: Mapping[str, Ask] = {
    "overview": lambda m, a: m.overview(a.window, a.scope),
    "response_times": _times,
    "response_by_persona": _times,
    "components": _times,
    "throughput": lambda m, a: m.work.throughput(a.window, a.scope, service=a.get("service", "")),
    "errors": lambda m, a: m.work.errors(a.window, a.scope, service=a.get("service", "")),
    "uptime": lambda m, a: m.work.uptime(a.window),
    "incidents": lambda m, a: m.work.incidents(a.window),
    "resources": lambda m, a: m.resources(a.window),
    "persona": _persona,
    "relationships": lambda m, a: m.relationships(a.window, a.scope),
    "relationships_matrix": lambda m, a: m.relationships(a.window, a.scope),
    "relationships_history": lambda m, a: m.relationships(a.window, a.scope),
    "banter": lambda m, a: m.banter(a.window, a.scope),
    "activity": lambda m, a: m.activity(a.window, a.scope),
    "users": lambda m, a: m.audience.users(a.window, a.scope),
    "channels": _channels,
    "conversations": lambda m, a: m.audience.conversations(a.window, a.scope),
    "scenarios": lambda m, a: m.audience.scenarios(a.window, a.scope),
    "tokens": lambda m, a: m.llm.tokens(a.window, a.scope),
    "cost": lambda m, a: m.llm.cost(a.window, a.scope),
    "models": lambda m, a: m.llm.models(a.window, a.scope),
    "features": lambda m, a: m.llm.features(a.window, a.scope),
    "why": _why,
}


def served(serving: Serving) -> list[Served]:
    """`/charts/{kind}.png`, and `/charts/{kind}.json` with its title and its words."""
    policy = Policy(Right.READ)
    return [
        Served("GET", "/charts/{kind}.png", _png(serving), policy),
        Served("GET", "/charts/{kind}.json", _words(serving), policy),
    ]


def _png(serving: Serving) -> Handle:
    async def handle(request: web.Request) -> web.StreamResponse:
        _, _, picture = (await _made(serving, request)).body.partition(b"\n")
        return Ready.of(picture).response(request, kind="image/png")

    return handle


def _words(serving: Serving) -> Handle:
    async def handle(request: web.Request) -> web.StreamResponse:
        words, _, _ = (await _made(serving, request)).body.partition(b"\n")
        return Ready.of(words).response(request)

    return handle


async def _made(serving: Serving, request: web.Request) -> Ready:
    """The words in a line of JSON, then the picture: kept together, since both tell of one value."""
    monitor, kind = serving.monitor, request.match_info["kind"]
    if kind not in ASK:
        raise Refusal(404, "There is no such chart.", hint=f"There are: {', '.join(ASK)}.")

    asked = Asked(monitor.clock.now(), monitor.zone, read_params(request, PARAMS))
    known = sorted((name, value) for name, value in asked.values.items() if name != "tag")

    async def make() -> bytes:
        value = await ASK[kind](monitor, asked)
        try:
            picture = await monitor.chart(kind, value, theme=asked.get("theme", "dark"))
            title = await asyncio.to_thread(charts.title, kind, value)
        except ChartError as error:
            raise Refusal(503, str(error), headers={"Retry-After": "10"}) from None

        size = {"width": 1200, "height": charts.chart_of(kind).HEIGHT}
        words = {"title": title, "alt": picture.alt, "tag": Ready.of(picture.png).tag.strip('"')} | size
        return json.dumps(words, ensure_ascii=False).encode("utf-8", "replace") + b"\n" + picture.png

    return await serving.cached.get(f"chart {kind} {known}", max(fresh_for(asked), AT_LEAST), make)
