"""Samplers: what machine, process and event loop are doing."""

from __future__ import annotations

import asyncio
import sys
import threading

from monitoring.metrics import GAUGES
from monitoring.model import Sample, Seen
from monitoring.recording.looplag import LoopLag, callback_in
from monitoring.recording.samplers import Resources, Samplers

from .standins import HandClock


class Notebook:
    """Keeps the samples and tells of each."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.news = asyncio.Event()

    def record(self, seen: Seen) -> None:
        assert isinstance(seen, Sample)
        self.samples.append(seen)
        self.news.set()


def test_one_reading_has_every_gauge_of_the_machine(tmp_path):
    """In their units, network rates from the second one on."""
    clock = HandClock()
    resources = Resources(clock, [tmp_path / "not yet" / "there"])
    resources.read()
    clock.pass_by(10)
    samples = {sample.metric: sample.value for sample in resources.read()}

    expected = GAUGES.keys() - {"loop_lag", "gateway_latency", "alive", "facts_dropped"}
    assert samples.keys() >= expected - {"network_sent", "network_received"}
    assert 0 <= samples["disk_percent"] <= 100
    assert samples["process_memory"] > 1_000_000
    assert samples["process_threads"] >= 1
    assert all(value >= 0 for value in samples.values())


async def test_they_start_and_stop_and_leave_nothing(tmp_path):
    """Twenty times over, the alive mark comes at once and no task or thread is left."""
    clock = HandClock()
    tasks = asyncio.all_tasks()
    for _ in range(20):
        notebook = Notebook()
        samplers = Samplers(notebook, clock, paths=[tmp_path])
        await samplers.start()
        await samplers.start()
        async with asyncio.timeout(5):
            await notebook.news.wait()

        assert notebook.samples == [Sample("alive", 1.0, clock.now())]
        await samplers.close()
        assert samplers.blocker is None

    assert asyncio.all_tasks() == tasks
    for thread in threading.enumerate():
        if thread.name.startswith("monitoring-sampler"):
            thread.join(5)

    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("monitoring-s", "monitoring-l"))]


async def test_the_stack_tells_which_callback_the_loop_runs():
    """For plain callbacks and for tasks, by module and name of the outermost function."""
    found: list[str] = []

    def callback() -> None:
        found.append(callback_in(sys._getframe()))

    async def inner() -> None:
        callback()

    async def task() -> None:
        await inner()

    asyncio.get_running_loop().call_soon(callback)
    await asyncio.create_task(task())

    assert found[0].endswith("tells_which_callback_the_loop_runs.<locals>.callback")
    assert found[1].endswith("tells_which_callback_the_loop_runs.<locals>.task")
    assert callback_in(None) == ""


def test_the_worst_lag_of_a_round_is_recorded_with_its_culprit():
    """A short lag names nobody; a long one names whom the watching thread saw."""
    notebook: list[Seen] = []
    lag = LoopLag(notebook.append, HandClock())
    lag.take([0.001, 0.003, -0.001])
    lag._seen = "bot.think"
    lag.take([0.001, 1.5])
    lag.take([])

    assert [(sample.value, sample.labels) for sample in notebook] == [(0.003, ()), (1.5, ("bot.think",)), (0.0, ())]
    assert lag.blocker == ("bot.think", 1.5)
