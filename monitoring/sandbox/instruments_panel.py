"""The readings of the demo's history: gauges, probes, signs of life and things only counted."""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random

from monitoring.model import DAY, HOUR, MINUTE, SECOND, Happening, Health, Instant, ProbeResult, Sample, Seen
from monitoring.sandbox.weather import Weather

_FINE = 2 * DAY
"""For so long before the end, charts show single minutes; before that, hours, so that fewer readings do."""
_EVERY, _SELDOM = 5 * MINUTE, 15 * MINUTE
_MARKS = 10
"""Marks of life, one each ten seconds, with the seldom readings: 40 an hour, of which 36 say that it was monitored."""
_LLM = (("model", "llama3.1:8b"), ("gpu", "NVIDIA RTX 4090, 24 GB"))
_TTS = (("engine", "piper"), ("voice", "en_GB-alan-medium"))
_RAG = (("documents", "1,284"), ("collections", "3"), ("embedding model", "nomic-embed-text"))
_GB = 1024**3


def readings(rng: Random, weather: Weather, begin: Instant, end: Instant) -> Iterator[tuple[Instant, Seen]]:
    """All readings of a span, each five minutes in the last two days and each quarter before; none in the gap."""
    first = begin + -begin % MINUTE
    for at in range(first, end, MINUTE):
        if not weather.monitored(at):
            continue

        fine = at >= weather.end - _FINE
        if at % (_EVERY if fine else _SELDOM) == 0:
            yield from ((at, sample) for sample in _gauges(rng, weather, at))
            yield from ((at, probe) for probe in _probes(rng, weather, at))

        yield from ((mark, Sample("alive", 1.0, mark)) for mark in _marks(at, fine, at == first))
        if at % (6 * HOUR) == 0 and rng.random() < 0.18:
            yield at, Happening("reconnect", at)

    if not weather.monitored(weather.gap[1] - 1) and begin <= weather.gap[1] < end:
        yield weather.gap[1], Happening("start", weather.gap[1])


def _marks(at: Instant, fine: bool, first: bool) -> list[Instant]:
    """The signs of life to tell at a minute: one where minutes are shown, else many in the first of a quarter."""
    if fine:
        return [at]

    return [at + number * 10 * SECOND for number in range(_MARKS)] if first or at % _SELDOM == 0 else []


def _gauges(rng: Random, weather: Weather, at: Instant) -> list[Sample]:
    """The host and the process."""
    busy, factor = weather.bustle(at), weather.factor(at)
    strain = 16.0 * (factor - 1) if factor > 1 else 0.0
    days = (at - weather.start) / DAY
    since_start = (at - weather.gap[1] if at >= weather.gap[1] else at - weather.start) / DAY
    return [
        Sample("cpu_percent", min(100.0, 14 + 17 * busy + strain + rng.uniform(-4, 6)), at),
        Sample("memory_percent", 52 + 0.35 * since_start + 2.2 * busy + rng.uniform(-1, 1), at),
        Sample("disk_percent", 61 + 0.22 * days, at),
        Sample("process_memory", (0.41 + 0.004 * since_start + rng.uniform(-0.01, 0.01)) * _GB, at),
        Sample("loop_lag", 0.0015 * rng.lognormvariate(0.0, 0.5) * (1 + busy), at),
        Sample("gateway_latency", 0.062 * rng.lognormvariate(0.0, 0.16) + 0.008 * math.sin(at / HOUR), at),
    ]


def _probes(rng: Random, weather: Weather, at: Instant) -> list[ProbeResult]:
    """The services: the language model goes with the weather, TTS is seldom slow."""
    factor = weather.factor(at)
    if factor == 0.0:
        llm = ProbeResult("llm", Health.UNHEALTHY, at, None, "503 Service Unavailable")
    else:
        took = 0.035 * rng.lognormvariate(0.0, 0.3) * factor**3
        llm = ProbeResult("llm", Health.DEGRADED if factor > 2.4 else Health.HEALTHY, at, took, facts=_LLM)

    slow = rng.random() < 0.004
    tts = ProbeResult("tts", Health.DEGRADED if slow else Health.HEALTHY, at, 1.4 if slow else 0.02, facts=_TTS)
    return [llm, tts, ProbeResult("rag", Health.HEALTHY, at, 0.012 * rng.lognormvariate(0.0, 0.2), facts=_RAG)]
