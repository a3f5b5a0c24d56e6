"""Which personas and services those who ask may know of: their guild's own; no guild is shown the names of another."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable

from monitoring.analysis.series import label, only
from monitoring.monitor import Monitor
from monitoring.window import Scope

FRESH = 10.0
"""Seconds for which a guild's names are suggested without asking the store again."""
LONGEST = "90d"
"""The longest window that can be asked for: who was silent for longer is on no page."""
MOST_GUILDS = 100


class Known:
    """Names by guild, kept for a moment, since each key typed asks for them."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._names: OrderedDict[tuple[str, int | None], tuple[float, list[str]]] = OrderedDict()
        self._turn = asyncio.Lock()

    async def personas(self, scope: Scope) -> list[str]:
        """The personas that wrote or answered in the guild, busiest first; for the whole bot all. Raises StoreError."""
        if scope.guild_id is None:
            return self._monitor.persona_names()

        guild = str(scope.guild_id)
        return await self._kept(("personas", scope.guild_id), lambda: self._personas(guild))

    async def services(self, scope: Scope) -> list[str]:
        """The services that are probed or did something in the guild, or anywhere, by name. Raises StoreError."""
        window = self._monitor.window(LONGEST)
        worked = await self._kept(("services", scope.guild_id), lambda: self._monitor.work.names(window, scope))
        return sorted({*self._monitor.service_names(), *worked} - {"other"})

    async def _kept(self, key: tuple[str, int | None], ask: Callable[[], Awaitable[list[str]]]) -> list[str]:
        """What was asked a moment ago, or the answer of now."""
        async with self._turn:
            now = self._monitor.clock.monotonic()
            until, names = self._names.get(key, (0.0, []))
            if now >= until:
                names = await ask()
                self._names[key] = (now + FRESH, names)
                self._names.move_to_end(key)
                if len(self._names) > MOST_GUILDS:
                    self._names.popitem(last=False)

            return names

    async def _personas(self, guild: str) -> list[str]:
        window, found = self._monitor.window(LONGEST), Counter[str]()
        for metric, keep in (
            ("message", only("message", author="persona", guild=guild)),
            ("response", only("response", guild=guild)),
        ):
            series = await self._monitor.store.series(metric, window.start, window.end, 0)
            found.update({name: row.count for name, row in series.total(label(metric, "persona", keep)).items()})

        return [name for name, _ in found.most_common() if name not in ("", "other")]
