"""A scene on a real SQLite file, and a clock that goes when told to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitoring.store.sqlite import SQLiteStore

from .scene import ManualClock, Scene


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def store(tmp_path: Path, clock: ManualClock) -> AsyncIterator[SQLiteStore]:
    found = SQLiteStore(tmp_path / "monitoring.sqlite3", zone="Europe/Berlin", clock=clock)
    await found.open()
    yield found
    await found.close()


@pytest.fixture
async def scene(store: SQLiteStore, clock: ManualClock) -> Scene:
    return Scene(store, clock)
