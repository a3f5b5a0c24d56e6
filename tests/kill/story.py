"""Lives, one after another, on one store: each is killed somewhere and looked at afterwards."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from monitoring.model import HOUR, MINUTE

from .check import Checker, Loss
from .death import NAMES, chosen
from .ledger import Ledger, Word
from .life import Life, SkippingClock

ROOT = Path(__file__).parent.parent.parent
PLAN = ("", "append", "fold", "", "clean", "save", "", "backup", "close", "", "open")
"""Where the lives end, by turns; "" is wherever the moment finds it."""
SLOWEST_START = 3.0
"""Seconds within which it records again, waiting for a core left out."""
PATIENCE = 6.0
"""Seconds that a life is given to get to its death."""


@dataclass(slots=True)
class Ended:
    """One life and its end."""

    life: Life
    stage: str
    """In which stage it really died; "" outside of all, `closed` when it was not killed in time."""
    ready: float | None
    """Seconds from its start until it recorded again; None: it did not come so far."""
    delayed: float
    """Of these, seconds in which it could have run and was not let."""
    killed_after: float
    loss: Loss
    deprived: float
    """Seconds of its last one for which the machine was busy elsewhere."""
    dropped: int
    faults: list[str]


class Story:
    """Writes one store by lives that are all killed."""

    def __init__(self, folder: Path, seed: int = 1, *, rate: float = 1.0, longest: float = 2.0) -> None:
        self._folder = folder
        self._dice = random.Random(seed)
        self._rate = rate
        self._longest = longest
        self._skipped = 0
        self._number = 0
        self.checker = Checker(folder / "store.sqlite3")

    def next_life(self, stage: str) -> Life:
        """A life that is to end in a stage; now and then after hours of absence."""
        dice = self._dice
        self._number += 1
        spans = (0, 0, 0, dice.randrange(MINUTE), dice.randrange(30 * MINUTE), dice.randrange(9 * HOUR))
        self._skipped += dice.choice(spans)
        leap = dice.choice(spans)
        count, delay = chosen(dice, stage) if stage in NAMES else (0, 0.0)
        after = dice.uniform(0.05, self._longest)
        store, ledger = self._folder / "store.sqlite3", self._folder / "ledger"
        life = Life(self._number, str(store), str(ledger), self._skipped, leap, stage, count, delay, after, self._rate)
        self._skipped += leap
        return life

    def live(self, stage: str) -> Ended:
        """One life, its end, and what is found afterwards."""
        life = self.next_life(stage)
        ledger = Ledger(Path(life.ledger), create=True)
        self.checker.began[life.number] = SkippingClock(life.skipped).now()
        began = time.monotonic()
        log = self._folder / "log"
        with log.open("wb") as said:
            command = [sys.executable, "-m", "tests.kill.worker", life.dumped()]
            process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)

        try:
            killed = self._end(process, life, ledger)
        finally:
            process.kill()
            process.wait()

        killed = ledger[Word.KILLED] / 1e6 or killed
        before = len(self.checker.faults)
        loss = asyncio.run(self.checker.after(life, ledger, killed))
        ready = ledger[Word.READY] / 1e6 - began if ledger[Word.READY] else None
        if ready is not None and ready - ledger[Word.DELAYED] / 1e6 > SLOWEST_START:
            self.checker.faults.append(f"life {life.number}: recording again only after {ready:.1f} s")

        died_in = NAMES[ledger[Word.STAGE] - 1] if ledger[Word.STAGE] else ""
        if stage == "close":
            died_in = "closed" if ledger[Word.CLOSED] else "close"

        # Digests are told to the console, for want of an ops channel.
        told = [line for line in log.read_text().splitlines() if not line.startswith("📋")]
        if said_of_it := "\n".join(told)[-2_000:]:
            self.checker.faults.append(f"life {life.number} said: {said_of_it}")

        ended = Ended(
            life, died_in, ready, ledger[Word.DELAYED] / 1e6, killed - began, loss, ledger[Word.DEPRIVED] / 1e6,
            ledger[Word.DROPPED], self.checker.faults[before:],
        )  # fmt: skip
        ledger.close()
        return ended

    def _end(self, process: subprocess.Popen[bytes], life: Life, ledger: Ledger) -> float:
        """Wait until it killed itself, or kill it; when that was."""
        extra = 0.0 if life.stage == "" else self._dice.uniform(0, 0.15) if life.stage == "close" else PATIENCE
        while not ledger[Word.READY] and process.poll() is None:
            time.sleep(0.002)

        try:
            process.wait(life.after + extra)
        except subprocess.TimeoutExpired:
            killed = time.monotonic()
            process.kill()
            return killed

        return time.monotonic()
