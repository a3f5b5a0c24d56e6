"""When to try a target again: doubling pauses with jitter, until it is reached."""

from __future__ import annotations

from collections.abc import Callable

from monitoring.interfaces import Clock
from monitoring.model import Instant

FIRST, MOST, DISCORD_MOST = 1.0, 300.0, 60.0
"""Seconds: the first pause, the longest one, and the longest one for Discord."""
TOLD_MOST = 3_600.0
"""A target's own `retry_after` is believed up to an hour."""
REFUSED = 60.0
"""Seconds until a target that refused for good is tried with the next notice."""


class Patience:
    """Pauses of each target. Durations are monotonic; a jump of the clock shortens and lengthens none."""

    def __init__(self, clock: Clock, jitter: Callable[[], float]) -> None:
        self._clock = clock
        self._jitter = jitter
        self._until: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._reached: dict[str, Instant] = {}

    def resting(self, target: str) -> bool:
        """Whether the target is left alone for now."""
        return self._clock.monotonic() < self._until.get(target, 0.0)

    def due(self, target: str, due: Instant, failed_at: Instant) -> bool:
        """Whether a row is due: by its time, or because the target was reached since the row failed."""
        now = self._clock.now()
        # A row that is due far ahead was written before a clock was set back.
        return due <= now or due > now + TOLD_MOST * 1000 or self._reached.get(target, -1) >= failed_at > 0

    def failed(self, target: str, attempts: int, told: float | None) -> float:
        """Seconds until the row is tried again; the target rests too, by its own number of failures in a row."""
        failures = self._failures[target] = self._failures.get(target, 0) + 1
        most = DISCORD_MOST if target.startswith("discord") else MOST
        if told is not None:
            pause = rest = min(max(told, 0.0), TOLD_MOST)
        else:
            spread = 0.5 + self._jitter() / 2
            pause = min(FIRST * 2 ** min(attempts, 20), most) * spread
            rest = min(FIRST * 2 ** min(failures - 1, 20), most) * spread

        self._until[target] = self._clock.monotonic() + rest
        return pause

    def refused(self, target: str) -> None:
        """It refused a notice for good."""
        self._until[target] = self._clock.monotonic() + REFUSED

    def reached(self, target: str) -> None:
        """It took a notice: everything that waits for it may go."""
        self._until.pop(target, None)
        self._failures.pop(target, None)
        self._reached[target] = self._clock.now()
