"""Rehearsals of rules in every state that their chart must bear."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import replace

from chart_stories import window

from monitoring.analysis.figure import Gap, Point
from monitoring.analysis.rehearsal import Firing, Rehearsal
from monitoring.incident import Rule
from monitoring.model import DAY, HOUR, MINUTE

P95 = Rule("p95_response", "P95 response", "response", "p95", above=3.0, recovery=2.5, hold=300)
MONTH = window("30d")
SPIKES = ((4, 6, 4.1), (12, 14, 6.6), (12.5, 9, 5.2), (29.6, 47, 8.6))
"""Day, minutes, peak."""


def states() -> Iterator[tuple[str, str, object]]:
    """Kind, state, value."""
    for state, value in _rehearsals().items():
        yield "rehearse", state, value


def rehearsal(
    rule: Rule = P95, *, scale: float = 1.0, spikes: tuple[tuple[float, int, float], ...] = SPIKES
) -> Rehearsal:
    """Thirty days of a figure that wanders between 1.6 and 2.7, with a day that was not monitored."""
    dice, found = random.Random(5), []
    dark = Gap(MONTH.start + 17 * DAY, MONTH.start + 18 * DAY)
    for at in range(MONTH.start, MONTH.end, HOUR):
        hour = (at - MONTH.start) / DAY
        value = 2.1 + 0.4 * math.sin(hour * 2 * math.pi) + dice.uniform(-0.15, 0.15)
        found.append(Point(at, None if dark.start <= at < dark.end else value * scale, 60))

    openings = tuple(_firing(day, minutes, peak * scale) for day, minutes, peak in spikes)
    seconds = sum(one.seconds for one in openings)
    return Rehearsal(
        rule, MONTH, openings, seconds, 29.0, tuple(found), (dark,), 40_000, MONTH.end - 2 * DAY, ((2.4, 31),)
    )


def _firing(day: float, minutes: int, peak: float, group: str = "") -> Firing:
    start = MONTH.start + round(day * DAY)
    return Firing(start, start + minutes * MINUTE, peak, group, minutes * 60.0)


def _rehearsals() -> dict[str, Rehearsal]:
    month = rehearsal()
    many = tuple((day * 0.35, 3 + day % 40, 3.2 + (day % 7) * 0.5) for day in range(84))
    share = replace(P95, title="Error rate", statistic="rate", unit="rate", above=0.05)
    below = replace(P95, title="LLM success rate", statistic="success", unit="rate", above=None, below=0.9)
    lows = tuple(replace(one, peak=0.7) for one in month.openings)
    state = Rule("service_unhealthy", "{group} is unhealthy", "probe", "last", above=0.5, by="service", unit="state")
    wells = tuple(replace(point, value=0.0 if point.value is not None else None) for point in month.points)
    far = Rule("traffic", "Users' messages against this hour's usual", "message", "anomaly", above=6.0, unit="σ")
    swings = tuple(replace(p, value=None if p.value is None else (p.value - 2.1) * 8) for p in month.points)
    return {
        "month": month,
        "never": rehearsal(spikes=()),
        "once": rehearsal(spikes=SPIKES[:1]),
        "often": rehearsal(spikes=many),
        "share": rehearsal(share, scale=0.01),
        "percent": rehearsal(replace(P95, title="CPU", unit="%", above=80.0), scale=11.0),
        "bytes": rehearsal(replace(P95, title="Memory of the process", unit="bytes", above=3e9), scale=1e9),
        "below": replace(
            rehearsal(below),
            openings=lows,
            points=tuple(replace(p, value=None if p.value is None else 0.97) for p in month.points),
        ),
        "state": replace(
            month, rule=state, points=wells, openings=tuple(replace(o, peak=1.0, group="llm") for o in month.openings)
        ),
        "sigmas": replace(month, rule=far, points=swings, openings=(_firing(9, 40, 9.5),)),
        "times": rehearsal(replace(P95, title="Against an hour before", statistic="change", unit="times")),
        "absence": rehearsal(
            replace(P95, title="Silence", statistic="absence", unit="span", above=7200.0), scale=2400.0
        ),
        "one point": replace(month, points=month.points[-1:], openings=()),
        "nothing": replace(month, points=(), openings=(), gaps=(), days=0.0),
        "special": Rehearsal(P95, MONTH, why_not="This rule is made of several figures."),
        "long": replace(month, rule=replace(P95, title="W" * 80)),
        "wide": replace(month, rule=replace(P95, title="王" * 80)),
        "group": replace(month, openings=tuple(replace(one, group="‮" + "م" * 32) for one in month.openings)),
    }
