"""How often somebody may ask: so many times in any minute, counted for each key or address."""

from __future__ import annotations

from collections.abc import Callable, Hashable

MINUTE = 60.0
SUBJECTS = 10_000
"""Keys and addresses that are counted at once; those beyond share what is left of the oldest's place."""


class Limit:
    """At most `most` times in about a minute for each subject: this minute's, and what still counts of the last one."""

    def __init__(self, most: int, monotonic: Callable[[], float]) -> None:
        self._most = most
        self._monotonic = monotonic
        self._minute = 0
        self._now: dict[Hashable, int] = {}
        self._before: dict[Hashable, int] = {}

    def wait(self, subject: Hashable) -> float:
        """Seconds until the subject may ask again; 0: now. Counts nothing."""
        within = self._turn()
        counted = self._now.get(subject, 0) + self._before.get(subject, 0) * (1 - within)
        return 0.0 if counted < self._most else max(1.0, (1 - within) * MINUTE)

    def count(self, subject: Hashable) -> None:
        """The subject asked once more."""
        self._turn()
        if subject not in self._now and len(self._now) >= SUBJECTS:
            del self._now[next(iter(self._now))]

        self._now[subject] = self._now.get(subject, 0) + 1

    def take(self, subject: Hashable) -> float:
        """As `wait`, and counted where it is 0."""
        seconds = self.wait(subject)
        if not seconds:
            self.count(subject)

        return seconds

    def _turn(self) -> float:
        """The part of the minute that has passed, 0..1; begins a new one where it is time."""
        minute, rest = divmod(self._monotonic(), MINUTE)
        if minute != self._minute:
            self._before = self._now if minute == self._minute + 1 else {}
            self._now, self._minute = {}, int(minute)

        return rest / MINUTE
