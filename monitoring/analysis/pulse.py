"""Does the bot record, and is anything open? What a health check asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.model import SECOND, Health, Instant
from monitoring.phrasing import duration

LATE = 60 * SECOND
"""Without a sign of life for so long it is down: a running bot writes one every ten seconds, whatever happens."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """The answer in one word and one sentence. Down is unhealthy, something to look at degraded."""

    state: Health
    text: str
    last_at: Instant | None = None
    """The newest sign of life; None where there never was one."""
    age: float | None = None
    """Seconds since then."""
    incidents: tuple[int, ...] = ()
    """Numbers of open incidents."""


def pulse(last_at: Instant | None, incidents: Sequence[int], now: Instant) -> Pulse:
    """From the newest sign of life in the store, and the incidents that are open there."""
    if last_at is None:
        return Pulse(Health.UNKNOWN, "The bot has never recorded into this store.")

    # A clock that was set back is no reason to call it dead.
    age = max(now - last_at, 0)
    told, numbers = age / SECOND, tuple(sorted(incidents))
    if age > LATE:
        text = f"No sign of life for {duration(told)}: the bot is not running, or cannot write."
        return Pulse(Health.UNHEALTHY, text, last_at, told, numbers)

    if numbers:
        which = f"incident {numbers[0]} is" if len(numbers) == 1 else f"{len(numbers)} incidents are"
        return Pulse(Health.DEGRADED, f"It records; {which} open.", last_at, told, numbers)

    return Pulse(Health.HEALTHY, f"It records, last {duration(told)} ago; no incident is open.", last_at, told)
