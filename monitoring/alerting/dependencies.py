"""Which open incident explains another one: by the rules it depends on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from monitoring.incident import Incident, Rule, Stage

OPEN = frozenset({Stage.OPEN, Stage.RECOVERING})


def cause_of(incident: Incident, incidents: Sequence[Incident], rules: Mapping[str, Rule]) -> Incident | None:
    """The oldest open incident that this one depends on; None where nothing explains it.

    Where two depend on each other, the older one is told: nobody waits for one that waits for him.
    """
    found = [
        other
        for other in _named(incident, incidents, rules)
        if not (incident.number < other.number and _reaches(other, incident, incidents, rules))
    ]
    return min(found, key=lambda other: other.number, default=None)


def symptoms_of(number: int, incidents: Iterable[Incident]) -> list[Incident]:
    """The incidents that are quiet because of this one, oldest first."""
    found = (i for i in incidents if number and i.suppressed_by == number and i.number != number)
    return sorted(found, key=lambda i: i.number)


def _named(incident: Incident, incidents: Sequence[Incident], rules: Mapping[str, Rule]) -> list[Incident]:
    """The open incidents of the rules, or of one group of them, that its rule names."""
    rule = rules.get(incident.rule)
    if rule is None or not rule.depends_on:
        return []

    names = set(rule.depends_on)
    return [
        other
        for other in incidents
        if other.number not in {0, incident.number}
        and other.stage in OPEN
        and names & {other.rule, f"{other.rule}:{other.group}"}
    ]


def _reaches(start: Incident, goal: Incident, incidents: Sequence[Incident], rules: Mapping[str, Rule]) -> bool:
    """Whether one depends on the other, also by way of others."""
    seen: set[int] = set()
    left = [start]
    while left:
        one = left.pop()
        if one.number == goal.number:
            return True

        if one.number not in seen:
            seen.add(one.number)
            left += _named(one, incidents, rules)

    return False
