"""What is published just now: read once from the Monitor, for `/metrics` and for OTLP alike."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from typing import TypeAlias

from monitoring import __version__
from monitoring.analysis.buckets import distribution
from monitoring.model import MINUTE, SECOND, Health, Severity
from monitoring.monitor import Monitor
from monitoring.published import BOUNDS, FAMILIES, Distribution, Family, Published
from monitoring.recording.totals import shown
from monitoring.rollup import Labels, Rollup, Table

OLD = 5 * MINUTE
"""A reading older than this says nothing of now."""
REASONS = ("full", "invalid", "lost")
"""Why facts of any class may be dropped."""
Values: TypeAlias = Mapping[Labels, float]
Source: TypeAlias = Callable[[], Values]


async def publish(monitor: Monitor, also: Mapping[str, Source] | None = None) -> tuple[Published, ...]:
    """Every published metric with its values. `also`: those that a face itself keeps, by name.

    Works while the store is broken, or hangs: all of it comes from memory.
    """
    incidents = monitor.watch.open_now
    of_now: dict[str, Values] = {
        "monitoring_incidents_open": {
            (severity.value,): float(sum(one.severity is severity for one in incidents)) for severity in Severity
        },
        **_state(monitor),
        **_services(monitor),
        **_books(monitor),
        **{name: read() for name, read in (also or {}).items()},
    }
    found = {family.name: _reading(monitor, family) for family in FAMILIES.values() if family.gauge} | of_now
    # Beside the event loop: there may be thousands of rollups.
    return await monitor.questions.aside(lambda: _together(found, monitor.totals.tables()))


def _together(found: Mapping[str, Values], tables: Mapping[str, Table]) -> tuple[Published, ...]:
    return tuple(
        Published(family, _added_up(family, tables[family.view]) if family.view else found.get(family.name, {}))
        for family in FAMILIES.values()
    )


def _added_up(family: Family, table: Table) -> Mapping[Labels, float | Distribution]:
    """What was counted since the start."""
    if family.kind == "histogram":
        return {labels: distribution(rollup, BOUNDS) for labels, rollup in table.items() if rollup.bins}

    return {labels: _figure(family, rollup) for labels, rollup in table.items()}


def _figure(family: Family, rollup: Rollup) -> float:
    value: int = getattr(rollup, family.field)
    return value if family.factor == 1 else value * family.factor


def _reading(monitor: Monitor, family: Family) -> Values:
    """The newest sample of a gauge; nothing where there is none of late."""
    last = monitor.recent.last(family.gauge)
    if last is None or not -MINUTE <= monitor.clock.now() - last[1] <= OLD:
        return {}

    return {(): last[0] * family.factor}


def _state(monitor: Monitor) -> dict[str, Values]:
    """The monitoring about itself."""
    now = monitor.clock.now()
    found: dict[str, Values] = {
        "monitoring_problems": {(): float(len(monitor.problems))},
        "monitoring_active_users": {(): float(monitor.conversations.active_now(now).get(None, 0))},
        "monitoring_guilds": {(): float(monitor.guilds())},
        "monitoring_start_time_seconds": {(): monitor.started_at / SECOND},
        "monitoring_build_info": {(__version__, platform.python_version()): 1.0},
    }
    alive, backup = monitor.recent.last("alive"), monitor.recent.last("backup_age")
    if alive is not None:
        found["monitoring_alive_timestamp_seconds"] = {(): alive[1] / SECOND}

    if backup is not None:
        found["monitoring_backup_age_seconds"] = {(): backup[0] + max(now - backup[1], 0) / SECOND}

    if monitor.judged_at is not None:
        ago = monitor.clock.monotonic() - monitor.judged_at
        found["monitoring_judged_timestamp_seconds"] = {(): now / SECOND - ago}

    if monitor.dead_man is not None:
        pings = monitor.dead_man.pings
        outcomes = {"answered": pings.answered, "failed": pings.failed, "withheld": pings.withheld}
        found["monitoring_dead_man_pings"] = {(name,): float(n) for name, n in outcomes.items()}

    return found


def _services(monitor: Monitor) -> dict[str, Values]:
    """Services as last probed."""
    up: dict[Labels, float] = {}
    health: dict[Labels, float] = {}
    took: dict[Labels, float] = {}
    for service in monitor.rounds.services():
        name = shown(service.name)
        if service.health is not Health.UNKNOWN:
            up[(name,)] = float(service.health is not Health.UNHEALTHY)

        health |= {(name, one.value): float(service.health is one) for one in Health}
        if service.response_time is not None:
            took[(name,)] = service.response_time

    return {
        "monitoring_service_up": up,
        "monitoring_service_health": health,
        "monitoring_service_response_seconds": took,
    }


def _books(monitor: Monitor) -> dict[str, Values]:
    """Where every fact since the start is: accepted = stored + dropped + buffered, for each class (F4)."""
    counts = monitor.recorder.counts
    facts: dict[Labels, float] = {("accepted", kind, ""): n for kind, n in counts.accepted.items()}
    facts |= {("stored", kind, ""): n for kind, n in counts.stored.items()}
    # From the start, since a rate does not see what a series begins with.
    facts |= {("dropped", kind, reason): 0.0 for kind in counts.accepted for reason in REASONS}
    facts |= {("dropped", kind, reason): n for (kind, reason), n in counts.dropped.items()}
    return {
        "monitoring_facts": facts,
        "monitoring_facts_buffered": {(kind,): n for kind, n in counts.buffered.items()},
    }
