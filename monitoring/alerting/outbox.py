"""Delivers notices: at least once to every target, in order for each subject, no target waiting for another."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping

from monitoring.alerting.fallback import Fallback, Incidents
from monitoring.alerting.late import by_subject, late_notice, tidy
from monitoring.alerting.notices import new_nonce
from monitoring.alerting.outcome import Heard, Noted, OutboxStatus, Outcome, nobody, unnoted
from monitoring.alerting.patience import Patience
from monitoring.alerting.ring import Ring
from monitoring.alerting.shelf import Documents, Shelf
from monitoring.alerting.waiting import Row, Waiting
from monitoring.errors import DeliveryError
from monitoring.incident import Notice
from monitoring.interfaces import Clock, Notifier
from monitoring.model import HOUR, SECOND, Instant

log = logging.getLogger(__name__)

OLD = 30 * SECOND
"""Notices that waited so long are told at most one a second."""
GIVE_UP = 24 * HOUR
LEAST_TRIES = 20
"""A notice is not given up before so many tries, however far a clock has jumped."""
HANDS_FREE = 3_600.0
"""Seconds this outbox must have run before it gives up what nobody is there to carry."""
LONGEST = 300.0
"""Seconds between two tries of a notice that fails by itself."""
APART = 1.0
"""Seconds between two such notices."""
POLL = 2.0
"""Seconds until the store is looked at again without having been woken."""


class Outbox:
    """Claims rows, carries them by notifiers, marks them after. `notifiers` may gain and lose members at any time."""

    def __init__(
        self,
        store: Documents,
        notifiers: Mapping[str, Notifier],
        *,
        clock: Clock,
        owner: str,
        ring: Ring | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        nonce: Callable[[], str] = new_nonce,
        heard: Heard = nobody,
        incidents: Incidents | None = None,
        noted: Noted = unnoted,
        limit: float = 30.0,
    ) -> None:
        self._ring = Ring() if ring is None else ring
        self._waiting = Waiting(Shelf(store), self._ring, owner)
        self._notifiers = notifiers
        self._clock = clock
        self._sleep = sleep
        self._nonce = nonce
        self._heard = heard
        self._limit = limit
        self._patience = Patience(clock, jitter)
        self._fallback = Fallback(self._waiting, notifiers, clock, nonce, incidents, noted)
        self._sent_at: dict[str, float] = {}
        self._began = clock.monotonic()
        self._called = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._lanes: dict[str, asyncio.Task[int]] = {}
        self._rows: list[Row] = []
        self.delivered = 0
        self.dead = 0

    @property
    def broken(self) -> Mapping[str, str]:
        """Targets that refused for good, with the reason, until something reaches them again."""
        return self._fallback.broken

    def again(self, target: str) -> None:
        """A target was put in order by somebody: try it at once."""
        self._patience.reached(target)
        self.wake()

    def wake(self) -> None:
        """There is something new, or somebody new to carry it: look now."""
        self._called.set()

    def status(self) -> OutboxStatus:
        """What waits, as last seen, and what went wrong since the start."""
        oldest = min((row.notice.at for row in self._rows), default=None)
        return OutboxStatus(len(self._rows), oldest, self.delivered, self.dead, self._ring.lost, dict(self.broken))

    async def start(self) -> None:
        """Begin to deliver in the background."""
        if self._running is None:
            self._running = asyncio.create_task(self.run(), name="outbox")

    async def close(self) -> None:
        """Stop; what was not delivered waits in the store."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None

    async def run(self) -> None:
        """Deliver until cancelled; each target has a lane of its own."""
        try:
            while True:
                self._called.clear()
                await self._start_lanes()
                try:
                    await asyncio.wait_for(self._called.wait(), POLL)
                except TimeoutError:
                    continue
        finally:
            for lane in self._lanes.values():
                lane.cancel()

            await asyncio.gather(*self._lanes.values(), return_exceptions=True)

    async def step(self) -> int:
        """Try once everything that is due, and wait for it; the number of notices delivered."""
        await self._start_lanes()
        return sum(await asyncio.gather(*self._lanes.values()))

    async def _start_lanes(self) -> None:
        self._lanes = {target: lane for target, lane in self._lanes.items() if not lane.done()}
        self._rows = await self._waiting.rows()
        targets: dict[str, list[Row]] = {}
        for row in self._rows:
            targets.setdefault(row.notice.target, []).append(row)

        await self._fallback.look(self._rows)

        for target, rows in targets.items():
            if target not in self._lanes:
                self._lanes[target] = asyncio.create_task(self._guarded(target, rows), name=f"outbox {target}")

    async def _guarded(self, target: str, rows: list[Row]) -> int:
        try:
            return await self._lane(target, rows)
        except Exception:
            # A lane must never end the outbox: its rows are still there, and the next round tries them again.
            log.exception("the lane to %s broke", target)
            return 0

    async def _lane(self, target: str, rows: list[Row]) -> int:
        """Everything due for one target, in order; stops at a failure of the target, which would be everybody's."""
        now = self._clock.now()
        notifier = self._notifiers.get(target)
        if notifier is None:
            await self._expire(rows, now)
            return 0

        if self._patience.resting(target):
            return 0

        sent = 0
        left = {row.notice.key: row for row in await self._tidied(target, rows, now)}
        for subject in by_subject(row.notice for row in left.values()).values():
            for notice in subject:
                row = left[notice.key]
                if not self._due(row) or (claimed := await self._waiting.claim(row, self._clock.now())) is None:
                    break

                await self._pace(notice)
                outcome = await self._deliver(notifier, claimed)
                if outcome is Outcome.STOPPED:
                    return sent

                if outcome is Outcome.HELD:
                    break

                sent += 1

        if sent:
            self.wake()

        return sent

    async def _pace(self, notice: Notice) -> None:
        """Leave a second between two notices that come late: nobody reads a flood."""
        last = self._sent_at.get(notice.target)
        wait = 0.0 if last is None else last + APART - self._clock.monotonic()
        if wait > 0 and self._clock.now() - notice.at > OLD:
            await self._sleep(wait)

    def _due(self, row: Row) -> bool:
        now = self._clock.now()
        # Late news go before anything newer, so they are tried whenever the target is.
        due = row.notice.kind == "late" or self._patience.due(row.notice.target, row.due, row.failed_at)
        return due and self._waiting.free(row, now)

    async def _tidied(self, target: str, rows: list[Row], now: Instant) -> list[Row]:
        """The rows without needless edits, and with one message for all that came and went meanwhile."""
        mine = [row for row in rows if self._waiting.free(row, now)]
        held = {row.notice.subject for row in rows} - {row.notice.subject for row in mine}
        by_key = {row.notice.key: row for row in mine if row.notice.subject not in held}
        found = tidy(row.notice for row in by_key.values())
        gone: set[str] = set()
        needless = [by_key[n.key] for n in found.needless]
        if needless and await self._waiting.exchange(needless):
            gone |= {n.key for n in found.needless}

        if found.late:
            late = late_notice(found.late, target, now, self._nonce())
            if await self._waiting.exchange([by_key[n.key] for n in found.late], late):
                gone |= {n.key for n in found.late}
                rows = [*rows, self._waiting.new(late)]

        return [row for row in rows if row.notice.key not in gone]

    async def _deliver(self, notifier: Notifier, row: Row) -> Outcome:
        """Send one notice and write down how it went."""
        target = row.notice.target
        try:
            async with asyncio.timeout(self._limit):
                await notifier.deliver(row.notice)
        except (DeliveryError, TimeoutError) as error:
            return await self._failed(row, error)
        except Exception as error:
            log.exception("the notifier %s broke", target)
            return await self._failed(row, error)

        self._patience.reached(target)
        self._sent_at[target] = self._clock.monotonic()
        self.delivered += 1
        await self._waiting.done(row)
        await self._fallback.reached(target)
        try:
            await self._heard(row.notice, self._clock.now())
        except Exception as error:
            # Who was told when is only shown; the notice itself is out.
            log.warning("could not note that %s was told: %s", target, error)

        return Outcome.SENT

    async def _failed(self, row: Row, error: Exception) -> Outcome:
        now, target = self._clock.now(), row.notice.target
        why = str(error) or type(error).__name__
        if isinstance(error, DeliveryError) and error.permanent:
            self._patience.refused(target)
            await self._waiting.bury(row, why, now)
            self.dead += 1
            await self._fallback.refused(row, why)
            self.wake()
            return Outcome.STOPPED

        own = isinstance(error, DeliveryError) and error.own
        told = error.retry_after if isinstance(error, DeliveryError) else None
        if own:
            wait = min(2.0**row.notice.attempts, LONGEST)
        else:
            wait = self._patience.failed(target, row.notice.attempts, told)

        log.info("%s was not reached, again in %.0f s: %s", target, wait, why)
        tired = now - row.notice.at >= GIVE_UP and row.notice.attempts + 1 >= LEAST_TRIES
        if tired:
            await self._waiting.bury(row, why, now)
            self.dead += 1
        else:
            await self._waiting.back(row, now + round(wait * SECOND), now)

        return Outcome.HELD if own else Outcome.STOPPED

    async def _expire(self, rows: list[Row], now: Instant) -> None:
        """Give up what nobody has come to carry for a day."""
        if self._clock.monotonic() - self._began < HANDS_FREE:
            return

        for row in rows:
            if now - row.notice.at >= GIVE_UP and self._waiting.free(row, now):
                await self._waiting.bury(row, "nobody is there to carry it", now)
                self.dead += 1
