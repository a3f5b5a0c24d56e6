"""Why is a window worse than the one before? Which service, component, model, persona, guild or kind of error it was.

Every ranking adds up to the change, with what it leaves to "the rest". A cause is named only where the change is more
than noise (`noise`), where it explains at least half of it, and where its own change is sure for all that was tried
(`scan`); docs/figures.md, "Insights", says how each figure is shared out.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.model import Instant
from monitoring.rollup import Series
from monitoring.window import Window

TIMES = {"mean": None, "p50": 0.5, "p95": 0.95, "p99": 0.99}
"""Figures of response times, in seconds, and their quantile."""
ERRORS = "errors"
AMOUNTS = ("messages", "tokens", "cost")
"""Figures that are amounts: pieces, tokens, micro-dollars."""
FIGURES = (*TIMES, ERRORS, *AMOUNTS)

OWN, MORE = "own", "more"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one group adds to the change, in the figure's unit; `mix` is of it what its share of the whole adds."""

    dimension: str
    name: str
    change: float
    share: float | None
    """Of the whole change (1: all of it); None where nothing changed."""
    mix: float = 0.0
    significant: bool = False
    """Its own figure, or its part of the whole, changed by more than noise does among so many groups."""
    now: float | None = None
    """Its own figure: mean or quantile in seconds, rate 0..1, or amount."""
    before: float | None = None
    n: int = 0
    n_before: int = 0


@dataclass(frozen=True, slots=True)
class Ranking:
    """One dimension: its groups, the largest share of the change first, and what is left to none of them."""

    dimension: str
    rows: tuple[Contribution, ...]
    rest: float = 0.0


@dataclass(frozen=True, slots=True)
class Cause:
    """What is named: `where` as (dimension, name), such as (("component", "llm_inference"), ("guild", "1"))."""

    where: tuple[tuple[str, str], ...]
    how: str
    """`own`: its own figure got worse; `more`: it is a larger part of the whole than before."""
    share: float
    """Of the whole change."""
    now: float | None
    """Its own figure in the figure's unit (seconds, rate, amount); of `more`, its share 0..1."""
    before: float | None
    n: int = 0
    kind: str = ""
    """The kind of its failures, where one makes up at least half of the more of them."""


@dataclass(frozen=True, slots=True)
class Why:
    """What changed a figure from the window `against` to this one."""

    window: Window
    against: Window
    figure: str
    now: float | None
    before: float | None
    n: int = 0
    n_before: int = 0
    sure: bool = False
    """The change is more than noise, and large enough to be worth a word."""
    rankings: tuple[Ranking, ...] = ()
    parts: tuple[tuple[str, float], ...] = ()
    """Of a waterfall from before to now: (name, change), largest first, the rest last as ""; they add up."""
    top: Cause | None = None
    unchanged: tuple[str, ...] = ()
    """Components (of errors: services) that add less than a tenth of the change, the busiest first."""

    @property
    def change(self) -> float | None:
        """Now less before; None where one is not known."""
        return None if self.now is None or self.before is None else self.now - self.before

    @property
    def worse(self) -> bool:
        """It rose; of messages: it fell."""
        change = self.change or 0.0
        return change < 0 if self.figure == "messages" else change > 0

    def ranking(self, dimension: str) -> Ranking:
        """One dimension; an empty one where nothing is known of it."""
        return next((one for one in self.rankings if one.dimension == dimension), Ranking(dimension, ()))


@dataclass(frozen=True, slots=True)
class Compared:
    """A metric in this window and in the one before, with the labels its question needs."""

    now: Series
    before: Series


def nothing(metric: str) -> Compared:
    """No rollups on either side."""
    return Compared(Series(metric, (), (), ()), Series(metric, (), (), ()))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What `why` is told, with these labels; what a figure does not need may be empty.

    response (persona, guild, source), operation (service, operation, model, persona, guild), component (component,
    guild), failure (operation, kind, guild), message (author, persona, guild). `course` is the figure's own metric in
    steps (guild), if it is known, so that its unrest is.
    """

    response: Compared = nothing("response")
    operation: Compared = nothing("operation")
    component: Compared = nothing("component")
    failure: Compared = nothing("failure")
    message: Compared = nothing("message")
    course: Compared = nothing("response")
    first_at: Instant | None = None
    """Since when is recorded: amounts of a window that was not recorded as a whole compare with nothing."""
