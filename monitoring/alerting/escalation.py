"""What happens while nobody acknowledges: critical from then on, and more people are told. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitoring.alerting.judge import last_opening, noted
from monitoring.incident import Escalation, Incident, Rule, Stage
from monitoring.model import SECOND, Instant, Severity
from monitoring.phrasing import duration


def climbed(incident: Incident, rule: Rule, now: Instant) -> tuple[Incident, tuple[str, ...]]:
    """The incident after the steps that are due, and what changed; it waits while it is quiet or recovering."""
    waits = incident.stage is not Stage.OPEN or incident.acknowledged_by or incident.muted or incident.owed
    since = incident.unheeded_since if incident.unheeded_since is not None else last_opening(incident)
    steps = rule.escalation[incident.steps :]
    if waits or since is None or not steps or now - since < steps[0].after * SECOND:
        return incident, ()

    due = [step for step in steps if now - since >= step.after * SECOND]
    worse = incident.severity is not Severity.CRITICAL
    incident = replace(incident, steps=incident.steps + len(due), severity=Severity.CRITICAL, pinged=False)
    words = f"nobody acknowledged for {duration(due[-1].after)}"
    names = ", ".join(dict.fromkeys(name for step in due for name in step.notifiers))
    incident = noted(incident, now, "escalated", words, f"{names} told" if names else "")
    return incident, ("escalated", "unheeded") if worse else ("unheeded",)


def paused(incident: Incident, since: Instant, now: Instant) -> Incident:
    """The incident after a time in which nobody was to be told: it does not count as unheeded."""
    began = incident.unheeded_since if incident.unheeded_since is not None else last_opening(incident)
    return incident if began is None else replace(incident, unheeded_since=began + max(now - max(since, began), 0))


def targets_of(incident: Incident, rule: Rule, always: Sequence[str]) -> tuple[str, ...]:
    """Who is told of it: the rule's own or all, and those of the steps taken."""
    steps: tuple[Escalation, ...] = rule.escalation[: incident.steps]
    more = (name for step in steps for name in step.notifiers)
    return tuple(dict.fromkeys((*(rule.notifiers or always), *more)))


def next_step(incident: Incident, rule: Rule) -> tuple[Instant, Escalation] | None:
    """When the next step is due if nobody acknowledges, and which; None where there is none, or it waits."""
    since = incident.unheeded_since if incident.unheeded_since is not None else last_opening(incident)
    steps = rule.escalation[incident.steps :]
    if not steps or since is None or incident.acknowledged_by or incident.stage is not Stage.OPEN or incident.muted:
        return None

    return since + steps[0].after * SECOND, steps[0]
