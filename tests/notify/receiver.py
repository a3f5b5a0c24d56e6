"""A place on the web that is told, and a desk for notifiers: real HTTP on 127.0.0.1."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from monitoring.incident import Notice
from monitoring.notify.courier import Desk
from monitoring.notify.news import News, news_of
from tests.alerting.scene import NOON, ManualClock

ZONE = "Europe/Berlin"
EVIL = "@everyone <!channel> [x](http://evil) **b** `c` \u202e\r\nBcc: eve@example.com"


@dataclass
class Receiver:
    """What came, and what is answered."""

    url: str = ""
    came: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    cut: bool = False

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        self.came.append((dict(request.headers), await request.read()))
        if self.cut and request.transport is not None:
            request.transport.abort()

        return web.Response(status=self.status, headers=self.headers, body=self.body)


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """A server of its own, with a secret in its address."""
    found = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", found.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks/s3cr3t"
        yield found
    finally:
        await runner.cleanup()


def desk(clock: ManualClock | None = None, link: str = "") -> Desk:
    """A desk that reads notices from their bodies; with a link to the message, if one is given."""

    async def read(notice: Notice) -> News:
        news = news_of(notice, ZONE)
        return news if not link else type(news)(**{n: getattr(news, n) for n in news.__slots__} | {"link": link})

    return Desk(read, clock or ManualClock(), ZONE)


BODY: dict[str, Any] = {
    "number": 4127, "rule": "p95_response", "changes": ["opened"], "minor": False, "quiet": False, "ping": True,
    "severity": "critical", "subject": "P95 response", "text": "Open, critical: P95 response 8.3 s", "value": "8.3 s",
    "limit": "5.0 s", "peak": "up to 9.1 s", "since": NOON, "until": None, "lasted": None,
    "advice": "Look at `/why`, then at the model's **queue**.", "runbook": "https://wiki.example.com/slow",
    "reason": "",
}  # fmt: skip


def opening(**more: Any) -> Notice:
    """An incident that opened at noon."""
    return Notice("incident 4127/1/x", "incident", NOON, "4127", "x", "nonce-1", BODY | more)


def recovery(**more: Any) -> Notice:
    """Its end twelve minutes later."""
    end = NOON + 720_000
    body = BODY | {"changes": ["resolved"], "until": end, "lasted": 720.0} | more
    return Notice("incident 4127/2/x", "recovery", end, "4127", "x", "nonce-2", body)


def late(n: int = 3, more: int = 0) -> Notice:
    """News of an outage of an hour."""
    rows = [{"number": i, "text": f"Incident {i}", "severity": "warning", "since": NOON, "until": NOON + 60_000}
            for i in range(n)]  # fmt: skip
    return Notice(
        "late/x", "late", NOON + 3_600_000, "late", "x", "nonce-3", {"from": NOON, "lines": rows, "more": more}
    )


def message(text: str) -> Notice:
    """A plain sentence."""
    return Notice("message/x", "message", NOON, "m", "x", "nonce-4", {"text": text})


HOSTILE = opening(subject=EVIL, value=EVIL, advice=EVIL, limit=EVIL, rule=EVIL)
ALL = [opening(), recovery(), late(25, 10), message("The store is full. Make room."), HOSTILE,
       recovery(reason="the rule was removed", changes=["closed"]), opening(changes=["flapping"]),
       Notice("group/x", "group", NOON, "g", "x", "nonce-5", {"title": "Three at once", "lines": ["a", "b"]}),
       opening(changes=["unheeded"])]  # fmt: skip
"""One of each kind."""
