"""What a rule would have done: the value behind the answer, the chart and its alt text."""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.analysis.figure import Gap, Point
from monitoring.incident import Rule
from monitoring.model import Instant
from monitoring.window import Window


@dataclass(frozen=True, slots=True)
class Firing:
    """One incident that would have been: from the broken limit until it was back; `seconds` of that it was broken."""

    start: Instant
    end: Instant
    peak: float | None
    """The worst value, in the rule's unit."""
    group: str = ""
    seconds: float = 0.0
    open: bool = False
    """It would still be open."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rule would have told in the window, as far back as its figure is stored."""

    rule: Rule
    window: Window
    openings: tuple[Firing, ...] = ()
    """Oldest first."""
    seconds: float = 0.0
    """For how long something would have been open, all together."""
    days: float = 0.0
    """Of the window, how many are on record and were monitored."""
    points: tuple[Point, ...] = ()
    """The figure hour by hour; of several groups the worst."""
    gaps: tuple[Gap, ...] = ()
    n: int = 0
    """Samples that were looked at."""
    fine_from: Instant | None = None
    """From when on it was judged minute by minute; before, by whole hours."""
    others: tuple[tuple[float, int], ...] = ()
    """Other limits, and how often the rule would have fired by them."""
    failing: int | None = None
    """Of the openings, those in which answers failed more than usual; None where that says nothing of this rule."""
    why_not: str = ""
    """Why it cannot be rehearsed, in a sentence; "" where it can."""

    @property
    def times(self) -> int:
        """How often it would have opened."""
        return len(self.openings)

    @property
    def minutes(self) -> float:
        """Minutes that something would have been open."""
        return self.seconds / 60

    @property
    def first(self) -> Instant | None:
        """When it would first have opened."""
        return self.openings[0].start if self.openings else None

    @property
    def last(self) -> Instant | None:
        """When it would last have opened."""
        return self.openings[-1].start if self.openings else None

    @property
    def limit(self) -> float | None:
        """The limit of the rule, in its unit."""
        return self.rule.above if self.rule.above is not None else self.rule.below
