"""What is usual at this hour of the week, learnt once an hour so that asking costs next to nothing.

As in `analysis.anomalies`: the median of the same hour of the weeks before and the median absolute deviation around
it, after a transformation that makes unrest even; an hour of few weeks takes its neighbours along, no hour is thought
calmer than the figure is all in all, and chance alone gives a short window more unrest than an hour.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

from monitoring.analysis.anomalies import ENOUGH, LEAST_WEEKS, MAD
from monitoring.analysis.figure import Gap, Point
from monitoring.analysis.series import unlit
from monitoring.model import HOUR, Instant
from monitoring.rollup import Labels, Series
from monitoring.window import Window

WEEK = 168


@dataclass(frozen=True, slots=True)
class Even:
    """How a figure is compared: made even, its unrest by chance in a window of `n` things and so many hours."""

    even: Callable[[float], float]
    chance: Callable[[float, float], float]
    ratio: float
    """A value is worth a word if it is so many times what is usual (or so much less)."""
    apart: float
    """and differs by at least so much."""


COUNTS = Even(math.sqrt, lambda _, hours: 0.5 / math.sqrt(hours), 1.5, 15.0)
"""Things in an hour; square root (Anscombe 1948)."""
TIMES = Even(lambda value: math.log(max(value, 1e-6)), lambda n, _: 0.5 / math.sqrt(max(n, 1.0)), 1.4, 0.0)
"""Means of times and levels."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One hour of the week: its usual value, that made even, and how far from it a whole hour usually is."""

    usual: float
    middle: float
    spread: float
    weeks: int


@dataclass(frozen=True, slots=True)
class Usual:
    """The habit of one figure by hour of the week, local time; hours of too few weeks are not in it."""

    slots: Mapping[int, Slot]
    zone: ZoneInfo
    even: Even

    def at(self, moment: Instant) -> Slot | None:
        """The hour of the week that holds a moment; None where nothing is known of it."""
        return self.slots.get(slot_of(moment, self.zone))

    def distance(self, moment: Instant, value: float, *, n: float, hours: float) -> float | None:
        """How far a value (amounts: brought to an hour) is from usual, in robust standard deviations.

        0 where that is not worth a word, None where the habit is not known. `n` things were counted in so many hours.
        """
        slot = self.at(moment)
        if slot is None:
            return None

        if abs(value - slot.usual) < self.even.apart:
            return 0.0

        low, high = sorted((value, slot.usual))
        if high < low * self.even.ratio:
            return 0.0

        scale = max(slot.spread, self.even.chance(n, hours), 1e-9) * math.sqrt(1 + 1.57 / slot.weeks)
        return (self.even.even(value) - slot.middle) / scale

    def expected(self, start: Instant, end: Instant) -> float | None:
        """What usually adds up between two moments; None where an hour in between is not known."""
        total, at = 0.0, start
        while at < end:
            until = min(at - at % HOUR + HOUR, end)
            slot = self.at(at)
            if slot is None:
                return None

            total += slot.usual * (until - at) / HOUR
            at = until

        return total


def slot_of(at: Instant, zone: ZoneInfo) -> int:
    """The hour of the week, 0 to 167."""
    local = datetime.fromtimestamp(at / 1000, zone)
    return local.weekday() * 24 + local.hour


def usual(points: Sequence[Point], zone: ZoneInfo, even: Even) -> Usual:
    """The habit that hours (value None: not known) tell."""
    by_slot: dict[int, list[float]] = {}
    for point in points:
        if point.value is not None:
            by_slot.setdefault(slot_of(point.at, zone), []).append(point.value)

    known = {slot: values for slot, values in by_slot.items() if len(values) >= LEAST_WEEKS}
    evened = {slot: [even.even(value) for value in values] for slot, values in by_slot.items()}
    calm = _calm([evened[slot] for slot in known])
    slots = {}
    for slot, own in known.items():
        values, evens = list(own), list(evened[slot])
        if len(own) < ENOUGH:
            for beside in ((slot - 1) % WEEK, (slot + 1) % WEEK):
                values += by_slot.get(beside, [])
                evens += evened.get(beside, [])

        middle = median(evened[slot] if len(own) >= ENOUGH else evens)
        spread = max(MAD * median(abs(one - middle) for one in evens), calm)
        slots[slot] = Slot(median(own if len(own) >= ENOUGH else values), middle, spread, len(own))

    return Usual(slots, zone, even)


def _calm(slots: Sequence[Sequence[float]]) -> float:
    """How far values lie from their own hour's median, all in all."""
    apart = []
    for values in slots:
        middle = median(values)
        few = math.sqrt(len(values) / (len(values) - 1))
        apart += [abs(value - middle) * few for value in values]

    return MAD * median(apart) if apart else 0.0


def monitored(hours: Series, span: Window, gaps: tuple[Gap, ...], first_at: Instant | None) -> list[bool]:
    """For each hour, whether it is over and finding nothing in it means that nothing happened."""
    return [
        end <= span.end and first_at is not None and at >= first_at and not unlit(span, at, end, gaps, first_at)
        for at, end in zip(hours.starts, hours.ends, strict=True)
    ]


def counted(hours: Series, lit: Sequence[bool], key: Callable[[Labels], str | None]) -> dict[str, list[Point]]:
    """Counts by hour for each key; None for hours that were not monitored and show nothing."""
    names = {name for step in hours.steps for labels in step if (name := key(labels)) is not None}
    found: dict[str, list[Point]] = {name: [] for name in names}
    for at, step, known in zip(hours.starts, hours.steps, lit, strict=True):
        counts = dict.fromkeys(names, 0)
        for labels, rollup in step.items():
            name = key(labels)
            if name is not None:
                counts[name] += rollup.count

        for name, count in counts.items():
            found[name].append(Point(at, float(count) if known or count else None, count))

    return found
