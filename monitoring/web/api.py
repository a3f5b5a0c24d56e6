"""The API's questions as they are served: read, asked, encoded once, kept for some seconds."""

from __future__ import annotations

from aiohttp import web

from monitoring.encoding import dumps
from monitoring.model import Health
from monitoring.web import routes_figures, routes_health, routes_inside
from monitoring.web.answer import Ready, json_response
from monitoring.web.guard import CALLER, Policy
from monitoring.web.keys import Right
from monitoring.web.openapi import PATH, document
from monitoring.web.params import Asked, fresh_for, read_params
from monitoring.web.route import Route
from monitoring.web.serving import Handle, Served, Serving
from monitoring.window import Scope

ROUTES: tuple[Route, ...] = (*routes_health.ROUTES, *routes_figures.ROUTES, *routes_inside.ROUTES)
SHORT_HEALTH = "short health"
BAD = (Health.DEGRADED, Health.UNHEALTHY)


def served(serving: Serving) -> list[Served]:
    """Every GET of the API."""
    found = [Served("GET", route.path, answering(route, serving), route.policy) for route in ROUTES]
    return [_open_health(serving, one) if one.path == routes_health.HEALTH_PATH else one for one in found]


def answering(route: Route, serving: Serving) -> Handle:
    """What answers a route."""
    monitor, cached = serving.monitor, serving.cached

    async def handle(request: web.Request) -> web.StreamResponse:
        line = request.raw_path
        ready = cached.fresh(line)
        if ready is None:
            asked = Asked(monitor.clock.now(), monitor.zone, read_params(request, route.params))

            async def make() -> bytes:
                value = await route.answer(monitor, asked)
                return await monitor.questions.aside(lambda: dumps(value))

            ready = await cached.get(line, fresh_for(asked) if route.fresh is None else route.fresh, make)

        return ready.response(request)

    return handle


def _open_health(serving: Serving, whole: Served) -> Served:
    """Health is told to everybody: in one word to those without a key."""
    monitor, cached = serving.monitor, serving.cached

    async def make() -> bytes:
        page = await monitor.health(host=False, scope=Scope())
        return b'{"status":"degraded"}' if page.overall in BAD else b'{"status":"ok"}'

    async def handle(request: web.Request) -> web.StreamResponse:
        if Right.READ in request[CALLER].rights:
            return await whole.handle(request)

        read_params(request, ())
        ready = cached.fresh(SHORT_HEALTH) or await cached.get(SHORT_HEALTH, 2.0, make)
        status = 503 if b"degraded" in ready.body else 200
        headers = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
        return web.Response(body=ready.body, status=status, headers=headers)

    return Served(whole.method, whole.path, handle, Policy(None))


def described(serving: Serving) -> list[Served]:
    """The description of the API itself."""
    ready: Ready | None = None

    async def handle(request: web.Request) -> web.StreamResponse:
        nonlocal ready
        if ready is None:
            told = document(ROUTES, inside=serving.monitor.settings.analytics_admin)
            ready = Ready.of(json_response(told).body)  # type: ignore[arg-type]  # made of bytes

        return ready.response(request)

    return [Served("GET", PATH, handle, Policy(Right.READ))]
