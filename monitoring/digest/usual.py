"""What is usual for a weekday: the median of the same weekday of the four weeks before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from statistics import median

from monitoring.analysis.overview import Overview

WEEKS = 4
LEAST = 3
"""Weeks that must be known; with fewer nothing is called usual."""


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The figures of one day, or what is usual for one. Times in seconds, rates 0..1, cost in micro-dollars."""

    messages: float | None = None
    users: float | None = None
    p95: float | None = None
    mean: float | None = None
    errors: float | None = None
    exchanges: float | None = None
    tokens: float | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Usual:
    """A usual day of its kind: "Wednesday", from so many of them."""

    weekday: str
    figures: DayFigures
    n: int


def day_figures(value: Overview) -> DayFigures:
    """The figures of a day that was asked about."""
    return DayFigures(**{field.name: getattr(value, field.name).value for field in fields(DayFigures)})


def usual(weekday: str, days: Sequence[DayFigures]) -> Usual | None:
    """The median of each figure over days of the same weekday; None of fewer than three days, each figure too."""
    if len(days) < LEAST:
        return None

    middle: dict[str, float] = {}
    for field in fields(DayFigures):
        known = [value for day in days if (value := getattr(day, field.name)) is not None]
        if len(known) >= LEAST:
            middle[field.name] = median(known)

    return Usual(weekday, DayFigures(**middle), len(days))


def against(value: Overview, yardstick: Usual | None) -> Overview:
    """The same day held against a usual one instead of the day before; without one as it is.

    A figure of which nothing is usual has no yardstick then: two of them under one arrow would mislead.
    """
    if yardstick is None:
        return value

    figures = yardstick.figures
    return replace(
        value,
        against=f"a usual {yardstick.weekday}",
        messages=replace(value.messages, before=figures.messages),
        users=replace(value.users, before=figures.users),
        p95=replace(value.p95, before=figures.p95),
        mean=replace(value.mean, before=figures.mean),
        errors=replace(value.errors, before=figures.errors),
        exchanges=replace(value.exchanges, before=figures.exchanges),
        tokens=replace(value.tokens, before=figures.tokens),
        cost=replace(value.cost, before=figures.cost),
    )
