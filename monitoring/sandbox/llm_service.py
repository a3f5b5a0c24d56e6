"""A local language model's health endpoint over real HTTP, which can be told to fail or to answer slowly."""

from __future__ import annotations

import asyncio

from aiohttp import web


class LocalModel:
    """Serves `/health` on 127.0.0.1 as JSON with model and GPU; 503 while it fails."""

    def __init__(self, *, model: str = "llama3.1:8b", gpu: str = "NVIDIA RTX 4090, 24 GB", port: int = 0) -> None:
        self._facts = {"model": model, "gpu": gpu}
        self._port = port
        self._runner: web.AppRunner | None = None
        self._delay = 0.0
        self._failing = False

    @property
    def failing(self) -> bool:
        """Whether it answers 503 now."""
        return self._failing

    @property
    def health_url(self) -> str:
        """Where to ask; valid once started."""
        return f"http://127.0.0.1:{self._port}/health"

    async def start(self) -> None:
        """Begins to listen; OSError when the port is taken."""
        app = web.Application()
        app.router.add_get("/health", self._health)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Stops listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def fail(self, failing: bool = True) -> None:
        """From now on every question gets 503, or a healthy answer again."""
        self._failing = failing

    def slow(self, seconds: float = 0.0) -> None:
        """From now on every answer takes this long."""
        self._delay = seconds

    async def _health(self, request: web.Request) -> web.Response:
        """The answer to a probe."""
        if self._delay:
            await asyncio.sleep(self._delay)

        if self._failing:
            return web.json_response({"status": "error", "error": "CUDA out of memory"}, status=503)

        return web.json_response({"status": "ok", **self._facts})
