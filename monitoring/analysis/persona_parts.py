"""What a persona's page is put together from: its style, its hours, what it costs, how it is liked."""

from __future__ import annotations

from typing import TypedDict

from monitoring.analysis.figure import Point
from monitoring.analysis.rhythm import mean_by
from monitoring.analysis.series import only
from monitoring.rollup import Rollup, Series
from monitoring.window import Window

LEAST_VOTES = 3
"""Fewer votes are counted, but their mean is not shown: what one or two people felt is theirs."""


class Style(TypedDict):
    """Share of messages with a question; emoji and mentions a message. None without a message."""

    questions: float | None
    emoji: float | None
    mentions: float | None


class Spending(TypedDict):
    """Tokens, and their cost in micro-dollars: None where no price is known, 0 for local models."""

    tokens: int
    tokens_per_day: float | None
    cost: int | None
    local_only: bool


def style(detail: Series, name: str, guild: str | None, messages: int) -> Style:
    """How a persona writes."""

    def of(what: str) -> Rollup:
        return detail.sum(only("detail", what=what, persona=name, guild=guild))

    return Style(
        questions=ratio(of("question").count, messages),
        emoji=ratio(of("emoji").total / 1e6, messages),
        mentions=ratio(of("mention").total / 1e6, messages),
    )


def spending(spent: Rollup, days: float) -> Spending:
    """What a persona's operations used."""
    return Spending(
        tokens=spent.tokens,
        tokens_per_day=spent.tokens / days if spent.tokens else None,
        cost=None if spent.unpriced and not spent.cost else spent.cost,
        local_only=bool(spent.tokens) and not spent.cost and not spent.unpriced,
    )


def liking(votes: Rollup) -> float | None:
    """Mean of the votes 1-5; None of fewer than three."""
    return votes.mean if votes.count >= LEAST_VOTES else None


def hours_of_day(window: Window, points: tuple[Point, ...]) -> tuple[float, ...]:
    """24 values: the mean count of each hour of the zone's day, from hourly points; 0 where none is known."""
    means = mean_by(window, points, lambda local: local.hour)
    return tuple(means.get(hour, 0.0) for hour in range(24))


def ratio(part: float, whole: float) -> float | None:
    """Which part of a whole; None of nothing."""
    return part / whole if whole else None
