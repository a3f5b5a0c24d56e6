"""What the host itself says of how its personas stand to each other: its values win over inferred ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from monitoring.analysis.figure import Point
from monitoring.model import Instant, Told
from monitoring.window import Window

Names: TypeAlias = tuple[str, str]
"""Two personas in order of name."""
MOST_POINTS = 200
"""Of a history: more cannot be told apart in a picture."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What was told of one pair: its affinity from each instant on, oldest first, and its stage ("": none)."""

    course: tuple[tuple[Instant, float], ...] = ()
    stage: str = ""

    def at(self, moment: Instant) -> float | None:
        """The affinity at a moment; before the first telling None."""
        known = [value for at, value in self.course if at <= moment]
        return known[-1] if known else None

    def since(self, moment: Instant) -> float:
        """The affinity at a moment, or the first that was told after it: what a move is counted from."""
        known = self.at(moment)
        return self.course[0][1] if known is None else known

    def history(self, window: Window) -> tuple[Point, ...]:
        """The affinity at the window's start, if it was told by then, and wherever it changed; it stays until then."""
        first = self.at(window.start)
        points = [] if first is None else [Point(window.start, first)]
        apart = window.length // MOST_POINTS
        for at, value in self.course:
            if not window.start < at < window.end:
                continue

            if len(points) > 1 and at - points[-1].at < apart:
                points.pop()

            points.append(Point(at, value))

        return tuple(points)


def reported(
    told: Iterable[Told], window: Window, guild: str | None = None, met: Collection[Names] = ()
) -> dict[Names, Reported]:
    """What was told of each pair until the window's end, oldest first.

    A pair's affinity is the mean of what was told last of each direction; a direction told later counts from the start
    with its first value, so that hearing of it is no move. In a guild only what was told of it counts, and what was
    told of no guild for those who `met` there.
    """
    found: dict[Names, list[Told]] = {}
    for one in told:
        names = min(one.persona, one.other), max(one.persona, one.other)
        known = guild is None or str(one.guild_id) == guild or (one.guild_id == 0 and names in met)
        if known and one.at < window.end:
            found.setdefault(names, []).append(one)

    return {names: Reported(_course(rows), _stage(rows)) for names, rows in found.items()}


def _course(rows: Sequence[Told]) -> tuple[tuple[Instant, float], ...]:
    """The pair's affinity after each telling."""
    values = [(one.at, one.persona, one.value) for one in rows if one.what == "affinity" and one.value is not None]
    last = {persona: value for _, persona, value in reversed(values)}
    course = []
    for at, persona, value in values:
        last[persona] = value
        course.append((at, sum(last.values()) / len(last)))

    return tuple(course)


def _stage(rows: Sequence[Told]) -> str:
    return next((one.name for one in reversed(rows) if one.what == "stage"), "")
