"""What the days of the demo are like: rhythm, growth, slow spells, an outage now and then, a gap in monitoring."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.sandbox.cast import LLAMA, LanguageModel
from monitoring.sandbox.ledger_people import ZONE

_HOURS = (
    0.55, 0.30, 0.16, 0.08, 0.05, 0.06, 0.14, 0.34, 0.52, 0.62, 0.70, 0.80,
    0.98, 0.92, 0.84, 0.88, 1.00, 1.18, 1.38, 1.70, 2.05, 2.10, 1.62, 1.02,
)  # fmt: skip
_WEEKDAYS = (0.86, 0.90, 0.92, 0.96, 1.12, 1.26, 1.18)
_GROWTH = (0.84, 1.16)
_GAP = 40 * MINUTE
STORY_MODEL = LLAMA
_STORY, _OVER = 50 * MINUTE, 90 * MINUTE
_CROWD = 45.0


@dataclass(frozen=True, slots=True)
class Spell:
    """A span in which the local models answer slower by a factor, or (0) not at all."""

    start: Instant
    end: Instant
    factor: float


@dataclass(frozen=True, slots=True)
class Weather:
    """The conditions of a whole history; spells do not overlap and are in order."""

    start: Instant
    end: Instant
    gap: tuple[Instant, Instant]
    spells: tuple[Spell, ...]
    story: Spell
    """The one thing that went wrong in the last day: `STORY_MODEL` was slow for fifty minutes, with many there."""

    def factor(self, at: Instant) -> float:
        """How much slower the local models are: 1 as usual, 0 not there."""
        place = bisect.bisect_right(self.spells, at, key=lambda spell: spell.start) - 1
        return self.spells[place].factor if place >= 0 and at < self.spells[place].end else 1.0

    def slowness(self, model: LanguageModel, at: Instant) -> float:
        """How much slower a model answers than usual; the little that an outage lets through is slow too."""
        usual = (self.factor(at) or 1.4) if model.local else 1.0
        return usual * (self.story.factor if model == STORY_MODEL and self._in_story(at) else 1.0)

    def monitored(self, at: Instant) -> bool:
        """Whether anything is seen at that moment."""
        return not self.gap[0] <= at < self.gap[1]

    def progress(self, at: Instant) -> float:
        """How far the history has come, 0 to 1."""
        return (at - self.start) / max(1, self.end - self.start)

    def bustle(self, at: Instant) -> float:
        """Traffic against the mean of a week, by local hour, weekday and growth."""
        local = datetime.fromtimestamp(at / 1000, ZONE)
        growth = _GROWTH[0] + (_GROWTH[1] - _GROWTH[0]) * self.progress(at)
        return _HOURS[local.hour] * _WEEKDAYS[local.weekday()] * growth

    def crowd(self, at: Instant) -> float:
        """As `bustle`, but for the people whom the story brings: so many that it shows in the figures of a day."""
        return max(self.bustle(at), _CROWD) if self._in_story(at) else self.bustle(at)

    def _in_story(self, at: Instant) -> bool:
        return self.story.start <= at < self.story.end


def forecast(rng: Random, start: Instant, end: Instant) -> Weather:
    """Draws the conditions from `start` to `end`: a spell on about every third day, one outage a week.

    The last two days have none, so that there the story is all that happened.
    """
    spells: list[Spell] = []
    for day in range(int((end - start) // DAY) + 1):
        kind = rng.random()
        begins = start + day * DAY + rng.randint(8, 22) * HOUR + rng.randint(0, 59) * MINUTE
        if day % 7 == 3:
            spells.append(Spell(begins, begins + rng.randint(18, 45) * MINUTE, 0.0))
        elif kind < 0.32:
            spells.append(Spell(begins, begins + rng.randint(35, 150) * MINUTE, rng.uniform(1.8, 3.6)))

    calm = tuple(spell for spell in spells if spell.end <= end - 2 * DAY)
    return Weather(start, end, _gap(start, end), calm, _story(end))


def _story(end: Instant) -> Spell:
    """Fifty minutes of the last day, in an hour in which people are there: the latest that is well over."""
    now = datetime.fromtimestamp(end / 1000, ZONE)
    for back in (0, 1):
        for hour in (20, 16, 12):
            begins = (now - timedelta(days=back)).replace(hour=hour, minute=10, second=0, microsecond=0)
            start = int(begins.timestamp() * 1000)
            if start + _STORY + _OVER <= end:
                return Spell(start, start + _STORY, 12.0)

    raise AssertionError("yesterday's noon is always over")


def _gap(start: Instant, end: Instant) -> tuple[Instant, Instant]:
    """Forty minutes in which the bot was not running, at 03:20 local time about a third into the history."""
    local = datetime.fromtimestamp((start + (end - start) * 0.37) / 1000, ZONE)
    night = (local + timedelta(days=1)).replace(hour=3, minute=20, second=0, microsecond=0)
    begins = int(night.timestamp() * 1000)
    return begins, begins + _GAP
