"""The values of recommendations, and what they are made from; the rules are in `insights` and `insights_llm`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from monitoring.analysis.anomalies import Anomaly
from monitoring.analysis.figure import Bands
from monitoring.analysis.forecast import Forecast, Reach
from monitoring.analysis.why_values import Compared, nothing
from monitoring.model import Instant
from monitoring.rollup import Series
from monitoring.window import Window


class Priority(IntEnum):
    """What comes first; its word is its name in small letters."""

    HIGH = 3
    MEDIUM = 2
    LOW = 1

    @property
    def word(self) -> str:
        """ "high", "medium" or "low"."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One thing worth doing. Its texts are plain sentences with figures, safe to show."""

    what: str
    """slow, failing, memory, disk, service, engagement, expensive, wasteful, prompts, cache or model."""
    subject: str
    """The service, model, feature or gauge it is about; "" for the whole bot."""
    priority: Priority
    title: str
    evidence: str
    action: str
    n: int
    weight: float = 0.0
    """Among those of the same priority, the heavier first."""


@dataclass(frozen=True, slots=True)
class Clues:
    """What recommendations are made from: rollups of the window and of the one before, with the labels named here."""

    response: Compared = nothing("response")
    """guild"""
    operation: Compared = nothing("operation")
    """service, operation, model, feature, guild"""
    component: Series = Series("component", (), (), ())
    """component, guild"""
    failure: Series = Series("failure", (), (), ())
    """operation, kind, guild"""
    cache: Series = Series("cache", (), (), ())
    """service, feature, guild"""
    message: Compared = nothing("message")
    """author, guild"""
    answered: Compared = nothing("answered")
    """guild"""
    probe: Series = Series("probe", (), (), ())
    """service, health"""
    liking: Series = Series("model_liking", (), (), ())
    """model, guild"""
    reaches: Mapping[str, Reach] = field(default_factory=dict)
    """By gauge."""
    bands: Bands = Bands()
    now: Instant = 0


@dataclass(frozen=True, slots=True)
class Insights:
    """What is worth doing, what is to come, and what was unusual. None or empty: nothing is known, or nothing is."""

    window: Window
    recommendations: tuple[Recommendation, ...] = ()
    """What matters most first, five at most."""
    tokens: Forecast | None = None
    """Of this month."""
    cost: Forecast | None = None
    """Of this month in micro-dollars; None too where no price is known."""
    reaches: tuple[tuple[str, Reach], ...] = ()
    """Gauges on the way to their limit, the soonest first; never of a single guild."""
    anomalies: tuple[Anomaly, ...] = ()
