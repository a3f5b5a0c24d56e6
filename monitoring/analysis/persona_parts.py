"""What a persona's page is put together from: its style, its hours, what it costs, how it is liked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from monitoring.analysis.figure import Point
from monitoring.analysis.rhythm import mean_by
from monitoring.analysis.series import label, only
from monitoring.rollup import Rollup, Series
from monitoring.window import Window

LEAST_VOTES = 3
"""Fewer votes are counted, but their mean is not shown: what one or two people felt is theirs."""


@dataclass(frozen=True, slots=True)
class Votes:
    """Votes of one kind (reaction: by emoji; reported: told by the host) and their mean 1-5, None of fewer than 3."""

    kind: str
    n: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class Quality:
    """What the host says of answers: the mean 0..1 of coherence, relevance or helpfulness."""

    name: str
    n: int
    mean: float


@dataclass(frozen=True, slots=True)
class Moods:
    """How many messages were of each mood (docs/figures.md); those of unknown languages are in none."""

    positive: int = 0
    neutral: int = 0
    negative: int = 0

    @property
    def n(self) -> int:
        """All messages whose mood is known."""
        return self.positive + self.neutral + self.negative


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
    unpriced: int
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
        unpriced=spent.unpriced,
        local_only=bool(spent.tokens) and not spent.cost and not spent.unpriced,
    )


def liking(votes: Rollup) -> float | None:
    """Mean of the votes 1-5; None of fewer than three."""
    return votes.mean if votes.count >= LEAST_VOTES else None


def votes_by_kind(satisfaction: Series, name: str, guild: str | None) -> tuple[Votes, ...]:
    """Votes by where they come from, those there are, most first."""
    keep = only("satisfaction", persona=name, guild=guild)
    found = satisfaction.total(label("satisfaction", "source", keep))
    rows = [Votes(kind, votes.count, liking(votes)) for kind, votes in found.items() if votes.count > 0]
    return tuple(sorted(rows, key=lambda row: (-row.n, row.kind)))


def qualities(quality: Series, name: str, guild: str | None) -> tuple[Quality, ...]:
    """What the host said of its answers, by name."""
    found = quality.total(label("quality", "quality", only("quality", persona=name, guild=guild)))
    means = [(one, score.count, score.mean) for one, score in sorted(found.items()) if one not in ("", "other")]
    return tuple(Quality(one, n, mean) for one, n, mean in means if mean is not None)


def moods(sentiment: Series, name: str, guild: str | None) -> Moods:
    """How many of its messages were of each mood."""
    found = sentiment.total(label("sentiment", "mood", only("sentiment", persona=name, guild=guild)))
    return Moods(*(found.get(mood, Rollup()).count for mood in ("positive", "neutral", "negative")))


def hours_of_day(window: Window, points: tuple[Point, ...]) -> tuple[float, ...]:
    """24 values: the mean count of each hour of the zone's day, from hourly points; 0 where none is known."""
    means = mean_by(window, points, lambda local: local.hour)
    return tuple(means.get(hour, 0.0) for hour in range(24))


def ratio(part: float, whole: float) -> float | None:
    """Which part of a whole; None of nothing."""
    return part / whole if whole else None
