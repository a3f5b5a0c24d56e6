"""A real SQLite file for each test, and a clock that stands still unless it is moved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitoring.model import Instant
from monitoring.store import SQLiteStore

from .building import NOW


@dataclass
class StillClock:
    """Tells the time it was given."""

    at: Instant = NOW

    def now(self) -> Instant:
        return self.at

    def monotonic(self) -> float:
        return self.at / 1000


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "monitoring.sqlite3"


@pytest.fixture
async def store(path: Path, clock: StillClock) -> AsyncIterator[SQLiteStore]:
    """An open store in UTC."""
    store = SQLiteStore(path, clock=clock, busy_ms=50)
    await store.open()
    yield store
    await store.close()
