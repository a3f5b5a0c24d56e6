"""The demo: a sandbox with its people, a month of history, live traffic, and a local model that fails now and then."""

from __future__ import annotations

import asyncio
import gc
import secrets
import socket
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Protocol

from monitoring.interfaces import Clock
from monitoring.model import DAY, Instant, Seen
from monitoring.sandbox.ledger import Ledger
from monitoring.sandbox.llm_service import LocalModel
from monitoring.sandbox.pipeline import Instruments
from monitoring.sandbox.server import Sandbox
from monitoring.sandbox.traffic import history
from monitoring.sandbox.traffic_live import Live
from monitoring.sandbox.world import World, build_world, remember_recent
from monitoring.settings import Settings, load_settings

DAYS = 30
DASHBOARD_PORT = 8000


class Told(Protocol):
    """What the demo tells: the monitor."""

    clock: Clock

    @property
    def instruments(self) -> Instruments:
        """How the simulated personas report what they do."""

    def identify(self, *, user_id: int, application_id: int, name: str) -> None:
        """Who the bot is."""

    async def replay(self, seen: Iterable[Seen], *, since: Instant) -> None:
        """History with its own times."""


class Demo:
    """Everything around the bot in `--demo`; an async context manager. The ledger knows the truth."""

    def __init__(self, *, port: int = 0, seed: int = 7, days: int = DAYS) -> None:
        self.sandbox = Sandbox(port=port if _free(port) else 0)
        self.dashboard_key = secrets.token_urlsafe(32)
        """Signs in to the dashboard; another one each time."""
        self.dashboard_port = DASHBOARD_PORT if _free(DASHBOARD_PORT) else _any_free()
        self.ledger = Ledger()
        self.on_play: Callable[[], object] = lambda: None
        """Called when the live traffic begins."""
        self._seed = seed
        self._days = days
        self._model = LocalModel()
        self._world: World | None = None
        self._live: Live | None = None

    async def __aenter__(self) -> Demo:
        self._world = build_world(self.sandbox)
        await self.sandbox.start()
        await self._model.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.pause()
        await self._model.close()
        await self.sandbox.close()

    @property
    def world(self) -> World:
        """Who and what exists; there once the demo is entered."""
        assert self._world is not None, "the demo is an async context manager"
        return self._world

    @property
    def model_url(self) -> str:
        """The address that says whether the local model is well."""
        return self._model.health_url

    @property
    def page_url(self) -> str:
        """The page, open at the ops channel."""
        return f"{self.sandbox.page_url}?channel={self.world.ops_channel.id}"

    @property
    def dashboard_url(self) -> str:
        """The dashboard, which asks for the key."""
        return f"http://127.0.0.1:{self.dashboard_port}"

    def settings(self, folder: Path) -> Settings:
        """What the bot of the demo is set to, with its store in the folder."""
        operators = self.world.guilds[0].roles["monitoring-operator"]
        return load_settings(
            _env_file=None,
            discord_token=self.sandbox.token,
            discord_api_url=self.sandbox.api_url,
            discord_gateway_url=self.sandbox.gateway_url,
            alert_discord_channel_id=self.world.ops_channel.id,
            database_url=f"sqlite:///{folder / 'demo.sqlite3'}",
            timezone="Europe/Berlin",
            viewer_role_ids=tuple(guild.roles["monitoring-viewer"] for guild in self.world.guilds),
            operator_role_ids=(operators,),
            ping_role_ids=(operators,),
            probe_http=(f"model={self.model_url}",),
            probe_interval_seconds=5,
            # Answers in several parts and local models: what is usual here would be a warning by the common limits.
            band_mean_seconds=(3, 6),
            band_p95_seconds=(8, 14),
            band_p99_seconds=(12, 25),
            slo_fast_seconds=12,
            budget_month_dollars=5,
            analytics_enabled=True,
            analytics_port=self.dashboard_port,
            analytics_api_key=self.dashboard_key,
            # Short, so that incidents open and close before one's eyes.
            alert_interval_seconds=5,
            alert_grace_seconds=15,
            alert_window_seconds=60,
            alert_for_seconds=10,
            performance_alert_cooldown=60,
        )

    async def prepare(self, monitor: Told) -> None:
        """Tell the monitor of the month before now, and put the newest messages onto the page."""
        now = monitor.clock.now()
        monitor.identify(user_id=self.sandbox.bot_user_id, application_id=self.sandbox.application_id, name="Greenroom")
        # Hundreds of thousands of values are made and kept: looking for garbage among them would take a third of it.
        gc.disable()
        try:
            acts = await asyncio.to_thread(self._history, now)
            await monitor.replay(acts, since=now - self._days * DAY)
            remember_recent(self.sandbox, self.world, acts)
        finally:
            gc.enable()

    def _history(self, now: Instant) -> list[Seen]:
        """The month before now; takes a second or two, so not for the event loop."""
        return list(history(self.world, now_ms=now, days=self._days, seed=self._seed, ledger=self.ledger))

    def play(self, monitor: Told) -> None:
        """Begin the live traffic."""
        if self._live is None:
            self._live = Live(
                self.world,
                self.sandbox,
                monitor.instruments,
                seed=self._seed,
                clock=time.time,
                ledger=self.ledger,
                model=self._model,
            )
            self._live.start()
            self.on_play()

    async def pause(self) -> None:
        """End the live traffic."""
        live, self._live = self._live, None
        if live is not None:
            await live.stop()


def _any_free() -> int:
    """A port that can be had just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]

    return port


def _free(port: int) -> bool:
    """Whether the port can be had; a newcomer with something else on it should see the demo all the same."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False

    return True
