"""How do users and personas talk with each other?"""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.analysis.figure import Figure, Gap, Point
from monitoring.analysis.rhythm import counts
from monitoring.analysis.series import counted, days_since, only, recorded
from monitoring.analysis.users import LEAST_PEOPLE
from monitoring.model import Instant
from monitoring.rollup import Rollup, Series
from monitoring.window import Window


@dataclass(frozen=True, slots=True)
class Conversations:
    """Finished conversations that began in a window: runs of messages of users and personas, gaps up to 15 min."""

    window: Window
    count: Figure
    per_day: Figure
    length: Figure
    """Mean messages."""
    duration: Figure
    """Mean seconds from the first to the last message."""
    longest: int | None
    """Messages."""
    follow_up: Figure
    """Share 0..1 in which a user asked after a persona had spoken."""
    going_on: int | None
    """Now; None where it is only known of the whole bot."""
    people: int | None = None
    repeated: int | None = None
    """People in conversations, and those in two or more; None where raw messages do not go back so far."""
    days: tuple[Point, ...] = ()
    """Conversations by day, or by hour in windows of up to two days."""
    gaps: tuple[Gap, ...] = ()
    first_at: Instant | None = None

    @property
    def repeat_rate(self) -> float | None:
        """Of the people in conversations, those in two or more, 0..1; not told of fewer than three."""
        enough = self.people is not None and self.people >= LEAST_PEOPLE
        return self.repeated / self.people if enough and self.people and self.repeated is not None else None


def conversations(
    window: Window,
    steps: Series,
    before: Series,
    gaps: tuple[Gap, ...] = (),
    *,
    guild: str | None = None,
    first_at: Instant | None = None,
    going_on: int | None = None,
    people: tuple[int, int] | None = None,
) -> Conversations:
    """From days (hours in short windows) of the metric `conversation`, and one step of the window before."""
    keep = {what: only("conversation", what=what, guild=guild) for what in ("length", "duration", "follow_up")}
    now = {what: steps.sum(test) for what, test in keep.items()}
    was = {what: before.sum(test) for what, test in keep.items()}
    whole = recorded(window.before, first_at)
    count = counted(now["length"], was["length"], whole=whole)
    days, days_before = days_since(window, first_at), days_since(window.before, first_at)
    n = now["length"].count
    high = now["length"].high

    return Conversations(
        window=window,
        count=count,
        per_day=Figure(n / days, None if count.before is None else count.before / days_before, n),
        length=Figure(now["length"].mean, was["length"].mean, n),
        duration=Figure(now["duration"].mean, was["duration"].mean, n),
        longest=None if high is None else round(high / 1e6),
        follow_up=Figure(_asked(now["follow_up"]), _asked(was["follow_up"]), n),
        going_on=going_on,
        people=people[0] if people else None,
        repeated=people[1] if people else None,
        days=counts(window, steps, keep["length"], gaps, first_at),
        gaps=gaps,
        first_at=first_at,
    )


def _asked(follow_up: Rollup) -> float | None:
    return follow_up.successes / follow_up.count if follow_up.count else None
