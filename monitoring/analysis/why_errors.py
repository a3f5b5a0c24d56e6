"""Why more responses fail: by kind, by the operations inside, by persona and guild."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from monitoring.analysis.attribution import mean_effects
from monitoring.analysis.cells import Columns, Floats, Pair, columns, merged, pairs, whole
from monitoring.analysis.noise import SURE, amount_error, chance, rate_error, wavering
from monitoring.analysis.scan import CHANCE, LEAST_SHARE, Places, scan
from monitoring.analysis.series import Keep, only
from monitoring.analysis.why_parts import NAMES
from monitoring.analysis.why_rankings import GROUPS, ranking
from monitoring.analysis.why_values import OWN, Cause, Compared, Contribution, Evidence, Ranking, Why
from monitoring.rollup import Labels, Rollup
from monitoring.window import Window

LEAST_POINTS = 0.005
"""A rate that moved by less than half a point did not change, nor did one that moved by less than a fifth."""
LEAST_RATIO = 0.2
LEAST_EACH = 20
"""Responses in each window of which rates are compared at least."""
STEADY = 0.004
"""By how much the rate of a group wanders by itself, besides chance."""
QUIET = 0.1
RESPONSE, HOST = "response", "bot"


def why_errors(window: Window, evidence: Evidence, guild: str | None = None) -> Why:
    """Why the share of failed responses changed since the window before, of one guild or the whole bot."""
    keep = only("response", guild=guild)
    now, before = whole(evidence.response, keep)
    plain = Why(window, window.before, "errors", now.rate, before.rate, now.count, before.count)
    if now.rate is None or before.rate is None or not comparable((now, before)):
        return plain

    change = now.rate - before.rate
    responses = pairs(evidence.response, GROUPS, keep)
    inside = {
        labels: pair
        for labels, pair in pairs(evidence.operation, ("operation", *NAMES[1:]), only("operation", guild=guild)).items()
        if labels[0] != RESPONSE
    }
    kinds = _by_kind(evidence, guild, (now, before), change)
    services = _by_operation(inside, "service", (now, before), change)
    others = [_by_operation(inside, label, (now, before), change) for label in ("component", "model")]
    groups = [_by_group(responses, label, change) for label in ("persona", "guild")]
    error = rate_error(now, before) or math.inf
    sure = abs(change) >= max(LEAST_POINTS, LEAST_RATIO * before.rate) and abs(change) > SURE * error * math.sqrt(
        _unrest(evidence.course, keep)
    )
    rankings = tuple(one for one in (kinds, services, *others, *groups) if one.rows)
    found = replace(
        plain,
        sure=sure,
        rankings=rankings,
        parts=(*((one.name, one.change) for one in kinds.rows), ("", kinds.rest)),
        unchanged=tuple(one.name for one in services.rows if one.share is not None and abs(one.share) < QUIET),
    )
    return replace(found, top=_cause(inside, responses, (now, before), kinds)) if sure and change > 0 else found


def comparable(responses: Pair) -> bool:
    """Whether there are enough responses in both windows to compare the shares of them that failed."""
    return min(one.count for one in responses) >= LEAST_EACH


def _unrest(compared: Compared, keep: Keep) -> float:
    """By how much more than chance the rates of the steps before waver."""
    rate = compared.before.sum(keep).rate or 0.0
    steps = [(r.rate, max(rate * (1 - rate), 1e-4) / r.count) for r in compared.before.line(keep) if r.count]
    return wavering((value, variance) for value, variance in steps if value is not None)


# --- rankings


def _by_kind(evidence: Evidence, guild: str | None, responses: Pair, change: float) -> Ranking:
    """Failed responses by kind ÷ responses: kinds add up to the rate, where the host reports its failures."""
    keep = only("failure", guild=guild)
    found = pairs(evidence.failure, ("operation", "kind"), keep)
    whole_ones = {labels: pair for labels, pair in found.items() if labels[0] == RESPONSE}
    kinds = merged(whole_ones or found, lambda labels: labels[1])
    return ranking("kind", *_added("kind", kinds, responses, change, failures=False))


def _by_operation(inside: dict[Labels, Pair], label: str, responses: Pair, change: float) -> Ranking:
    """Failed operations ÷ responses: by service, component or model. One response may fail in two of them."""
    groups = merged(inside, lambda labels: labels[NAMES.index(label)])
    return ranking(label, *_added(label, groups, responses, change, failures=True))


def _added(
    dimension: str, groups: dict[str, Pair], responses: Pair, change: float, *, failures: bool
) -> tuple[list[Contribution], float]:
    """Additive parts of the failure rate, and what they leave."""
    n, m = responses[0].count, responses[1].count
    rows = []
    for name, (now, before) in groups.items():
        here, there = (now.failures, before.failures) if failures else (now.count, before.count)
        apart = here / n - there / m
        # As amounts of this window's size: so many came, so many were to be expected.
        error = amount_error(here, there * n / m, 1.0)
        rows.append(
            Contribution(
                dimension,
                name,
                apart,
                apart / change if change else None,
                significant=chance(((here - there * n / m) / error) ** 2) * len(groups) < CHANCE,
                now=now.rate if failures else here / n,
                before=before.rate if failures else there / m,
                n=now.count,
                n_before=before.count,
            )
        )

    return rows, change - sum(one.change for one in rows)


def _by_group(responses: dict[Labels, Pair], label: str, change: float) -> Ranking:
    """Failed responses by persona or guild: what its own rate and what its share of all responses adds."""
    groups = merged(responses, lambda labels: labels[GROUPS.index(label)] or " ")
    effects = mean_effects(
        *(
            {name: (float(pair[side].count), float(pair[side].failures)) for name, pair in groups.items()}
            for side in (0, 1)
        )
    )
    rows = []
    for name, (now, before) in groups.items():
        if not name.strip() or name not in effects:
            continue

        effect = effects[name]
        rows.append(
            Contribution(
                label,
                name,
                effect.total,
                effect.total / change if change else None,
                effect.mix,
                _differs(now, before, len(groups)),
                now.rate,
                before.rate,
                now.count,
                before.count,
            )
        )

    return ranking(label, rows, change - sum(one.change for one in rows))


def _differs(now: Rollup, before: Rollup, groups: int) -> bool:
    error = rate_error(now, before)
    if error is None or now.rate is None or before.rate is None:
        return False

    return chance((now.rate - before.rate) ** 2 / (error**2 + STEADY**2)) * groups < CHANCE


# --- the cause


def _cause(inside: dict[Labels, Pair], responses: dict[Labels, Pair], responded: Pair, kinds: Ranking) -> Cause | None:
    """The operations that fail more, else the responses that do, else the kind of failure."""
    change = (responded[0].rate or 0.0) - (responded[1].rate or 0.0)
    sizes = np.array([[responded[0].count], [responded[1].count]], dtype=float)
    kind = next((one for one in kinds.rows[:1] if one.significant and (one.share or 0) >= LEAST_SHARE), None)
    named = kind.name if kind else ""
    for names, cells in ((NAMES, inside), (GROUPS, responses)):
        table = columns(cells)
        # Of operations: failures a response, since one response has several; of responses: out of all of them.
        uses = (table.count / np.maximum(sizes, 1.0)).mean(axis=0)
        found = _failing(names, table, uses, change)
        if found is not None:
            where, share, places = found
            now, before = (
                float(table.failures[side, places].sum() / max(table.count[side, places].sum(), 1)) for side in (0, 1)
            )
            return Cause(where, OWN, share, now, before, int(table.count[0, places].sum()), named)

    if kind is None:
        return None

    return Cause((("kind", kind.name),), OWN, kind.share or 0.0, kind.now, kind.before, kind.n, kind.name)


def _failing(
    names: tuple[str, ...], table: Columns, uses: Floats, change: float
) -> tuple[tuple[tuple[str, str], ...], float, Places] | None:
    known = np.flatnonzero((table.count > 0).all(axis=0))
    if not len(known):
        return None

    rate = table.failures[:, known] / table.count[:, known]
    # One rate for all of a name, so that a cell in which nothing failed yet is not thought to be surer than others.
    first = [table.labels[k][0] for k in known]
    pooled = np.empty(len(known))
    for name in set(first):
        mine = np.array([one == name for one in first]) if names is NAMES else np.ones(len(known), dtype=bool)
        failures, count = table.failures[:, known[mine]].sum(), table.count[:, known[mine]].sum()
        pooled[mine] = (failures + 0.5) / (count + 1)

    variance = pooled * (1 - pooled) * (1 / table.count[:, known]).sum(axis=0) + STEADY**2

    def explains(places: Places) -> float:
        return float((uses[known[places]] * (rate[0, places] - rate[1, places])).sum()) / change

    found = scan(names, [table.labels[k] for k in known], rate[0] - rate[1], variance, explains)
    return None if found is None else (found.where, found.share, known[found.places])
