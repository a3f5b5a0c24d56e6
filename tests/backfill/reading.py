"""A store of its own with everything that reads history into it, and all that is in it afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitoring.history import Counts, History
from monitoring.model import DAY, HOUR, Instant
from monitoring.recording.conversation import Conversations
from monitoring.recording.history import HistoryMessage
from monitoring.recording.identity import UserHash
from monitoring.recording.prices import Prices
from monitoring.recording.recent import Recent
from monitoring.recording.recorder import Recorder
from monitoring.store.sqlite import SQLiteStore
from tests.recording.stage import CHANNEL, START, registry

NOW = START + 5 * DAY
DERIVED = (
    "message", "detail", "sentiment", "answered", "addressed", "response", "exchange", "exchange_outcome", "banter",
    "interaction", "ignored", "conversation", "topic", "banter_topic",
)  # fmt: skip
"""What messages add to."""
USER_HASH = UserHash(bytes(range(32)))


@dataclass
class Still:
    """A clock that stands, unless it is moved."""

    at: Instant = NOW

    def now(self) -> Instant:
        """The instant."""
        return self.at

    def monotonic(self) -> float:
        """Seconds."""
        return self.at / 1000


@dataclass
class Life:
    """One life of a process: it ends without a word."""

    store: SQLiteStore
    recorder: Recorder
    history: History
    clock: Still = field(default_factory=Still)

    async def live(self, messages: Sequence[HistoryMessage]) -> None:
        """They are heard as they are written."""
        for one in messages:
            self.recorder.record(one.seen)

        await self.recorder.flush()

    async def read(
        self, messages: Sequence[HistoryMessage], size: int = 100, most: int | None = None, channel_id: int = CHANNEL
    ) -> Counts:
        """History is read in pieces; with `most`, the process ends after so many."""
        channel = await self.history.channel(channel_id)
        after = channel.begin(messages[0].seen.at)
        rest = [one for one in messages if one.seen.message_id > after]
        found = Counts()
        for number, at in enumerate(range(0, len(rest), size)):
            if number == most:
                return found

            found.add(await channel.add(rest[at : at + size]))

        if most is None or most * size >= len(rest):
            await channel.close(NOW)

        return found


@asynccontextmanager
async def life(path: Path, *, at: Instant = NOW, raw_days: int = 30) -> AsyncIterator[Life]:
    """A store at this path, open, with what reads into it."""
    clock, personas = Still(at), registry()
    store = SQLiteStore(path, clock=clock, raw_days=raw_days, day_days=20_000, hour_days=20_000, minute_hours=20_000)
    await store.open()
    conversations = Conversations(personas, USER_HASH)
    recorder = Recorder(conversations, store.append, clock=clock, prices=Prices(), recent=Recent(clock))
    history = History(store, recorder, personas, USER_HASH, clock, lambda: "UTC", raw_days)
    await history.prepare(START - DAY)
    try:
        yield Life(store, recorder, history, clock)
    finally:
        await recorder.close()
        await store.close()


async def everything(store: SQLiteStore, *without: str) -> dict[str, Any]:
    """All figures and rows that a store has."""
    start, end = START - HOUR, NOW
    found: dict[str, Any] = {}
    for metric in set(DERIVED).difference(without):
        found[metric] = (await store.series(metric, start, end, 0)).steps

    found["rows"] = await store.messages(start, end)
    found["exchanges"] = await store.exchanges(start, end)
    found["people"] = await store.people(start, end)
    return found
