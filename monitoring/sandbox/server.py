"""The sandbox as a server: one port for the API, the Gateway, the files and the page."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from aiohttp import web

from monitoring.sandbox import intents
from monitoring.sandbox.asking import Asking
from monitoring.sandbox.http import API, around
from monitoring.sandbox.page_api import PageRoutes
from monitoring.sandbox.rest_commands import CommandRoutes
from monitoring.sandbox.rest_guilds import GuildRoutes
from monitoring.sandbox.rest_interactions import TokenRoutes
from monitoring.sandbox.rest_messages import MessageRoutes
from monitoring.sandbox.rest_webhooks import WebhookRoutes

_MOST_BODY = 128 * 1024 * 1024


class Sandbox(Asking):
    """A local stand-in for Discord on 127.0.0.1; `clock` gives seconds since 1970 and dates everything.

    Deadlines of interactions, nonces and ordered troubles go by `monotonic`, rate limits by real time, since
    clients sleep them out. The bot logs in with `token`; `intents_allowed` are the bits of
    the Gateway intents that the application was given.
    """

    def __init__(
        self, *, port: int = 0, clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic, token: str = "sandbox.token",
        intents_allowed: int = intents.ALL, bot_name: str = "Greenroom", messages_per_channel: int = 5000,
        files_kept: int = 500,
    ) -> None:  # fmt: skip
        super().__init__(
            clock=clock, monotonic=monotonic, token=token, intents_allowed=intents_allowed, bot_name=bot_name,
            messages_per_channel=messages_per_channel, files_kept=files_kept,
        )  # fmt: skip
        self._port = port
        self._runner: web.AppRunner | None = None
        self.api_url = ""
        self.page_url = ""

    async def start(self) -> None:
        """Begins to listen; OSError when the port is taken."""
        app = web.Application(middlewares=[around(self)], client_max_size=_MOST_BODY)
        for part in (MessageRoutes, GuildRoutes, CommandRoutes, TokenRoutes, WebhookRoutes, PageRoutes):
            app.add_routes(part(self).routes())

        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        app.router.add_get("/attachments/{channel_id}/{file_id}/{name}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = int(self._runner.addresses[0][1])
        self.base_url = f"http://127.0.0.1:{self._port}"
        self.api_url = self.base_url + API
        self.gateway_url = f"ws://127.0.0.1:{self._port}/gateway"
        self.page_url = self.base_url + "/"

    async def close(self) -> None:
        """Ends every connection and stops listening."""
        self.gateway.drop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def drop_gateway(self, code: int | None = None) -> None:
        """Ends every Gateway socket: without a word, or with a close code."""
        await self.faults.drop_gateway(code)

    async def connected(self, timeout: float = 10.0, shards: int = 1) -> None:
        """Waits until the bot is connected to the Gateway; TimeoutError when it does not come."""
        async with asyncio.timeout(timeout):
            await self.gateway.wait_for(shards)

    async def _file(self, request: web.Request) -> web.Response:
        """A file of a message, as the CDN would serve it."""
        file_id = request.match_info["file_id"]
        found = self.shelves.file(int(file_id)) if file_id.isdigit() else None
        if found is None:
            raise web.HTTPNotFound

        attachment, data = found
        return web.Response(body=data, content_type=attachment.get("content_type", "application/octet-stream"))
