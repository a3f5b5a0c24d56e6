"""How does a persona grow, as its host reports: level, experience, milestones, traits?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.model import Instant, Told
from monitoring.window import Window


@dataclass(frozen=True, slots=True)
class Milestone:
    """What a persona reached, and when."""

    name: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Trait:
    """A trait as last told, 0..1, and as it was at the window's start; `before` None: not told by then."""

    name: str
    strength: float
    before: float | None
    at: Instant


@dataclass(frozen=True, slots=True)
class Evolution:
    """A persona's growth until the window's end. None: never told by then."""

    level: float | None = None
    level_before: float | None = None
    """At the window's start."""
    level_at: Instant | None = None
    """Since when it is of that level, as far as it was told in the window."""
    xp: float | None = None
    xp_gained: float | None = None
    """In the window; None where not two values of it are known."""
    milestones: tuple[Milestone, ...] = ()
    """Those of the window, newest first."""
    traits: tuple[Trait, ...] = ()
    """Strongest first."""

    def __bool__(self) -> bool:
        return self.level is not None or self.xp is not None or bool(self.milestones or self.traits)


def evolution(window: Window, told: Sequence[Told]) -> Evolution:
    """From what was told of one persona, oldest first: the window's tellings, and the last of each kind before it."""
    now = [one for one in told if one.at < window.end]
    levels = [(one.at, one.value) for one in now if one.what == "level" and one.value is not None]
    points = [(one.at, one.value) for one in now if one.what == "xp" and one.value is not None]
    reached = [Milestone(one.name, one.at) for one in now if one.what == "milestone" and one.at >= window.start]
    return Evolution(
        level=levels[-1][1] if levels else None,
        level_before=_at(levels, window.start),
        level_at=_since(levels, window.start),
        xp=points[-1][1] if points else None,
        xp_gained=_gained(points, window.start),
        milestones=tuple(reversed(reached)),
        traits=_traits(window, now),
    )


def _at(told: Sequence[tuple[Instant, float]], moment: Instant) -> float | None:
    """What was last told until a moment."""
    return next((value for at, value in reversed(told) if at <= moment), None)


def _since(told: Sequence[tuple[Instant, float]], start: Instant) -> Instant | None:
    """When the last value was first told, without another one since; None where that was before the window."""
    began = None
    for at, value in reversed(told):
        if value != told[-1][1]:
            break

        began = at

    return began if began is not None and began >= start else None


def _gained(points: Sequence[tuple[Instant, float]], start: Instant) -> float | None:
    """The last value against that of the window's start; where none was known then, against the first told since."""
    if not points:
        return None

    before = _at(points, start)
    if before is None and len(points) < 2:
        return None

    return points[-1][1] - (points[0][1] if before is None else before)


def _traits(window: Window, told: Sequence[Told]) -> tuple[Trait, ...]:
    last: dict[str, Trait] = {}
    for one in told:
        if one.what != "trait" or one.value is None:
            continue

        known = last.get(one.name)
        before = one.value if one.at <= window.start else known.before if known else None
        last[one.name] = Trait(one.name, one.value, before, one.at)

    return tuple(sorted(last.values(), key=lambda trait: (-trait.strength, trait.name)))
