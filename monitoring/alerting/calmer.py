"""The limit at which an incident that flaps would have kept still, from the figures of its own card. Pure."""

from __future__ import annotations

import math

from monitoring.alerting.rule_units import SPECIAL, STATE
from monitoring.analysis.incident_card import Card

ROOM = 1.05
"""So far beyond the worst value that was seen while it flapped."""
WHOLE = {"rate": 1.0, "%": 100.0}


def span_of(card: Card) -> tuple[float, float] | None:
    """Least and greatest value since it began to cross its limit; None where none is known."""
    incident = card.incident
    began = min([*incident.openings, incident.flapping_since or card.at])
    known = [point.value for point in card.points if point.at >= began and point.value is not None]
    return (min(known), max(known)) if known else None


def calmer(card: Card) -> float | None:
    """A round limit just beyond all that was seen while it flapped; None where that would be no better."""
    rule, span = card.rule, span_of(card)
    if span is None or card.limit is None or rule.metric == SPECIAL or rule.unit == STATE:
        return None

    above, whole = rule.above is not None, WHOLE.get(rule.unit)
    worst = span[1] if above else span[0]
    if worst <= 0:
        return None

    found = _rounded(worst * ROOM if above else worst / ROOM, up=above)
    if above and whole is not None and found >= whole:
        return None

    return found if (found > card.limit if above else found < card.limit) else None


def _rounded(value: float, *, up: bool) -> float:
    """Two digits, away from what was seen."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    steps = math.ceil(value / step - 1e-9) if up else math.floor(value / step + 1e-9)
    return round(steps * step, 12)
