"""Why is a window worse than the one before? The question `/why` asks, of any figure."""

from __future__ import annotations

from dataclasses import replace

from monitoring.analysis import why_errors, why_times
from monitoring.analysis.cells import whole
from monitoring.analysis.series import only
from monitoring.analysis.why_amounts import why_amount
from monitoring.analysis.why_values import (
    AMOUNTS,
    ERRORS,
    FIGURES,
    MORE,
    OWN,
    TIMES,
    Cause,
    Compared,
    Contribution,
    Evidence,
    Ranking,
    Why,
)
from monitoring.window import Window

__all__ = [
    "AMOUNTS",
    "ERRORS",
    "FIGURES",
    "MORE",
    "OWN",
    "TIMES",
    "Cause",
    "Compared",
    "Contribution",
    "Evidence",
    "Ranking",
    "Why",
    "comparable",
    "why",
]


def why(
    window: Window, figure: str, evidence: Evidence, guild: str | None = None, *, against: Window | None = None
) -> Why:
    """What changed a figure (of FIGURES) since the window before, of one guild or (None) the whole bot.

    `against`: another window that the evidence compares with; means, quantiles and rates may have one of any length.
    """
    if figure in AMOUNTS:
        return why_amount(window, figure, evidence, guild)

    if figure == ERRORS:
        found = why_errors.why_errors(window, evidence, guild)
    else:
        found = why_times.why_times(window, figure, evidence, guild)

    return found if against is None else replace(found, against=against)


def comparable(figure: str, response: Compared, guild: str | None = None) -> bool:
    """Whether responses are enough to compare a figure of them: where not, `why` looks at nothing else."""
    both = whole(response, only("response", guild=guild))
    return why_errors.comparable(both) if figure == ERRORS else why_times.comparable(figure, both)
