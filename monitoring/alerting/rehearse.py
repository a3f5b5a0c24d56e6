"""What a rule would have told in the past: the real `judge`, on stored steps instead of the newest figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitoring.alerting.judge import judge
from monitoring.alerting.past import Figure, Past, figures_of, hourly, other_limit, shown
from monitoring.alerting.rule_units import AMOUNTS, SPECIAL
from monitoring.analysis.figure import Gap, Point
from monitoring.analysis.rehearsal import Firing, Rehearsal
from monitoring.incident import Incident, Rule
from monitoring.model import DAY, MINUTE, SECOND, Instant
from monitoring.rollup import Series
from monitoring.window import Window

EVERY = 5 * MINUTE
"""How often an hour is judged that is broken, or in which something is open; quiet ones are judged once."""
OTHERS = (0.8, 1.25)
"""Limits that are tried besides, as factors of the rule's own."""
LEAST_FAILING = 0.05
NOT_YET = "This rule is made of several figures and of what is known only at the time, so it cannot be rehearsed."


def rehearse(
    rule: Rule, past: Past, window: Window, first_at: Instant | None, failing: Series | None = None
) -> Rehearsal:
    """What the rule would have told; `failing` are hours of responses, to say whether answers failed meanwhile."""
    if rule.metric == SPECIAL:
        return Rehearsal(rule, window, why_not=NOT_YET)

    figures, by_hour = figures_of(rule, past), hourly(rule, past)
    openings = fired(rule, figures)
    limit = rule.above if rule.above is not None else rule.below
    others = [limit * factor for factor in OTHERS] if limit else []
    recorded = max(window.end - max(window.start, first_at or window.end), 0)
    dark = sum(max(min(gap.end, window.end) - max(gap.start, first_at or gap.start), 0) for gap in past.gaps)
    return Rehearsal(
        rule,
        window,
        openings,
        sum(one.seconds for one in openings),
        max(recorded - dark, 0) / DAY,
        _points(rule, by_hour),
        past.gaps,
        sum(figure.rollup.count for own in by_hour.values() for figure in own),
        past.minutes.starts[0] if past.minutes.starts and rule.window < 3600 else None,
        tuple((other, len(fired(other_limit(rule, other), figures))) for other in others),
        None if failing is None or rule.unit == "rate" else _failing(openings, failing),
    )


@dataclass(slots=True)
class _Course:
    """One incident while it is played."""

    start: Instant
    since: Instant
    peak: float | None
    seconds: float = 0.0


def fired(rule: Rule, figures: Mapping[str, Sequence[Figure]]) -> tuple[Firing, ...]:
    """The incidents that would have been, of all groups, oldest first."""
    found = [firing for group, own in figures.items() for firing in _played(rule, group, own)]
    return tuple(sorted(found, key=lambda firing: firing.start))


def _played(rule: Rule, group: str, figures: Sequence[Figure]) -> list[Firing]:
    """One group's incidents. What opens again soon after its end is one incident, as it would have been."""
    live: Incident | None = None
    last: Incident | None = None
    course: _Course | None = None
    firings: list[Firing] = []
    number = 0
    for figure in figures:
        if live is None and not figure.rollup.count and figure.value is None and rule.statistic not in AMOUNTS:
            continue

        for now in _moments(figure):
            verdict = judge(
                rule, figure.rollup, live, now, number=number + 1, value=figure.value, last=last, group=group
            )
            live = verdict.incident
            if live is None:
                # Nothing more can come of the rest of a quiet hour.
                break

            if "opened" in verdict.changes:
                number += 1
                course = _Course(live.since, live.since, live.peak)
            elif "reopened" in verdict.changes and firings:
                again = firings.pop()
                course = _Course(again.start, now, again.peak, again.seconds)

            if course is not None:
                course.peak = live.peak

            if "resolved" in verdict.changes and course is not None:
                firings.append(_over(course, live.clear_since or now, group))
                last, live, course = live, None, None

    if course is not None and figures:
        firings.append(_over(course, figures[-1].end, group, still=True))

    return firings


def _over(course: _Course, end: Instant, group: str, *, still: bool = False) -> Firing:
    seconds = course.seconds + max(end - course.since, 0) / SECOND
    return Firing(course.start, end, course.peak, group, seconds, still)


def _moments(figure: Figure) -> range | tuple[Instant, ...]:
    """When a figure is judged: that of minutes once they are over, that of an hour again and again."""
    if figure.end - figure.start <= EVERY:
        return (figure.end,)

    return range(figure.start, figure.end, EVERY)


def _points(rule: Rule, by_hour: Mapping[str, Sequence[Figure]]) -> tuple[Point, ...]:
    """The figure hour by hour; of several groups the worst."""
    worst: dict[Instant, Point] = {}
    for own in by_hour.values():
        for figure in own:
            value, known = shown(rule, figure), worst.get(figure.start)
            if known is None or known.value is None or (value is not None and _worse(rule, value, known.value)):
                worst[figure.start] = Point(figure.start, value, figure.rollup.count)

    return tuple(worst[at] for at in sorted(worst))


def _worse(rule: Rule, value: float, other: float) -> bool:
    return value > other if rule.above is not None else value < other


def _failing(openings: Sequence[Firing], hours: Series) -> int:
    """How many openings fell into hours in which answers failed: twice the usual rate, and 5 % at the least."""
    rolled = hours.line()
    usual = hours.sum().rate or 0.0
    bad = [
        Gap(at, end)
        for at, end, rollup in zip(hours.starts, hours.ends, rolled, strict=True)
        if rollup.failures >= 3 and (rollup.rate or 0.0) >= max(2 * usual, LEAST_FAILING)
    ]
    return sum(any(gap.start < one.end and one.start < gap.end for gap in bad) for one in openings)
