"""Exchanges in a real SQLite file."""

from __future__ import annotations

from dataclasses import replace

from monitoring.interfaces import Batch
from monitoring.model import MINUTE
from monitoring.rows import ExchangeRow
from monitoring.store import SQLiteStore

from .building import NOW

FIRST = ExchangeRow(11, 1, 7, NOW - MINUTE, NOW - 1, 3, 4, "Mira", "Rex", ("Mira", "Rex"))
SECOND = ExchangeRow(12, 2, 8, NOW, NOW + MINUTE, 5, 5, "Lúna 🌙", "Rex", ("Lúna 🌙", "Rex", "Mira"), False)


async def test_exchanges_come_back_as_they_were_oldest_first(store: SQLiteStore) -> None:
    """Of a span whose start is included and whose end is not, by when they began."""
    await store.append(Batch(exchanges=[SECOND, FIRST]))

    assert await store.exchanges(NOW - MINUTE, NOW + 1) == [FIRST, SECOND]
    assert await store.exchanges(NOW - MINUTE, NOW) == [FIRST]
    assert await store.exchanges(NOW + 1, NOW + MINUTE) == []


async def test_an_outcome_that_became_known_takes_the_place_of_none(store: SQLiteStore) -> None:
    """The exchange is there once, as a success."""
    await store.append(Batch(exchanges=[FIRST]))
    await store.append(Batch(exchanges=[replace(FIRST, success=True)]))

    assert await store.exchanges(0, NOW) == [replace(FIRST, success=True)]
