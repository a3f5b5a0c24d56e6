"""What recording costs: the call itself, and everything that is done for it later."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from itertools import islice
from typing import Any, TypeAlias

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


Call: TypeAlias = tuple[Any, ...]
"""What is told of a call: service, operation, seconds, tokens of the prompt and of the answer, model, persona, guild;
then when it began, its first token, failure and channel."""


class Metrics:
    """The same facts as a bot would give them to prometheus-client: four metrics, and two for what else there is."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._latency = Histogram("latency_seconds", "Time.", LABELS, registry=registry)
        self._prompt = Counter("prompt_tokens", "Tokens.", LABELS, registry=registry)
        self._completion = Counter("completion_tokens", "Tokens.", LABELS, registry=registry)
        self._cost = Counter("cost_dollars", "Money.", LABELS, registry=registry)
        self._first = Histogram("first_token_seconds", "Time.", LABELS, registry=registry)
        self._failures = Counter("failures", "Failures.", LABELS, registry=registry)

    def tell(self, calls: list[Call]) -> None:
        """Latency, tokens and money of each; its price is a given."""
        latency, prompts, completions, cost = self._latency, self._prompt, self._completion, self._cost
        for service, operation, duration, prompt, completion, model, persona, guild, _, _, _, _ in calls:
            latency.labels(service, operation, model, persona, guild).observe(duration)
            prompts.labels(service, operation, model, persona, guild).inc(prompt)
            completions.labels(service, operation, model, persona, guild).inc(completion)
            cost.labels(service, operation, model, persona, guild).inc(0.0004)

    def tell_more(self, calls: list[Call]) -> None:
        """The rest: first tokens and failures."""
        firsts, failures = self._first, self._failures
        for service, operation, _, _, _, model, persona, guild, _, first, error, _ in calls:
            firsts.labels(service, operation, model, persona, guild).observe(first)
            if error is not None:
                failures.labels(service, operation, model, persona, guild).inc()


AT_HAND = CHUNK
FULL, ORDINARY = CHUNK, 250
"""Operations in a flush: where facts always wait, and what wakes the recorder."""


async def _whole(bench: Bench) -> AsyncIterator[Row]:
    """CPU of all threads until it is durable, folded and packed: a minute of 2,000 a second, tended at its end."""
    count = bench.size(120_000, 5_000) // AT_HAND * AT_HAND
    every = operations(7 * AT_HAND, NOW - SECOND, NOW)
    # The same ones again and again: a host has what it tells at hand, and does not read it out of cold memory.
    calls = [_call(one) for one in islice((one for one in every if one.operation == "llm_inference"), AT_HAND)]
    metrics = Metrics()

    async with data_path(bench.folder / "whole.sqlite3", ToldClock()) as path:

        async def ours(tell: Tell, flush: int) -> float:
            began = time.process_time()
            for first in range(0, count, flush):
                at = first % AT_HAND
                tell(path.instruments, calls[at : at + flush])
                await path.recorder.flush()

            await path.store.tend(NOW)
            return (time.process_time() - began) / count * 1e6

        def peer(*tells: Callable[[list[Call]], None]) -> float:
            began = time.process_time()
            for _ in range(count // AT_HAND):
                for tell in tells:
                    tell(calls)

            return (time.process_time() - began) / count * 1e6

        four, ordinary, all_of_it, theirs, all_theirs = await medians(
            bench.rounds,
            partial(ours, _tell, FULL),
            partial(ours, _tell, ORDINARY),
            partial(ours, _tell_all, FULL),
            partial(peer, metrics.tell),
            partial(peer, metrics.tell, metrics.tell_more),
        )

    named = "four prometheus-client metrics"
    yield Row("record an LLM operation, all that is done later included (CPU)", four, "µs", theirs, named, 0.5, 0.25)
    yield Row("the same in flushes of 250", ordinary, "µs", theirs, named)
    named = "six prometheus-client metrics"
    yield Row("the same with its first token, failure and channel", all_of_it, "µs", all_theirs, named)


def _call(done: OperationDone) -> Call:
    return (
        done.service, done.operation, done.duration, done.prompt_tokens, done.completion_tokens, done.model,
        done.persona, done.guild_id, done.at, done.first_token, done.error, done.channel_id,
    )  # fmt: skip


def _tell(instruments: Instruments, calls: list[Call]) -> None:
    """As a host's pipeline tells of its calls, with names that it has at hand: what four metrics hold, and when."""
    for service, operation, duration, prompt, completion, model, persona, guild, at, _, _, _ in calls:
        instruments.record_operation(
            service,
            operation,
            duration,
            at=at,
            prompt_tokens=prompt,
            completion_tokens=completion,
            persona=persona,
            model=model,
            guild_id=guild,
        )


def _tell_all(instruments: Instruments, calls: list[Call]) -> None:
    """The same with all that there is."""
    for service, operation, duration, prompt, completion, model, persona, guild, at, first, error, channel in calls:
        instruments.record_operation(
            service,
            operation,
            duration,
            at=at,
            error=error,
            first_token=first,
            prompt_tokens=prompt,
            completion_tokens=completion,
            persona=persona,
            model=model,
            guild_id=guild,
            channel_id=channel,
        )


Tell: TypeAlias = Callable[[Instruments, list[Call]], None]
