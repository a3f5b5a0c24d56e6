"""What of ours is measured, put together as the Monitor does it: recorder, store, and a clock that is told the time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from monitoring.interfaces import Batch, Clock
from monitoring.model import Instant
from monitoring.recording.conversation import Conversations
from monitoring.recording.operation import Instruments
from monitoring.recording.personas import PersonaConfig, Personas
from monitoring.recording.prices import Prices
from monitoring.recording.recent import Recent
from monitoring.recording.recorder import Recorder
from monitoring.store import SQLiteStore

from .traffic import PERSONAS

NOW: Instant = 1_780_272_000_000
"""2026-06-01 00:00 UTC: when every history ends."""
BOT, APPLICATION, HOOK = 901, 900, 903


class ToldClock:
    """Stands still until it is moved."""

    def __init__(self, now: Instant = NOW) -> None:
        self.at = now

    def now(self) -> Instant:
        """UTC milliseconds."""
        return self.at

    def monotonic(self) -> float:
        """Seconds, as far as the clock was moved."""
        return self.at / 1000


@dataclass(slots=True)
class DataPath:
    """The data path: what is recorded here ends in the store."""

    clock: ToldClock
    store: SQLiteStore
    recorder: Recorder
    instruments: Instruments


def recorder_to(write: Callable[[Batch], Awaitable[None]], clock: Clock) -> Recorder:
    """A recorder as the Monitor makes it."""
    personas = Personas(
        configured=[PersonaConfig(name) for name in PERSONAS], own_application_id=APPLICATION, own_user_id=BOT
    )
    prices = Prices(local=["llama3:8b"])
    prices.load()
    return Recorder(Conversations(personas, _hashed), write, clock=clock, prices=prices, recent=Recent(clock))


def _hashed(user_id: int) -> str:
    return f"{user_id:032x}"


@asynccontextmanager
async def data_path(file: Path, clock: ToldClock, *, raw_days: int = 7) -> AsyncIterator[DataPath]:
    """An open store with a recorder before it, both closed in the end."""
    store = SQLiteStore(file, clock=clock, raw_days=raw_days, backups=0)
    await store.open()
    recorder = recorder_to(store.append, clock)
    try:
        yield DataPath(clock, store, recorder, Instruments(recorder, clock=clock))
    finally:
        await recorder.close()
        await store.close()


async def nowhere(batch: Batch) -> None:
    """Writes nothing."""
