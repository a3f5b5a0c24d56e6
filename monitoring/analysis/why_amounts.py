"""Why there are more or fewer messages, tokens or dollars: amounts simply add, each group has its difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter

import numpy as np

from monitoring.analysis.cells import Pair, merged, pairs
from monitoring.analysis.noise import SURE, amount_error, chance
from monitoring.analysis.scan import CHANCE, Places, scan
from monitoring.analysis.series import Keep, only, recorded
from monitoring.analysis.why_rankings import ranking
from monitoring.analysis.why_values import OWN, Cause, Compared, Contribution, Evidence, Ranking, Why
from monitoring.rollup import Labels, Rollup
from monitoring.window import Window

LEAST_CHANGE = 0.2
"""An amount that differs by less than a fifth is as usual."""
LEAST = 20
"""Things (messages, operations) in both windows together of which amounts are compared at least."""
STEADY = 0.15
"""By how much the amount of a group wanders by itself, besides chance: people come and go."""
MAD = 1.4826
"""Makes a median absolute deviation a standard deviation."""
UNREST = 4.0
"""Things come in bursts: their number wavers with so many times the variance of independent ones."""
LABELS = {
    "messages": ("message", ("author", "persona", "guild")),
    "tokens": ("operation", ("model", "persona", "service", "operation", "guild")),
    "cost": ("operation", ("model", "persona", "service", "operation", "guild")),
}
SAID = {"operation": "component"}


def amount(figure: str, rollup: Rollup) -> float:
    """What is counted: messages, tokens, micro-dollars."""
    return float({"messages": rollup.count, "tokens": rollup.tokens, "cost": rollup.cost}[figure])


def why_amount(window: Window, figure: str, evidence: Evidence, guild: str | None = None) -> Why:
    """Why an amount changed since the window before, of one guild or the whole bot."""
    metric, labels = LABELS[figure]
    compared = evidence.message if metric == "message" else evidence.operation
    keep = only(metric, guild=guild)
    cells = {k: pair for k, pair in pairs(compared, labels, keep).items() if any(amount(figure, r) for r in pair)}
    now, before = (sum(amount(figure, pair[side]) for pair in cells.values()) for side in (0, 1))
    n, m = (sum(pair[side].count for pair in cells.values()) for side in (0, 1))
    plain = Why(window, window.before, figure, now, before, n, m)
    if not recorded(window.before, evidence.first_at):
        return replace(plain, before=None)

    if n + m < LEAST:
        return plain

    change = now - before
    names = tuple(SAID.get(name, name) for name in labels)
    rankings = _rankings(figure, names, cells, change)
    error = _error(figure, compared, evidence.course, keep)
    sure = abs(change) >= LEAST_CHANGE * max(before, 1.0) and abs(change) > SURE * error
    found: Why = replace(
        plain,
        sure=sure,
        rankings=rankings,
        parts=(*((one.name, one.change) for one in rankings[0].rows), ("", rankings[0].rest)) if rankings else (),
    )
    return replace(found, top=_cause(figure, names, cells, change)) if sure else found


def _rankings(figure: str, names: Sequence[str], cells: dict[Labels, Pair], change: float) -> tuple[Ranking, ...]:
    found = []
    for place, name in enumerate(names):
        groups = merged(cells, itemgetter(place))
        found.append(ranking(name, *_rows(figure, name, groups, change)))

    return tuple(one for one in found if one.rows)


def _rows(figure: str, dimension: str, groups: dict[str, Pair], change: float) -> tuple[list[Contribution], float]:
    rows = []
    for name, (now, before) in groups.items():
        here, there = amount(figure, now), amount(figure, before)
        error = math.hypot(_own_error(figure, now, before), STEADY * there)
        rows.append(
            Contribution(
                dimension,
                name,
                here - there,
                (here - there) / change if change else None,
                significant=chance(((here - there) / max(error, 1e-9)) ** 2) * len(groups) < CHANCE,
                now=here,
                before=there,
                n=now.count,
                n_before=before.count,
            )
        )

    return rows, change - sum(one.change for one in rows)


def _own_error(figure: str, now: Rollup, before: Rollup) -> float:
    """The standard error of the difference of two amounts whose pieces are as large as those of both are on average."""
    pieces = now.count + before.count
    piece = (amount(figure, now) + amount(figure, before)) / pieces if pieces else 0.0
    return piece * amount_error(now.count, before.count, UNREST)


def _error(figure: str, compared: Compared, course: Compared, keep: Keep) -> float:
    """The standard error of the whole difference: that of bursts, or that of the steps where both windows have them."""
    bursts = _own_error(figure, compared.now.sum(keep), compared.before.sum(keep))
    now, before = course.now.line(keep), course.before.line(keep)
    if course.now.metric != compared.now.metric or len(now) != len(before) or len(now) < 6:
        return bursts

    apart = np.array([amount(figure, a) - amount(figure, b) for a, b in zip(now, before, strict=True)])
    # Around what changed for good, so that a fall from some hour on is no unrest.
    return max(bursts, float(np.median(np.abs(apart - np.median(apart)))) * MAD * math.sqrt(len(apart)))


def _cause(figure: str, names: tuple[str, ...], cells: dict[Labels, Pair], change: float) -> Cause | None:
    """The group there is more (or less) of, as far as the others stayed as they were."""
    rows = list(cells.values())
    here = np.array([amount(figure, now) for now, _ in rows])
    there = np.array([amount(figure, before) for _, before in rows])
    counts = np.array([[pair[side].count for pair in rows] for side in (0, 1)], dtype=float)
    # Half of a piece on either side, so that what is new or gone has a ratio too.
    piece = (here + there) / np.maximum(counts.sum(axis=0), 1.0)
    shift = np.log((here + piece / 2) / (there + piece / 2))
    variance = UNREST * (1 / (counts + 0.5)).sum(axis=0) + STEADY**2

    def explains(places: Places) -> float:
        return float((here[places] - there[places]).sum()) / change

    found = scan(names, list(cells), shift, variance, explains)
    if found is None:
        return None

    places = found.places
    n = int(counts[0, places].sum())
    return Cause(found.where, OWN, found.share, float(here[places].sum()), float(there[places].sum()), n)
