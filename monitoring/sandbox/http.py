"""HTTP of the sandbox: answers as Discord gives them, and what happens around every request of the bot."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from monitoring.sandbox.core import Core, Refused
from monitoring.sandbox.faults import Order
from monitoring.sandbox.refusals import Refusal, unauthorized

_log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
API = "/api/v10"
_MAJOR = ("channel_id", "guild_id", "webhook_id", "token")
_VIA = {"Via": "1.1 sandbox"}
_LOCAL = {"127.0.0.1", "localhost", "[::1]"}


def answer(body: Any, status: int = 200) -> web.Response:
    """JSON as exactly `application/json`; a charset would make discord.py read it as text."""
    return web.Response(body=json.dumps(body).encode(), status=status, content_type="application/json")


def nothing() -> web.Response:
    """204."""
    return web.Response(status=204)


def number(request: web.Request, name: str) -> int:
    """An id in the path."""
    try:
        return int(request.match_info[name])
    except ValueError as error:
        text = f'Value "{request.match_info[name]}" is not snowflake.'
        errors = {name: {"_errors": [{"code": "NUMBER_TYPE_COERCE", "message": text}]}}
        raise Refusal(400, 50035, "Invalid Form Body", errors) from error


def truth(request: web.Request, name: str) -> bool:
    """A yes or no in the query."""
    return request.query.get(name, "").lower() in ("1", "true")


def around(core: Core) -> Any:
    """The middleware for the whole server; API and Gateway suffer the faults, the page is spared."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Sorts requests into API, Gateway and page."""
        if request.path.startswith("/api/"):
            return await _serve_api(core, request, handler)

        if request.path.startswith("/gateway"):
            if core.faults.refusing:
                return _cut(request)

            return await handler(request)

        if request.path.startswith("/attachments/"):
            return await handler(request)

        return await _serve_page(request, handler)

    return middleware


def _cut(request: web.Request) -> web.Response:
    """Ends the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()

    return web.Response(status=500)


async def _serve_page(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The page answers only to a browser that asked for a local address; refusals become {"error": …}."""
    host = request.headers.get("Host", "").rsplit(":", 1)[0]
    if host not in _LOCAL:
        return answer({"error": "This page answers on local addresses only."}, 403)

    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.headers['Host']}":
        return answer({"error": "Another site may not use this page."}, 403)

    try:
        return await handler(request)
    except Refusal as refusal:
        return answer({"error": refusal.message}, refusal.status)
    except (KeyError, TypeError, ValueError) as error:
        return answer({"error": f"The request is not understood: {error}"}, 400)


async def _serve_api(core: Core, request: web.Request, handler: Handler) -> web.StreamResponse:
    """One request of the bot: faults, rate limit, token, the work, and refusals in Discord's shape."""
    path = request.path.removeprefix(API)
    route = request.match_info.route.resource
    template = "?" if route is None else route.canonical.removeprefix(API)
    core.requests[f"{request.method} {template}"] += 1
    if core.faults.refusing:
        return _cut(request)

    if core.faults.delay:
        await asyncio.sleep(core.faults.delay)

    major = "+".join(request.match_info[name] for name in _MAJOR if name in request.match_info)
    wait, headers = core.limits.take(request.method, template, major)
    order = core.faults.take(path)
    if order is not None and not order.after:
        return _ordered(request, order, headers)

    if wait is not None:
        return _limited(wait, everywhere=False, headers=headers)

    response = await _work(core, request, handler, path)
    core.something_happened()
    response.headers.update(headers | _VIA)
    if order is not None:
        return _ordered(request, order, headers)

    return response


def _ordered(request: web.Request, order: Order, headers: dict[str, str]) -> web.Response:
    """The answer that was ordered instead of the real one."""
    if order.status == 429:
        return _limited(order.retry_after, everywhere=order.everywhere, headers=headers)

    if not order.status:
        return _cut(request)

    response = answer({"message": f"{order.status}: ordered by the sandbox", "code": 0}, order.status)
    response.headers.update(_VIA)
    return response


def _limited(wait: float, *, everywhere: bool, headers: dict[str, str]) -> web.Response:
    """429; the `Via` header is what tells discord.py that it is not banned."""
    body = {"message": "You are being rate limited.", "retry_after": round(wait, 3), "global": everywhere}
    response = answer(body, 429)
    response.headers.update(_VIA)
    if everywhere:
        response.headers["X-RateLimit-Global"] = "true"
        response.headers["X-RateLimit-Scope"] = "global"
    else:
        response.headers.update(headers | {"X-RateLimit-Scope": "user", "X-RateLimit-Remaining": "0"})

    response.headers["Retry-After"] = str(max(1, round(wait)))
    return response


async def _work(core: Core, request: web.Request, handler: Handler, path: str) -> web.StreamResponse:
    """Does what was asked, or says no as Discord does, and remembers that."""
    try:
        _check_token(core, request, path)
        return await handler(request)
    except Refusal as refusal:
        error = refusal
    except web.HTTPNotFound:
        error = Refusal(404, 0, "404: Not Found")
    except web.HTTPMethodNotAllowed:
        error = Refusal(405, 0, "405: Method Not Allowed")
    except (KeyError, TypeError, ValueError, AttributeError):
        _log.warning("%s %s had a body of an unexpected shape", request.method, path, exc_info=True)
        error = Refusal(400, 50035, "Invalid Form Body")

    core.note_refused(Refused(request.method, path, error.status, error.code, error.message, error.errors))
    return answer(error.body(), error.status)


def _check_token(core: Core, request: web.Request, path: str) -> None:
    """Refuses a wrong bot token; what carries a token in its path needs none."""
    if "token" in request.match_info or path == "/gateway":
        return

    if request.headers.get("Authorization") != f"Bot {core.token}":
        raise unauthorized()
