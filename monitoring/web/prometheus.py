"""`/metrics`: all that is published, in the format that the scraper asks for."""

from __future__ import annotations

import re

from aiohttp import web

from monitoring.faces import Faces
from monitoring.publishing import Source, publish
from monitoring.web.exposition import CONTENT_TYPES, Format, exposition
from monitoring.web.guard import Policy
from monitoring.web.keys import Right
from monitoring.web.otlp_state import Pushing
from monitoring.web.params import read_params
from monitoring.web.serving import Served, Serving

PATH = "/metrics"
FRESH = 2.0
"""Seconds that an answer is kept: below every scrape interval in use, so that none sees the same one twice."""
_OPENMETRICS, _TEXT = "application/openmetrics-text", "text/plain"
_WEIGHT = re.compile(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*\Z", re.IGNORECASE)


def format_of(accept: str) -> Format:
    """Which format an Accept header asks for; text where it prefers neither."""
    weights: dict[str, float] = {}
    for part in accept.split(","):
        kind, *parameters = part.split(";")
        told = [float(found[1]) for one in parameters if (found := _WEIGHT.match(one))]
        name = kind.strip().lower()
        weights[name] = max(weights.get(name, 0.0), told[0] if told else 1.0)

    wanted = weights.get(_OPENMETRICS, 0.0)
    return "openmetrics" if wanted > 0 and wanted >= weights.get(_TEXT, 0.0) else "text"


def served(serving: Serving) -> list[Served]:
    """The path that is scraped."""
    monitor, cached = serving.monitor, serving.cached

    async def handle(request: web.Request) -> web.StreamResponse:
        read_params(request, ())
        form = format_of(request.headers.get("Accept", ""))

        async def make() -> bytes:
            published = await publish(monitor, pushed(monitor.faces))
            return await monitor.questions.aside(lambda: exposition(published, form))

        ready = await cached.get(f"{PATH} {form}", FRESH, make)
        answer = ready.response(request, kind=CONTENT_TYPES[form])
        answer.headers["Vary"] = "Accept"
        return answer

    return [Served("GET", PATH, handle, Policy(Right.READ))]


def pushed(faces: Faces) -> dict[str, Source]:
    """How pushing by OTLP goes, where it is on."""
    pushing = next((face for face in faces if isinstance(face, Pushing)), None)
    return {} if pushing is None else {"monitoring_otlp_pushes": pushing.counts}
