"""The process that draws: warm, found again after it died, bounded in time, gone when closed."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import chart_stories as stories
import psutil
import pytest

from monitoring.charts import drawing as module
from monitoring.charts.drawing import Drawing, Pictures
from monitoring.errors import ChartError

pytestmark = pytest.mark.usefixtures("drawing_anew")


class Ticking:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> int:
        return round(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds


@contextlib.asynccontextmanager
async def drawing(**options: float) -> AsyncIterator[tuple[Drawing, Ticking]]:
    """A drawing that is closed in the end."""
    clock = Ticking()
    made = Drawing(clock=clock, **options)
    try:
        yield made, clock
    finally:
        await made.close()


def _folders() -> set[str]:
    return {str(path) for path in Path(tempfile.gettempdir()).glob("monitoring-charts-*")}


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop run until something holds, at most ten seconds."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # other processes have no event to wait for
            await asyncio.sleep(0)


async def gone(pid: int) -> None:
    """Wait until a process is no more, not even as a zombie."""
    await until(lambda: not psutil.pid_exists(pid))


async def test_life_of_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """One worker draws chart after chart, is replaced when it dies, sees no secret, and ends with the drawing."""
    monkeypatch.setenv("DISCORD_TOKEN", "secret-token")
    async with drawing() as (charts, clock):
        await charts.start()
        first = await charts.draw("incident", stories.incident())
        assert first.startswith(b"\x89PNG")
        pid = charts.pid
        assert pid is not None
        assert "secret-token" not in str(psutil.Process(pid).environ())

        assert await charts.draw("incident", stories.incident()) is first, "drawn once within twenty seconds"
        clock.seconds = 21
        again = await charts.draw("incident", stories.incident())
        assert again is not first
        assert again == first
        assert charts.pid == pid

        with pytest.raises(ChartError, match="no chart called 'pie'"):
            await charts.draw("pie", None)

        with pytest.raises(ChartError, match="Error"):
            await charts.draw("incident", "not a card")

        with pytest.raises(ChartError, match="cannot be sent"):
            await charts.draw("incident", lambda: None)

        assert charts.pid == pid, "a chart that fails costs no worker"
        psutil.Process(pid).kill()
        await gone(pid)
        clock.seconds = 50
        assert await charts.draw("incident", stories.incident()) == first
        assert charts.pid not in (None, pid)

        asked = asyncio.create_task(charts.draw("overview", stories.overview()))
        await until(charts._turn.locked)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked

        light = await charts.draw("incident", stories.incident(), "light")
        assert light not in (first, b""), "nobody gets the answer that another stopped waiting for"
        last = charts.pid
        assert last is not None

    await gone(last)
    with pytest.raises(ChartError, match="stopping"):
        await charts.draw("incident", stories.incident())


async def test_it_is_warm_before_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the start there is soon a worker that has loaded what it draws with, and it draws the first chart."""
    monkeypatch.setattr(module, "WARM_AFTER", 0.0)
    async with drawing() as (charts, _):
        await charts.start()
        assert charts._warming is not None
        await charts._warming
        pid = charts.pid
        assert pid is not None
        assert await charts.draw("incident", stories.incident())
        assert charts.pid == pid


async def test_too_long() -> None:
    """A chart that takes longer than the limit is given up, and its worker with it."""
    async with drawing(limit=0.001) as (charts, _):
        with pytest.raises(ChartError, match="took longer"):
            await charts.draw("incident", stories.incident())

        assert charts.pid is None


async def test_idle_worker_ends() -> None:
    """A worker that nobody needs ends by itself; files it used are removed on closing."""
    async with drawing(idle=0.0) as (charts, _):
        await charts.draw("incident", stories.incident())
        await until(lambda: charts.pid is None)
        folder = charts._folder
        assert folder in _folders()

    assert folder not in _folders()


def test_cache_is_bounded() -> None:
    """Pictures are kept up to a size and an age; the least recently used goes first."""
    pictures = Pictures(size=10, keep=20)
    pictures.put(b"a", b"1234", 0)
    pictures.put(b"b", b"1234", 1)
    assert pictures.get(b"a", 2) == b"1234"
    pictures.put(b"c", b"1234", 3)
    assert pictures.get(b"b", 4) is None
    assert pictures.get(b"a", 4) == b"1234"
    assert pictures.bytes == 8
    assert pictures.get(b"a", 20) is None
    assert pictures.get(b"c", 22.9) == b"1234"
    pictures.put(b"d", b"12345678901", 23)
    assert pictures.bytes == 0
