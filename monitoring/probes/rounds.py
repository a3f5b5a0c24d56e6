"""Asks all probes at once, round after round, and says what their answers mean."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from monitoring.interfaces import Probe
from monitoring.model import Health, Instant, ProbeResult, Service

FAILURES = 3
"""Failures in a row from which a service is unhealthy; fewer are degraded."""
PULSE = 0.25
"""Seconds between two looks at ourselves during a round."""
TORN = 2.0
"""Seconds for which our own event loop may stand still in a round; after longer, its answers are about us."""


class Pulse:
    """Measures how long the event loop stood still: held up, or the whole process stopped."""

    def __init__(self) -> None:
        self._time = asyncio.get_running_loop().time
        self._due = self._time() + PULSE
        self._worst = 0.0

    async def beat(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(PULSE)
            self.look()

    def look(self) -> float:
        """The longest time so far in seconds; to be asked at the end too, before which it may have stood still."""
        now = self._time()
        self._worst = max(self._worst, now - self._due)
        self._due = now + PULSE
        return self._worst


@dataclass(slots=True)
class _Course:
    """What is remembered of one service between rounds."""

    service: Service
    failures: int = 0


class Rounds:
    """All probes and what is known of their services."""

    def __init__(self, tell: Callable[[ProbeResult], None]) -> None:
        self._tell = tell
        self._probes: dict[str, Probe] = {}
        self._courses: dict[str, _Course] = {}

    def add(self, probe: Probe) -> None:
        """Ask this probe too; one of the same service takes the place of the old one."""
        self._probes[probe.service] = probe
        if probe.service not in self._courses:
            self._courses[probe.service] = _Course(Service(probe.service, Health.UNKNOWN, critical=probe.critical))

    def remove(self, service: str) -> None:
        """Ask it no more and forget it."""
        self._probes.pop(service, None)
        self._courses.pop(service, None)

    def know(self, service: Service) -> None:
        """Take a service as another process, which asks it, found it."""
        self._courses[service.name] = _Course(service, service.failures)

    def __contains__(self, service: str) -> bool:
        return service in self._probes

    def services(self) -> list[Service]:
        """Every service as last known."""
        return [course.service for course in self._courses.values()]

    async def ask_all(self) -> None:
        """One round: every probe at once, each answer judged and told.

        A round that is torn, since we stood still ourselves while services answered in time, is forgotten and asked
        once more; if that is torn too, nothing is known until the next one (F8).
        """
        if not await self._round():
            await self._round()

    async def _round(self) -> bool:
        """Ask and take the answers; False where the round was torn."""
        probes = list(self._probes.values())
        pulse = Pulse()
        beating = asyncio.create_task(pulse.beat(), name="monitoring-probes-pulse")
        try:
            results = await asyncio.gather(*(probe.ask() for probe in probes), return_exceptions=True)
        finally:
            beating.cancel()

        if pulse.look() > TORN:
            return False

        for probe, result in zip(probes, results, strict=True):
            if isinstance(result, ProbeResult):
                self._take(probe, result)

        return True

    def _take(self, probe: Probe, result: ProbeResult) -> None:
        course = self._courses.get(probe.service)
        if course is None:
            return

        course.failures = course.failures + 1 if result.health is Health.UNHEALTHY else 0
        health = _judge(probe, result, course.failures)
        old = course.service
        course.service = replace(
            old,
            health=health,
            probed_at=result.at,
            succeeded_at=old.succeeded_at if result.health is Health.UNHEALTHY else result.at,
            since=_since(old, health, result.at),
            response_time=result.response_time,
            detail=result.detail or ("slow" if health is Health.DEGRADED and not course.failures else ""),
            facts=result.facts or old.facts,
            failures=course.failures,
        )
        self._tell(replace(result, health=health))


def _judge(probe: Probe, result: ProbeResult, failures: int) -> Health:
    """Degraded: slow, or failing for the first few times."""
    if result.health is Health.UNHEALTHY:
        return Health.UNHEALTHY if failures >= FAILURES else Health.DEGRADED

    slow = result.response_time is not None and result.response_time > probe.slow
    return Health.DEGRADED if result.health is Health.HEALTHY and slow else result.health


def _since(old: Service, health: Health, at: Instant) -> Instant:
    """Since when it is so."""
    return old.since if old.health is health and old.since is not None else at
