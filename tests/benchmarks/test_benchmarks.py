"""The benchmarks still run. What they measure at this size says nothing, so that no figure is looked at."""

from __future__ import annotations

import gc
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra `bench` is not installed")
pytest.importorskip("discord.ext.prometheus", reason="the extra `bench` is not installed")

from monitoring.model import HOUR
from tests.benchmarks import api, charts, day, foreign, ingest, listeners, otel, recording, reports, stalls, websocket
from tests.benchmarks.frame import GATE, GOAL, MISSED, Bench, Row, Rows, lines
from tests.benchmarks.ours import NOW, ToldClock, data_path

TINY = 0.0005


@pytest.fixture(autouse=True, scope="module")
def _left_as_it_was() -> Iterator[None]:
    """What a benchmark freezes and lets go again is frozen anew, for the tests after these (tests/conftest.py)."""
    yield
    gc.freeze()


@pytest.mark.parametrize(
    "topic", [recording, otel, listeners, foreign, ingest, reports, stalls, charts], ids=lambda topic: topic.__name__
)
async def test_every_row_of_a_topic_is_measured(topic: Rows, tmp_path: Path) -> None:
    """Each topic gives its rows, all of them numbers, and they can be shown."""
    found = [row async for row in topic.rows(Bench(tmp_path, TINY, rounds=1))]  # type: ignore[attr-defined]

    assert len({row.what for row in found}) >= 2
    assert all(row.ours > 0 and math.isfinite(row.ratio or 0.0) for row in found), found
    assert len(list(lines(found))) == len(found) + 2


@pytest.mark.parametrize("topic", [api, websocket], ids=lambda topic: topic.__name__)
async def test_what_is_served_is_measured(topic: Rows, tmp_path: Path) -> None:
    """Against JSON that is made anew, over real connections."""
    found = [row async for row in topic.rows(Bench(tmp_path, TINY, rounds=1))]  # type: ignore[attr-defined]
    assert found
    assert all(row.ours > 0 and row.peer for row in found)


async def test_a_compressed_day_is_lived_through(tmp_path: Path) -> None:
    """Every event of it is stored, and growth is told from none."""
    begin = NOW - 24 * HOUR
    async with data_path(tmp_path / "store.sqlite3", ToldClock(begin)) as path:
        seen = await day.day(path, 20_000, begin, hours=1)
        counts = path.recorder.counts

    assert [one.hour for one in seen] == [1]
    assert counts.total_stored == seen[-1].events > 0
    flat = [day.Held(hour, hour, 80.0, 70_000, 14, 7, 1, hour, 4.0, hour) for hour in range(1, 25)]
    assert day.growing(flat) == []
    leaking = [day.Held(hour, hour, 80.0, 70_000, 14 + hour, 7, 1, hour, 4.0, hour) for hour in range(1, 25)]
    assert day.growing(leaking) == ["files grew by 18.0 from 20.0 in 18 hours."]


def test_verdicts() -> None:
    """A ratio is held against gate and goal, and a figure without a peer itself."""
    assert Row("a", 1.0, "s", 10.0, gate=0.2, goal=0.1).verdict == GOAL
    assert Row("a", 1.5, "s", 10.0, gate=0.2, goal=0.1).verdict == GATE
    assert Row("a", 2.5, "s", 10.0, gate=0.2, goal=0.1).verdict == MISSED
    assert Row("a", 50.0, "MB", gate=80, goal=40).verdict == GATE
    assert Row("a", 50.0, "MB").verdict == ""
