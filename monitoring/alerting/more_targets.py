"""Tells more places of an incident that is open already: those that stand in for one that takes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitoring.alerting.muting import hushed
from monitoring.alerting.notices import silent, told
from monitoring.incident import Incident, Notice, Rule, Stage
from monitoring.model import Instant


def opening_for(incident: Incident, rule: Rule, now: Instant, targets: Sequence[str]) -> tuple[Incident, list[Notice]]:
    """The incident with these places among its targets, and their notices; none while it is over, or to be quiet."""
    more = [target for target in targets if target not in incident.targets]
    quiet = hushed(incident) or silent(incident, now)
    if not more or quiet or incident.stage not in (Stage.OPEN, Stage.RECOVERING):
        return incident, []

    # Nothing is new to those who know of it: to the others it is an opening.
    after, notices = told(incident, ("value",), rule, now, more)
    known = (*incident.known, *(target for target in more if target not in incident.known))
    after = replace(after, known=known, told_at=incident.told_at)
    opened = incident.reopened_at or incident.opened_at or now
    # It tells of what happened then, and comes late, so that a flood of them is spread out.
    return after, [replace(notice, at=opened) for notice in notices if notice.target in more]
