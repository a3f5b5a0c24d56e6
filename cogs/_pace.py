"""How often a guild may ask for charts."""

from __future__ import annotations

from collections import deque

CHARTS, SECONDS = 5, 10.0
MOST_GUILDS = 4096


class Pace:
    """At most 5 charts in 10 s a guild; forgets the guilds that asked longest ago beyond 4,096."""

    def __init__(self) -> None:
        self._asked: dict[int, deque[float]] = {}

    def wait(self, guild_id: int, now: float) -> float:
        """Seconds to wait before the next chart; 0 counts this one. `now` in monotonic seconds."""
        asked = self._asked.pop(guild_id, None) or deque(maxlen=CHARTS)
        self._asked[guild_id] = asked
        if len(self._asked) > MOST_GUILDS:
            del self._asked[next(iter(self._asked))]

        if len(asked) == CHARTS and now - asked[0] < SECONDS:
            return SECONDS - (now - asked[0])

        asked.append(now)
        return 0.0
