"""What people are told about an incident: the value behind its message, its chart and its details."""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.analysis.figure import Gap, Point
from monitoring.incident import Incident, Rule
from monitoring.model import Instant


@dataclass(frozen=True, slots=True)
class Card:
    """One incident as it stands at `at`. Values in the rule's unit (s, %, …)."""

    incident: Incident
    rule: Rule
    at: Instant
    zone: str
    face: str
    """open, critical, acknowledged, silenced, recovering, resolved."""
    limit: float | None
    n: int
    usual: tuple[float, float] | None = None
    cause: str = ""
    """Likely cause in one sentence, "" where nothing stands out; names as `code` or **bold**, already safe."""
    detail: str = ""
    """A second line: who is hit most; already safe."""
    points: tuple[Point, ...] = ()
    """The value over the last hour or the incident's whole life."""
    gaps: tuple[Gap, ...] = ()
    resolves_at: Instant | None = None
    """While recovering: when it resolves if it stays so."""


@dataclass(frozen=True, slots=True)
class Details:
    """More about an incident, for the one who asks."""

    card: Card
    course: tuple[tuple[Instant, str], ...]
    failures: tuple[tuple[str, int], ...] = ()
    """Recent failures by kind."""
    contributors: tuple[tuple[str, float, float], ...] = ()
    """(what, change in the rule's unit, share of the change 0..1), largest first."""
    told: tuple[str, ...] = ()
    """"Discord after 2 s", …"""
