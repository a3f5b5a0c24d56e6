"""Limits proposed from a bot's own history, each with its reason and what would have come of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.alerting.past import Past, figures_of, hourly, other_limit, shown
from monitoring.alerting.rehearse import fired
from monitoring.alerting.rule_units import GIVEN, SPECIAL, STATE
from monitoring.incident import Rule
from monitoring.model import HOUR, Instant
from monitoring.phrasing import NB, in_unit, well
from monitoring.window import Window

LEAST_HOURS = 100
"""Hours with a figure of which a limit is proposed: four busy days."""
MANY = 4
"""Incidents in 30 days that are fine; more, and people learn to look away."""
ROOM = 1.15
"""A limit lies so far above the figure's P99."""
FAR = 3.0
"""A limit that is so many times the highest hour will not tell of anything."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A limit that would serve better; limits in the rule's unit, incidents of `days`."""

    rule: str
    title: str
    now: float
    proposed: float
    unit: str
    why: str
    """In words, with the numbers that speak for it."""
    times_now: int
    times_then: int
    days: int
    below: bool = False


def suggestible(rule: Rule) -> bool:
    """Whether its limit can be judged by history alone: one figure, and no yardstick that moves along."""
    return rule.metric != SPECIAL and rule.unit != STATE and rule.statistic not in GIVEN - {"last"}


def suggest(rule: Rule, past: Past, window: Window) -> Suggestion | None:
    """A better limit for a rule; None where its own is fine or too little is known."""
    limit = rule.above if rule.above is not None else rule.below
    if not suggestible(rule) or limit is None:
        return None

    values = _values(rule, past)
    if len(values) < LEAST_HOURS:
        return None

    figures = figures_of(rule, past)
    now = len(fired(rule, figures))
    usual, worst = _usual(rule, values)
    proposed = _proposed(rule, limit, usual, worst, now)
    if proposed is None or math.isclose(proposed, limit, rel_tol=0.05):
        return None

    then = len(fired(other_limit(rule, proposed), figures))
    if now > MANY and then >= now:
        return None

    days = max(1, round((window.end - _first(past, window)) / (24 * HOUR)))
    why = _why(rule, (usual, worst), (now, then), (limit, proposed), days)
    return Suggestion(rule.name, rule.title, limit, proposed, rule.unit, why, now, then, days, rule.above is None)


def _values(rule: Rule, past: Past) -> list[float]:
    """The figures of all hours and groups that have enough samples, from well to worst."""
    found = (shown(rule, figure) for own in hourly(rule, past).values() for figure in own)
    return sorted((value for value in found if value is not None), reverse=rule.above is None)


def _usual(rule: Rule, values: Sequence[float]) -> tuple[float, float]:
    """What only one hour in a hundred passes, and the worst hour."""
    return values[math.ceil(0.99 * len(values)) - 1], values[-1]


def _proposed(rule: Rule, limit: float, usual: float, worst: float, now: int) -> float | None:
    if now > MANY:
        found = _beyond(rule, usual)
        return found if (found > limit) == (rule.above is not None) else None

    # Only above: how low a share of successes may fall is for people to say.
    if not now and rule.above is not None and rule.unit == "s" and 0 < worst * FAR < limit:
        return _rounded(worst * 1.5)

    return None


def _beyond(rule: Rule, usual: float) -> float:
    """A round limit with some room beyond what is usual; shares and percents keep within their whole."""
    whole = {"rate": 1.0, "%": 100.0}.get(rule.unit)
    if rule.above is not None:
        return min(_rounded(usual * ROOM), usual + (whole - usual) / 2 if whole else math.inf)

    return _rounded(usual - (whole - usual) * (ROOM - 1) if whole else usual / ROOM)


def _rounded(value: float) -> float:
    """Two digits are enough for a limit: 6.5, 0.083, 120."""
    if value <= 0:
        return 0.0

    digits = 1 - math.floor(math.log10(value))
    return round(value, digits)


def _first(past: Past, window: Window) -> Instant:
    """When the figure is first on record within the window."""
    known = [at for at, step in zip(past.hours.starts, past.hours.steps, strict=True) if step]
    return max(window.start, known[0]) if known else window.start


def _why(rule: Rule, hours: tuple[float, float], times: tuple[int, int], limits: tuple[float, float], days: int) -> str:
    usual, worst = (_shown(value, rule) for value in hours)
    proposed = _shown(limits[1], rule)
    span = f"{days}{NB}days" if days > 1 else "a day"
    if times[0] > MANY:
        side = "below" if rule.above is not None else "above"
        return (
            f"99 of 100 hours stay {side} {usual}. You would have had {times[0]} incidents in {span}; "
            f"at {proposed} it would be {times[1]}."
        )

    return (
        f"The worst hour of {span} was {worst}: at {_shown(limits[0], rule)} nothing is told before it is "
        f"{limits[0] / hours[1]:.0f} times as bad. At {proposed} you would have had {_incidents(times[1])}."
    )


def _shown(value: float, rule: Rule) -> str:
    return well(value) if rule.statistic == "success" else in_unit(value, rule.unit)


def _incidents(times: int) -> str:
    return "none" if times == 0 else "1 incident" if times == 1 else f"{times} incidents"
