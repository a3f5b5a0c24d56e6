"""Which model is fast, which is liked, which costs what, and whether another one is worth a try."""

from __future__ import annotations

from dataclasses import dataclass, replace

from monitoring.analysis.figure import Bands, Gap, Timing
from monitoring.analysis.model_moves import Move, best_move
from monitoring.analysis.performance import RESPONSE, partial
from monitoring.analysis.series import Keep, days_since, label, only, timing
from monitoring.analysis.spending import Used, per_second, used
from monitoring.model import Band, Instant
from monitoring.rollup import Rollup, Series
from monitoring.window import Window

LEAST_ANSWERS, LEAST_VOTES = 20, 3
"""Answers below which a model is not called fast, and votes below which it is not called liked."""


@dataclass(frozen=True, slots=True)
class Model:
    """One model's operations; times in seconds, `liking` 1-5 of `votes`, `share` 0..1 of all model operations."""

    name: str
    timing: Timing
    used: Used
    share: float
    band: Band = Band.UNKNOWN
    """Of its P95; of its mean where there are too few for one."""
    error_band: Band = Band.UNKNOWN
    first_token: Timing = Timing()
    per_second: float | None = None
    """Completion tokens a second."""
    liking: float | None = None
    """None below three votes."""
    votes: int = 0

    @property
    def enough(self) -> bool:
        """Whether it succeeded often enough to be compared."""
        return self.timing.n - self.timing.failures >= LEAST_ANSWERS


@dataclass(frozen=True, slots=True)
class Models:
    """Models side by side, fastest mean first; then those that write no text, then those with too few answers."""

    window: Window
    rows: tuple[Model, ...]
    n: int
    move: Move | None = None
    """What is worth a try; None where there is no evidence."""
    gaps: tuple[Gap, ...] = ()
    partial: bool = False
    """Facts of the window were dropped, so that its quantiles are partial."""
    money: bool = True
    """Whether costs are shown."""
    first_at: Instant | None = None

    @property
    def compared(self) -> tuple[Model, ...]:
        """Those whose speed compares, fastest first: with twenty answers, and if any write text, those that do."""
        rows = tuple(row for row in self.rows if row.enough and row.timing.mean is not None)
        return tuple(row for row in rows if row.used.completion) or rows

    @property
    def fastest(self) -> Model | None:
        """The lowest mean of those that compare; None for fewer than two of them."""
        return self.compared[0] if len(self.compared) > 1 else None

    @property
    def liked(self) -> Model | None:
        """The highest liking of those with three votes or more."""
        return max((row for row in self.rows if row.liking is not None), key=lambda row: row.liking or 0, default=None)

    @property
    def most_used(self) -> Model | None:
        """The one with the most operations."""
        return max(self.rows, key=lambda row: row.timing.n, default=None)

    def without_money(self) -> Models:
        """The same for those who are not shown what it costs."""
        return replace(self, money=False)


@dataclass(frozen=True, slots=True)
class Work:
    """What `models` is told: the whole window, each series as one step."""

    operation: Series
    """By model, persona and operation."""
    first_token: Series
    liking: Series
    drop: Series = Series("drop", (), (), ())
    gaps: tuple[Gap, ...] = ()
    first_at: Instant | None = None


def models(window: Window, work: Work, *, guild: str | None = None, bands: Bands) -> Models:
    """Models of a window side by side, of one guild or the whole bot."""
    keep = of_models(guild)
    found = {name: one for name, one in work.operation.total(label("operation", "model", keep)).items() if name}
    tokens = work.first_token.total(label("first_token", "model", only("first_token", guild=guild)))
    votes = work.liking.total(label("model_liking", "model", only("model_liking", guild=guild)))
    n = sum(one.count for one in found.values())
    rows = [
        _row(name, one, n, bands, tokens.get(name), votes.get(name), per_second(work.operation, _of(name, keep)))
        for name, one in found.items()
    ]
    days = days_since(window, work.first_at)

    return Models(
        window=window,
        rows=tuple(sorted(rows, key=_order)),
        n=n,
        move=best_move(work.operation, keep, bands, days=days),
        gaps=work.gaps,
        partial=partial(work.drop),
        first_at=work.first_at if work.first_at and work.first_at > window.start else None,
    )


def of_models(guild: str | None) -> Keep:
    """Operations of a model; not responses, which hold such operations and may name the model again."""
    keep, name, operation = only("operation", guild=guild), label("operation", "model"), label("operation", "operation")
    return lambda labels: keep(labels) and bool(name(labels)) and operation(labels) != RESPONSE


def _row(
    name: str, one: Rollup, n: int, bands: Bands, first: Rollup | None, votes: Rollup | None, speed: float | None
) -> Model:
    timed, spent = timing(one), used(one)
    liked = votes is not None and votes.successes >= LEAST_VOTES
    return Model(
        name=name,
        timing=timed,
        used=spent,
        share=one.count / n,
        band=bands.p95.band(timed.p95) if timed.p95 is not None else bands.mean.band(timed.mean),
        error_band=bands.errors.band(timed.rate),
        first_token=timing(first) if first is not None else Timing(),
        per_second=speed,
        liking=votes.mean if votes is not None and liked else None,
        votes=votes.successes if votes is not None else 0,
    )


def _of(name: str, keep: Keep) -> Keep:
    """Those of one model."""
    mine = label("operation", "model", keep)
    return lambda labels: mine(labels) == name


def _order(row: Model) -> tuple[bool, bool, float, str]:
    return not row.enough or row.timing.mean is None, not row.used.completion, row.timing.mean or 0.0, row.name
