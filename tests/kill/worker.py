"""A Monitor in a process of its own, fed as fast as a busy bot would, until somebody kills it.

    python -m tests.kill.worker '<Life as JSON>'

What it did is read from its ledger.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from monitoring.monitor import Monitor
from monitoring.rows import Change, Document
from monitoring.settings import load_settings

from .death import Death
from .deprived import Deprived, waited
from .ledger import Ledger, Stream, Word, fact_id
from .life import KEPT_NOTICES, OWN_APPLICATION, OWN_USER, PERSONAS, Life, SkippingClock
from .traffic import Traffic


class Worker:
    """One life."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._ledger = Ledger(Path(life.ledger))
        within = life.stage not in ("", "close")
        self._death = Death(self._ledger, life.stage, life.count, life.delay) if within else None
        settings = load_settings(
            _env_file=None,
            database_url=f"sqlite:///{life.store}",
            metrics_retention_days=1,
            persona_names=PERSONAS,
            alert_grace_seconds=3_600,
        )
        self._clock = SkippingClock(life.skipped)
        self._monitor = Monitor(settings, clock=self._clock)

    async def run(self) -> None:
        """Start, take everything in, and go on until the end."""
        ledger, monitor, life = self._ledger, self._monitor, self._life
        if self._death is not None:
            self._death.watch()
            self._death.armed = life.stage == "open"

        await monitor.start()
        monitor.identify(user_id=OWN_USER, application_id=OWN_APPLICATION, name="bot")
        ledger[Word.MENDED] = bool(monitor.store.mended)
        self._clock.skipped += life.leap
        traffic = Traffic(monitor, ledger, life.number, life.rate)
        tasks = traffic.begin()
        ledger[Word.READY] = round(time.monotonic() * 1e6)
        ledger[Word.DELAYED] = round(waited() * 1e6)
        Deprived(ledger, Path(life.ledger).with_name("scratch"), traffic.threads).begin()
        tasks += [asyncio.create_task(one) for one in (self._save(), self._set(), self._tend())]
        await asyncio.sleep(life.after)
        if self._death is not None:
            self._death.armed = True

        if life.stage == "close":
            traffic.end()
            for task in tasks:
                task.cancel()

            await asyncio.wait(tasks)
            await monitor.close()
            ledger[Word.CLOSED] = 1
            return

        await asyncio.gather(*tasks)

    async def _save(self) -> None:
        """Rounds of state: an incident moves, its notice is written, a mark is set, an old notice is deleted."""
        store, life, n = self._monitor.store, self._life.number, 0
        versions = {kind: await self._version(kind) for kind in ("kill_incident", "kill_mark")}
        while True:
            n += 1
            at = fact_id(life, Stream.TALK, n)
            changes = [Change(Document(kind, "one", version, {"n": at})) for kind, version in versions.items()]
            changes.append(Change(Document("kill_notice", f"{at:020}", 0, {"n": at}, due=n)))
            if n > KEPT_NOTICES:
                changes.append(Change(Document("kill_notice", f"{at - KEPT_NOTICES:020}", 1, {}), delete=True))

            if not await store.save(changes):
                raise RuntimeError("the state was changed by somebody else")

            self._ledger[Word.SAVED] = n
            versions = {kind: version + 1 for kind, version in versions.items()}
            await asyncio.sleep(0.03)

    async def _version(self, kind: str) -> int:
        found = await self._monitor.store.load(kind, key="one")
        return found[0].version if found else 0

    async def _set(self) -> None:
        """A setting, again and again."""
        n = 0
        while True:
            n += 1
            await self._monitor.set_setting("kill", fact_id(self._life.number, Stream.TALK, n))
            self._ledger[Word.SET] = n
            await asyncio.sleep(0.05)

    async def _tend(self) -> None:
        """Fold, clean up and back up, much more often than in life."""
        n = 0
        while True:
            n += 1
            await self._monitor.store.tend(self._monitor.clock.now(), backup=self._backing_up(n))
            self._ledger[Word.DROPPED] = self._monitor.recorder.counts.total_dropped
            await asyncio.sleep(0.1)

    def _backing_up(self, n: int) -> bool:
        return n % (2 if self._life.stage == "backup" else 12) == 0


if __name__ == "__main__":
    asyncio.run(Worker(Life.loaded(sys.argv[1])).run())
