"""Which personas those who ask may know of: their guild's own; no guild is shown the names of another."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict

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
        self._names: OrderedDict[int, tuple[float, list[str]]] = OrderedDict()
        self._turn = asyncio.Lock()

    async def personas(self, scope: Scope) -> list[str]:
        """The personas that wrote or answered in the guild, busiest first; for the whole bot all. Raises StoreError."""
        if scope.guild_id is None:
            return self._monitor.persona_names()

        async with self._turn:
            now = self._monitor.clock.monotonic()
            until, names = self._names.get(scope.guild_id, (0.0, []))
            if now >= until:
                names = await self._ask(str(scope.guild_id))
                self._names[scope.guild_id] = (now + FRESH, names)
                self._names.move_to_end(scope.guild_id)
                if len(self._names) > MOST_GUILDS:
                    self._names.popitem(last=False)

            return names

    async def _ask(self, guild: str) -> list[str]:
        window, found = self._monitor.window(LONGEST), Counter[str]()
        for metric, keep in (
            ("message", only("message", author="persona", guild=guild)),
            ("response", only("response", guild=guild)),
        ):
            series = await self._monitor.store.series(metric, window.start, window.end, 0)
            found.update({name: row.count for name, row in series.total(label(metric, "persona", keep)).items()})

        return [name for name, _ in found.most_common() if name not in ("", "other")]
