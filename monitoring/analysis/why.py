"""Why is a window worse than the one before? The question `/why` asks, of any figure."""

from __future__ import annotations

from dataclasses import replace

from monitoring.analysis.why_amounts import why_amount
from monitoring.analysis.why_errors import why_errors
from monitoring.analysis.why_times import why_times
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

    found = why_errors(window, evidence, guild) if figure == ERRORS else why_times(window, figure, evidence, guild)
    return found if against is None else replace(found, against=against)
