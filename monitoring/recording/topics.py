"""Topic words of a day: kept only once three different people used them or were answered with them."""

from __future__ import annotations

import re
from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from monitoring.interfaces import Batch
from monitoring.model import HOUR, MINUTE, Instant
from monitoring.recording.deltas import add, count_one, table_at
from monitoring.recording.stopwords import stop_words
from monitoring.recording.text import Words
from monitoring.rollup import Labels

PEOPLE = 3
"""What fewer people wrote about is kept nowhere but in memory."""
_WORDS = Words("'’-")
_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
_SHORTEST, _LONGEST, _MOST_WORDS = 3, 30, 40
_MOST_WAITING, _DAYS = 20_000, 3
_MINUTES = 12
"""Minutes that a word that waits is filed under; further ones by the hour."""


def topic_words(text: str, names: Collection[str] = (), people: Collection[str] = ()) -> tuple[str, ...]:
    """The different words of a plain text that may be a topic, folded; no stop words of any language, no names.

    `names` and `people` are sets or dicts, so that to look a word up costs the same however many they are.
    """
    if "`" in text:
        text = _CODE.sub(" ", text)

    english, foreign = stop_words()
    # Most are stop words, so these go first.
    words = [word for word in _WORDS.of(text.casefold()) if word not in english and word not in foreign]
    topics = [
        word
        for word in dict.fromkeys(words)
        if _SHORTEST <= len(word) <= _LONGEST and word not in names and word not in people
    ]
    return tuple(topics[:_MOST_WORDS])


@dataclass(slots=True)
class _Waiting:
    """A word that fewer than three people share so far: who they are (keyed hashes) and when it was written."""

    people: tuple[str, ...] = ()
    minutes: array[int] = field(default_factory=lambda: array("q"))
    """Instants, each followed by how often: a day has thousands of such words, and some in every hour of it."""

    def note(self, at: Instant) -> None:
        """Count it in the minute, mostly the last one that was told."""
        # A word that personas say all day and nobody takes up would otherwise hold every minute of it.
        minute = at - at % (MINUTE if len(self.minutes) < 2 * _MINUTES else HOUR)
        last = len(self.minutes) - 2
        if last < 0 or self.minutes[last] != minute:
            known = self.minutes[::2]
            last = 2 * known.index(minute) if minute in known else len(self.minutes)

        if last == len(self.minutes):
            self.minutes.extend((minute, 0))

        self.minutes[last + 1] += 1

    def count(self, batch: Batch, metric: str, labels: Labels) -> None:
        """Count it as often as it waited, where it was written."""
        for minute, count in zip(self.minutes[::2], self.minutes[1::2], strict=True):
            add(batch, metric, minute, labels, weight=count)


@dataclass(slots=True)
class _Day:
    waiting: dict[Labels, _Waiting] = field(default_factory=dict)
    shared: set[Labels] = field(default_factory=set)
    banter: dict[Labels, _Waiting] = field(default_factory=dict)
    """Words of exchanges, by word and guild, that wait until people share them."""
    known: set[Labels] = field(default_factory=set)
    """Words that are a topic of some persona, by word and guild."""


class Topics:
    """Counts words per persona and guild, each local day anew; what waits is forgotten with its day or a restart."""

    def __init__(self, zone: str = "UTC") -> None:
        self._zone = ZoneInfo(zone)
        self._days: dict[date, _Day] = {}
        self._dates: dict[Instant, date] = {}

    def move(self, zone: str) -> None:
        """Count days in another zone from now on."""
        self._zone = ZoneInfo(zone)
        self._dates = {}

    def take(self, batch: Batch, at: Instant, persona: str, guild: str, words: Sequence[str], person: str) -> None:
        """Count the words of one message; `person` is the keyed hash of who wrote it or was answered, or ""."""
        if not words:
            return

        day = self._day(at)
        shared, counted = day.shared, None
        for word in words:
            key = (persona, guild, word)
            if key not in shared:
                self._wait(batch, day, key, at, person)
                continue

            # A text has a dozen words, all of one minute.
            counted = table_at(batch, "topic", at) if counted is None else counted
            count_one(counted, key)

    def banter(self, batch: Batch, at: Instant, guild: str, words: Sequence[str]) -> None:
        """Count the words of a message inside an exchange: those that are, or become, a topic of any persona there."""
        day = self._day(at)
        known, counted = day.known, None
        for word in words:
            key = (word, guild)
            if key not in known:
                _waiting(day.banter, key).note(at)
                continue

            counted = table_at(batch, "banter_topic", at) if counted is None else counted
            count_one(counted, key)

    def forget(self, person: str) -> None:
        """Forget who somebody's words that wait are of: they need one person more again."""
        for day in self._days.values():
            for waiting in day.waiting.values():
                if person in waiting.people:
                    waiting.people = tuple(one for one in waiting.people if one != person)

    def _wait(self, batch: Batch, day: _Day, key: tuple[str, str, str], at: Instant, person: str) -> None:
        waiting = _waiting(day.waiting, key)
        waiting.note(at)
        if person and person not in waiting.people and len(waiting.people) < PEOPLE:
            waiting.people += (person,)

        if len(waiting.people) >= PEOPLE and len(day.shared) < _MOST_WAITING:
            del day.waiting[key]
            day.shared.add(key)
            waiting.count(batch, "topic", key)
            _, guild, word = key
            day.known.add((word, guild))
            said = day.banter.pop((word, guild), None)
            if said is not None:
                said.count(batch, "banter_topic", (word, guild))

    def _day(self, at: Instant) -> _Day:
        hour = at // (HOUR // 4)
        local = self._dates.get(hour)
        if local is None:
            if len(self._dates) > 1_000:
                self._dates.clear()

            local = self._dates[hour] = datetime.fromtimestamp(at / 1000, self._zone).date()

        day = self._days.get(local)
        if day is None:
            day = self._days[local] = _Day()
            if len(self._days) > _DAYS:
                del self._days[next(iter(self._days))]

        return day


def _waiting(words: dict[Labels, _Waiting], key: Labels) -> _Waiting:
    """What is known of a word that waits; the one that waits longest gives way."""
    waiting = words.get(key)
    if waiting is None:
        if len(words) >= _MOST_WAITING:
            del words[next(iter(words))]

        waiting = words[key] = _Waiting()

    return waiting
