"""What a day or a week had of incidents, and what to call it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

from monitoring.analysis.overview import Overview
from monitoring.incident import Incident, Rule
from monitoring.model import DAY, Band, Instant, Severity
from monitoring.phrasing import NB, duration, in_unit
from monitoring.safe_text import safe_text
from monitoring.window import Window

RANKED = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)


@dataclass(frozen=True, slots=True)
class Told:
    """One incident in a line, with where its message is."""

    number: int
    title: str
    lasted: float | None
    """Seconds; None while it is open."""
    peak: str = ""
    """How bad it was: "up to 6.1 s"."""
    channel_id: int | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class DayIncidents:
    """The incidents of a window: how many opened, resolved and are still open, and how fast somebody came."""

    opened: int = 0
    resolved: int = 0
    open: int = 0
    """Open at its end."""
    acknowledge: float | None = None
    """Mean seconds from the opening until somebody acknowledged; None if nobody did."""
    numbers: tuple[int, ...] = ()
    worst: Severity | None = None
    told: tuple[Told, ...] = ()
    """All of them: open ones first, then the worst, then the longest."""


def touching(incidents: Iterable[Incident], window: Window) -> list[Incident]:
    """Those that were open at any time of the window."""
    return [one for one in incidents if _touches(one, window)]


def _touches(incident: Incident, window: Window) -> bool:
    opened, over = incident.opened_at, incident.resolved_at
    return opened is not None and opened < window.end and (over is None or over >= window.start)


def day_incidents(incidents: Sequence[Incident], window: Window, rules: Sequence[Rule] = ()) -> DayIncidents:
    """Count those that touch the window."""
    opened = [i for i in incidents if i.opened_at is not None and i.opened_at >= window.start]
    waits = [(i.acknowledged_at - i.opened_at) / 1000 for i in opened if i.acknowledged_at and i.opened_at]
    ended = [i for i in incidents if i.resolved_at is not None and i.resolved_at < window.end]
    severities = {i.severity for i in incidents}
    by_name = {rule.name: rule for rule in rules}
    ordered = sorted(incidents, key=lambda i: (i in ended, RANKED.index(i.severity), -_lasted(i, window), i.number))
    return DayIncidents(
        opened=len(opened),
        resolved=len(ended),
        open=len(incidents) - len(ended),
        acknowledge=mean(waits) if waits else None,
        numbers=tuple(i.number for i in incidents),
        worst=next((severity for severity in RANKED if severity in severities), None),
        told=tuple(_told(i, window, by_name.get(i.rule)) for i in ordered),
    )


def _lasted(incident: Incident, window: Window) -> Instant:
    return (incident.resolved_at or window.end) - incident.since


def _told(incident: Incident, window: Window, rule: Rule | None) -> Told:
    over = incident.resolved_at is not None and incident.resolved_at < window.end
    below = rule is not None and rule.above is None and rule.below is not None
    known = incident.peak is not None and incident.unit != "state"
    return Told(
        incident.number,
        incident.title or incident.rule,
        _lasted(incident, window) / 1000 if over else None,
        f"{'down' if below else 'up'} to {in_unit(incident.peak, incident.unit)}" if known else "",
        incident.channel_id,
        incident.message_id,
    )


def broken(incidents: Sequence[Incident], window: Window) -> float:
    """Seconds of the window in which at least one incident lasted."""
    spans = [(max(i.since, window.start), min(i.resolved_at or window.end, window.end)) for i in incidents]
    total, reached = 0, 0
    for start, end in sorted(spans):
        total += max(end - max(start, reached), 0)
        reached = max(reached, end)

    return total / 1000


def band_of(overview: Overview, incidents: DayIncidents) -> Band:
    """Critical only while something critical is still open; a day that went wrong and is over is a warning."""
    if incidents.open and incidents.worst is Severity.CRITICAL:
        return Band.CRITICAL

    bands = {overview.mean.band, overview.p95.band, overview.errors.band}
    if incidents.numbers or bands & {Band.WARNING, Band.CRITICAL}:
        return Band.WARNING

    return Band.GOOD if overview.messages.value or overview.mean.n else Band.UNKNOWN


def advice_of(incidents: Sequence[Incident], window: Window, rules: Sequence[Rule]) -> list[str]:
    """The advice of the rules that were broken in the window, once each, after what it is about."""
    advice = {rule.name: rule.advice for rule in rules}
    found = [i for i in incidents if i.reason == "" and i.opened_at is not None and i.opened_at < window.end]
    by_rule = {i.rule: f"**{safe_text(i.title or i.rule, 60)}**: {advice[i.rule]}" for i in found if advice.get(i.rule)}
    return list(by_rule.values())


def worst_words(counted: DayIncidents) -> list[str]:
    """The worst of them as the first thing that is told; nothing where there was none."""
    if not counted.told:
        return []

    one = counted.told[0]
    lasted = f"for {duration(one.lasted)}" if one.lasted is not None else "still open"
    words = f"**{safe_text(one.title, 60)}** {f'{one.peak}, ' if one.peak else ''}{lasted}, incident {one.number}"
    return [f"{'▲' if one.peak.startswith('up') else '▼'} {words}"]


def verdict(
    incidents: Sequence[Incident], window: Window, counted: DayIncidents, *, empty: bool, quiet: bool, unwell: str
) -> str:
    """The day in a few words."""
    if counted.open:
        return f"{incident_words(counted.open)} still open"

    if incidents:
        lasted = broken(incidents, window)
        return f"a good day but for {duration(lasted)}" if lasted < DAY / 1000 / 4 else f"{duration(lasted)} of trouble"

    if empty:
        return "nothing was said"

    if unwell:
        return f"{unwell}, but no incident"

    return "a quiet day, all healthy" if quiet else "a day without incidents"


def unwell(overview: Overview) -> str:
    """What was not good though nothing broke; "" for a good day."""
    bad = {Band.WARNING, Band.CRITICAL}
    slow, failing = {overview.mean.band, overview.p95.band} & bad, overview.errors.band in bad
    if slow:
        return "slow, with failures" if failing else "slow answers"

    return "failures" if failing else ""


def incident_words(n: int) -> str:
    """ "1 incident", "3 incidents"."""
    return f"{n}{NB}incident{'' if n == 1 else 's'}"
