"""The story's errors, services and throughput, built by hand, with any names; and their embeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import discord

from cogs._errors_embed import errors_embed
from cogs._service_embed import throughput_embed, work_embed
from monitoring.analysis.attempts import Place
from monitoring.analysis.errors import Errors, Kind, Trend, Worst
from monitoring.analysis.figure import Figure, Timing
from monitoring.analysis.services import ServicePage, Work
from monitoring.analysis.singles import Single
from monitoring.analysis.throughput import Rate, Throughput
from monitoring.model import HOUR, MINUTE, Band

from .story import DAY_WINDOW, EVENING, at

KINDS = (("timeout", "medium", 170), ("rate_limit", "high", 50), ("network", "medium", 40), ("memory", "high", 30))


def single(name: str = "llm_inference", kind: str = "", seconds: float = 4.2) -> Single:
    """One operation at 14:20."""
    return Single(at("14:20"), name if kind else "llm", name, seconds, kind, "a1b2c3d4e5f6" if kind else "", name)


def errors(name: str = "", service: str = "") -> Errors:
    """310 errors in 24 hours, half of them timeouts around 14:00; with a name, everything is called so."""
    kinds = tuple(Kind(name or kind, severity, n, n / 310, at("14:40")) for kind, severity, n in KINDS)
    return Errors(
        DAY_WINDOW,
        service,
        Figure(310, 290, 14_120),
        Figure(310 / 14_120, 0.013, 14_120, Band.WARNING),
        Figure(None) if service else Figure(0.022, 0.013, 9_860, Band.WARNING),
        kinds,
        (Place(name or "llm", 250, 9_000), Place(name or "commands", 60, 300)),
        (Place(name or "imagine", 60, 120),),
        (single(name or "llm_inference", "timeout"),) * 5,
        Trend(190, 120),
        worst=Worst(at("14:00"), at("15:00"), 160, name or "timeout", 150, True),
    )


def page(name: str = "llm", operations: tuple[str, ...] = ("llm_inference", "embedding")) -> ServicePage:
    """24 hours of a service."""
    rows = tuple(
        Work(operation, Timing(9_860 - 20 * k, 240, 1.4, 1.2, 4.1, 8.7, 0.3, 12.0), 6.8, 411.0)
        for k, operation in enumerate(operations)
    )
    return ServicePage(
        DAY_WINDOW,
        name,
        Work(name, Timing(19_700, 480, 1.4, 1.2, 4.1, 8.7, 0.3, 12.0), 13.7, 821.0),
        Timing(),
        rows,
        (single(operations[0]),) * 5,
        (single(operations[0]),) * 5,
        (single(operations[0], "timeout"),) * 5,
    )


def throughput(service: str = "") -> Throughput:
    """Up to 14 answers a minute."""
    points = (Rate(EVENING - HOUR, EVENING, 13.6, 0.4),)
    return Throughput(
        DAY_WINDOW, service, MINUTE, Figure(6.8, 6.1, 9_860), Figure(411, 366, 9_860), 290, points,
        (), None if service else 1_560, 14.0, EVENING - HOUR,
    )  # fmt: skip


def no_errors(tried: int = 0) -> Errors:
    """Nothing failed."""
    rate = Figure(0.0 if tried else None, None, tried, Band.GOOD if tried else Band.UNKNOWN)
    return Errors(DAY_WINDOW, "", Figure(0, None, tried), rate, Figure(None))


MAKERS: dict[str, Callable[[str], discord.Embed]] = {
    "errors": lambda n: errors_embed(errors(n)),
    "errors of a service": lambda n: errors_embed(replace(errors(n, n), kinds=errors(n).kinds * 4)),
    "service": lambda n: work_embed(page(n, tuple(f"{n}{i}" for i in range(9)))),
    "services": lambda n: work_embed(replace(page("", (n,) * 9), recent=(), slowest=(), failed=())),
    "idle service": lambda n: work_embed(ServicePage(DAY_WINDOW, n, Work(n, Timing(), None, None), Timing())),
    "throughput": lambda n: throughput_embed(throughput(n)),
}
"""An embed of each, with a name wherever one can be."""
