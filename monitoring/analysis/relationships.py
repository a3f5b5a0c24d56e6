"""How do the personas stand to each other?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from monitoring.analysis.figure import Gap, Point
from monitoring.analysis.reported_bonds import Names, Reported, reported
from monitoring.analysis.series import Keep, only
from monitoring.model import DAY, Told
from monitoring.rollup import Labels, Rollup, Series
from monitoring.window import Window

INFERRED, REPORTED = "inferred", "reported"
"""Where an affinity comes from: worked out from exchanges, or told by the host."""
TREND = 30 * DAY
"""Over how long a trend is counted, whatever the window."""


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
    """improving, worsening or stable, over the 30 days to the window's end."""
    history: tuple[Point, ...] = ()
    """Inferred: affinity as each day, or the window, ends. Reported: from each instant on until the next."""
    source: str = INFERRED
    """inferred or reported; a stage is the host's wherever it told one."""
    month_before: float | None = None
    """Affinity 30 days before the window's end, or where it began since."""


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

    @property
    def active(self) -> Pair | None:
        """The most active pair; None where nobody met in the window."""
        most = max(self.pairs, key=lambda p: p.interactions, default=None)
        return most if most is not None and most.interactions else None

    @property
    def trend(self) -> str:
        """Whether all pairs together improve or worsen over 30 days: by less than a point in the mean is stable."""
        moves = [p.affinity - p.month_before for p in self.pairs if p.month_before is not None]
        return trend(sum(moves) / len(moves), least=1) if moves else "stable"

    @property
    def told(self) -> int:
        """How many pairs have an affinity that the host reported."""
        return sum(p.source == REPORTED for p in self.pairs)


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
    told: Iterable[Told] = (),
) -> Relationships:
    """How each pair of personas stands at the window's end and how it moved; `days` begin where recording did.

    Interactions are those of `inside`, the window's own; without it, those of all days that the window touches. What
    the host `told` of a pair (affinity, stage; oldest first) takes the place of what is inferred.
    """
    keep = only("interaction", guild=guild)
    courses = _courses(days, None if guild is None else keep)
    said = reported(told, window, guild, courses)
    own = None if inside is None else inside.total(lambda labels: _pair_of(labels) if keep(labels) else None)
    pairs = []
    for names in sorted({*courses, *said}):
        course = courses.get(names, {})
        n = _met_in(window, days, course) if own is None else own.get(names, Rollup()).count
        moves = _told_moves(said.get(names), window) or _inferred(days, course, window)
        stands = said[names].stage if names in said else ""
        pairs.append(_pair(names, slots, n, moves, stands))

    ranked = tuple(sorted(pairs, key=lambda p: (-p.interactions, p.a, p.b)))
    personas = {name for pair in ranked for name in (pair.a, pair.b)}
    return Relationships(
        window=window,
        personas=tuple(sorted(((n, slots.get(n, 0)) for n in personas), key=lambda p: (p[1] or 99, p[0]))),
        pairs=ranked,
        mean=sum(p.affinity for p in ranked) / len(ranked) if ranked else None,
        mean_before=sum(p.before for p in ranked) / len(ranked) if ranked else None,
        interactions=sum(p.interactions for p in ranked),
        gaps=gaps,
    )


_Course: TypeAlias = dict[int, tuple[Rollup, Rollup]]
"""By number of the day, what the first said to the second that day and what came back."""
_NOTHING = Rollup()
_SILENCE = (_NOTHING, _NOTHING)


@dataclass(frozen=True, slots=True)
class _Moves:
    """The affinity of a pair now, at the window's start and 30 days ago, and on the way."""

    now: float
    before: float
    month_before: float
    history: tuple[Point, ...]
    source: str


def _pair(names: Names, slots: Mapping[str, int], interactions: int, moves: _Moves, told_stage: str) -> Pair:
    return Pair(
        *names,
        slots.get(names[0], 0),
        slots.get(names[1], 0),
        moves.now,
        moves.before,
        told_stage or stage(moves.now),
        interactions,
        trend(moves.now - moves.month_before),
        moves.history,
        moves.source,
        moves.month_before,
    )


def _pair_of(labels: Labels) -> Names:
    """The two personas in order of name."""
    return min(labels[:2]), max(labels[:2])


def _courses(days: Series, keep: Keep | None) -> dict[Names, _Course]:
    """The days on which each pair met, with what was said in either direction; `keep` None: all of it."""
    found: dict[Names, _Course] = {}
    for day, step in enumerate(days.steps):
        for labels, rollup in step.items():
            one, other = labels[0], labels[1]
            if one == other or (keep is not None and not keep(labels)):
                continue

            forth = one < other
            course = found.setdefault((one, other) if forth else (other, one), {})
            there, back = course.get(day, _SILENCE)
            # Mostly one rollup for each direction: it is taken as it is, and added to only where there are more.
            if forth:
                there = rollup if there is _NOTHING else there + rollup
            else:
                back = rollup if back is _NOTHING else back + rollup

            course[day] = there, back

    return found


def _met_in(window: Window, days: Series, course: _Course) -> int:
    """The interactions of all days that the window touches."""
    return sum(there.count + back.count for day, (there, back) in course.items() if days.ends[day] > window.start)


def _inferred(days: Series, course: _Course, window: Window) -> _Moves:
    """A pair from the first day it met on."""
    affinity = before = month = NEUTRAL
    history: list[Point] = []
    first = min((day for day, (there, back) in course.items() if there.count + back.count > 0), default=len(days.steps))
    # Most pairs are silent on most days: of thousands of pairs over a year that is nearly all there is to do.
    for day, end in enumerate(days.ends):
        met = course.get(day)
        if day >= first:
            affinity = next_day(affinity, *met) if met is not None else affinity + (NEUTRAL - affinity) * DRIFT

        if end <= window.start:
            before = affinity
        else:
            n = met[0].count + met[1].count if met is not None else 0
            history.append(Point(min(end, window.end), affinity if day >= first else None, n))

        if end <= window.end - TREND:
            month = affinity

    return _Moves(affinity, before, month, tuple(history), INFERRED)


def _told_moves(said: Reported | None, window: Window) -> _Moves | None:
    """What the host told of a pair; None where it told no affinity."""
    if said is None or not said.course:
        return None

    month = window.end - TREND
    now = said.course[-1][1]
    return _Moves(now, said.since(window.start), said.since(month), said.history(window), REPORTED)


def trend(moved: float, least: float = 3) -> str:
    """Whether a relationship improves or worsens: by less than three points it is stable."""
    if abs(moved) < least:
        return "stable"

    return "improving" if moved > 0 else "worsening"
