"""Would a persona be better off with another model? Told only where the figures of the window hold it up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitoring.analysis.difference import newcombe, welch
from monitoring.analysis.figure import Bands
from monitoring.analysis.series import LEAST_P95, Keep
from monitoring.analysis.spending import used
from monitoring.metrics import METRICS
from monitoring.model import Band
from monitoring.rollup import Rollup, Series

MONTH_DAYS = 365.25 / 12
LEAST_FASTER = 0.2
"""A model is clearly faster if even the near end of the interval saves a fifth of the mean."""
LEAST_TEXT = 0.7
"""Whose answers are shorter than so much of the persona's may be faster for that alone."""

_PERSONA, _OPERATION, _MODEL = (METRICS["operation"].labels.index(name) for name in ("persona", "operation", "model"))


@dataclass(frozen=True, slots=True)
class Move:
    """A persona that could change its model: seconds saved in the mean (interval `low` to `high`)."""

    persona: str
    operation: str
    old: str
    new: str
    faster: float
    low: float
    high: float
    month: float | None
    """Micro-dollars more (less: negative) in a month, at the tokens of the window; None: not known."""
    n: int
    """Operations of the persona that it is seen from."""


def best_move(series: Series, keep: Keep, bands: Bands, *, days: float) -> Move | None:
    """The move that saves most time in all, of those that are clearly faster and fail no more; None without any.

    A persona's operations on a slow model are compared with all of the same operation on another one.
    """
    by_persona = series.total(lambda labels: _key(labels) if keep(labels) else None)
    by_model = series.total(lambda labels: (labels[_OPERATION], labels[_MODEL]) if keep(labels) else None)
    found = list(_moves(by_persona, by_model, bands, days))
    return max(found, key=lambda move: (move.low * move.n, move.persona), default=None)


def _key(labels: tuple[str, ...]) -> tuple[str, str, str]:
    return labels[_PERSONA], labels[_OPERATION], labels[_MODEL]


def _moves(
    by_persona: dict[tuple[str, str, str], Rollup],
    by_model: dict[tuple[str, str], Rollup],
    bands: Bands,
    days: float,
) -> Iterator[Move]:
    for (persona, operation, old), mine in by_persona.items():
        if persona in ("", "other") or not _slow(mine, bands):
            continue

        for (other_operation, new), theirs in by_model.items():
            if other_operation != operation or new in (old, "other"):
                continue

            gain = welch(mine, theirs)
            if gain is None or mine.mean is None or gain.low < LEAST_FASTER * mine.mean or not _as_good(mine, theirs):
                continue

            month = _month(mine, theirs, days)
            yield Move(persona, operation, old, new, gain.value, gain.low, gain.high, month, mine.count)


def _slow(mine: Rollup, bands: Bands) -> bool:
    """Whether the mean or the P95 is out of the good band."""
    marks = (bands.mean.band(mine.mean), bands.p95.band(mine.quantile(0.95, LEAST_P95)))
    return any(mark in (Band.WARNING, Band.CRITICAL) for mark in marks)


def _as_good(mine: Rollup, theirs: Rollup) -> bool:
    """Whether the other one is not shown to fail more, and does not write much less."""
    fails = newcombe(theirs, mine)
    brief = _text(theirs) < LEAST_TEXT * _text(mine)
    return not brief and (fails is None or fails.low <= 0)


def _text(rollup: Rollup) -> float:
    """Completion tokens of an answer."""
    return rollup.completion / rollup.successes if rollup.successes > 0 else 0.0


def _month(mine: Rollup, theirs: Rollup, days: float) -> float | None:
    """What the persona's tokens would cost more in a month; None where a price is unknown, or less than a day is."""
    now, then = used(mine).per_1k, used(theirs).per_1k
    if now is None or then is None or days < 1:
        return None

    return (then - now) * mine.tokens / 1000 / days * MONTH_DAYS
