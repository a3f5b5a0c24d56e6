"""What an answer of the API costs, against one of the same size that is made anew each time."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from aiohttp import web

from tests.benchmarks.frame import Bench, Row, medians
from tests.web.serving import KEY, site_beside

PATH = "/api/performance"
SIZE = 25_000
REQUESTS = 4_000
CLIENTS = 8


def value() -> dict[str, Any]:
    """A value whose JSON has 25 kB, as a day of response times has."""
    points = [
        {"at": 1_795_158_000_000 + n, "n": n, "mean": 1.0 + n / 7, "p95": None, "name": "Luna"} for n in range(345)
    ]
    return {"window": {"name": "24h"}, "points": points}


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """CPU of the server for one answer; eight clients ask, each over one connection."""
    n, body = bench.size(REQUESTS, 50), json.dumps(value(), separators=(",", ":")).encode()
    assert abs(len(body) - SIZE) < SIZE / 10

    def ours_and_theirs() -> Iterator[Callable[[], float]]:
        with site_beside(bench.folder) as here, made_anew() as (port, thread):
            made = here.server.cached.get(PATH, 1e9, lambda: asyncio.sleep(0, body))
            asyncio.run_coroutine_threadsafe(made, here.loop).result()
            yield lambda: each(here.port, here.thread, n)
            yield lambda: each(port, thread, n)

    making = ours_and_theirs()
    ours, theirs = next(making), next(making)
    found = await medians(bench.rounds, ours, theirs)
    making.close()
    yield Row("an answer of the API, 25 kB (CPU)", found[0], "µs", found[1], "JSON made anew", gate=0.2, goal=0.1)


@contextmanager
def made_anew() -> Iterator[tuple[int, int]]:
    """A bare aiohttp server that makes the same JSON for each request: its port, and its thread."""
    loop, stop, ready = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    ports: list[int] = []
    told = value()

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(told)

    async def live() -> None:
        app = web.Application()
        app.router.add_get(PATH, answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ports.append(runner.addresses[0][1])
        ready.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(live(),), daemon=True)
    thread.start()
    ready.wait(10)
    assert thread.ident is not None
    yield ports[0], thread.ident
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()


def each(port: int, thread: int, n: int) -> float:
    """Microseconds of CPU that the server's thread takes for each of about n requests, of some clients at a time.

    One alone would let the thread fall asleep after each answer, and what it costs a machine to wake it is as much as
    the answer.
    """
    clock = time.pthread_getcpuclockid(thread)
    asked = f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\nAccept: */*\r\n\r\n".encode()
    with ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(CLIENTS)]
        for client in clients:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        ask(clients, asked)
        turns = max(n // CLIENTS, 1)
        before = time.clock_gettime(clock)
        for _ in range(turns):
            ask(clients, asked)

        return (time.clock_gettime(clock) - before) / (turns * CLIENTS) * 1e6


def ask(clients: list[socket.socket], asked: bytes) -> None:
    """One request of each, and all of its answer."""
    for client in clients:
        client.sendall(asked)

    for client in clients:
        found = client.recv(65_536)
        head, _, rest = found.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        got = len(rest)
        while got < length:
            got += len(client.recv(65_536))
