"""The HTTP server: in the host's event loop, on its own machine unless set otherwise, gone within five seconds."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from aiohttp import web

from monitoring.monitor import Monitor
from monitoring.web import (
    api,
    entrance,
    exporting,
    incident_acts,
    live,
    operations,
    pages,
    pictures,
    profiling,
    prometheus,
)
from monitoring.web.answer import dress
from monitoring.web.cached import Cached
from monitoring.web.connections import Door
from monitoring.web.guard import MOST_BODY, Guard, Handler, Rates
from monitoring.web.keys import keys_of
from monitoring.web.listening import listen
from monitoring.web.serving import Part, Serving
from monitoring.web.sessions import Sessions

_log = logging.getLogger(__name__)

PARTS: tuple[Part, ...] = (
    *(api.served, api.described, exporting.served, operations.served, profiling.served, entrance.served),
    *(prometheus.served, pages.served, pictures.served, live.served, incident_acts.served),
)
"""All that is served: each part says its paths and who may use them."""
LISTEN_AGAIN = 5.0
"""Seconds until it is tried again to listen, where the port is taken."""
LEAVE_WITHIN = 1.0
"""Seconds for answers that are under way at the end; what hangs gets as long again."""


class WebServer:
    """Serves one Monitor. Raises SettingError for keys that are too weak."""

    def __init__(self, monitor: Monitor, *, rates: Rates | None = None, door: Door | None = None) -> None:
        settings = monitor.settings
        keys = keys_of(settings)
        self._monitor = monitor
        self._rates = rates or Rates()
        self.door = Door() if door is None else door
        self.cached = Cached(monitor.clock.monotonic)
        self._sessions = Sessions(monitor, keys)
        self.guard = Guard(settings, keys, self._sessions, monitor.clock, self._rates)
        self._host, self._port = settings.analytics_host, settings.analytics_port
        self._runner: web.AppRunner | None = None
        self._listening: list[asyncio.Server] = []
        self._trying: asyncio.Task[None] | None = None
        self.url = ""
        """Where it listens; "" while it does not."""

    async def start(self) -> None:
        """Begin to listen; where that cannot be done now, say so and try again until it can."""
        if self._runner is not None:
            return

        await self._sessions.recall()
        self._runner = web.AppRunner(
            application(Serving(self._monitor, self.guard, self.cached)),
            access_log=None,
            shutdown_timeout=LEAVE_WITHIN,
        )
        await self._runner.setup()
        try:
            await self._listen()
        except OSError as error:
            said = (
                f"The dashboard and the API cannot listen on port {self._port} ({error.strerror or 'no such address'})."
            )
            _log.warning("%s", said)
            self._monitor.problems.append(said)
            self._trying = asyncio.create_task(self._listen_late(said), name="monitoring-web-listen")

    async def close(self) -> None:
        """Take in nobody new, let answers that are under way end, and let go of everything."""
        trying, self._trying = self._trying, None
        if trying is not None:
            trying.cancel()
            await asyncio.wait({trying})

        for listening in self._listening:
            listening.close()

        self._listening = []

        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

        self.url = ""

    async def _listen(self) -> None:
        runner = self._runner
        assert runner is not None
        server = runner.server
        assert server is not None
        self._listening = await listen(lambda: self.door.connection(server), self._host, self._port)
        port = self._listening[0].sockets[0].getsockname()[1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        self.url = f"http://{host}:{port}"
        _log.info("The dashboard and the API listen on %s.", self.url)

    async def _listen_late(self, said: str) -> None:
        while True:
            await asyncio.sleep(LISTEN_AGAIN)
            with contextlib.suppress(OSError):
                await self._listen()
                break

        with contextlib.suppress(ValueError):
            self._monitor.problems.remove(said)


def application(serving: Serving) -> web.Application:
    """Everything that is served, behind the guard."""
    guard = serving.guard

    @web.middleware
    async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await guard.pass_through(request, handler)

    async def enter(_: web.Application) -> None:
        for begin in serving.opening:
            await begin()

    async def leave(_: web.Application) -> None:
        for close in (*serving.closing, serving.cached.close):
            await close()

    app = web.Application(middlewares=[around], client_max_size=MOST_BODY)
    for part in PARTS:
        for method, path, handle, policy in part(serving):
            route = app.router.add_route(method, path, handle)
            if method == "GET":
                app.router.add_route("HEAD", path, handle)

            assert route.resource is not None
            guard.policies[method, route.resource.canonical] = policy

    app.on_response_prepare.append(dress)
    app.on_startup.append(enter)
    app.on_shutdown.append(leave)
    return app
