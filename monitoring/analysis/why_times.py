"""Why response times rose: by persona and guild, and by the parts of responses (`why_parts`)."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from monitoring.analysis.attribution import mixture, shapley
from monitoring.analysis.cells import Pair, columns, pairs, whole
from monitoring.analysis.noise import SURE, chance, mean_error, moments, quantile_error, together, wavering
from monitoring.analysis.scan import CHANCE, LEAST_SHARE, Found, Places, scan
from monitoring.analysis.series import Keep, only
from monitoring.analysis.why_parts import NAMES, STEADY, parts_of, slower
from monitoring.analysis.why_rankings import GROUPS, Asked, rankings, statistic
from monitoring.analysis.why_values import MORE, OWN, TIMES, Cause, Compared, Contribution, Evidence, Ranking, Why
from monitoring.rollup import Rollup
from monitoring.window import Window

LEAST_CHANGE = 0.1
"""A time that rose by less than a tenth did not change."""
LEAST_EACH = 10
"""Responses in each window of which a mean is compared at least."""
MIXED = 0.05
"""By how much the shares of groups wander by themselves, besides chance."""
SMALL = 0.1
"""What adds less than a tenth of the change is as usual."""


def why_times(window: Window, figure: str, evidence: Evidence, guild: str | None = None) -> Why:
    """Why the mean or a quantile of response times changed since the window before, of one guild or the whole bot."""
    keep, q = only("response", guild=guild), TIMES[figure]
    now, before = whole(evidence.response, keep)
    value, was = statistic(now, q), statistic(before, q)
    plain = Why(window, window.before, figure, value, was, now.successes, before.successes)
    if value is None or was is None or not comparable(figure, (now, before)):
        return plain

    responses = pairs(evidence.response, GROUPS, keep)
    operations = pairs(evidence.operation, ("operation", *NAMES[1:]), only("operation", guild=guild))
    components = pairs(evidence.component, ("component",), only("component", guild=guild))
    parts = parts_of(components, (now, before), columns(operations))
    asked = Asked(evidence, guild, q, responses, (now, before), value - was, parts, operations)
    ranked = rankings(asked)
    found = replace(
        plain,
        sure=_sure(asked, value, was, keep),
        rankings=ranked,
        parts=_waterfall(ranked[0]),
        unchanged=_unchanged(asked, ranked[0]),
    )
    return replace(found, top=_cause(asked)) if found.sure and found.worse else found


def comparable(figure: str, responses: Pair) -> bool:
    """Whether there are enough responses in both windows to compare their times."""
    now, before = responses
    known = all(statistic(one, TIMES[figure]) is not None for one in responses)
    return known and min(now.successes, before.successes) >= LEAST_EACH


def _sure(asked: Asked, value: float, was: float, keep: Keep) -> bool:
    """Whether the change is more than noise: that of chance, and that of the steps, where there are any."""
    if abs(value - was) < LEAST_CHANGE * was:
        return False

    now, before = asked.whole
    if asked.q is None:
        error = together(mean_error(now), mean_error(before))
    else:
        error = together(quantile_error(now, asked.q), quantile_error(before, asked.q))

    return error is not None and abs(value - was) > SURE * error * math.sqrt(unrest(asked.evidence.course, keep))


def unrest(compared: Compared, keep: Keep) -> float:
    """By how much more than chance the means of steps waver: those before, or steps at the same place in both windows.

    The lesser counts: a day has its hours in both windows, and what began within this one is no wavering.
    """
    now, before = compared.now.line(keep), compared.before.line(keep)
    # One spread for all steps, since that of a few values tells nothing.
    spread, had = (moments(side.sum(keep))[1] for side in (compared.now, compared.before))
    found = wavering((r.mean, had / r.successes) for r in before if r.mean is not None)
    if len(now) != len(before):
        return found

    apart = [
        (here.mean - there.mean, spread / here.successes + had / there.successes)
        for here, there in zip(now, before, strict=True)
        if here.mean is not None and there.mean is not None
    ]
    return min(found, wavering(apart)) if len(apart) >= 6 else found


def _waterfall(first: Ranking) -> tuple[tuple[str, float], ...]:
    return (*((one.name, one.change) for one in first.rows), ("", first.rest))


def _unchanged(asked: Asked, first: Ranking) -> tuple[str, ...]:
    """Components that add next to nothing, those that take longest first."""
    if asked.parts is None or first.dimension != "component":
        return ()

    busy = dict(zip(asked.parts.names, asked.parts.first[0].tolist(), strict=True))
    quiet = [one.name for one in first.rows if one.share is not None and abs(one.share) < SMALL]
    return tuple(sorted(quiet, key=lambda name: -busy[name]))


# --- the cause


def _cause(asked: Asked) -> Cause | None:
    """The part that became slower, else the group whose responses did, else what there is more of."""
    for found in (_slow_part(asked), _slow_group(asked)):
        # What hardly got slower itself only wandered, whatever it adds up to.
        if found is not None and (found.now or 0.0) >= (1 + LEAST_CHANGE) * (found.before or 0.0):
            return found

    return _more(asked)


def _slow_part(asked: Asked) -> Cause | None:
    parts = asked.parts
    found = None if parts is None else slower(parts, asked.q, asked.change)
    if parts is None or found is None:
        return None

    cells, places = parts.cells, found.places
    now, before = (cells.total[:, places].sum(axis=1) / cells.successes[:, places].sum(axis=1)).tolist()
    return Cause(found.where, OWN, found.share, now, before, int(cells.successes[0, places].sum()))


def _slow_group(asked: Asked) -> Cause | None:
    found = _slower_groups(asked)
    if found is None:
        return None

    mine = set(found.places.tolist())
    now, before = Rollup(), Rollup()
    for place, (here, there) in enumerate(asked.responses.values()):
        if place in mine:
            now.merge(here)
            before.merge(there)

    return Cause(found.where, OWN, found.share, statistic(now, asked.q), statistic(before, asked.q), now.successes)


def _slower_groups(asked: Asked) -> Found | None:
    """The personas or guilds whose responses became slower as a whole."""
    cells = columns(asked.responses)
    known = np.flatnonzero((cells.successes > 0).all(axis=0))
    if not len(known):
        return None

    now = asked.whole[0]
    mean, variance = moments(now)
    noise = variance / max(mean, 1e-9) ** 2 * (1 / cells.successes[:, known]).sum(axis=0) + STEADY**2
    shift = np.log(np.maximum(cells.means[0, known], 1e-6) / np.maximum(cells.means[1, known], 1e-6))
    shares = cells.successes / np.maximum(cells.successes.sum(axis=1, keepdims=True), 1.0)
    each = (shares.mean(axis=0) * (cells.means[0] - cells.means[1]))[known]
    sketches = list(asked.responses.values())

    def explains(places: Places) -> float:
        if asked.q is None:
            return float(each[places].sum()) / asked.change

        inside = set(known[places].tolist())
        sides = [_both([pair[side] for pair in sketches], inside) for side in (0, 1)]
        effects = shapley(2, mixture(sides[0], sides[1], asked.q))
        return float(effects[0]) / asked.change

    found = scan(GROUPS, [cells.labels[k] for k in known], shift, noise, explains)
    return None if found is None else replace(found, places=known[found.places])


def _both(rollups: list[Rollup], inside: set[int]) -> list[dict[int, int]]:
    """The sketches of some cells merged, and of the others."""
    mine, others = Rollup(), Rollup()
    for place, rollup in enumerate(rollups):
        (mine if place in inside else others).merge(rollup)

    return [mine.bins, others.bins]


def _more(asked: Asked) -> Cause | None:
    """What the whole is made of more than before, if that explains the rise of the mean: traffic moved to it."""
    now, before = asked.whole
    rise = (now.mean or 0.0) - (before.mean or 0.0)
    if rise <= 0:
        return None

    best: tuple[float, Contribution, tuple[float, float]] | None = None
    for one in rankings(replace(asked, q=None, change=rise)):
        if one.dimension not in ("model", "persona", "guild") or len(one.rows) < 2:
            continue

        mix = sum(row.mix for row in one.rows)
        sums = sum(row.n for row in one.rows), sum(row.n_before for row in one.rows)
        for line in one.rows:
            share, had = line.n / max(sums[0], 1), line.n_before / max(sums[1], 1)
            noise = 1 / max(line.n, 1) + 1 / max(line.n_before, 1) + MIXED**2
            sure = line.n > line.n_before * sums[0] / max(sums[1], 1) and line.mix > 0
            moved = math.log(max(share, 1e-9) / max(had, 0.5 / max(sums[1], 1)))
            if mix / rise < LEAST_SHARE or not sure or chance(moved * moved / noise) * len(one.rows) > CHANCE:
                continue

            if best is None or (mix, line.mix) > (best[0], best[1].mix):
                best = (mix, line, (share, had))

    if best is None:
        return None

    mix, line, (share, had) = best
    return Cause(((line.dimension, line.name),), MORE, mix / rise, share, had, line.n)
