"""What recording costs: the call itself, and everything that is done for it later."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from itertools import islice

from prometheus_client import CollectorRegistry, Counter, Histogram

from monitoring.interfaces import SystemClock
from monitoring.model import SECOND, OperationDone
from monitoring.recording.delivery import CHUNK
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

    async for row in _whole(bench):
        yield row


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
    yield Row("record one operation, `record_operation()`", name, "µs", labels, peer, 0.25, 0.15)
    yield Row("the same through a handle", handle, "µs", labels, peer)
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

    def tell(self, calls: list[OperationDone]) -> None:
        """Operations, whose price is a given; taken apart as in `_tell`."""
        latency, prompts, completions, cost = self._latency, self._prompt, self._completion, self._cost
        for (
            service, operation, _, duration, _, _, persona, model, _, guild, _, _, _, _, prompt, completion, *_,
        ) in calls:  # fmt: skip
            latency.labels(service, operation, model, persona, guild).observe(duration)
            prompts.labels(service, operation, model, persona, guild).inc(prompt)
            completions.labels(service, operation, model, persona, guild).inc(completion)
            cost.labels(service, operation, model, persona, guild).inc(0.0004)


AT_HAND = CHUNK
FULL, ORDINARY = CHUNK, 250
"""Operations in a flush: where facts always wait, and what wakes the recorder."""


async def _whole(bench: Bench) -> AsyncIterator[Row]:
    """CPU of all threads until it is durable, folded and packed: a minute of 2,000 a second, tended at its end."""
    count = bench.size(120_000, 5_000) // AT_HAND * AT_HAND
    every = operations(7 * AT_HAND, NOW - SECOND, NOW)
    # The same ones again and again: a host has what it tells at hand, and does not read it out of cold memory.
    calls = list(islice((one for one in every if one.operation == "llm_inference"), AT_HAND))
    metrics = FourMetrics()

    async with data_path(bench.folder / "whole.sqlite3", ToldClock()) as path:

        async def ours(flush: int) -> float:
            began = time.process_time()
            for first in range(0, count, flush):
                at = first % AT_HAND
                _tell(path.instruments, calls[at : at + flush])
                await path.recorder.flush()

            await path.store.tend(NOW)
            return (time.process_time() - began) / count * 1e6

        def peer() -> float:
            began = time.process_time()
            for _ in range(count // AT_HAND):
                metrics.tell(calls)

            return (time.process_time() - began) / count * 1e6

        full, ordinary, theirs = await medians(bench.rounds, partial(ours, FULL), partial(ours, ORDINARY), peer)

    named = "four prometheus-client metrics"
    yield Row("record an LLM operation, all that is done later included (CPU)", full, "µs", theirs, named, 0.5, 0.25)
    yield Row("the same in flushes of 250", ordinary, "µs", theirs, named)


def _tell(instruments: Instruments, calls: list[OperationDone]) -> None:
    """As a host's pipeline tells of its calls: with names that it has at hand."""
    for (
        service, operation, at, duration, error, _, persona, model, _, guild, channel, _, _, first, prompt, done, *_,
    ) in calls:  # fmt: skip
        instruments.record_operation(
            service,
            operation,
            duration,
            at=at,
            error=error,
            first_token=first,
            prompt_tokens=prompt,
            completion_tokens=done,
            persona=persona,
            model=model,
            guild_id=guild,
            channel_id=channel,
        )
