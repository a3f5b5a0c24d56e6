"""What a second of the live channel costs with a hundred listeners, against making the message for each of them."""

from __future__ import annotations

import asyncio
import json
import selectors
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import Any

from aiohttp import web

from monitoring.encoding import dumps, encode
from monitoring.metrics import METRICS
from monitoring.model import MINUTE
from monitoring.monitor import Monitor
from monitoring.rollup import Rollup
from monitoring.web.live import Listener
from monitoring.web.routes_health import live
from tests.benchmarks.frame import Bench, Row, medians
from tests.web.serving import site

LISTENERS = 100
SECONDS = 20
PERSONAS = tuple(f"persona {number}" for number in range(12))


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """CPU of the event loop for one message to all who listen, over real connections that are read."""
    many, seconds = bench.size(LISTENERS, 5), bench.size(SECONDS, 2)
    async with site(bench.folder, analytics_api_key="", analytics_api_keys="") as here, connected(many) as sockets:
        monitor = here.monitor
        busy(monitor)
        listeners = [Listener(one, lambda: None) for one in sockets]
        sending = [asyncio.create_task(one.send_on(lambda: True)) for one in listeners]
        for one in listeners:
            one.begin(b"{}")

        async def once() -> None:
            message = dumps(live(monitor))
            for one in listeners:
                one.offer(message)

            while any(one.behind for one in listeners):  # noqa: ASYNC110 - each yields to those that send
                await asyncio.sleep(0)

        async def each() -> None:
            for one in sockets:
                await one.send_str(json.dumps(encode(live(monitor))))

        async def encoded() -> None:
            value = encode(live(monitor))
            for one in sockets:
                await one.send_json(value)

        contestants = [lambda speak=speak: cpu(speak, seconds) for speak in (once, each, encoded)]
        ours, theirs, theirs_encoded = await medians(bench.rounds, *contestants)
        for task in sending:
            task.cancel()

        await asyncio.gather(*sending, return_exceptions=True)

    what = f"a live message to {many} listeners (CPU)"
    yield Row(what, ours, "ms", theirs, "made for each", gate=0.25, goal=0.1)
    yield Row("the same", ours, "ms", theirs_encoded, "made once, encoded for each")


async def cpu(speak: Any, seconds: int) -> float:
    """Milliseconds of this thread for each message."""
    before = time.thread_time()
    for _ in range(seconds):
        await speak()

    return (time.thread_time() - before) * 1000 / seconds


def busy(monitor: Monitor) -> None:
    """Five minutes of a dozen personas, in memory."""
    now = monitor.clock.now()
    for at in range(now - 5 * MINUTE, now, 10_000):
        for name in PERSONAS:
            rollup = Rollup()
            rollup.add(1.5, sketch=True)
            for metric in ("message", "response", "sentiment"):
                told = {"author": "persona", "persona": name}
                monitor.recent.add(metric, at, tuple(told.get(label, "") for label in METRICS[metric].labels), rollup)


@asynccontextmanager
async def connected(many: int) -> AsyncIterator[list[web.WebSocketResponse]]:
    """The server's side of so many connections, the other side of which is read in a thread."""
    sockets: list[web.WebSocketResponse] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        answer = web.WebSocketResponse(compress=False)
        await answer.prepare(request)
        sockets.append(answer)
        async for _ in answer:
            pass

        return answer

    app = web.Application()
    app.router.add_get("/", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    with ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(many)]
        with reading(clients):
            for client in clients:
                client.sendall(
                    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                )

            while len(sockets) < many:  # noqa: ASYNC110 - connections set no event
                await asyncio.sleep(0.01)

            yield sockets

    await runner.cleanup()


@contextmanager
def reading(clients: list[socket.socket]) -> Any:
    """Take in and throw away all that comes, until the end."""
    over = threading.Event()

    def drain() -> None:
        with selectors.DefaultSelector() as selector:
            for client in clients:
                selector.register(client, selectors.EVENT_READ)

            while not over.is_set():
                for key, _ in selector.select(timeout=0.1):
                    if not key.fileobj.recv(65_536):  # type: ignore[union-attr]  # they are sockets
                        return

    thread = threading.Thread(target=drain, daemon=True)
    thread.start()
    yield
    over.set()
    thread.join(5)
