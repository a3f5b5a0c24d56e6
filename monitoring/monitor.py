"""The Monitor: every part, running together. Faces hold one and ask it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from monitoring.analysis.series import label
from monitoring.answers import Answers
from monitoring.interfaces import Clock, Notifier, Probe
from monitoring.model import DAY, HOUR, MINUTE, SECOND, Instant, Sample, Seen
from monitoring.probes.operations import OperationsProbe
from monitoring.rows import Change, Document
from monitoring.settings import Settings

TEND_EVERY = 60.0
BACKUP_EVERY = DAY
SETTLED = 2 * SECOND
"""How far behind the clock the recorder decides, so that what comes late is still in order."""


class Monitor(Answers):
    """Knows every part. Needs no Discord to run; what is off, and why, stands in `problems`."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        super().__init__(settings, clock=clock)
        self._running = False
        self._dropped = 0

    async def start(self) -> None:
        """Open the store and begin all that goes on by itself. Started already, it changes nothing."""
        if self._running:
            return

        await self.store.open()
        if self.store.mended:
            self.problems.append(self.store.mended)

        self._running = True
        self.started_at = self.clock.now()
        await self._remember_first(self.started_at)
        await self.roster.load()
        await self._recall_services()
        await self._load_prices()
        now = self.clock.now()
        self.conversations.warm(await self.store.messages(now - HOUR, now), now - SETTLED)
        await self.recorder.start()
        await self.samplers.start()
        await self.drawing.start()
        await self.outbox.start()
        self.schedule.every(self.settings.probe_interval_seconds, "probes", self.rounds.ask_all)
        self.schedule.every(self.watch.every, "watch", self.watch.tick)
        self.schedule.every(10, "roster", self._notice_names)
        self.schedule.every(30, "digest", self._send_digest)
        self.schedule.every(TEND_EVERY, "tend", self._tend)
        await self.schedule.start()

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

    def _watch_services(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self.rounds and name not in ("bot", "", "other"):
                self.rounds.add(OperationsProbe(name, self.look.operations(name, self.clock), clock=self.clock))

    async def close(self) -> None:
        """Stop everything and write what is there; nothing of ours is left running."""
        if not self._running:
            return

        self._running = False
        await self.schedule.close()
        await self.outbox.close()
        await self.drawing.close()
        self.questions.close()
        await self.samplers.close()
        self.instruments.close()
        await self.recorder.close()
        await self.store.close()

    async def replay(self, seen: Iterable[Seen], *, since: Instant) -> None:
        """Take in history with its own times, from `since` on."""
        await self._remember_first(since)
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
        self.outbox.wake()

    def add_probe(self, probe: Probe) -> None:
        """Ask this service too."""
        self.rounds.add(probe)

    async def setting(self, key: str) -> object | None:
        """A value that was set at run time; None if it never was."""
        found = await self.store.load("setting", key=key)
        return found[0].body.get("value") if found else None

    async def set_setting(self, key: str, value: object) -> None:
        """Remember a value; the last one wins."""
        saved = False
        while not saved:
            found = await self.store.load("setting", key=key)
            version = found[0].version if found else 0
            saved = await self.store.save([Change(Document("setting", key, version, {"value": value}))])

    async def _remember_first(self, at: Instant) -> None:
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
        now, dropped = self.clock.now(), self.recorder.counts.total_dropped
        self.recorder.record(Sample("facts_dropped", dropped - self._dropped, now))
        self._dropped = dropped
        self._watch_services(self.recent.groups("operation", now - 5 * MINUTE, now + 1, 0))

    async def _send_digest(self) -> None:
        if await self.daily.send_due():
            self.outbox.wake()

    async def _tend(self) -> None:
        """Fold and clean up; once a day with a backup."""
        now = self.clock.now()
        last = (await self.store.status()).last_backup
        await self.store.tend(now, backup=last is None or now - last >= BACKUP_EVERY)
