"""Does a service accept connections?"""

from __future__ import annotations

import asyncio

from monitoring.interfaces import Clock
from monitoring.model import Health, ProbeResult


class TcpProbe:
    """Opens a connection to host and port and closes it: healthy if it was accepted within the limit (seconds)."""

    def __init__(
        self,
        service: str,
        host: str,
        port: int,
        *,
        clock: Clock,
        critical: bool = False,
        limit: float = 5.0,
        slow: float = 3.0,
    ) -> None:
        self.service = service
        self.critical = critical
        self.slow = slow
        self._host, self._port = host, port
        self._limit = limit
        self._clock = clock

    async def ask(self) -> ProbeResult:
        """The answer. Never raises."""
        at, began = self._clock.now(), self._clock.monotonic()
        try:
            async with asyncio.timeout(self._limit):
                _, writer = await asyncio.open_connection(self._host, self._port)
        except TimeoutError:
            return ProbeResult(self.service, Health.UNHEALTHY, at, None, f"no connection in {self._limit:g} s")
        except OSError:
            return ProbeResult(self.service, Health.UNHEALTHY, at, None, "connection refused")

        took = self._clock.monotonic() - began
        writer.close()
        return ProbeResult(self.service, Health.HEALTHY, at, took)
