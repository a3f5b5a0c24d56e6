"""One trial: a bot runs, the fault is made, the cause ends, and every promise is held against what is found."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from monitoring.errors import StoreError, StoreTooNew
from monitoring.monitor import IN_MEMORY

from .causes import PAGE, garbage_log, side
from .host import Felt, Host
from .troubles import Act, Outcome, Trouble

BACK, BEGUN, TOLD, HELD = 5.0, 3.0, 15.0, 0.5
"""Seconds: until writes resume, until it records after a start, until an incident is told, for the host's loop.

The last is coarse, since other programs have their share of the machine; tests/benchmarks measures it.
"""
FOUND = 60.0
"""Seconds until damage in a large file is found by the look beside."""


@dataclass
class Result:
    """A row of the table, and the promises that were broken."""

    name: str
    how: str
    host: str = ""
    file: str = ""
    back: str = ""
    lost: str = ""
    alert: str = ""
    broken: list[str] = field(default_factory=list)

    def promise(self, kept: bool, words: str) -> None:
        """Note a promise that was not kept."""
        if not kept:
            self.broken.append(words)


class Trial:
    """Runs one trouble on a store in a folder of its own."""

    def __init__(self, trouble: Trouble, folder: Path) -> None:
        self.trouble = trouble
        self.path = folder / "store.sqlite3"
        self.result = Result(trouble.name, trouble.how)
        self.host = Host(self.path)
        self.began = 0.0
        """When the bot first met the fault."""
        self.before = 0
        """Facts recorded before the fault."""
        self.in_backup = 0

    async def run(self) -> Result:
        """The whole of it."""
        await self._before()
        if self.trouble.at_start:
            await self._found_at_the_start()
        else:
            await self._found_running()

        began = self.began
        await self._told(began)
        await self._found()
        await asyncio.sleep(1)
        await self.host.quiet()
        await self._facts()
        self._felt()
        alert = self.host.wall.incident(began)
        self.result.alert = "none" if alert is None else f"{alert:.1f} s"
        self.result.promise(alert is not None and alert <= TOLD, "an incident is told meanwhile")
        await self.host.close()
        self._file()
        return self.result

    async def _told(self, began: float) -> None:
        """Give the watch the time that it is promised to need."""
        for _ in range(round(TOLD * 10)):
            if self.host.wall.incident(began) is None:
                await asyncio.sleep(0.1)

    async def _found(self) -> None:
        """Wait for the look beside, where it is what finds the fault."""
        for _ in range(round(FOUND * 10)):
            if self.trouble.how.endswith("found by the look beside") and not self.host.wall.sentences():
                await asyncio.sleep(0.1)

    async def _before(self) -> None:
        """A bot with a past: a backup and some more since; for a fault at the start it is down again."""
        await self.host.start()
        await asyncio.sleep(1.5)
        await self.host.all_written(5)
        self.in_backup = len(await self.host.stored())
        await self.host.monitor.store.tend(self.host.monitor.clock.now(), backup=True)
        await asyncio.sleep(0.8)
        if self.trouble.at_start:
            await self.host.quiet()
            await self.host.close()
            self.before = self.host.recorded
            self.host = Host(self.path, recorded=self.before)
        else:
            await self.host.all_written(5)
            self.before = max(await self.host.stored())

    async def _act(self, act: Act) -> None:
        """Do to the store what people, disks and programs do, beside the host's loop."""
        await asyncio.get_running_loop().run_in_executor(None, act, self.path)

    async def _found_at_the_start(self) -> None:
        trouble, result = self.trouble, self.result
        await self._act(trouble.make)
        seen = self.path.read_bytes() if trouble.untouched else b""
        self.began = began = time.monotonic()
        self.host.flaky.down = True
        try:
            await self.host.start()
        except StoreTooNew:
            result.promise(trouble.untouched, "a store of this version opens")
            result.promise(self.path.read_bytes() == seen, "a newer store is not touched")
            await self._act(trouble.end)
            self.host = Host(self.path, recorded=self.before)
            self.host.flaky.down = True
            began = time.monotonic()
            await self.host.start()

        started = time.monotonic() - began
        self.host.felt = Felt()
        result.promise(started < BEGUN, f"it runs within {BEGUN:g} s of the start ({started:.1f})")
        if trouble.lasts:
            await asyncio.sleep(trouble.lasts)
            result.promise(self.host.monitor.recorder.refused is not None, "the fault was a fault")
            await self._act(trouble.end)
            began = time.monotonic()

        await self._resumes(began, BACK if trouble.lasts else BEGUN)

    async def _found_running(self) -> None:
        trouble = self.trouble
        await self._act(trouble.make)
        seen = self.path.read_bytes() if trouble.untouched else b""
        self.began = began = time.monotonic()
        self.host.felt = Felt()
        self.host.flaky.down = True
        reading = asyncio.create_task(self._read_reports())
        if trouble.lasts:
            await asyncio.sleep(trouble.lasts)
            self.result.promise(
                not trouble.untouched or self.path.read_bytes() == seen, "a newer store is not written to"
            )
            await self._act(trouble.end)
            began = time.monotonic()

        await self._resumes(began, BACK)
        if not trouble.lasts:
            await asyncio.sleep(5)

        reading.cancel()
        await asyncio.wait([reading])

    async def _resumes(self, began: float, within: float) -> None:
        """Wait until something is written again, and then all that waited."""
        again = await self.host.written(15)
        back = time.monotonic() - began
        self.result.back = "never" if again is None else f"{back:.2f} s"
        self.result.promise(again is not None and back <= within, f"writes resume within {within:g} s")
        await self.host.all_written(15)

    async def _read_reports(self) -> None:
        """Somebody asks for a report twice a second; or, where nobody meets the damage, for the daily look."""
        while True:
            await asyncio.sleep(0.5)
            with suppress(StoreError):
                if self.trouble.met:
                    await self.host.stored()
                else:
                    self.host.monitor.store._checking.start()

    async def _facts(self) -> None:
        """What was recorded since the fault is there, each once; what was before too, where the file was kept."""
        host, result = self.host, self.result
        stored = await host.stored()
        there, total = set(stored), host.recorded
        since = set(range(self.before + 1, total + 1))
        between = self._in_between() - there
        lost = len(since - there - between)
        kept = self.trouble.outcome is Outcome.KEPT
        old = set(range(1, self.before + 1)) - there
        result.lost = f"{lost} of {len(since)}"
        if old:
            result.lost += f"; of {self.before} before it {len(old)} are in the file that went"

        if between & since:
            result.lost += f"; {len(between & since)} are in the file that lay there in between"

        result.promise(lost == 0, "no fact recorded since is lost")
        result.promise(len(stored) == len(there), "no fact is there twice")
        result.promise(not kept or not old, "no fact from before is lost")
        counted = await host.counted()
        result.promise(len(since) <= counted <= total, f"figures count each once ({counted} of {total})")
        result.promise(not kept or counted == total, f"figures count all ({counted} of {total})")
        counts = host.monitor.recorder.counts
        result.promise(not counts.total_dropped, "nothing is dropped")

    def _in_between(self) -> set[int]:
        """The facts in a file that took our store's place for a while."""
        between = side(self.path, ".between")
        if not between.exists():
            return set()

        with closing(sqlite3.connect(f"{between.as_uri()}?mode=ro", uri=True)) as db:
            return {number for (number,) in db.execute("SELECT id FROM message")}

    def _felt(self) -> None:
        felt = self.host.felt
        self.result.host = f"nothing; call ≤ {felt.call * 1e6:.0f} µs, loop held ≤ {felt.held * 1e3:.0f} ms"
        self.result.promise(felt.exceptions == 0, "no exception reaches the host")
        self.result.promise(felt.held < HELD, "the loop is not held")

    def _file(self) -> None:
        """What lies in the folder in the end, and what was said of it."""
        result, outcome = self.result, self.trouble.outcome
        with closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True)) as db:
            result.promise(db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "the store is sound")

        aside = sorted(self.path.parent.glob("*.corrupt-*"))
        said = " ".join(self.host.wall.sentences())
        known = [s for s in self.host.wall.sentences() if not s.startswith(IN_MEMORY)]
        result.promise(all(s in self.host.monitor.problems for s in known), "`problems` says it")
        if outcome is Outcome.KEPT:
            result.file = "used on"
            result.promise(not aside, "a good file stays")
        elif outcome is Outcome.LEFT:
            result.file = "left where it went; " + ("a fresh one" if "fresh" in said else "the one there taken")
            result.promise("while it was in use" in said, "it is said")
            self._left_whole()
        else:
            emptied = self.trouble.name == "zero length" and self.trouble.at_start
            if self.trouble.make is garbage_log and not said and not aside:
                result.file = "used on: all of the log was carried over already"
                return

            taken = "backup took over" if "took its place" in said else "fresh file took over"
            result.file = "empty: fresh file" if emptied else f"moved aside; {taken}"
            result.promise(emptied or bool(aside), "it is moved aside")
            result.promise(emptied or "moved aside" in said or "was emptied" in said, "it is said")

    def _left_whole(self) -> None:
        kept = side(self.path, ".kept")
        if kept.exists() and kept.stat().st_size > PAGE:
            with closing(sqlite3.connect(f"{kept.as_uri()}?mode=ro", uri=True)) as db:
                ((rows,),) = db.execute("SELECT count(*) FROM message").fetchall()

            self.result.promise(rows >= self.before, "the file that went is whole")
