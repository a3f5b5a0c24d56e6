"""How often one person may ask about themselves: each time the whole store is read."""

from __future__ import annotations

import secrets
from collections import deque

TIMES, SECONDS = 6, 30.0
MOST_PEOPLE = 4096


class OwnPace:
    """At most 6 times in 30 s a person; known by a number of this process, so that nobody's id is kept."""

    def __init__(self) -> None:
        self._asked: dict[int, deque[float]] = {}
        self._salt = secrets.randbits(62)

    def wait(self, user_id: int, now: float) -> float:
        """Seconds to wait before the next time; 0 counts this one. `now` in monotonic seconds."""
        person = hash((self._salt, user_id))
        asked = self._asked.pop(person, None) or deque(maxlen=TIMES)
        self._asked[person] = asked
        if len(self._asked) > MOST_PEOPLE:
            del self._asked[next(iter(self._asked))]

        if len(asked) == TIMES and now - asked[0] < SECONDS:
            return SECONDS - (now - asked[0])

        asked.append(now)
        return 0.0
