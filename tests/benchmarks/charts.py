"""What a chart costs, and how long the event loop is held by it: ours from the worker, a naive one by pyplot."""

from __future__ import annotations

import asyncio
import io
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import count

import psutil

from monitoring.analysis.performance import Performance
from monitoring.charts.drawing import Drawing
from tests.charts.chart_stories import performance

from .frame import Bench, Row, medians

BEAT = 0.001
"""Seconds between two looks at the clock."""
OURS = (1200, 800)
LARGE = (1800, 900)
DPI = 200
MANY = 1_000
"""Charts over which the memory of the process that draws must stay as it is."""


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """Time to a finished PNG, the longest stall meanwhile, and what a thousand charts leave behind."""
    stories = _Days()
    async with _drawing() as drawing:

        async def ours() -> None:
            await drawing.draw("response_times", stories.another())

        def naive(size: tuple[int, int]) -> Callable[[], Awaitable[None]]:
            async def draw() -> None:
                _naive(stories.another(), size)

            return draw

        mine, same, large = await medians(
            bench.rounds * 3, *(_timed(draw) for draw in (ours, naive(OURS), naive(LARGE)))
        )
        yield Row("line-and-band chart, 1200×800", mine, "ms", same, "naive pyplot, the same size", 0.65, 0.25)
        yield Row("the same, against the larger one", mine, "ms", large, "naive pyplot, 1800×900")
        held = [[await _stall(ours), await _stall(naive(OURS))] for _ in range(bench.rounds)]
        stalls = [statistics.median(one) for one in zip(*held, strict=True)]
        named = "naive pyplot in the loop"
        yield Row(
            "longest stall of the event loop while a chart is drawn", stalls[0], "ms", stalls[1], named, 0.05, 0.02
        )
        yield Row(*await _grown(bench.size(MANY, 2), drawing, ours, bench.size(20, 2)), "MB", gate=5, goal=2)


class _Days:
    """The same day with another count each time, so that no picture is answered from the cache."""

    def __init__(self) -> None:
        self._day, self._numbers = performance(), count(1)

    def another(self) -> Performance:
        """A value that was not drawn yet."""
        return replace(self._day, now=replace(self._day.now, n=9_000 + next(self._numbers) % 900))


@asynccontextmanager
async def _drawing() -> AsyncIterator[Drawing]:
    drawing = Drawing()
    await drawing.start()
    try:
        yield drawing
    finally:
        await drawing.close()


def _timed(draw: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[float]]:
    async def once() -> float:
        began = time.perf_counter()
        await draw()
        return (time.perf_counter() - began) * 1e3

    return once


async def _stall(draw: Callable[[], Awaitable[None]]) -> float:
    """The longest time in ms by which the loop came late to what was due, while a chart was drawn."""
    late = [0.0]

    async def beat() -> None:
        while True:
            due = time.perf_counter() + BEAT
            await asyncio.sleep(BEAT)
            late.append(max(time.perf_counter() - due, 0.0))

    beating = asyncio.create_task(beat())
    await asyncio.sleep(5 * BEAT)
    await draw()
    await asyncio.sleep(5 * BEAT)
    beating.cancel()
    with suppress(asyncio.CancelledError):
        await beating

    return max(late) * 1e3


async def _grown(charts: int, drawing: Drawing, draw: Callable[[], Awaitable[None]], warming: int) -> tuple[str, float]:
    """What the process that draws holds more after so many charts than after the first ones, in MB."""
    for _ in range(warming):
        await draw()

    assert drawing.pid is not None
    worker = psutil.Process(drawing.pid)
    before = worker.memory_info().rss
    for _ in range(charts):
        await draw()

    return f"memory of the process that draws, more after {charts:,} charts", max(
        worker.memory_info().rss - before, 1
    ) / 1e6


def _naive(value: Performance, size: tuple[int, int]) -> bytes:
    """The same lines and bands as most bots draw them: pyplot, in the event loop, its default look."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(size[0] / DPI, size[1] / DPI), dpi=DPI)
    at = [point.start / 1000 for point in value.points]
    lines = [[getattr(point.timing, name) for point in value.points] for name in ("p50", "p95", "p99")]
    for name, line in zip(("P50", "P95", "P99"), lines, strict=True):
        axes.plot(at, line, label=name)

    axes.fill_between(at, lines[0], lines[1], alpha=0.3)
    axes.fill_between(at, lines[1], lines[2], alpha=0.2)
    axes.axhline(value.bands.p95.warning, linestyle="--")
    axes.set_title("Response times")
    axes.set_ylabel("seconds")
    axes.legend()
    axes.grid(True)
    png = io.BytesIO()
    figure.savefig(png, format="png")
    pyplot.close(figure)
    return png.getvalue()
