"""What people are told about an incident, made from the incident, its rule and the figures around it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitoring.alerting import flapping
from monitoring.alerting.cause import Contribution
from monitoring.alerting.escalation import next_step
from monitoring.alerting.judge import value_words
from monitoring.alerting.muting import SILENCES, hushed
from monitoring.alerting.notices import silent
from monitoring.alerting.rules import STATE
from monitoring.analysis.figure import Gap, Point
from monitoring.analysis.incident_card import Card, Details, Line
from monitoring.incident import Incident, Rule, Stage
from monitoring.model import Instant, Severity
from monitoring.phrasing import NB, count, duration


def card(
    incident: Incident,
    rule: Rule,
    now: Instant,
    zone: str,
    *,
    points: Sequence[Point] = (),
    gaps: Sequence[Gap] = (),
    usual: tuple[float, float] | None = None,
    cause: str = "",
    detail: str = "",
    better: str = "",
    symptoms: Sequence[Incident] = (),
    members: Sequence[Incident] = (),
) -> Card:
    """The incident as it stands. `cause`, `detail` and `better` come from `alerting.cause`, already safe.

    `symptoms`: what is quiet because of it. `members`: all in one message with it, itself included.
    """
    recovering = incident.stage is Stage.RECOVERING and incident.clear_since is not None
    grouped = len(members) > 1 and any(one.stage is not Stage.RESOLVED for one in members)
    shown = Card(
        incident=incident,
        rule=rule,
        at=now,
        zone=zone,
        face="grouped" if grouped else face(incident, now),
        limit=rule.above if rule.above is not None else rule.below,
        n=incident.count,
        usual=usual,
        cause=cause,
        detail=detail,
        better=better,
        points=tuple(points),
        gaps=tuple(gaps),
        resolves_at=(incident.clear_since or now) + flapping.recovery_time(rule, incident) if recovering else None,
        symptoms=tuple(_line(one, now) for one in symptoms),
        members=tuple(_line(one, now) for one in members) if len(members) > 1 else (),
    )
    return shown if incident.stage is Stage.RESOLVED else _alive(shown)


def _alive(shown: Card) -> Card:
    """The card of an open incident: why it is quiet or back, how restless it is, and who is called next."""
    incident, rule = shown.incident, shown.rule
    step, quiet = next_step(incident, rule), hushed(incident)
    unheeded = None if incident.acknowledged_by or not rule.escalation else incident.unheeded_since
    return replace(
        shown,
        quiet=incident.muted_why if quiet else "",
        quiet_until=incident.muted_until if incident.muted else None,
        back="" if quiet else incident.back,
        crossings=flapping.times(incident, shown.at) if incident.flapping_since is not None else 0,
        no_data_since=incident.no_data_since,
        unheeded_since=unheeded,
        steps=incident.steps,
        next_step=None if step is None else (step[0], step[1].notifiers),
    )


def face(incident: Incident, now: Instant) -> str:
    """Which face an incident wears: the newest thing that somebody should know first."""
    if incident.stage is Stage.RESOLVED:
        return "resolved"

    if incident.flapping_since is not None and incident.muted not in SILENCES:
        return "flapping"

    if incident.stage is Stage.RECOVERING:
        return "recovering"

    quiet = "silenced" if silent(incident, now) else _QUIET.get(incident.muted, "quiet" if incident.owed else "")
    if quiet:
        return quiet

    if incident.acknowledged_by:
        return "acknowledged"

    if incident.severity is Severity.CRITICAL:
        return "critical"

    return "no data" if incident.no_data_since is not None else "open"


_QUIET = {"cause": "suppressed", "quiet hours": "quiet"} | dict.fromkeys(SILENCES, "silenced")


def _line(incident: Incident, now: Instant) -> Line:
    value = value_words(incident.value, incident.unit)
    shown = face(incident, now)
    number, severity, since = incident.number, incident.severity, incident.since
    return Line(number, incident.title, value, severity, shown, since, incident.resolved_at)


def usual_range(values: Sequence[float]) -> tuple[float, float] | None:
    """Tenth and ninetieth percentile by nearest rank; None with fewer than ten values."""
    if len(values) < 10:
        return None

    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 10], ordered[len(ordered) - 1 - (len(ordered) - 1) // 10]


def rule_words(rule: Rule) -> str:
    """A rule as people would say it."""
    if rule.unit == STATE:
        limit = "Unhealthy by its probe"
        return f"{limit}, over when well for {duration(rule.recovery_hold)}, cooldown {duration(rule.cooldown)}"

    above, below = rule.above is not None, rule.below is not None
    limits = [f"above {value_words(rule.above, rule.unit)}"] if above else []
    limits += [f"below {value_words(rule.below, rule.unit)}"] if below else []
    hold = f" for {duration(rule.hold)}" if rule.hold else ""
    back = rule.recovery if rule.recovery is not None else rule.above if above else rule.below
    over = f"over {'below' if above else 'above'} {value_words(back, rule.unit)} for {duration(rule.recovery_hold)}"
    least = f"at least {count(rule.minimum)} samples" if rule.minimum > 1 else ""
    failures = f"at least {rule.failures}{NB}failures" if rule.failures > 1 else ""
    title = rule.title.replace("{group}", f"each {rule.by}" if rule.by else "it")
    parts = [f"{title} {' or '.join(limits)}{hold}", over, least, failures, f"cooldown {duration(rule.cooldown)}"]
    return ", ".join(part for part in parts if part)


def details(
    shown: Card,
    *,
    failures: Sequence[tuple[str, int]] = (),
    contributors: Sequence[Contribution] = (),
) -> Details:
    """More about an incident: its course with the peak in it, failures by kind, who explains how much, who was told."""
    incident = shown.incident
    course = list(incident.history)
    limit = value_words(shown.limit, incident.unit)
    if limit:
        course.append((incident.since, f"{'below' if shown.rule.above is None else 'above'} {limit}"))

    if incident.peak_at is not None and (peak := value_words(incident.peak, incident.unit)):
        course.append((incident.peak_at, f"{'lowest' if shown.rule.above is None else 'highest'}, {peak}"))

    told = [f"{name} {'at once' if after < 2 else f'after {duration(after)}'}" for name, after in incident.told]
    return Details(
        card=shown,
        course=tuple(sorted(course, key=lambda step: step[0])),
        failures=tuple(failures),
        contributors=tuple((c.name, c.change, min(c.part, 1.0)) for c in contributors if c.change > 0),
        told=tuple(told),
    )
