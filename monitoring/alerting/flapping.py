"""When an incident opens so often that only its restlessness is worth telling. Pure."""

from __future__ import annotations

from dataclasses import replace

from monitoring.incident import Incident, Rule
from monitoring.model import HOUR, MINUTE, SECOND, Instant

OFTEN = 3
"""More openings than these within an hour are flapping."""
CALM = 30 * MINUTE
"""So long it must be well before a flapping incident is over."""
STEADY = HOUR
"""So long it must be broken without a crossing to be an ordinary incident again."""
EDIT_EVERY = 60 * SECOND
"""Least time between two edits of the message of a flapping incident."""
MOST = 100
"""As many crossings are remembered."""


def crossed(incident: Incident, now: Instant) -> Incident:
    """The incident with one more crossing of its limit; those of more than an hour ago are forgotten."""
    recent = tuple(at for at in incident.openings if 0 <= now - at < HOUR)
    return replace(incident, openings=(*recent, now)[-MOST:])


def begins(incident: Incident) -> bool:
    """Whether it has just opened once too often."""
    return incident.flapping_since is None and len(incident.openings) > OFTEN


def is_steady(incident: Incident, now: Instant) -> bool:
    """Whether a flapping incident has been broken for an hour without a crossing."""
    last = incident.openings[-1] if incident.openings else incident.flapping_since
    return incident.flapping_since is not None and last is not None and now - last >= STEADY


def recovery_time(rule: Rule, incident: Incident) -> int:
    """Milliseconds that it must be well before it is over."""
    return max(rule.recovery_hold * SECOND, CALM if incident.flapping_since is not None else 0)


def times(incident: Incident, now: Instant) -> int:
    """How often it crossed its limit within the last hour."""
    return sum(1 for at in incident.openings if now - at < HOUR)
