"""The questions about models, asked of a real store with six weeks of hours in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitoring.analysis.figure import Bands
from monitoring.interfaces import Batch
from monitoring.model import DAY, HOUR
from monitoring.questions import Now, Questions
from monitoring.questions.llm import Llm
from monitoring.rollup import Rollup
from monitoring.store.sqlite import SQLiteStore
from monitoring.window import Scope, Window
from tests.analysis.tables import BERLIN, at

NOON = at("2026-03-12 12:00", BERLIN)
FIRST = NOON - 45 * DAY - HOUR
MONTH = Window(NOON - 30 * DAY, NOON, BERLIN, "30d")
EVERYTHING = Scope(None)


class Noon:
    """It is noon."""

    def now(self) -> int:
        """UTC milliseconds."""
        return NOON

    def monotonic(self) -> float:
        """It stays noon."""
        return 0.0


@pytest.fixture
async def llm(tmp_path: Path) -> AsyncIterator[Llm]:
    """In every hour one call of 1 s with 100 tokens for $0.001 in guild 1, and a local one of 2 s in guild 2."""
    clock = Noon()
    store = SQLiteStore(tmp_path / "store.sqlite3", clock=clock, zone=BERLIN)
    await store.open()
    batch = Batch()
    for hour in range(FIRST, NOON, HOUR):
        batch.deltas["gauge", hour] = {("alive",): Rollup(count=360)}
        batch.deltas["operation", hour] = {
            ("llm", "ask", "gpt", "Mira", "1", "chat"): _call(1, prompt=80, completion=20, cost=1_000),
            ("llm", "ask", "llama", "Rex", "2", "quiz"): _call(2, prompt=10, completion=10),
        }
        batch.deltas["variant", hour] = {
            ("short", "llm", "ask", "1"): _call(1),
            ("long", "llm", "ask", "2"): _call(2),
        }
        batch.deltas["model_liking", hour] = {("gpt", "1"): Rollup(count=1, total=4_000_000)}

    await store.append(batch)
    load = Questions(store, clock, now=lambda: Now({"Mira": 3}, FIRST, FIRST), bands=Bands(), limits={})
    yield Llm(load, 10.0)
    load.close()
    await store.close()


def _call(seconds: float, *, prompt: int = 0, completion: int = 0, cost: int = 0) -> Rollup:
    rollup = Rollup(prompt=prompt, completion=completion, cost=cost)
    rollup.add(seconds, sketch=True)
    return rollup


async def test_tokens_of_a_month_come_by_whole_local_days(llm: Llm) -> None:
    """Twelve hours of today, as many as usual by noon; 24 of every day before, the first of the window too."""
    found = await llm.tokens(MONTH, EVERYTHING)

    assert [step.used.total if step.used else None for step in found.steps] == [24 * 120] * 30 + [12 * 120]
    assert (found.latest.total, found.usual) == (12 * 120, 12 * 120)
    assert (found.total.value, found.per_second) == (30 * 24 * 120, 10.0)
    assert [(row.name, row.slot) for row in found.personas] == [("Mira", 3), ("Rex", 0)]
    assert [row.name for row in found.features] == ["chat", "quiz"]
    assert found.gaps == ()


async def test_cost_tells_the_month_whatever_the_window(llm: Llm) -> None:
    """Eleven days and a half at 24 mills; heading for what 31 such days cost."""
    found = await llm.cost(Window(NOON - HOUR, NOON, BERLIN, "1h"), EVERYTHING)

    assert (found.total.value, found.today, found.month.cost) == (1_000, 12_000, 276_000)
    assert (found.month_start, found.budget) == (at("2026-03-01 00:00", BERLIN), 10e6)
    assert found.forecast is not None
    # One hour is missing in the night in which clocks are put forward.
    assert found.forecast.value == pytest.approx(31 * 24_000, rel=0.01)
    assert [(row.name, row.used.local) for row in found.models] == [("gpt", False), ("llama", True)]


async def test_models_and_features_of_a_month(llm: Llm) -> None:
    """Both side by side, with votes; both features; the trial that is none within one guild."""
    models, features = await llm.models(MONTH, EVERYTHING), await llm.features(MONTH, EVERYTHING)

    assert [(row.name, row.timing.n, row.liking) for row in models.rows] == [("gpt", 720, 4.0), ("llama", 720, None)]
    assert [(row.name, row.timing.n) for row in features.rows] == [("chat", 720), ("quiz", 720)]
    assert len(features.trials) == 1


async def test_a_guild_is_told_its_own(llm: Llm) -> None:
    """In each of the four questions."""
    second = Scope(2)
    tokens, cost = await llm.tokens(MONTH, second), await llm.cost(MONTH, second)
    models, features = await llm.models(MONTH, second), await llm.features(MONTH, second)

    assert (tokens.used.total, tokens.usual, cost.month.cost) == (720 * 20, 240, 0)
    assert [row.name for row in models.rows] == ["llama"]
    assert [row.name for row in features.rows] == ["quiz"]
    assert features.trials == ()
