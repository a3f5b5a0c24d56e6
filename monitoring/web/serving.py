"""What the parts of the server share: the Monitor they ask, who may ask, and the answers that are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from aiohttp import web

from monitoring.monitor import Monitor
from monitoring.web.answer import Refusal
from monitoring.web.cached import Cached
from monitoring.web.guard import Guard, Policy

BODY_WITHIN = 10.0
"""Seconds for the body of a request."""
Handle: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Served(NamedTuple):
    """A path with what answers it, and who may use it."""

    method: str
    path: str
    handle: Handle
    policy: Policy


@dataclass(slots=True)
class Serving:
    """One running server; a part is a function from this to what it serves.

    `opening` is called before the first request, `closing` after the last.
    """

    monitor: Monitor
    guard: Guard
    cached: Cached
    opening: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)


Part: TypeAlias = Callable[[Serving], list[Served]]


async def body_of(request: web.Request) -> bytes:
    """The body, at most 64 kB within ten seconds. Raises Refusal."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Refusal(415, "Bodies must not be packed.", where="Content-Encoding")

    try:
        async with asyncio.timeout(BODY_WITHIN):
            return await request.read()
    except TimeoutError:
        raise Refusal(408, "The body took too long.", where="body", headers={"Connection": "close"}) from None
    except (ConnectionError, web.RequestPayloadError):
        # Who sent it is gone, or sends no pieces that can be put together: neither is a fault of ours to be logged.
        raise Refusal(400, "The body cannot be read.", where="body", headers={"Connection": "close"}) from None
