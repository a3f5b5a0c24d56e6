"""Weeks of a bot's life in a real store, quiet or with something planted, and a monitor that looks at them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from monitoring.interfaces import Batch
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.monitor import Monitor
from monitoring.rollup import Deltas, Rollup
from monitoring.settings import load_settings

from .scene import NOON, ManualClock

ZONE = "Europe/Berlin"
PERSONAS = ("Mira", "Nyx", "Scav", "Toad")


async def monitor_of(folder: Path, clock: ManualClock, **settings: object) -> Monitor:
    """A monitor with an open, empty store that nobody drives but the test; nothing is waited for."""
    made = Monitor(
        load_settings(
            _env_file=None,
            database_url=f"sqlite:///{folder / 'monitoring.sqlite3'}",
            timezone=ZONE,
            alert_grace_seconds=0,
            **settings,
        ),
        clock=clock,
    )
    await made.store.open()
    made.started_at = clock.now() - 30 * DAY
    made.first_at = START
    return made


class History:
    """Rollups by step, added up before they are stored."""

    def __init__(self, seed: int = 7, users: float = 1.0) -> None:
        self.users = users
        """How lively it is: 1 has some 5 messages in ten minutes of an evening."""
        self.deltas: Deltas = {}
        self.dice = random.Random(seed)

    def add(self, metric: str, at: Instant, labels: tuple[str, ...], rollup: Rollup) -> None:
        """Add to the minute that holds `at`."""
        table = self.deltas.setdefault((metric, at - at % MINUTE), {})
        if labels in table:
            table[labels].merge(rollup)
        else:
            table[labels] = rollup

    def times(self, *values: float, failures: int = 0, cost: int = 0, tokens: int = 0) -> Rollup:
        """A rollup of these values and so many failures."""
        found = Rollup()
        for value in values:
            found.add(value, sketch=True)

        for _ in range(failures):
            found.add(failed=True)

        found.cost, found.prompt = cost, tokens
        return found

    def answers(
        self, at: Instant, n: int, seconds: float = 1.5, *, failures: int = 0, persona: str = "Mira", cost: int = 0
    ) -> None:
        """So many answers of a persona, with the work of the model behind them."""
        for base, labels in (
            ("response", (persona, "1", "reported")),
            ("operation", ("ollama", "llm_inference", "m", persona, "1", "chat")),
        ):
            values = [seconds * self.dice.lognormvariate(0, 0.3) for _ in range(n)]
            spent = base == "operation"
            rollup = self.times(*values, failures=failures, cost=spent * cost * n, tokens=spent * 500 * n)
            self.add(base, at, labels, rollup)

    def messages(self, at: Instant, n: int, persona: str = "") -> None:
        """So many messages of a persona, or of users."""
        author = "persona" if persona else "user"
        if n:
            self.add("message", at, (author, persona, "1", "5"), Rollup(n, total=40_000_000 * n))

    def step(self, at: Instant, minutes: int = 10) -> None:
        """Quiet minutes as of any week: lively evenings, still nights, and the machine at its ease."""
        hour = datetime.fromtimestamp(at / 1000, ZoneInfo(ZONE)).hour
        mean = 0.8 * self.users * minutes * max(math.sin((hour - 7) / 17 * math.pi), 0.02)
        asked = max(round(self.dice.gauss(mean, math.sqrt(mean))), 0)
        self.messages(at, asked)
        shares = [self.dice.choice(PERSONAS) for _ in range(asked)]
        for persona in sorted(set(shares)):
            n = shares.count(persona)
            self.messages(at, n, persona)
            self.answers(at, n, persona=persona, failures=int(self.dice.random() < 0.003 * n), cost=800)

        self.add("gauge", at, ("alive",), Rollup(6 * minutes))
        for name, value in (
            ("cpu_percent", 30.0),
            ("memory_percent", 60.0),
            ("disk_percent", 50.0),
            ("loop_lag", 0.01),
        ):
            self.add("gauge", at, (name,), self.times(*[value * self.dice.uniform(0.9, 1.1) for _ in range(4)]))

        self.add("probe", at, ("ollama", "healthy"), self.times(*[0.05] * minutes))

    def quiet(self, start: Instant, end: Instant, minutes: int = 10) -> None:
        """Steps like any others."""
        width = minutes * MINUTE
        for at in range(start - start % width, end, width):
            self.step(at, minutes)

    async def store(self, monitor: Monitor) -> None:
        """Write what was added, and fold it."""
        await monitor.store.append(Batch(deltas=self.deltas))
        self.deltas = {}
        await monitor.store.tend(monitor.clock.now())


async def looked(monitor: Monitor, clock: ManualClock, seconds: int = 1800, every: int = 30) -> None:
    """Time passes while the monitor reads and judges; what was recorded in memory stays as it was."""
    for _ in range(0, seconds, every):
        clock.go(every)
        await monitor.outlook.refresh()
        await monitor.watch.tick()


async def open_rules(monitor: Monitor) -> set[str]:
    """The names of the rules that have an open incident."""
    return {incident.rule for incident in await monitor.watch.incidents(open_only=True)}


Planted = Callable[[History, Instant], None]
START = NOON - 35 * DAY
EVENING = NOON + 8 * HOUR
