"""Asks a function of the host (or of ours) whether its service is well."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from monitoring.interfaces import Clock
from monitoring.model import Health, ProbeResult

Answer: TypeAlias = ProbeResult | Health | bool | None
"""What a function may say: a whole result, a health, or whether it is well; None: it does not know."""


class CallProbe:
    """Calls a function, plain or async. What it raises means unhealthy; longer than the limit (seconds) too."""

    def __init__(
        self,
        service: str,
        function: Callable[[], Answer | Awaitable[Answer]],
        *,
        clock: Clock,
        critical: bool = False,
        limit: float = 5.0,
        slow: float = 3.0,
    ) -> None:
        self.service = service
        self.critical = critical
        self.slow = slow
        self._function = function
        self._limit = limit
        self._clock = clock

    async def ask(self) -> ProbeResult:
        """The answer. Never raises; a cancelled probe stays cancelled."""
        at, began = self._clock.now(), self._clock.monotonic()
        try:
            async with asyncio.timeout(self._limit):
                said = self._function()
                answer = await said if inspect.isawaitable(said) else said
        except TimeoutError:
            return ProbeResult(self.service, Health.UNHEALTHY, at, None, f"no answer in {self._limit:g} s")
        except Exception as error:  # whatever a host's function raises is its answer: unwell
            return ProbeResult(self.service, Health.UNHEALTHY, at, None, type(error).__name__)

        took = self._clock.monotonic() - began
        if isinstance(answer, ProbeResult):
            return answer

        if isinstance(answer, Health):
            return ProbeResult(self.service, answer, at, took)

        if answer is None:
            return ProbeResult(self.service, Health.UNKNOWN, at, took)

        return ProbeResult(self.service, Health.HEALTHY if answer else Health.UNHEALTHY, at, took)
