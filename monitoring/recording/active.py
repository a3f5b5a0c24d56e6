"""Who was there in the last five minutes, in memory: exact, and without a question to the store."""

from __future__ import annotations

import threading
from collections import defaultdict

from monitoring.model import MINUTE, Instant

LATELY = 5 * MINUTE
_MOST = 50_000
"""People of five minutes that are remembered, the newest ones."""


class Active:
    """The last sign of life of each person in each guild, under a keyed hash; may be asked from any thread."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, str], Instant] = {}
        """The one seen last at the end."""
        self._forgot: Instant = 0
        self._lock = threading.Lock()

    def saw(self, at: Instant, guild_id: int, user: str) -> None:
        """Somebody wrote, reacted or used a command."""
        key, seen = (guild_id, user), self._seen
        with self._lock:
            before = seen.pop(key, at)
            seen[key] = before if before > at else at
            # Once a minute will do: who is asked for is looked at by time anyway.
            if not 0 <= at - self._forgot < MINUTE or len(seen) > _MOST:
                self._forgot = at
                while len(seen) > _MOST or at - seen[next(iter(seen))] > LATELY:
                    del seen[next(iter(seen))]

    def forget(self, user: str) -> None:
        """Forget somebody, in all guilds."""
        with self._lock:
            for key in [key for key in self._seen if key[1] == user]:
                del self._seen[key]

    def now(self, now: Instant) -> dict[int | None, int]:
        """Distinct people of the last five minutes by guild; under None those of all guilds, each once."""
        with self._lock:
            there = [key for key, at in self._seen.items() if now - at <= LATELY]

        people: dict[int | None, set[str]] = defaultdict(set)
        for guild_id, user in there:
            people[guild_id].add(user)
            people[None].add(user)

        return {guild_id: len(users) for guild_id, users in people.items()}
