"""Is a service well over HTTP?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import aiohttp

from monitoring.interfaces import Clock
from monitoring.model import Health, ProbeResult

_LIMIT = 64 * 1024
"""Bytes of the answer that are read; no status page needs more."""


class HttpProbe:
    """Asks an address with GET: healthy on a status below 400, and where a pattern is given, if the body matches.

    A JSON object in the answer is kept as facts (model, GPU, voice, …), at most eight short values.
    """

    def __init__(
        self,
        service: str,
        address: str,
        *,
        clock: Clock,
        critical: bool = False,
        body: str = "",
        limit: float = 5.0,
        slow: float = 3.0,
    ) -> None:
        self.service = service
        self.critical = critical
        self.slow = slow
        self._address = address
        self._body = re.compile(body) if body else None
        self._limit = limit
        self._clock = clock

    async def ask(self) -> ProbeResult:
        """The answer; every failure is one. Never raises."""
        at, began = self._clock.now(), self._clock.monotonic()
        try:
            async with (
                # A session of its own each time: a kept connection would hide that new ones are refused.
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._limit), trust_env=False) as session,
                session.get(self._address, allow_redirects=False) as answer,
            ):
                body = await answer.content.read(_LIMIT)
                took = self._clock.monotonic() - began
                facts = _facts(body) if answer.content_type == "application/json" else ()
                if answer.status >= 400:
                    return ProbeResult(self.service, Health.UNHEALTHY, at, took, f"status {answer.status}", facts)

                if self._body and not self._body.search(body.decode(errors="replace")):
                    return ProbeResult(self.service, Health.UNHEALTHY, at, took, "unexpected answer", facts)

                return ProbeResult(self.service, Health.HEALTHY, at, took, "", facts)
        except TimeoutError:
            return ProbeResult(self.service, Health.UNHEALTHY, at, None, f"no answer in {self._limit:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return ProbeResult(self.service, Health.UNHEALTHY, at, None, _reason(error))


def _reason(error: Exception) -> str:
    """What went wrong in two words; addresses stay out of what is shown."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return "connection refused" if error.os_error.errno in (111, 61, 10061) else "no connection"

    return "connection lost" if isinstance(error, aiohttp.ClientError | OSError) else "unreadable answer"


def _facts(body: bytes) -> tuple[tuple[str, str], ...]:
    """Short facts of a JSON object; anything else has none."""
    try:
        value = json.loads(body)
    except ValueError:
        return ()

    if not isinstance(value, Mapping):
        return ()

    plain = ((str(k), str(v)) for k, v in value.items() if isinstance(v, str | int | float) and not isinstance(v, bool))
    return tuple((k[:32], v[:64]) for k, v in plain)[:8]
