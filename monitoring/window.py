"""Spans of time that questions are about, and the steps they are counted in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitoring.model import DAY, HOUR, MINUTE, Instant

SPANS: dict[str, int] = {"1h": HOUR, "6h": 6 * HOUR, "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY, "90d": 90 * DAY}
SPAN_WORDS: dict[str, str] = {
    "1h": "1 hour",
    "6h": "6 hours",
    "24h": "24 hours",
    "7d": "7 days",
    "30d": "30 days",
    "90d": "90 days",
}


@dataclass(frozen=True, slots=True)
class Window:
    """The span of time a question is about, `start` included, `end` not, in the zone that days are counted in."""

    start: Instant
    end: Instant
    zone: str = "UTC"
    name: str = ""

    @property
    def length(self) -> int:
        """Milliseconds from start to end."""
        return self.end - self.start

    @property
    def before(self) -> Window:
        """The window of the same length that ends where this one starts."""
        return Window(self.start - self.length, self.start, self.zone, self.name)

    @property
    def info(self) -> ZoneInfo:
        """The zone as a tzinfo."""
        return ZoneInfo(self.zone)


def window_of(name: str, now: Instant, zone: str = "UTC") -> Window:
    """The window called `name` (a key of SPANS) that ends with `now`.

    Begins at a full minute up to 48 h, at a full local hour up to 90 days, at local midnight beyond
    (docs/figures.md); ends now, so that the newest figures are in it.
    """
    span = SPANS[name]
    start = now - span
    start = step_start(start, MINUTE if span <= 2 * DAY else HOUR, zone)

    return Window(start, now, zone, name)


def step_start(at: Instant, width: int, zone: str = "UTC") -> Instant:
    """When the step of this width that holds `at` begins: minutes of the clock, hours and days of the zone."""
    if width == MINUTE:
        return at - at % MINUTE

    local = datetime.fromtimestamp(at / 1000, ZoneInfo(zone))
    if width == HOUR:
        begin = at - (local.minute * 60 + local.second) * 1000 - at % 1000
        return begin if _offset(begin, zone) == local.utcoffset() else _changed(begin, at, zone)

    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return round(midnight.timestamp() * 1000)


def aligned(start: Instant, width: int, zone: str) -> Instant:
    """When the wider step that holds `start` begins: such steps divide the hours or the days of the zone."""
    day = step_start(start, DAY, zone)
    if width >= DAY:
        return day

    if width <= HOUR:
        return day + (start - day) // width * width

    # By the clock on the wall, so that steps begin at 00, 06, 12 and 18 on a day of 23 or 25 hours too.
    local = datetime.fromtimestamp(start / 1000, ZoneInfo(zone))
    hour = local.hour * HOUR // width * width // HOUR
    begin = local.replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
    return round(begin.timestamp() * 1000) if hour else day


def _offset(at: Instant, zone: str) -> timedelta | None:
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).utcoffset()


def _changed(begin: Instant, at: Instant, zone: str) -> Instant:
    """When the clocks were moved between two instants: by half an hour (Lord Howe), so that a step begins there."""
    low, high = begin // MINUTE, at // MINUTE
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(middle * MINUTE, zone) == _offset(begin, zone):
            low = middle
        else:
            high = middle

    return high * MINUTE


def next_step(start: Instant, width: int, zone: str = "UTC") -> Instant:
    """When the step after the one that begins at `start` begins (days have 23 to 25 hours)."""
    if width == MINUTE:
        return start + width

    if width == HOUR:
        # Asked again, because where clocks move by half an hour (Lord Howe) the next hour begins elsewhere.
        return step_start(start + width, width, zone)

    # From the date alone: where clocks go forward at midnight (Santiago) a day begins at 01:00, the next one does not.
    tomorrow = datetime.fromtimestamp(start / 1000, ZoneInfo(zone)).date() + timedelta(days=1)
    return round(datetime.combine(tomorrow, time(), ZoneInfo(zone)).timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures: one guild's, or (None) the whole bot's."""

    guild_id: int | None = None
