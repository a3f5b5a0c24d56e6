"""What counts as an attempt that can fail: operations and commands, by service and by command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitoring.analysis.performance import RESPONSE
from monitoring.analysis.series import Keep, label, only
from monitoring.metrics import METRICS
from monitoring.rollup import Rollup, Series

COMMANDS = "commands"
"""The service under which failed commands are filed."""


@dataclass(frozen=True, slots=True)
class Place:
    """A service or command with its attempts and how many of them failed."""

    name: str
    failures: int
    attempts: int

    @property
    def rate(self) -> float | None:
        """Failures ÷ attempts, 0..1."""
        return self.failures / self.attempts if self.attempts else None


def kept(metric: str, operation: Series, service: str, guild: str | None) -> Keep:
    """Which label sets count: all of the service, or of all; whole answers only where nothing else is known of it."""
    mine = only(metric, service=service or None, guild=guild)
    place = METRICS[metric].labels.index("operation")
    if not _parts_known(operation, service, guild):
        return mine

    return lambda labels: mine(labels) and labels[place] != RESPONSE


def _parts_known(operation: Series, service: str, guild: str | None) -> bool:
    here, name = only("operation", service=service or None, guild=guild), METRICS["operation"].labels.index("operation")
    return any(here(labels) and labels[name] != RESPONSE for step in operation.steps for labels in step)


def attempts(
    operation: Series, command: Series, service: str, guild: str | None, *, as_in: Series | None = None
) -> int:
    """Operations and commands; of the window before, the same ones as in this one."""
    keep = kept("operation", as_in or operation, service, guild)
    commands = command.sum(only("command", guild=guild)).count if service in ("", COMMANDS) else 0
    return operation.sum(keep).count + commands


def failing_services(operation: Series, command: Series, service: str, guild: str | None) -> tuple[Place, ...]:
    """Services with failures, commands among them, most first."""
    found = operation.total(label("operation", "service", kept("operation", operation, service, guild)))
    commands = command.sum(only("command", guild=guild))
    if service in ("", COMMANDS) and commands.count:
        found[COMMANDS] = found.get(COMMANDS, Rollup()) + commands

    return _most_first(found)


def failing_commands(command: Series, service: str, guild: str | None) -> tuple[Place, ...]:
    """Commands with failures, most first; none where another service is asked about."""
    if service not in ("", COMMANDS):
        return ()

    return _most_first(command.total(label("command", "command", only("command", guild=guild))))


def _most_first(found: Mapping[str, Rollup]) -> tuple[Place, ...]:
    rows = [Place(name, r.failures, r.count) for name, r in found.items() if r.failures]
    return tuple(sorted(rows, key=lambda row: (-row.failures, row.name)))
