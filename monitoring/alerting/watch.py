"""Loads, judges, saves: every rule and group, with the notices of what changed, in one transaction."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from monitoring.alerting import life
from monitoring.alerting.alive import AliveMark
from monitoring.alerting.judge import noted
from monitoring.alerting.judging import Judging
from monitoring.alerting.late import changes, numbers
from monitoring.alerting.ledger import Ledger, Move, Place
from monitoring.alerting.look import Look
from monitoring.alerting.notices import new_nonce
from monitoring.alerting.ring import Ring
from monitoring.alerting.shelf import Documents, Shelf
from monitoring.alerting.silence_book import SilenceBook
from monitoring.alerting.silences import QuietHours, Silence
from monitoring.errors import StoreError, UnknownName
from monitoring.incident import Incident, Notice, Rule, Stage
from monitoring.interfaces import Clock
from monitoring.model import SECOND, Instant

log = logging.getLogger(__name__)

TRIES = 5
"""How often a change is made anew when another cluster was first."""
JUMP = 5 * SECOND
"""A wall clock that goes so much apart from the monotonic one has jumped."""


class Watch:
    """Judges the rules every `every` seconds (the schedule calls `tick`) and keeps the incidents."""

    def __init__(
        self,
        store: Documents,
        look: Look,
        *,
        rules: Sequence[Rule],
        clock: Clock,
        targets: Callable[[], Sequence[str]],
        ring: Ring | None = None,
        wake: Callable[[], None] = lambda: None,
        grace: int = 60,
        every: int = 10,
        nonce: Callable[[], str] = new_nonce,
        quiet: QuietHours | None = None,
    ) -> None:
        self.every = every
        self.ring = Ring() if ring is None else ring
        self._clock = clock
        self._wake = wake
        self._grace = grace
        shelf = Shelf(store)
        self._ledger = Ledger(shelf, self.ring)
        self._alive = AliveMark(shelf)
        self._lock = asyncio.Lock()
        self._began: float | None = None
        self._seen: tuple[Instant, float] | None = None
        self._book = SilenceBook(shelf)
        self._judging = Judging(self._ledger, look, targets, nonce, self._book.all, quiet)
        self._judging.set_rules(rules)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in force, disabled ones included."""
        return self._judging.rules

    @property
    def no_data(self) -> frozenset[Place]:
        """(rule, group) without data when last judged: neither well nor broken."""
        return self._judging.no_data

    @property
    def open_numbers(self) -> tuple[int, ...]:
        """The numbers of the incidents that are not over, as memory has them."""
        return tuple(sorted(incident.number for incident in self.open_now))

    @property
    def open_now(self) -> tuple[Incident, ...]:
        """The incidents that are not over, as memory has them: told at once, also while a store hangs."""
        live = tuple(self._ledger.live.values())
        return tuple(incident for incident in live if incident.stage is not Stage.PENDING)

    def set_rules(self, rules: Sequence[Rule]) -> None:
        """Take other rules; a changed rule keeps its incident, one that is gone closes it at the next tick."""
        self._judging.set_rules(rules)

    def rule(self, incident: Incident) -> Rule:
        """The incident's rule, or one that stands for it if it is gone."""
        return self._judging.rule(incident)

    def reread(self) -> None:
        """Take the incidents anew from the store when next asked: another process changes them."""
        self._ledger.loaded = False

    async def tick(self) -> None:
        """Judge every rule and group now; changes are saved together with their notices. Raises nothing."""
        async with self._lock:
            now = self._clock.now()
            await self._prepare(now)
            if self._began is None:
                self._began = self._clock.monotonic()

            if self._clock.monotonic() - self._began < self._grace:
                return

            await self._book.settle()
            await self._make(lambda: self._judging.moves(now))
            self._ledger.forget(now, max((rule.cooldown for rule in self._judging.rules), default=0) * SECOND)
            if not self._ledger.adrift:
                await self._alive.write(now)

    async def acknowledge(self, number: int, who: str) -> Incident:
        """Somebody has it: no more pings, but its recovery is told. Raises UnknownName, StoreError."""
        return await self._change(number, "acknowledged", lambda i, now: life.acknowledged(i, who, now), shared=True)

    async def silence(self, number: int, who: str, seconds: int) -> Incident:
        """No notices for so long. Raises UnknownName, StoreError."""
        return await self._change(number, "silenced", lambda i, now: life.silenced(i, who, seconds, now), shared=True)

    async def unsilence(self, number: int, who: str) -> Incident:
        """Notices again. Raises UnknownName, StoreError."""
        return await self._change(number, "unsilenced", lambda i, now: life.unsilenced(i, who, now), shared=True)

    async def add_silence(self, silence: Silence) -> Silence:
        """Tell nothing of what it matches, from the next round on; the silence with its id.

        Raises ValueError with sentences that say how to mend it.
        """
        async with self._lock:
            return await self._book.add(silence, self._clock.now())

    async def end_silence(self, name: str, who: str = "") -> Silence:
        """End a silence now, which the incidents that it kept quiet remember. Raises UnknownName."""
        async with self._lock:
            now = self._clock.now()
            await self._prepare(now)
            silence = await self._book.end(name, who, now)
            for incident in list(self._ledger.live.values()):
                if incident.muted == silence.kind and silence.matches(incident, self.rule(incident)):
                    self._ledger.measure(noted(incident, now, f"{silence.kind} ended early", who))

            return silence

    async def silences(self) -> list[Silence]:
        """Every silence by matchers, those that are over included, in the order of their beginnings."""
        async with self._lock:
            await self._book.settle()
            return list(self._book.all())

    def symptoms(self, number: int) -> list[Incident]:
        """What is quiet because of an incident, oldest first."""
        return self._judging.symptoms(number)

    def batch(self, number: int) -> list[Incident]:
        """All incidents in one message with this one, the one it is named after first; one by itself has none."""
        return self._judging.batch(number)

    async def told(self, number: int, channel_id: int, message_id: int) -> Incident:
        """Remember where its message is. Raises UnknownName, StoreError."""
        return await self._change(number, "", lambda i, _: life.placed(i, channel_id, message_id))

    async def heard(self, notice: Notice, at: Instant) -> None:
        """Remember that a target was told of an opening; other notices are no matter. Raises StoreError."""
        if notice.kind == "incident" and "opened" in changes(notice):
            target = notice.target
            for number in numbers(notice):
                await self._change(number, "", lambda i, _: life.heard(i, target, at))

    async def also_tell(self, number: int, targets: Sequence[str]) -> Incident:
        """Tell more places that it is open; they hear of its end then too. Raises UnknownName, StoreError."""
        async with self._lock:
            now = self._clock.now()
            await self._prepare(now)
            for _ in range(TRIES):
                before = await self._found(number)
                moves = self._judging.tell_also(before, targets, now)
                if not moves:
                    return before

                if await self._ledger.commit(moves):
                    self._wake()
                    return await self._found(number)

                await self._ledger.load()

        raise StoreError(f"Incident {number} keeps being changed by others.")

    async def incidents(self, *, open_only: bool = False) -> list[Incident]:
        """All incidents, or only those that are not over, oldest first; pending ones are none yet."""
        async with self._lock:
            await self._prepare(self._clock.now())
            if open_only:
                live = (i for i in self._ledger.live.values() if i.stage is not Stage.PENDING)
                return sorted(live, key=lambda i: i.number)

            return await self._ledger.all()

    async def get(self, number: int) -> Incident:
        """One incident. Raises UnknownName, StoreError."""
        async with self._lock:
            await self._prepare(self._clock.now())
            return await self._found(number)

    async def _found(self, number: int) -> Incident:
        incident = await self._ledger.find(number)
        if incident is None:
            raise UnknownName(f"There is no incident {number}.")

        return incident

    async def _change(
        self, number: int, word: str, change: Callable[[Incident, Instant], Incident], *, shared: bool = False
    ) -> Incident:
        """Change one incident, or if `shared` all in its message; with a word, the message is edited to show it."""
        async with self._lock:
            now = self._clock.now()
            await self._prepare(now)
            for _ in range(TRIES):
                found = [await self._found(number)]
                found += [i for i in self._judging.batch(number) if shared and number == i.batch != i.number]
                changed = [(one, after) for one in found if (after := change(one, now)) != one]
                if not changed:
                    return found[0]

                if await self._ledger.commit(self._judging.tell(changed, word, now)):
                    self._wake()
                    return await self._found(number)

                await self._ledger.load()

        raise StoreError(f"Incident {number} keeps being changed by others.")

    async def _prepare(self, now: Instant) -> None:
        """Have the incidents in memory, their timers right after a restart or a jump of the clock."""
        if self._ledger.adrift:
            await self._ledger.land()
        elif not self._ledger.loaded:
            try:
                seen = await self._alive.read()
                await self._ledger.load()
                down = 0 if seen is None else now - seen
                if down < 0:
                    # The clock was set back meanwhile: timers from before go on from where they were.
                    self._each_live(lambda incident: life.shifted(incident, down))

                self._each_live(lambda incident: life.awoken(incident, down, now))
            except StoreError as error:
                log.warning("incidents cannot be read, going on without: %s", error)
                self._ledger.adrift = True

        steady = self._clock.monotonic()
        if self._seen is not None:
            jump = now - self._seen[0] - round((steady - self._seen[1]) * SECOND)
            if abs(jump) > JUMP:
                self._each_live(lambda incident: life.shifted(incident, jump))

        self._seen = (now, steady)

    def _each_live(self, change: Callable[[Incident], Incident]) -> None:
        for incident in list(self._ledger.live.values()):
            self._ledger.measure(change(incident))

    async def _make(self, moves: Callable[[], list[Move]]) -> None:
        """Make moves until they are saved; another cluster's are taken in between."""
        for _ in range(TRIES):
            made = moves()
            if not made:
                return

            if await self._ledger.commit(made):
                self._wake()
                return

            try:
                await self._ledger.load()
            except StoreError:
                self._ledger.adrift = True
