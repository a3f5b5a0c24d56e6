"""What is known of one person, for that person alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitoring.model import DAY, Instant
from monitoring.rows import PersonRecord
from monitoring.window import Window, step_start

LEVELS = ((60, "close"), (20, "regular"), (5, "familiar"), (1, "met"))
"""Hours in which somebody was with a persona, from which each word holds."""


@dataclass(frozen=True, slots=True)
class Stored:
    """How many rows are stored of a person, and for how many days they are kept."""

    messages: int
    hours: int
    named: int
    """Messages of personas that name the person."""
    raw_days: int
    hour_days: int


@dataclass(frozen=True, slots=True)
class Personal:
    """One person's own figures; `window` is the one that `days` and `hours` are of."""

    window: Window
    stored: Stored
    first_seen: Instant | None = None
    last_seen: Instant | None = None
    """To the hour, as far back as presences are kept; None: never."""
    days: int = 0
    """Local days of the window on which the person was there."""
    hours: tuple[int, ...] = ()
    """On how many of these days, by hour of the zone's day, 0 to 23."""
    messages: int = 0
    answered: int = 0
    conversations: int = 0
    """Of the days for which raw rows are kept."""
    favourite: str = ""
    """The persona the person spent most hours with."""
    together: int = 0
    """Hours with it."""
    exchanged: int = 0
    """Messages of the person that it answered, in the days for which raw rows are kept."""

    @property
    def level(self) -> str:
        """How well the person and the favourite know each other: met, familiar, regular or close; "" for none."""
        return next((word for least, word in LEVELS if self.together >= least), "")

    @property
    def busiest(self) -> tuple[int, ...]:
        """The three hours of the day at which the person is most often there."""
        ordered = sorted(range(len(self.hours)), key=lambda hour: (-self.hours[hour], hour))
        return tuple(hour for hour in ordered[:3] if self.hours[hour])


def personal(window: Window, record: PersonRecord, *, raw_days: int, hour_days: int) -> Personal:
    """One person's figures from what is stored."""
    inside = [hour for hour in record.hours if window.start <= hour < window.end]
    by_hour = [0] * 24
    for hour in inside:
        by_hour[datetime.fromtimestamp(hour / 1000, window.info).hour] += 1

    favourite, together = record.personas[0] if record.personas else ("", 0)
    return Personal(
        window=window,
        stored=Stored(len(record.messages), len(record.hours), record.named, raw_days, hour_days),
        first_seen=record.hours[0] if record.hours else None,
        last_seen=record.hours[-1] if record.hours else None,
        days=len({step_start(hour, DAY, window.zone) for hour in inside}),
        hours=tuple(by_hour),
        messages=len(record.messages),
        answered=sum(record.answers.values()),
        conversations=record.conversations,
        favourite=favourite,
        together=together,
        exchanged=record.answers.get(favourite, 0),
    )
