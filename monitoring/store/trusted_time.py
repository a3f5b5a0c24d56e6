"""The time by which things are let go of: a clock that was set wrong must not make everything look old (F10).

The wall clock is trusted only as far as it has kept to its word. `at` advances by the time that passed on the monotonic
clock while a process had the store open, and by nothing else: not by a jump, and not over a restart, of which nobody
can tell how long it took. What it lacks it takes over once a whole day has been run through: then it follows the wall
clock as far as that stayed ahead of it (or behind) all day long. So for a wrong time to be believed, the wall clock
would have to be wrong for a day of running without a break, however often it jumps and the bot starts; and two days
of running with the right time mend everything.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from monitoring.interfaces import Clock
from monitoring.model import DAY, Instant
from monitoring.store.connection import Connection

PROOF = DAY
"""Milliseconds of running after which what the wall clock said all the time is believed."""
_PLACE = ("clock", "trusted")


@dataclass(frozen=True, slots=True)
class Trust:
    """What is believed of the time: `at` now, and what the wall clock said since the last proof began.

    `low` and `high` are the lowest and the highest readings, each moved along with the time that passed since; `ran`
    is how long that is, in milliseconds.
    """

    at: Instant
    low: Instant
    high: Instant
    ran: int

    @classmethod
    def begun(cls, at: Instant, wall: Instant) -> Trust:
        """Believes `at`; the first proof begins now."""
        return cls(at, wall, wall, 0)

    def after(self, passed: int, wall: Instant) -> Trust:
        """What is believed when so many milliseconds have passed for sure and the wall clock says `wall`."""
        at, ran = self.at + passed, self.ran + passed
        low, high = min(self.low + passed, wall), max(self.high + passed, wall)
        if ran < PROOF:
            return Trust(at, low, high, ran)

        return Trust.begun(min(max(at, low), high), wall)

    def now(self, wall: Instant) -> Instant:
        """The time to let go by: never ahead of the wall clock either, by which everything new is stamped."""
        return min(self.at, wall)


class TrustedTime:
    """The trusted time of one process, remembered in its store."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._steady = clock.monotonic()
        self.trust = Trust.begun(clock.now(), clock.now())

    def now(self) -> Instant:
        """The time to let go by."""
        wall, passed = self._clock.now(), max(round((self._clock.monotonic() - self._steady) * 1000), 0)
        self._steady += passed / 1000
        self.trust = self.trust.after(passed, wall)
        return self.trust.now(wall)

    async def load(self, db: Connection) -> None:
        """Go on from what was believed when the store was last used; if it does not say, from its newest step."""
        wall, self._steady = self._clock.now(), self._clock.monotonic()
        rows = await db.execute_fetchall("SELECT body FROM document WHERE kind = ? AND key = ?", _PLACE)
        for (body,) in rows:
            try:
                self.trust = Trust(**json.loads(body)).after(0, wall)
            except (TypeError, ValueError):
                break  # Somebody else's, or damaged: as good as none.

            return

        ((newest,),) = await db.execute_fetchall("SELECT max(start) FROM segment")
        self.trust = Trust.begun(wall if newest is None else min(newest, wall), wall)

    async def save(self, db: Connection) -> None:
        """Remember it. Of two processes with one store each is right by itself, so that the last one wins."""
        await db.execute(
            "INSERT INTO document (kind, key, version, body) VALUES (?, ?, 1, ?) "
            "ON CONFLICT (kind, key) DO UPDATE SET version = version + 1, body = excluded.body",
            (*_PLACE, json.dumps(asdict(self.trust))),
        )
