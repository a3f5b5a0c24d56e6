"""The Monitor: every part, running together. Faces hold one and ask it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from monitoring.alerting.notices import new_nonce
from monitoring.analysis.series import label
from monitoring.answers import Answers
from monitoring.errors import StoreError, StoreTooNew
from monitoring.incident import Notice
from monitoring.interfaces import Clock, Notifier, Probe
from monitoring.model import DAY, HOUR, MINUTE, SECOND, Happening, Instant, Sample, Seen
from monitoring.notifying import said_at_start, tried
from monitoring.probes.operations import OperationsProbe
from monitoring.recording.samplers import OwnState
from monitoring.rows import Change, Document
from monitoring.settings import Settings

_log = logging.getLogger(__name__)

TEND_EVERY = 60.0
IN_MEMORY = "Recording goes on in memory until the store can be used."
OPEN_EVERY = 2.0
"""Seconds between two tries to open a store that could not be opened at the start."""
BACKUP_EVERY = DAY
SAME = 24
"""Characters by which a problem is known again that was said with other figures before."""
BACKUP_AGAIN = HOUR
"""After one that failed: a full or slow disk is not tried every minute."""
SETTLED = 2 * SECOND
"""How far behind the clock the recorder decides, so that what comes late is still in order."""


class Monitor(Answers):
    """Knows every part. Needs no Discord to run; what is off, and why, stands in `problems`."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        super().__init__(settings, clock=clock)
        self._running = False
        self._opened, self._recalled = False, True
        self._dropped = 0
        self._backed_up: float | None = None
        self._said_of_store: Sequence[str] = ()
        self._own_state = OwnState(self.clock)

    async def start(self) -> None:
        """Open the store and begin all that goes on by itself. Started already, it changes nothing."""
        if self._running:
            return

        self.store.tell, self.backfill.date_back = self.tell, self.remember_first
        self.rules.tell, self.rules.mended = self.tell, self._no_longer
        self.started_at = self.clock.now()
        await self._begin_with_store()
        self._running = True
        await self._load_prices()
        await self.recorder.start()
        self.recorder.record(Happening("start", self.started_at))
        self.under_way.close_broken_off(self.recorder.record)
        await self.samplers.start()
        await self.drawing.start()
        _log.info("%s", self.who_is_told())
        await self.outbox.start()
        self.schedule.every(self.settings.probe_interval_seconds, "probes", self.rounds.ask_all)
        self.schedule.every(self.watch.every, "watch", self._judge)
        self.schedule.every(10, "rules", self._tend_rules)
        self.schedule.every(10, "roster", self._notice_names)
        self.schedule.every(10, "chosen", self.chosen.load)
        self.schedule.every(10, "operations", self._sweep)
        self.schedule.every(10, "privacy", self.privacy.tend)
        self.schedule.every(10, "clock jumps", self.clock_jumps.write)
        self.schedule.every(10, "digest", self._send_digest)
        self.schedule.every(TEND_EVERY, "tend", self._tend)
        await self.schedule.start()
        await self.faces.start()

    async def _begin_with_store(self) -> None:
        """Open the store and learn what it knows; where it cannot be opened now, go on from memory and try again (F11).

        Raises StoreTooNew: that does not mend itself.
        """
        try:
            await self._recall()
            now, settled = self.clock.now(), self.under_way.settled
            until = now - SETTLED if settled is None else min(settled, now)
            rows = await self.store.messages(until - HOUR, now)
            self.conversations.warm(rows, until, now, self.under_way.conversations)
        except StoreTooNew:
            raise
        except StoreError as error:
            self._recalled = False
            self.tell(f"{IN_MEMORY} {error}")
            self.schedule.every(OPEN_EVERY, "store", self._recall_late)

    async def _recall(self) -> None:
        if not self._opened:
            await self.store.open()
            self._opened = True
            if self.store.mended:
                self.tell(self.store.mended)

            await self.under_way.recall()

        await self.chosen.load()
        await self.remember_first(self.started_at)
        await self.roster.load()
        await self._recall_services()

    async def _recall_late(self) -> None:
        """Open the store that could not be opened at the start; nothing to do once that is done."""
        if self._recalled:
            return

        try:
            await self._recall()
        except StoreError as error:
            _log.info("The store cannot be used yet: %s", error)
        else:
            self._recalled = True
            self.under_way.close_broken_off(self.recorder.record)
            self.problems[:] = [problem for problem in self.problems if not problem.startswith(IN_MEMORY)]
            await self.recorder.flush()
            self.tell("The store can be used again; what was recorded in memory is written to it.")

    def tell(self, sentence: str) -> None:
        """Say something of the store to people: in the log, in `problems`, and to every target."""
        _log.warning("%s", sentence)
        if sentence not in self.problems:
            self.problems.append(sentence)

        now = self.clock.now()
        for target in self._targets():
            nonce = new_nonce()
            # Not through the store, which is what it is about.
            self.watch.ring.put(
                Notice(f"store {now}/{nonce}", "message", now, f"store {nonce}", target, nonce, {"text": sentence})
            )

        self.outbox.wake()

    async def _load_prices(self) -> None:
        """Read the price list beside the loop, and not in the host's executor: it takes a third of a second."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="monitoring-prices")
        try:
            await asyncio.get_running_loop().run_in_executor(thread, self.prices.load)
        finally:
            thread.shutdown(wait=False)

    async def _recall_services(self) -> None:
        """Watch the services that did operations before the restart too."""
        now = self.clock.now()
        known = await self.store.series("operation", now - 7 * DAY, now, 0)
        self._watch_services(known.total(label("operation", "service")))
        facts = await self.setting("service_facts")
        if isinstance(facts, dict):
            self.instruments.service_facts.recall(facts, now)
            self._watch_services(self.instruments.service_facts.services())

    def _watch_services(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self.rounds and name not in ("bot", "", "other"):
                self.rounds.add(OperationsProbe(name, self.look.operations(name, self.clock), clock=self.clock))

    async def close(self) -> None:
        """Stop everything and write what is there; nothing of ours is left running."""
        if not self._running:
            return

        self._running = False
        await self.faces.close()
        await self.schedule.close()
        await self.outbox.close()
        await self.drawing.close()
        self.questions.close()
        await self.samplers.close()
        self.instruments.close()
        await self._keep_facts()
        await self.recorder.close()
        await self.store.close()
        self._opened = False

    async def replay(self, seen: Iterable[Seen], *, since: Instant) -> None:
        """Take in history with its own times, from `since` on."""
        await self.remember_first(since)
        await self.recorder.replay(seen)
        await self._notice_names()
        await self._recall_services()
        await self.store.tend(self.clock.now())

    def identify(self, *, user_id: int, application_id: int, name: str) -> None:
        """Who the bot is, known at login."""
        self.registry.identify(application_id, user_id, name)

    def add_notifier(self, notifier: Notifier) -> None:
        """Tell notices there too; one of the same name takes the place of the old one."""
        self.notifiers[notifier.name] = notifier
        self.outbox.again(notifier.name)

    async def test_notifiers(self) -> list[tuple[str, str]]:
        """Tell something harmless everywhere: each notifier's name and what is wrong with it, "" for nothing."""
        return await tried(list(self.notifiers.values()))

    def who_is_told(self) -> str:
        """Where notices go, in a sentence."""
        return said_at_start(self.notifiers, ops=self.ops_channel_id is not None)

    def add_probe(self, probe: Probe) -> None:
        """Ask this service too."""
        self.rounds.add(probe)

    async def set_setting(self, key: str, value: object) -> None:
        """Remember a value; the last one wins."""
        saved = False
        while not saved:
            found = await self.store.load("setting", key=key)
            version = found[0].version if found else 0
            saved = await self.store.save([Change(Document("setting", key, version, {"value": value}))])

    async def remember_first(self, at: Instant) -> None:
        """Since when is recorded: the earliest there ever was."""
        known = await self.setting("first_at")
        if isinstance(known, int) and known <= at:
            self.first_at = known
            return

        await self.set_setting("first_at", at)
        self.first_at = at

    async def _notice_names(self) -> None:
        """Give new personas their slots, and watch services that do operations and have no probe."""
        await self.roster.update()
        now, dropped = self.clock.now(), self.recorder.counts.total_missing
        self.recorder.record(Sample("facts_dropped", dropped - self._dropped, now))
        self._dropped = dropped
        self._watch_services(self.recent.groups("operation", now - 5 * MINUTE, now + 1, 0))
        self._watch_services(self.instruments.service_facts.services())

    async def _sweep(self) -> None:
        """End operations that never end, and note when services last worked."""
        self.instruments.sweep()
        self.instruments.service_facts.note_work(self.recent, self.clock.now())
        await self._keep_facts()

    async def _keep_facts(self) -> None:
        """Store what is known of the services, if it changed; what cannot be stored now is with the next round."""
        facts = self.instruments.service_facts
        if facts.changed and self._recalled:
            facts.changed = False
            try:
                await self.set_setting("service_facts", facts.document())
            except StoreError:
                facts.changed = True

    async def _send_digest(self) -> None:
        if await self.digests.send_due():
            self.outbox.wake()

    async def _tend(self) -> None:
        """Fold and clean up; once a day with a backup."""
        now, steady = self.clock.now(), self.clock.monotonic()
        before = await self.store.status()
        due = self._backup_due(before.last_backup, now, steady)
        try:
            await self.store.tend(now, backup=due)
            if due:
                self._backed_up = steady
        finally:
            after = await self.store.status()
            if after.backup_failures > before.backup_failures:
                self._backed_up = steady - (BACKUP_EVERY - BACKUP_AGAIN) / 1000

            self._say_of_store(after.problems)
            for sample in self._own_state.read(after, self.recorder.counts.total_buffered):
                self.recorder.record(sample)

    def _say_of_store(self, problems: Sequence[str]) -> None:
        """Put what the store says of itself in the place of what it said before, and tell of what is new."""
        before, self._said_of_store = self._said_of_store, problems
        for problem in before:
            if problem in self.problems:
                self.problems.remove(problem)

        known = {problem[:SAME] for problem in before}
        for problem in problems:
            if problem[:SAME] in known:
                self.problems.append(problem)
            else:
                self.tell(problem)

    def _backup_due(self, last: Instant | None, now: Instant, steady: float) -> bool:
        """A day after the last backup, by the monotonic clock: one that jumps would make many of them, or none."""
        if self._backed_up is not None:
            return steady - self._backed_up >= BACKUP_EVERY / 1000

        return last is None or not 0 <= now - last < BACKUP_EVERY
