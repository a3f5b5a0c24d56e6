"""The small values that answers are made of."""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.model import Band, Health, Instant


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its yardstick: the same of the window before. None: not known, never zero."""

    value: float | None
    before: float | None = None
    n: int = 0
    """How many things it is counted from."""
    band: Band = Band.UNKNOWN


@dataclass(frozen=True, slots=True)
class Point:
    """A value of the step that begins at `at`; None where nothing was counted or monitoring was off."""

    at: Instant
    value: float | None
    n: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """A span in which nothing was monitored."""

    start: Instant
    end: Instant


LEVELS = (("excellent", 0.5), ("good", 1.0), ("acceptable", 2.0))
"""Words for a mean time, with the seconds below which each holds."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Times in seconds of the successes of `n` attempts; a quantile is None when it has too few samples."""

    n: int = 0
    failures: int = 0
    mean: float | None = None
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def rate(self) -> float | None:
        """Failures ÷ attempts, 0..1."""
        return self.failures / self.n if self.n else None

    @property
    def level(self) -> str:
        """The mean in a word: excellent below 0.5 s, good below 1 s, acceptable below 2 s, else poor; "" for none."""
        if self.mean is None:
            return ""

        return next((word for word, limit in LEVELS if self.mean < limit), "poor")

    @property
    def efficiency(self) -> float | None:
        """Speed and success as 0..100: the mean of 100 − mean_ms/100 and 100 − rate·1000, neither below 0."""
        if self.mean is None or self.rate is None:
            return None

        return (max(0.0, 100 - self.mean * 10) + max(0.0, 100 - self.rate * 1000)) / 2


@dataclass(frozen=True, slots=True)
class TimingPoint:
    """The timing of the step [start, end)."""

    start: Instant
    end: Instant
    timing: Timing


@dataclass(frozen=True, slots=True)
class Named:
    """A persona (with its colour slot, 1-based; 0: none) or other name with a count and a share 0..1."""

    name: str
    count: int
    share: float | None = None
    slot: int = 0


@dataclass(frozen=True, slots=True)
class Spell:
    """A service was of this health from start to end."""

    start: Instant
    end: Instant
    health: Health


@dataclass(frozen=True, slots=True)
class Strip:
    """How a service fared over a window, in order; unmonitored time is left out."""

    service: str
    spells: tuple[Spell, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """Where warning and critical begin, in the figure's unit."""

    warning: float
    critical: float

    def band(self, value: float | None) -> Band:
        """The band of a value; unknown for none."""
        if value is None:
            return Band.UNKNOWN

        if value > self.critical:
            return Band.CRITICAL

        return Band.WARNING if value >= self.warning else Band.GOOD


@dataclass(frozen=True, slots=True)
class Bands:
    """The limits in seconds, and of the error rate (0..1)."""

    mean: Limits = Limits(2, 5)
    p95: Limits = Limits(3, 8)
    p99: Limits = Limits(5, 15)
    first_token: Limits = Limits(1, 3)
    errors: Limits = Limits(0.02, 0.05)
