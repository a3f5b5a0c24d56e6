"""Who was there in the last five minutes, in memory: exact, and without a question to the store."""

from __future__ import annotations

from collections import defaultdict

from monitoring.model import MINUTE, Instant

LATELY = 5 * MINUTE
_MOST = 50_000
"""People of five minutes that are remembered, the newest ones."""


class Active:
    """The last sign of life of each person in each guild, under a keyed hash.

    Told by one thread at a time, in the flush; `now` may be asked from any.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[int, str], Instant] = {}
        self._forgot: Instant = 0

    def saw(self, at: Instant, guild_id: int, user: str) -> None:
        """Somebody wrote, reacted or used a command."""
        key, seen = (guild_id, user), self._seen
        before = seen.get(key)
        if before is None or before < at:
            seen[key] = at

        # Once a minute will do: who is asked for is looked at by time anyway.
        if not 0 <= at - self._forgot < MINUTE or len(seen) > _MOST:
            self._forget_old(at)

    def forget(self, user: str) -> None:
        """Forget somebody, in all guilds."""
        self._seen = {key: at for key, at in self._seen.items() if key[1] != user}

    def now(self, now: Instant) -> dict[int | None, int]:
        """Distinct people of the last five minutes by guild; under None those of all guilds, each once."""
        # In one step, as the thread that records goes on meanwhile.
        seen = list(self._seen.items())
        there = [key for key, at in seen if now - at <= LATELY]

        people: dict[int | None, set[str]] = defaultdict(set)
        for guild_id, user in there:
            people[guild_id].add(user)
            people[None].add(user)

        return {guild_id: len(users) for guild_id, users in people.items()}

    def _forget_old(self, at: Instant) -> None:
        self._forgot = at
        kept = [(seen, key) for key, seen in self._seen.items() if at - seen <= LATELY]
        if len(kept) > _MOST:
            # A few more than need be, or the next one who comes would begin it all anew.
            kept = sorted(kept)[-_MOST * 9 // 10 :]

        self._seen = {key: seen for seen, key in kept}
