"""What recording costs: the call itself, and everything that is done for it later."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from itertools import islice

from prometheus_client import CollectorRegistry, Counter, Histogram

from monitoring.interfaces import SystemClock
from monitoring.model import MINUTE, OperationDone
from monitoring.recording.operation import Instruments

from .frame import Bench, Row, medians
from .ours import NOW, ToldClock, data_path, nowhere, recorder_to
from .traffic import operations

BURST = 200
"""Calls timed at once: fewer than make the recorder flush."""
LABELS = ("service", "operation", "model", "persona", "guild")


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """The call, then the whole of an operation of a model."""
    async for row in _calls(bench):
        yield row

    yield await _whole(bench)


async def _calls(bench: Bench) -> AsyncIterator[Row]:
    """What the host's own thread spends, flushes apart."""
    clock = SystemClock()
    recorder = recorder_to(nowhere, clock)
    instruments = Instruments(recorder, clock=clock)
    histogram = Histogram("call", "A call.", ["service", "operation"], registry=CollectorRegistry())
    bound, tell, child = (
        instruments.bind("llm", "llm_inference"),
        instruments.record_operation,
        histogram.labels("llm", "a"),
    )

    def by_handle() -> None:
        for _ in range(BURST):
            bound.record(0.42)

    def by_name() -> None:
        for _ in range(BURST):
            tell("llm", "llm_inference", 0.42)

    def by_block() -> None:
        for _ in range(BURST):
            with instruments.operation("llm", "llm_inference"):
                pass

    def observed() -> None:
        for _ in range(BURST):
            histogram.labels("llm", "llm_inference").observe(0.42)

    def observed_by_child() -> None:
        for _ in range(BURST):
            child.observe(0.42)

    async def timed(burst: Callable[[], None]) -> float:
        spent = []
        for _ in range(bench.size(60, 2)):
            began = time.thread_time()
            burst()
            spent.append(time.thread_time() - began)
            await recorder.flush()

        # The least disturbed burst, as timeit counts: what else runs on the machine is no cost of it.
        return min(spent) / BURST * 1e6

    bursts = (by_handle, by_name, by_block, observed, observed_by_child)
    handle, name, block, labels, observe = await medians(bench.rounds, *(partial(timed, burst) for burst in bursts))
    await recorder.close()
    peer = "prometheus-client `labels().observe()`"
    yield Row("record one operation, through a handle", handle, "µs", labels, peer, 0.25, 0.15)
    yield Row("the same by names, `record_operation()`", name, "µs", labels, peer)
    yield Row("the same as a `with` block that times it", block, "µs", labels, peer)
    yield Row("through a handle, against a handle", handle, "µs", observe, "prometheus-client `child.observe()`")


class FourMetrics:
    """The same facts as a bot would give them to prometheus-client."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._latency = Histogram("latency_seconds", "Time.", LABELS, registry=registry)
        self._prompt = Counter("prompt_tokens", "Tokens.", LABELS, registry=registry)
        self._completion = Counter("completion_tokens", "Tokens.", LABELS, registry=registry)
        self._cost = Counter("cost_dollars", "Money.", LABELS, registry=registry)

    def record(self, done: OperationDone) -> None:
        """One operation; its price is a given."""
        labels = (done.service, done.operation, done.model, done.persona, done.guild_id)
        self._latency.labels(*labels).observe(done.duration)
        self._prompt.labels(*labels).inc(done.prompt_tokens)
        self._completion.labels(*labels).inc(done.completion_tokens)
        self._cost.labels(*labels).inc(0.0004)


async def _whole(bench: Bench) -> Row:
    """CPU of all threads until it is durable and folded: in flushes of 500, 10,000 to a minute and its fold."""
    count = bench.size(20_000, 500)
    every = operations(7 * count, NOW - MINUTE * count // 10_000, NOW)
    calls = list(islice((one for one in every if one.operation == "llm_inference"), count))
    metrics = FourMetrics()

    async with data_path(bench.folder / "whole.sqlite3", ToldClock()) as path:

        async def ours() -> float:
            began = time.process_time()
            for first in range(0, count, 500):
                for done in calls[first : first + 500]:
                    path.instruments.record_operation(
                        done.service,
                        done.operation,
                        done.duration,
                        at=done.at,
                        error=done.error,
                        first_token=done.first_token,
                        prompt_tokens=done.prompt_tokens,
                        completion_tokens=done.completion_tokens,
                        persona=done.persona,
                        model=done.model,
                        guild_id=done.guild_id,
                        channel_id=done.channel_id,
                    )

                await path.recorder.flush()
                if first % 10_000 == 9_500:
                    await path.store.tend(NOW)

            if count % 10_000:
                await path.store.tend(NOW)

            return (time.process_time() - began) / count * 1e6

        def peer() -> float:
            began = time.process_time()
            for done in calls:
                metrics.record(done)

            return (time.process_time() - began) / count * 1e6

        mine, theirs = await medians(bench.rounds, ours, peer)

    what = "record an LLM operation, all that is done later included (CPU)"
    return Row(what, mine, "µs", theirs, "four prometheus-client metrics", 0.5, 0.25)
