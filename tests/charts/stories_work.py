"""Made-up errors and throughput in every state their charts must bear."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from chart_stories import CROWD, ODD, day_of, window

from monitoring.analysis.errors import Errors, ErrorStep, Kind, Trend, Worst, error_width, severity
from monitoring.analysis.figure import Figure, Gap, Point
from monitoring.analysis.series import chart_width
from monitoring.analysis.throughput import Rate, Throughput
from monitoring.model import HOUR, MINUTE, Band
from monitoring.window import Window

LONG = ("W" * 32, "王" * 32, "m" * 32)
KINDS = ("timeout", "rate_limit", "network", "memory", "unknown")


def errors(name: str = "24h", names: tuple[str, ...] = KINDS, *, service: str = "", calm: bool = False) -> Errors:
    """The day of the story: timeouts around 14:00."""
    dice, span = random.Random(3), window(name)
    gap, steps = _gap(span), []
    width = error_width(span)
    peak = span.start + int(0.835 * span.length) // width * width
    for at in range(span.start, span.end, width):
        dark = gap.start <= at < gap.end
        count = 160 if at == peak and not calm else dice.choice((0, 10, 10, 20))
        steps.append(ErrorStep(at, at + width, None if dark else count))

    total = sum(step.failures or 0 for step in steps)
    highest = max(steps, key=lambda step: step.failures or 0)
    kinds = tuple(
        Kind(kind, severity(kind), max(total // 2 ** (k + 1), 1), 0.5 ** (k + 1), peak) for k, kind in enumerate(names)
    )
    count = highest.failures or 0
    worst = Worst(highest.at, highest.end, count, names[0], int(count * 0.95), not calm)
    return Errors(
        span,
        service,
        Figure(total, total * 0.8, 14_120),
        Figure(total / 14_120, 0.013, 14_120, Band.WARNING),
        Figure(0.0214, 0.0121, 9_860),
        kinds,
        trend=Trend(190, 120),
        steps=tuple(steps),
        worst=worst,
        gaps=(gap,),
    )


def one_error() -> Errors:
    """Monitoring began a quarter of an hour ago, and one thing failed."""
    span = window("1h")
    first = span.end - 15 * MINUTE
    steps = tuple(
        ErrorStep(at, at + 5 * MINUTE, None if at < first else int(at == first))
        for at in range(span.start, span.end, 5 * MINUTE)
    )
    kinds = (Kind("timeout", "medium", 1, 1.0, first),)
    worst = Worst(first, first + 5 * MINUTE, 1, "timeout", 1, False)
    rate = Figure(0.1, None, 10, Band.CRITICAL)
    gaps = (Gap(span.start, first),)
    return Errors(span, "", Figure(1, None, 10), rate, Figure(0.1), kinds, steps=steps, worst=worst, gaps=gaps)


def no_errors(tried: int = 0) -> Errors:
    """Nothing failed."""
    rate = Figure(0.0 if tried else None, None, tried, Band.GOOD if tried else Band.UNKNOWN)
    return Errors(window(), "", Figure(0, None, tried), rate, Figure(None))


def throughput(name: str = "24h", *, service: str = "", scale: float = 1.0) -> Throughput:
    """Answers and messages over a day, or the operations of a service."""
    dice, span = random.Random(8), window(name)
    gap, width = _gap(span), chart_width(span)
    points, messages = [], []
    for at in range(span.start, span.end, width):
        lively = 14 * day_of((at / HOUR + 1) % 24) * dice.uniform(0.8, 1.2) * scale
        dark = gap.start <= at < gap.end
        points.append(Rate(at, at + width, None if dark else lively, None if dark else lively * 0.03))
        messages.append(Point(at, None if dark else lively * 3, 1))

    peak = max(points, key=lambda point: point.both or 0)
    return Throughput(
        span, service, MINUTE, Figure(6.8 * scale, 6.1, 9_860), Figure(411 * scale, 366, 9_860), 290,
        tuple(points), () if service else tuple(messages), None if service else 1_560, peak.both, peak.at, (gap,),
    )  # fmt: skip


def one_rate() -> Throughput:
    """Monitoring began just now."""
    span = window("1h")
    at = span.end - MINUTE
    return Throughput(
        span, "", MINUTE, Figure(3, None, 3), Figure(180, None, 3), 0, (Rate(at, span.end, 3, 0),),
        (Point(at, 7, 7),), 420, 3, at, (Gap(span.start, at),),
    )  # fmt: skip


def no_throughput(service: str = "") -> Throughput:
    """Nothing was done."""
    return Throughput(window(), service, HOUR, Figure(None), Figure(None))


def states() -> Iterator[tuple[str, str, object]]:
    """Kind, state, value."""
    for name in ("1h", "6h", "24h", "7d", "30d", "90d"):
        yield "errors", name, errors(name)
        yield "errors", f"{name} calm", errors(name, calm=True)
        yield "throughput", name, throughput(name)

    for state, names in (("crowd", KINDS + CROWD), ("odd", ODD), ("long", LONG), ("one kind", KINDS[:1])):
        yield "errors", state, errors(names=names)

    yield "errors", "one", one_error()
    yield "errors", "none", no_errors(900)
    yield "errors", "nothing", no_errors()
    for name in ("llm", *ODD, *LONG):
        yield "errors", f"of {name[:9]}", errors(service=name)
        yield "throughput", f"of {name[:9]}", throughput(service=name)

    yield "throughput", "busy", throughput(scale=3_000)
    yield "throughput", "quiet", throughput(scale=0.01)
    yield "throughput", "one", one_rate()
    yield "throughput", "partial", replace(throughput(), partial=True)
    yield "throughput", "nothing", no_throughput()
    yield "throughput", "nothing of a service", no_throughput("W" * 32)


def _gap(span: Window) -> Gap:
    return Gap(span.start + int(0.382 * span.length), span.start + int(0.423 * span.length))
