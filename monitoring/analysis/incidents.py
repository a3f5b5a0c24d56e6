"""The incidents of a window: when, how bad, for how long, and how soon somebody had them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.analysis.figure import Figure
from monitoring.incident import Incident, Stage
from monitoring.model import Instant, Severity
from monitoring.window import Window


@dataclass(frozen=True, slots=True)
class Course:
    """One incident from its opening to its end."""

    number: int
    opened_at: Instant
    ended_at: Instant | None
    """None: it is open."""
    severity: Severity
    """The worst that it was."""
    acknowledged_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class RuleIncidents:
    """All incidents of one rule, oldest first; `seconds` that they lasted within the window."""

    title: str
    courses: tuple[Course, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class IncidentLog:
    """The incidents of a window. Times in seconds; `n` of them is of how many incidents they are means."""

    window: Window
    rules: tuple[RuleIncidents, ...]
    """Those whose incidents lasted longest first."""
    opened: Figure
    """Incidents that opened in the window, and in the one before."""
    critical: int
    still_open: int
    to_acknowledge: Figure
    """From the opening until somebody had it, of those that opened in the window and were acknowledged."""
    to_resolve: Figure
    """From the opening until it was over, of those that opened in the window and are."""

    @property
    def courses(self) -> tuple[Course, ...]:
        """All of them, oldest first."""
        found = (course for rule in self.rules for course in rule.courses)
        return tuple(sorted(found, key=lambda course: (course.opened_at, course.number)))


def incident_log(window: Window, incidents: Sequence[Incident], first_at: Instant | None = None) -> IncidentLog:
    """The incidents that were open at any time of the window; pending ones, which were never told, are none."""
    told = [one for one in incidents if one.opened_at is not None and one.stage is not Stage.PENDING]
    touched = [one for one in told if (one.opened_at or 0) < window.end and _end(one, window) > window.start]
    new = [one for one in touched if window.start <= (one.opened_at or 0)]
    before = sum(window.before.start <= (one.opened_at or 0) < window.start for one in told)
    whole = first_at is not None and first_at <= window.before.start
    by_title: dict[str, list[Incident]] = {}
    for one in sorted(touched, key=lambda one: (one.opened_at or 0, one.number)):
        by_title.setdefault(one.title or one.rule, []).append(one)

    rules = (
        RuleIncidents(title, tuple(map(_course, found)), sum(_lasted(one, window) for one in found))
        for title, found in by_title.items()
    )
    return IncidentLog(
        window,
        tuple(sorted(rules, key=lambda rule: (-rule.seconds, rule.title))),
        Figure(len(new), before if whole else None, len(new)),
        sum(_course(one).severity is Severity.CRITICAL for one in touched),
        sum(one.stage is not Stage.RESOLVED for one in touched),
        _mean([(one.acknowledged_at or 0) - (one.opened_at or 0) for one in new if one.acknowledged_at is not None]),
        _mean([(one.resolved_at or 0) - (one.opened_at or 0) for one in new if one.resolved_at is not None]),
    )


def marks(window: Window, incidents: Sequence[Incident], units: Sequence[str]) -> tuple[Instant, ...]:
    """When incidents of rules with these units opened within the window, in order."""
    found = (one.opened_at for one in incidents if one.unit in units and one.stage is not Stage.PENDING)
    return tuple(sorted(at for at in found if at is not None and window.start <= at < window.end))


def _end(one: Incident, window: Window) -> Instant:
    return one.resolved_at if one.resolved_at is not None else window.end


def _course(one: Incident) -> Course:
    # What became critical stays so until it is over.
    return Course(one.number, one.opened_at or 0, one.resolved_at, one.severity, one.acknowledged_at)


def _lasted(one: Incident, window: Window) -> float:
    return max(min(_end(one, window), window.end) - max(one.opened_at or 0, window.start), 0) / 1000


def _mean(spans: Sequence[int]) -> Figure:
    return Figure(sum(spans) / len(spans) / 1000 if spans else None, None, len(spans))
