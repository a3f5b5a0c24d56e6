"""A real server of a real Monitor with an empty store, and what asks it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from monitoring.monitor import Monitor
from monitoring.settings import load_settings
from monitoring.web.connections import Door
from monitoring.web.guard import Rates
from monitoring.web.server import WebServer
from tests.conftest import PatientClock

KEY = "k3y-Qm7fXw2LrT9vBz4NcJ8sHd6PgYa1Ue"
READ_KEY = "r3ad-Zx8WvUtSrQpOnMlKjIhGfEdCbA7654"
EXPORT_KEY = "3xport-Hn5TbVcXzLkJhGfDsApOiUyTrEwQ"


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def cookie(self) -> str:
        """The session's cookie, if one was set."""
        return self.headers.get("Set-Cookie", "")


@dataclass(slots=True)
class Site:
    """A server that listens, and a client."""

    monitor: Monitor
    server: WebServer
    client: aiohttp.ClientSession
    clock: PatientClock
    key: str = KEY
    loop: asyncio.AbstractEventLoop | None = None
    """Where it lives, if that is another thread, ..."""
    thread: int = 0
    """... which is this one."""

    async def ask(
        self,
        path: str,
        method: str = "GET",
        *,
        key: str | None = "",
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Answer:
        """Ask with the key (None: without one)."""
        told = dict(headers or {})
        if key is not None and (secret := key or self.key):
            told["Authorization"] = f"Bearer {secret}"

        url = self.server.url + path
        async with self.client.request(method, url, headers=told, allow_redirects=False, **more) as response:
            return Answer(response.status, response.headers.copy(), await response.read())

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server.url.rpartition(":")[2])


@contextlib.asynccontextmanager
async def site(
    folder: Path, *, rates: Rates | None = None, door: Door | None = None, **settings: object
) -> AsyncIterator[Site]:
    """A Monitor with its server, from start to end."""
    values: dict[str, object] = {
        "database_url": f"sqlite:///{folder / 'store.sqlite3'}",
        "analytics_enabled": True,
        "analytics_port": 0,
        "analytics_api_key": KEY,
        "analytics_api_keys": f"read={READ_KEY},read+export={EXPORT_KEY}",
    }
    clock = PatientClock()
    monitor = Monitor(load_settings(_env_file=None, **(values | settings)), clock=clock)
    server = WebServer(monitor, rates=rates, door=door)
    monitor.faces.append(server)
    await monitor.start()
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
            yield Site(monitor, server, client, clock, "" if settings.get("analytics_api_key") == "" else KEY)
    finally:
        await monitor.close()


@contextlib.contextmanager
def site_beside(folder: Path, **settings: object) -> Iterator[Site]:
    """The same in a thread with a loop of its own, for clients that wait."""
    ready, found, failed = threading.Event(), [], []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def live() -> None:
        async with site(folder, rates=Rates(1_000_000, 1_000_000, 1_000_000), **settings) as here:
            here.loop, here.thread = loop, threading.get_ident()
            found.append(here)
            ready.set()
            await stop.wait()

    def run() -> None:
        try:
            loop.run_until_complete(live())
        except Exception as error:
            failed.append(error)
            ready.set()
        finally:
            loop.close()

    thread = threading.Thread(target=run, name="a site", daemon=True)
    thread.start()
    ready.wait(30)
    if failed:
        raise failed[0]

    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
