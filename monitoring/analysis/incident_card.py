"""What people are told about an incident: the value behind its message, its chart and its details."""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.analysis.figure import Gap, Point
from monitoring.incident import Incident, Rule
from monitoring.model import Instant, Severity


@dataclass(frozen=True, slots=True)
class Line:
    """An incident in one line of another one's message."""

    number: int
    title: str
    value: str
    """In words; "" where there is none to show."""
    severity: Severity
    face: str
    since: Instant
    until: Instant | None = None
    """When it was over."""


@dataclass(frozen=True, slots=True)
class Card:
    """One incident as it stands at `at`. Values in the rule's unit (s, %, …)."""

    incident: Incident
    rule: Rule
    at: Instant
    zone: str
    face: str
    """open, critical, acknowledged, silenced, recovering, resolved; flapping; suppressed (another incident explains
    it); quiet (quiet hours, or it waits to be told); no data; grouped (several in one message, some still open)."""
    limit: float | None
    n: int
    usual: tuple[float, float] | None = None
    cause: str = ""
    """Likely cause in one sentence, "" where nothing stands out; names as `code` or **bold**, already safe."""
    better: str = ""
    """While it recovers and after: what fell back, in one sentence; "" where nothing stands out; already safe."""
    detail: str = ""
    """A second line: who is hit most; already safe."""
    points: tuple[Point, ...] = ()
    """The value over the last hour or the incident's whole life."""
    gaps: tuple[Gap, ...] = ()
    resolves_at: Instant | None = None
    """While recovering: when it resolves if it stays so."""
    symptoms: tuple[Line, ...] = ()
    """What is quiet because of it, oldest first."""
    members: tuple[Line, ...] = ()
    """All that are told in its message, itself first; empty where it has the message to itself."""
    quiet: str = ""
    """Why nothing is told of it just now, in words: "silence of olivia: new GPU", "follows from incident 12, …"."""
    quiet_until: Instant | None = None
    back: str = ""
    """Why it is told again: "incident 12 is over, and this is still broken", "broken again 4 min after it was over"."""
    crossings: int = 0
    """How often it crossed its limit within the last hour, while it flaps."""
    no_data_since: Instant | None = None
    unheeded_since: Instant | None = None
    """From when on nobody acknowledged, where nobody did; quiet times are left out."""
    steps: int = 0
    """Steps of its rule's escalation that were taken."""
    next_step: tuple[Instant, tuple[str, ...]] | None = None
    """When it is escalated next if nobody acknowledges, and who is told then besides."""


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
