"""How do things stand just now, and since when?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.analysis.figure import Figure
from monitoring.analysis.health import HealthPage
from monitoring.analysis.overview import Overview
from monitoring.incident import Incident
from monitoring.model import Health, Instant, Severity


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """One that is open: since when, who has it ("" for nobody), and where it was told."""

    number: int
    title: str
    since: Instant
    critical: bool
    acknowledged_by: str = ""
    channel_id: int | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of the whole bot, its open incidents and the figures of the last hour."""

    at: Instant
    state: str
    """good, warning, critical or unknown: the worst of health and open incidents."""
    since: Instant
    """Since when it is in this state."""
    incidents: tuple[OpenIncident, ...]
    """The worst first, then the oldest."""
    unwell: tuple[tuple[str, Health], ...]
    """Services that are not healthy."""
    messages: Figure
    p95: Figure
    mean: Figure
    errors: Figure


_WORST = ("good", "unknown", "warning", "critical")
_OF_HEALTH = {
    Health.HEALTHY: "good",
    Health.DEGRADED: "warning",
    Health.UNHEALTHY: "critical",
    Health.UNKNOWN: "unknown",
}


def standing(
    health: HealthPage,
    incidents: Sequence[Incident],
    hour: Overview,
    before: tuple[str, Instant] | None,
    now: Instant,
) -> Standing:
    """Put it together; `before` is the state that was known last, and since when it was."""
    found = [
        OpenIncident(
            one.number,
            one.title or one.rule,
            one.since,
            one.severity is Severity.CRITICAL,
            one.acknowledged_by,
            one.channel_id,
            one.message_id,
        )
        for one in incidents
        if one.opened_at is not None
    ]
    states = [_OF_HEALTH[health.overall], *("critical" if one.critical else "warning" for one in found)]
    state = max(states, key=_WORST.index)
    # A clock that was set back must not put the beginning into the future.
    since = min(before[1], now) if before is not None and before[0] == state else now
    return Standing(
        at=now,
        state=state,
        since=since,
        incidents=tuple(sorted(found, key=lambda one: (not one.critical, one.since, one.number))),
        unwell=tuple((s.name, s.health) for s in health.services if s.health in (Health.DEGRADED, Health.UNHEALTHY)),
        messages=hour.messages,
        p95=hour.p95,
        mean=hour.mean,
        errors=hour.errors,
    )
