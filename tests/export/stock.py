"""Stores with figures to export, and what reads an export back."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from monitoring.answers import Answers
from monitoring.export.question import Question
from monitoring.interfaces import Batch
from monitoring.model import HOUR, MINUTE, Instant
from monitoring.rollup import Labels, Rollup
from monitoring.rows import Presence
from monitoring.settings import load_settings
from monitoring.store import SQLiteStore

NOW: Instant = 1_795_269_600_000
"""2026-11-21 14:00 UTC, a Saturday."""
HOSTILE = (
    "=cmd|' /C calc'!A0",
    "  +1+1",
    '"@SUM(A1)',
    "＝1＋1",
    "a;=1+1",
    "-5",
    'quo"te, comma',
    "back\\slash\\n",
    "\u202eoudni\u202c",
    "名前 🎭",
    "O'Neill",
)
"""Names as somebody means harm, or only has a name; none with what recording refuses."""


@dataclass(slots=True)
class ToldClock:
    """Stands still until it is moved."""

    at: Instant = NOW

    def now(self) -> Instant:
        """UTC milliseconds."""
        return self.at

    def monotonic(self) -> float:
        """Seconds, as far as the clock was moved."""
        return self.at / 1000


@asynccontextmanager
async def answering(folder: Path, clock: ToldClock, **settings: object) -> AsyncIterator[Answers]:
    """All questions about an open store, without a bot."""
    values: dict[str, object] = {"database_url": f"sqlite:///{folder / 'store.sqlite3'}"}
    answers = Answers(load_settings(_env_file=None, **(values | settings)), clock=clock)
    await answers.store.open()
    try:
        answers.first_at = clock.at - 800 * 24 * HOUR
        yield answers
    finally:
        answers.questions.close()
        await answers.drawing.close()
        await answers.store.close()


def put(
    batch: Batch, metric: str, at: Instant, labels: Labels, values: Iterable[float | None], *, failed: int = 0
) -> Rollup:
    """Count some values and failures of a metric in a minute."""
    rollup = batch.deltas.setdefault((metric, at - at % MINUTE), {}).setdefault(labels, Rollup())
    for value in values:
        rollup.add(value, sketch=True)

    for _ in range(failed):
        rollup.add(failed=True)

    return rollup


async def days_of_work(store: SQLiteStore, days: int = 3, *, guilds: Iterable[int] = (1, 2), people: int = 3) -> None:
    """Something every twenty minutes: answers, messages, operations of two services, votes, samples, a drop a day."""
    for day in range(days):
        batch = Batch()
        for n in range(72):
            at = NOW - (day * 72 + n + 1) * 20 * MINUTE
            for minute in range(20):
                put(batch, "gauge", at + minute * MINUTE, ("alive",), [1.0] * 6)

            for guild in guilds:
                where = str(guild)
                put(batch, "response", at, ("Luna", where, "reported"), [1.0 + n / 10, 0.25], failed=n % 3 == 0)
                put(batch, "message", at, ("user", "", where, f"{guild}7"), [12.0] * (1 + n % 4))
                put(batch, "message", at, ("persona", "Luna", where, f"{guild}7"), [80.0])
                put(batch, "satisfaction", at, ("Luna", where, "reaction"), [5.0, 5.0, 1.0])
                for service in ("llm", "tts"):
                    done = put(batch, "operation", at, (service, "run", "m", "Luna", where, ""), [0.5 + n / 100])
                    done.prompt, done.completion, done.cost = 100, 20, 1_500
                for person in range(people):
                    batch.presences.add(Presence(at - at % HOUR, guild, "", f"u{guild}-{person}"))

        put(batch, "drop", NOW - day * 24 * HOUR - 30 * MINUTE, ("success", "full"), [None])
        await store.append(batch)


async def taken(answers: Answers, asked: Question) -> bytes:
    """A whole export."""
    return b"".join([chunk async for chunk in answers.export.chunks(asked)])


def table(body: bytes) -> list[dict[str, str]]:
    """The rows of the CSV form."""
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
