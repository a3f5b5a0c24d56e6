"""Is a service well, by the operations that it did? For services that nobody probes."""

from __future__ import annotations

from collections.abc import Callable

from monitoring.interfaces import Clock
from monitoring.model import Health, ProbeResult
from monitoring.rollup import Rollup

LEAST = 3
"""Operations that say something; idle is not dead, so that fewer mean what was last known."""


class OperationsProbe:
    """Reads the last minutes of a service's operations: unhealthy if half failed, degraded if a tenth did."""

    critical = False
    slow = 10.0

    def __init__(self, service: str, recent: Callable[[], Rollup], *, clock: Clock) -> None:
        self.service = service
        self._recent = recent
        self._clock = clock
        self._last = Health.UNKNOWN

    async def ask(self) -> ProbeResult:
        """The answer; the response time is the mean of the successes in seconds."""
        rollup = self._recent()
        detail = ""
        if rollup.count < LEAST:
            # A failing service that nobody asks any more has not got well by that, but neither is it worse.
            detail = "idle"
        elif rollup.failures * 2 >= rollup.count:
            self._last, detail = Health.UNHEALTHY, f"{rollup.failures} of {rollup.count} failed"
        elif rollup.failures * 10 >= rollup.count:
            self._last, detail = Health.DEGRADED, f"{rollup.failures} of {rollup.count} failed"
        else:
            self._last = Health.HEALTHY

        return ProbeResult(self.service, self._last, self._clock.now(), rollup.mean, detail)
