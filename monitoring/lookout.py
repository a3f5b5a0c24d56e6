"""What rules and cards may look at: the last half hour in memory, services as last probed, what was read from afar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from monitoring.alerting.look import Figures
from monitoring.analysis.figure import Point
from monitoring.incident import Rule
from monitoring.interfaces import Clock
from monitoring.model import MINUTE, Instant, Service
from monitoring.outlook import Outlook
from monitoring.probes.rounds import Rounds
from monitoring.recording.recent import Recent
from monitoring.rollup import Labels, Rollup


class Look:
    """What rules may look at: the ring of the last half hour, services as last probed, and what was read from afar."""

    def __init__(self, recent: Recent, rounds: Rounds, outlook: Outlook) -> None:
        self.rollup = recent.rollup
        self.groups = recent.groups
        self.last = recent.last
        self.lines = recent.lines
        self._rounds = rounds
        self._outlook = outlook

    def afar(self, rule: Rule) -> Iterable[Figures]:
        """The figures that memory does not reach, as read within the last minutes. Raises Unread without."""
        return self._outlook.afar(rule)

    def course(self, rule: Rule, group: str, start: Instant, end: Instant) -> tuple[Point, ...]:
        """What was read of a rule from afar in that time."""
        return self._outlook.course(rule, group, start, end)

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
