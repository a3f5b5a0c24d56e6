"""Samplers: what machine, process and event loop are doing."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from pathlib import Path

from monitoring.interfaces import StoreStatus
from monitoring.metrics import GAUGES
from monitoring.model import Sample, Seen
from monitoring.recording.cgroup import Cgroup
from monitoring.recording.looplag import LoopLag, callback_in
from monitoring.recording.samplers import OwnState, Resources, Samplers

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


def write(folder: Path, files: dict[str, str]) -> None:
    """Files of a control group, one line or more each."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(f"{text}\n")


def cgroup_of(root: Path, listed: str) -> Cgroup:
    """The control group of a process that is listed so."""
    file = root.parent / "listed"
    file.write_text(f"{listed}\n")
    return Cgroup(root, file)


def reading_of(resources: Resources) -> float:
    """The connections in one reading."""
    return next(sample.value for sample in resources.read() if sample.metric == "connections")


def test_one_reading_has_every_gauge_of_the_machine(tmp_path):
    """In their units, network rates from the second one on."""
    clock = HandClock()
    resources = Resources(clock, [tmp_path / "not yet" / "there"])
    resources.read()
    clock.pass_by(10)
    samples = {sample.metric: sample.value for sample in resources.read()}

    own = {"store_size", "store_rows", "store_queries", "store_write_latency", "backup_age", "facts_buffered"}
    expected = GAUGES.keys() - {"loop_lag", "gateway_latency", "alive", "facts_dropped"} - own
    assert samples.keys() >= expected - {"network_sent", "network_received"}
    assert 0 <= samples["disk_percent"] <= 100
    assert samples["process_memory"] > 1_000_000
    assert samples["process_threads"] >= 1
    assert all(value >= 0 for value in samples.values())


def test_in_a_container_percent_are_of_what_it_may_use(tmp_path):
    """A quarter of a core, half of it used; memory without what is only cached."""
    write(tmp_path, {
        "cgroup.controllers": "cpu memory", "memory.max": "2000000", "memory.current": "1500000",
        "memory.stat": "anon 1\ninactive_file 500000", "cpu.max": "25000 100000", "cpu.stat": "usage_usec 1000000",
    })  # fmt: skip
    clock = HandClock()
    resources = Resources(clock, [tmp_path], cgroup_of(tmp_path, "0::/"))
    write(tmp_path, {"cpu.stat": "usage_usec 2250000"})
    clock.pass_by(10)
    samples = {sample.metric: sample.value for sample in resources.read()}

    assert samples["memory_percent"] == 50
    assert samples["cpu_percent"] == 50
    assert samples["cpu_cores"] == 0.25


def test_connections_are_those_of_the_process():
    """Only what is established counts."""
    resources = Resources(HandClock())
    before = reading_of(resources)
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
        accepted, _ = server.accept()
        with accepted:
            assert reading_of(resources) == before + 2


def test_the_store_is_sampled_with_its_speed_and_age():
    """Queries by the second from the second time on; what is not known is left out."""
    clock = HandClock()
    own = OwnState(clock)
    first = own.read(StoreStatus(1_000, 5, None, None, 1, queries=100), 7)
    assert {s.metric: s.value for s in first} == {"store_size": 1_000, "store_rows": 5, "facts_buffered": 7}

    clock.pass_by(60)
    second = own.read(StoreStatus(1_000, 5, 0.004, clock.now() - 90_000, 1, queries=220), 0)
    values = {s.metric: s.value for s in second}
    assert (values["store_write_latency"], values["backup_age"], values["store_queries"]) == (0.004, 90, 2)
    assert {s.metric for s in second} <= GAUGES.keys()


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

    ours = ("monitoring-sampler", "monitoring-loop")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(ours)]


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
