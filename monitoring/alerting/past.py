"""A rule's figures out of stored steps: hour by hour, and minute by minute where minutes are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from monitoring.alerting.judge import statistic
from monitoring.alerting.look import kept
from monitoring.alerting.rule_units import AMOUNTS, GIVEN
from monitoring.analysis.figure import Gap
from monitoring.analysis.usual import Usual
from monitoring.incident import Rule
from monitoring.metrics import METRICS
from monitoring.model import HOUR, MINUTE, SECOND, Health, Instant
from monitoring.rollup import Rollup, Series

NOTHING = Rollup()
"""A step without samples; there are thousands of them, and nobody adds to one."""
CHUNKS = 5
"""A long window of minutes is made of so many parts, so that they are not all added up for each minute."""


class Figure(NamedTuple):
    """What a rule would have seen from start to end."""

    start: Instant
    end: Instant
    rollup: Rollup
    value: float | None


@dataclass(frozen=True, slots=True)
class Past:
    """Stored steps of a rule's metric, when nothing was monitored, and the habits where the rule needs them."""

    hours: Series
    minutes: Series
    gaps: tuple[Gap, ...] = ()
    habits: Mapping[str, Usual] | None = None


def figures_of(rule: Rule, past: Past) -> dict[str, list[Figure]]:
    """The rule's figures by group, oldest first: hours, and minutes from where they begin."""
    cut = past.minutes.starts[0] if past.minutes.starts and rule.window < 3600 else None
    hours = _steps(rule, past.hours, past.gaps, lambda at: cut is None or at + HOUR <= cut)
    minutes = _steps(rule, past.minutes, past.gaps, lambda _: True) if cut is not None else {}
    width = max(1, rule.window // 60 // CHUNKS)
    found = {}
    for group in hours.keys() | minutes.keys():
        coarse = _slid(rule, hours.get(group, []), max(1, round(rule.window * SECOND / HOUR)))
        parts = _wider(minutes.get(group, []), width)
        fine = _slid(rule, parts, max(1, round(rule.window * SECOND / MINUTE / width)))
        found[group] = _valued(rule, coarse, past, group) + _valued(rule, fine, past, group)

    return found


def hourly(rule: Rule, past: Past) -> dict[str, list[Figure]]:
    """The rule's figures by group hour by hour, whatever its window."""
    steps = _steps(rule, past.hours, past.gaps, lambda _: True)
    return {group: _valued(rule, own, past, group) for group, own in steps.items()}


def shown(rule: Rule, figure: Figure) -> float | None:
    """The value that the rule would have judged."""
    return figure.value if rule.statistic in GIVEN else statistic(rule, figure.rollup)


def _steps(rule: Rule, series: Series, gaps: Sequence[Gap], want: Callable[[Instant], bool]) -> dict[str, list[Figure]]:
    """The steps of each group; those without samples only where that means something."""
    of_probe = rule.metric == "probe" and rule.statistic == "last"
    keep = (lambda _: True) if of_probe else kept(rule)
    labels = METRICS[rule.metric].labels
    place = labels.index("service" if of_probe else rule.by) if of_probe or rule.by else None
    health = labels.index("health") if of_probe else 0
    asked = [(s, e, step) for s, e, step in zip(series.starts, series.ends, series.steps, strict=True) if want(s)]
    groups: dict[str, dict[int, Rollup]] = {} if place is not None else {"": {}}
    for at, (_, _, step) in enumerate(asked):
        for one, rollup in step.items():
            if not keep(one):
                continue

            cell = groups.setdefault(one[place] if place is not None else "", {}).setdefault(at, Rollup())
            cell.merge(rollup if not of_probe else _well_or_not(rollup, one[health]))

    dark = [any(gap.start <= s and e <= gap.end for gap in gaps) for s, e, _ in asked]
    return {
        group: [
            Figure(s, e, cells.get(at, NOTHING), None)
            for at, (s, e, _) in enumerate(asked)
            if at in cells or not dark[at]
        ]
        for group, cells in groups.items()
    }


def _well_or_not(rollup: Rollup, health: str) -> Rollup:
    return Rollup(rollup.count, rollup.count if health == Health.UNHEALTHY else 0)


def _wider(steps: Sequence[Figure], width: int) -> list[Figure]:
    return [_merged(steps[at : at + width]) for at in range(0, len(steps), width)] if width > 1 else list(steps)


def _slid(rule: Rule, steps: Sequence[Figure], span: int) -> list[Figure]:
    """Each step with those before it that the rule's window holds."""
    if span <= 1:
        return [replace_amount(rule, step) for step in steps]

    found = []
    for at, step in enumerate(steps):
        whole = _merged(steps[max(0, at - span + 1) : at + 1])
        found.append(Figure(step.start, step.end, whole.rollup, None))

    return found


def replace_amount(rule: Rule, step: Figure) -> Figure:
    """A step wider than the rule's window, with what such a window has of its amounts on average."""
    length = (step.end - step.start) / SECOND
    if rule.statistic not in AMOUNTS or length <= rule.window:
        return step

    share = rule.window / length
    return step._replace(rollup=Rollup(round(step.rollup.count * share), total=round(step.rollup.total * share)))


def _merged(steps: Iterable[Figure]) -> Figure:
    steps = list(steps)
    whole = Rollup()
    for step in steps:
        whole.merge(step.rollup)

    return Figure(steps[0].start, steps[-1].end, whole, None)


def _valued(rule: Rule, steps: list[Figure], past: Past, group: str) -> list[Figure]:
    """The same with values where a rollup does not have them."""
    if rule.statistic not in GIVEN:
        return steps

    if rule.statistic == "last":
        return [step._replace(value=_last(rule, step.rollup)) for step in steps]

    if rule.statistic == "absence":
        return _absent(steps)

    if rule.statistic == "change":
        return _changes(rule, steps)

    habit = (past.habits or {}).get(group)
    return [step._replace(value=_distance(rule, step, habit)) for step in steps]


def _last(rule: Rule, rollup: Rollup) -> float | None:
    if rule.metric != "probe":
        return rollup.mean

    return (1.0 if rollup.failures else 0.0) if rollup.count else None


def _absent(steps: Sequence[Figure]) -> list[Figure]:
    last: Instant | None = None
    found = []
    for step in steps:
        last = step.end if step.rollup.count else last
        found.append(step._replace(value=None if last is None else (step.end - last) / SECOND))

    return found


def _changes(rule: Rule, steps: Sequence[Figure]) -> list[Figure]:
    by_end = {step.end: step for step in steps}
    found = []
    for step in steps:
        width = step.end - step.start
        before = by_end.get(step.end - max(rule.against * SECOND // width, 1) * width)
        old = None if before is None else compared(rule, before.rollup)
        new = compared(rule, step.rollup)
        found.append(step._replace(value=new / old if new is not None and old else None))

    return found


def compared(rule: Rule, rollup: Rollup) -> float | None:
    """What `change` and `anomaly` compare: the mean of times and levels, the number of others; None of too few."""
    if timed(rule):
        return rollup.mean if rollup.successes >= max(rule.minimum, 1) else None

    return float(rollup.count)


def timed(rule: Rule) -> bool:
    """Whether the rule's metric is a time or a level, so that its mean counts and not its number."""
    return METRICS[rule.metric].unit == "s" or rule.metric == "gauge"


def _distance(rule: Rule, step: Figure, habit: Usual | None) -> float | None:
    return distance(rule, step.rollup, habit, step.start + (step.end - step.start) // 2, (step.end - step.start) / HOUR)


def distance(rule: Rule, rollup: Rollup, habit: Usual | None, at: Instant, hours: float) -> float | None:
    """How far what was counted in so many hours around a moment is from usual."""
    value = compared(rule, rollup)
    if value is None or habit is None:
        return None

    if not timed(rule) and rollup.count < rule.minimum and rule.below is None:
        return 0.0

    return habit.distance(at, value if timed(rule) else value / hours, n=rollup.count, hours=hours)


def other_limit(rule: Rule, limit: float) -> Rule:
    """The rule with another limit, its recovery as far from it as before."""
    before = rule.above if rule.above is not None else rule.below
    recovery = None if rule.recovery is None or not before else limit * rule.recovery / before
    if rule.above is not None:
        return replace(rule, above=limit, recovery=recovery)

    return replace(rule, below=limit, recovery=recovery)
