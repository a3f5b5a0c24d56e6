"""Discord's ids: whole numbers that carry the time at which they were made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

EPOCH_MS = 1_420_070_400_000
_LOW_BITS = 22


class Snowflakes:
    """Makes ids that never repeat; `clock` tells seconds since 1970."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._count = 0

    def now_ms(self) -> int:
        """The clock in whole milliseconds since 1970."""
        return int(self._clock() * 1000)

    def new(self, at_ms: int | None = None) -> int:
        """A fresh id made at `at_ms`, or now."""
        self._count = (self._count + 1) % (1 << _LOW_BITS)
        moment = self.now_ms() if at_ms is None else at_ms
        return (max(0, moment - EPOCH_MS) << _LOW_BITS) | self._count


def time_of(snowflake: int) -> int:
    """Milliseconds since 1970 at which the id was made."""
    return (snowflake >> _LOW_BITS) + EPOCH_MS


def shard_of(guild_id: int, shard_count: int) -> int:
    """The shard that hears of a guild, by Discord's formula."""
    return (guild_id >> _LOW_BITS) % shard_count


def iso(ms: int) -> str:
    """A moment as Discord writes it."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="microseconds")
