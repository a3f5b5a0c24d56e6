"""Personas against each other: who is slower, or fails more, than the others do at the same time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import median

from monitoring.rollup import Rollup

LEAST = 10
"""Answers of a persona of which anything is said."""
KNOWN = 30
"""Answers of the week before by which its usual place among the others is known."""
APART = 1.0
"""Seconds by which a slow persona must differ from the others."""
SURE = 3.0
"""Standard deviations by which its failures must differ from those of the others."""


def slower(now: Mapping[str, Rollup], week: Mapping[str, Rollup]) -> dict[str, float]:
    """How many times as slow as the others each persona is, of what is usual for it (one has a larger model for good).

    1 where it is no slower. Only personas with enough answers, in the window and in the week before; it takes two
    others to compare with.
    """
    means = {name: r.mean for name, r in now.items() if r.successes >= LEAST and r.mean is not None}
    usual = {name: r.mean for name, r in week.items() if r.successes >= KNOWN and r.mean is not None}
    found = {}
    for name, mean in means.items():
        ratio, before = _ratio(name, means), _ratio(name, usual)
        if mean is None or ratio is None or before is None:
            continue

        others = mean / ratio
        found[name] = ratio / max(before, 1.0) if mean - others * max(before, 1.0) >= APART else 1.0

    return found


def _ratio(name: str, means: Mapping[str, float | None]) -> float | None:
    """A persona's mean ÷ the median of the others'; None without it, or without two others."""
    own = means.get(name)
    others = [mean for other, mean in means.items() if other != name and mean]
    return own / median(others) if own and len(others) >= 2 else None


def failing(now: Mapping[str, Rollup]) -> dict[str, float]:
    """By how much (0..1) a persona's failure rate lies above that of all others; 0 where chance may have done it."""
    found = {}
    for name, own in now.items():
        n, bad = sum(r.count for r in now.values()) - own.count, sum(r.failures for r in now.values()) - own.failures
        if own.count < LEAST or n < LEAST:
            continue

        rate, others = own.failures / own.count, bad / n
        # Arcsines, whose unrest does not depend on the rate (Anscombe 1948).
        apart = math.asin(math.sqrt(rate)) - math.asin(math.sqrt(others))
        sure = apart / (0.5 * math.sqrt(1 / own.count + 1 / n)) >= SURE
        found[name] = rate - others if sure else 0.0

    return found
