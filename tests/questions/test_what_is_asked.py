"""Questions ask the store only for what they need, and say the same as if they had asked for all of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from monitoring.analysis.figure import Bands
from monitoring.analysis.slo import Promises
from monitoring.analysis.why import FIGURES
from monitoring.model import DAY, HOUR, Instant
from monitoring.monitor import Monitor
from monitoring.operations import COLUMNS, Operations, Stay
from monitoring.questions import Now, Questions
from monitoring.questions.bonds import Bonds
from monitoring.questions.insight import Insight
from monitoring.questions.llm import Llm
from monitoring.questions.work import Work
from monitoring.rollup import Series
from monitoring.sandbox.ledger import Ledger
from monitoring.sandbox.traffic import history
from monitoring.sandbox.world import fixed_world
from monitoring.settings import load_settings
from monitoring.store import SQLiteStore
from monitoring.window import Scope, Window
from tests.store.conftest import StillClock

NOW = 1_795_262_400_000
DAYS = 2
pytestmark = pytest.mark.asyncio(loop_scope="module")


class Generous(SQLiteStore):
    """A store that always gives all there is, whatever was asked for."""

    async def series(
        self,
        metric: str,
        start: Instant,
        end: Instant,
        width: int,
        by: Collection[str] | None = None,
        only: Mapping[str, str] | None = None,
        wider: int | None = None,
        *,
        sketch: bool = True,
    ) -> Series:
        return await super().series(metric, start, end, width, by, None, wider)

    async def operations(
        self,
        start: Instant,
        end: Instant,
        columns: Collection[str] = COLUMNS,
        by: Collection[str] | None = None,
        *,
        within: Sequence[Stay] | None = None,
    ) -> Operations:
        return await super().operations(start, end, columns, by)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two days of the demo's traffic."""
    found = tmp_path_factory.mktemp("asked") / "store.sqlite3"
    settings = load_settings(_env_file=None, database_url=f"sqlite:///{found}", timezone="Europe/Berlin")
    monitor, world = Monitor(settings, clock=StillClock(NOW)), fixed_world()
    await monitor.store.open()
    try:
        monitor.identify(user_id=world.bot_user_id, application_id=world.application_id, name="Greenroom")
        acts = list(history(world, now_ms=NOW - HOUR, days=DAYS, seed=7, ledger=Ledger()))
        await monitor.replay(acts, since=NOW - HOUR - DAYS * DAY)
    finally:
        await monitor.recorder.close()
        monitor.questions.close()
        await monitor.store.close()

    return found


def asked(load: Questions, window: Window, scope: Scope) -> Iterator[tuple[str, Any]]:
    """Every question that leaves something out of what it asks the store for."""

    async def nothing() -> list[Any]:
        return []

    llm, work, insight = Llm(load, 5.0), Work(load, nothing), Insight(load, Promises())
    yield "overview", load.overview(window, scope)
    yield "performance", load.performance(window, scope)
    yield "performance of one", load.performance(window, scope, service="llm")
    yield "persona", load.persona("Nyx", window, scope)
    yield "resources", load.resources(window, {})
    yield "rate", load.errors(window, scope)
    yield "spend", Bonds(load, raw_days=7).spend(window, scope)
    yield "tokens", llm.tokens(window, scope)
    yield "cost", llm.cost(window, scope)
    yield "errors", work.errors(window, scope)
    yield "throughput", work.throughput(window, scope)
    yield "throughput of one", work.throughput(window, scope, service="llm")
    yield "uptime", work.uptime(window)
    yield "names", work.names(window, scope)
    yield "promises", insight.slo(window, scope)
    yield "insights", insight.insights(window, scope)
    for figure in FIGURES:
        yield f"why {figure}", insight.why(figure, window, scope)


async def answers(store: SQLiteStore, window: Window) -> dict[str, str]:
    """What is answered from this store, by what was asked."""
    load = Questions(
        store, StillClock(NOW), now=lambda: Now({}, NOW - DAYS * DAY, NOW - HOUR), bands=Bands(), limits={}
    )
    await store.open()
    try:
        return {name: repr(await question) for name, question in asked(load, window, Scope(None))}
    finally:
        load.close()
        await store.close()


@pytest.mark.parametrize("length", [6 * HOUR, 9 * DAY])
async def test_what_is_left_out_is_missed_by_no_answer(path: Path, length: int) -> None:
    """Bins, other services, operations outside exchanges: with them every answer is the same to the last digit."""
    window = Window(NOW - HOUR - length, NOW - HOUR, "Europe/Berlin")
    sparing, generous = [
        await answers(kind(path, clock=StillClock(NOW), zone="Europe/Berlin", read_only=True), window)
        for kind in (SQLiteStore, Generous)
    ]
    for name, found in sparing.items():
        assert found == generous[name], name
