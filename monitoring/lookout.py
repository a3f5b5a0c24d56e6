"""What rules and cards may look at: the ring of the last half hour, and the services as last probed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from monitoring.interfaces import Clock
from monitoring.model import MINUTE, Instant, Service
from monitoring.probes.rounds import Rounds
from monitoring.recording.recent import Recent
from monitoring.rollup import Labels, Rollup


class Look:
    """What rules may look at: the ring of the last half hour and the services as last probed."""

    def __init__(self, recent: Recent, rounds: Rounds) -> None:
        self.rollup = recent.rollup
        self.groups = recent.groups
        self.last = recent.last
        self.lines = recent.lines
        self._rounds = rounds

    def services(self) -> Mapping[str, Service]:
        """Every service that is probed, as last known."""
        return {service.name: service for service in self._rounds.services()}

    def operations(self, service: str, clock: Clock) -> Callable[[], Rollup]:
        """Reads the last five minutes of a service's operations."""

        def keep(labels: Labels) -> bool:
            return labels[0] == service

        def read() -> Rollup:
            now: Instant = clock.now()
            return self.rollup("operation", now - 5 * MINUTE, now + 1, keep)

        return read
