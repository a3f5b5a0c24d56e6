"""How do the personas stand to each other?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from monitoring.analysis.figure import Gap, Point
from monitoring.analysis.series import Keep, only
from monitoring.rollup import Labels, Rollup, Series
from monitoring.window import Window


@dataclass(frozen=True, slots=True)
class Pair:
    """Two personas: affinity 0-100 now and at the window's start, stage, interactions in the window."""

    a: str
    b: str
    slot_a: int
    slot_b: int
    affinity: float
    before: float
    stage: str
    interactions: int
    trend: str
    """improving, worsening or stable."""
    history: tuple[Point, ...] = ()
    """Affinity at the end of each day."""


@dataclass(frozen=True, slots=True)
class Relationships:
    """All pairs that ever met, most active first; `personas` as (name, slot)."""

    window: Window
    personas: tuple[tuple[str, int], ...]
    pairs: tuple[Pair, ...]
    mean: float | None
    mean_before: float | None
    interactions: int
    gaps: tuple[Gap, ...] = ()

    @property
    def movers(self) -> tuple[Pair, ...]:
        """Pairs by the size of their move, those that moved by a point or more."""
        moved = [p for p in self.pairs if abs(p.affinity - p.before) >= 1]
        return tuple(sorted(moved, key=lambda p: -abs(p.affinity - p.before)))


STAGES: tuple[tuple[float, str], ...] = (
    (80, "besties"),
    (60, "friends"),
    (40, "frenemies"),
    (20, "acquaintances"),
    (0, "strangers"),
)
NEUTRAL = 50.0
STEP = 0.2
"""Largest part of the way to the day's target that one day moves affinity: a week of one mood settles it."""
ENOUGH = 12
"""Interactions after which a day has about two thirds of its full say."""
DRIFT = 0.015
"""Part of the distance to neutral that a silent day takes back: a half-life of six and a half weeks."""


def stage(affinity: float) -> str:
    """The stage of an affinity 0-100."""
    return next(name for least, name in STAGES if affinity >= least)


def next_day(affinity: float, there: Rollup, back: Rollup) -> float:
    """Affinity after one more day, from the interactions in both directions that day.

    A day with interactions pulls towards a target made of their mean sentiment s (−1…1) and of reciprocity
    r = 2·min/(sum) (0…1): 50 + 70·tanh(1.5·s) + 20·(r − 0.5), within 0-100: kind words count most, answering each
    other counts some. How far it is pulled grows with their number and levels off; a silent day drifts to neutral.
    """
    n = there.count + back.count
    if n <= 0:
        return affinity + (NEUTRAL - affinity) * DRIFT

    mood = (there.total + back.total) / 1e6 / n
    reciprocity = 2 * min(there.count, back.count) / n
    target = min(max(NEUTRAL + 70 * math.tanh(1.5 * mood) + 20 * (reciprocity - 0.5), 0.0), 100.0)

    return affinity + (target - affinity) * STEP * (1 - math.exp(-n / ENOUGH))


def relationships(
    window: Window,
    days: Series,
    *,
    slots: Mapping[str, int],
    guild: str | None = None,
    gaps: tuple[Gap, ...] = (),
    inside: Series | None = None,
) -> Relationships:
    """How each pair of personas stands at the window's end and how it moved; `days` begin where recording did.

    Interactions are those of `inside`, the window's own; without it, those of all days that the window touches.
    """
    keep = only("interaction", guild=guild)
    steps = [_by_direction(step, keep) for step in days.steps]
    names = sorted({(min(both), max(both)) for step in steps for both in step})
    own = None if inside is None else inside.total(lambda labels: _pair_of(labels) if keep(labels) else None)
    pairs = []
    for a, b in names:
        course = [(step.get((a, b), Rollup()), step.get((b, a), Rollup())) for step in steps]
        n = None if own is None else own.get((a, b), Rollup()).count
        pairs.append(_pair((a, b), days, course, window, slots, n))

    met = tuple(sorted(pairs, key=lambda p: (-p.interactions, p.a, p.b)))
    personas = {name for both in names for name in both}

    return Relationships(
        window=window,
        personas=tuple(sorted(((n, slots.get(n, 0)) for n in personas), key=lambda p: (p[1] or 99, p[0]))),
        pairs=met,
        mean=sum(p.affinity for p in met) / len(met) if met else None,
        mean_before=sum(p.before for p in met) / len(met) if met else None,
        interactions=sum(p.interactions for p in met),
        gaps=gaps,
    )


def _pair_of(labels: Labels) -> tuple[str, str]:
    """The two personas in order of name."""
    return min(labels[:2]), max(labels[:2])


def _by_direction(step: Mapping[Labels, Rollup], keep: Keep) -> dict[tuple[str, str], Rollup]:
    """The interactions of one day by (who, with whom)."""
    found: dict[tuple[str, str], Rollup] = {}
    for labels, rollup in step.items():
        if keep(labels) and labels[0] != labels[1]:
            found.setdefault((labels[0], labels[1]), Rollup()).merge(rollup)

    return found


def _pair(
    names: tuple[str, str],
    days: Series,
    course: list[tuple[Rollup, Rollup]],
    window: Window,
    slots: Mapping[str, int],
    interactions: int | None,
) -> Pair:
    """One pair from the first day it met on; `course` holds each day's interactions in both directions."""
    affinity = before = NEUTRAL
    history: list[Point] = []
    met = False
    for start, end, (there, back) in zip(days.starts, days.ends, course, strict=True):
        n = there.count + back.count
        met = met or n > 0
        if met:
            affinity = next_day(affinity, there, back)

        if end <= window.start:
            before = affinity
        else:
            history.append(Point(max(start, window.start), affinity if met else None, n))

    return Pair(
        *names,
        slots.get(names[0], 0),
        slots.get(names[1], 0),
        affinity,
        before,
        stage(affinity),
        sum(day.n for day in history) if interactions is None else interactions,
        trend(affinity - before),
        tuple(history),
    )


def trend(moved: float) -> str:
    """Whether a relationship improves or worsens: by less than three points it is stable."""
    if abs(moved) < 3:
        return "stable"

    return "improving" if moved > 0 else "worsening"
