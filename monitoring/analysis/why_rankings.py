"""Who adds how much to a change of response times: rankings by component, model, service, persona and guild."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter

from monitoring.analysis.attribution import Effect, mean_effects, mixture, shapley
from monitoring.analysis.cells import Pair, merged
from monitoring.analysis.noise import chance, mean_error, together
from monitoring.analysis.scan import CHANCE
from monitoring.analysis.series import LEAST_P95, LEAST_P99
from monitoring.analysis.why_parts import NAMES, STEADY, Parts, by_component, by_label
from monitoring.analysis.why_values import Contribution, Evidence, Ranking
from monitoring.rollup import MICRO, Labels, Rollup

GROUPS = ("persona", "guild", "source")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: what is known of it, and the change that is to be shared out."""

    evidence: Evidence
    guild: str | None
    q: float | None
    responses: dict[Labels, Pair]
    whole: Pair
    change: float
    parts: Parts | None
    operations: dict[Labels, Pair]
    """By (component, model, service, persona, guild)."""


def statistic(rollup: Rollup, q: float | None) -> float | None:
    """The mean, or the quantile where there are enough values for it."""
    if q is None:
        return rollup.mean

    return rollup.quantile(q, LEAST_P99 if q > 0.95 else LEAST_P95 if q > 0.5 else 1)


def rankings(asked: Asked) -> tuple[Ranking, ...]:
    """By component first, if the host reports any; then what else is known."""
    found = [_by_component(asked)] if asked.parts is not None else []
    found += [_by_part(asked, asked.parts, label) for label in ("model", "service") if asked.parts is not None]
    found += [_by_group(asked, label) for label in ("persona", "guild")]
    return tuple(sorted((one for one in found if one.rows), key=lambda one: one.dimension != "component"))[:5] or (
        Ranking("persona", (), asked.change),
    )


def _by_component(asked: Asked) -> Ranking:
    parts = asked.parts
    assert parts is not None
    effects, rest = by_component(parts, asked.q, asked.change)
    own = merged(asked.operations, itemgetter(0))
    rows = [
        row(asked.change, "component", name, Effect(effects[name], 0.0), own.get(name), groups=len(parts.names))
        for name in parts.names
    ]
    return ranking("component", rows, rest)


def _by_part(asked: Asked, parts: Parts, label: str) -> Ranking:
    inside = {labels: pair for labels, pair in asked.operations.items() if labels[0] in parts.names}
    own = merged(inside, itemgetter(NAMES.index(label)))
    effects = by_label(parts, label, asked.q, asked.change)
    rows = [
        row(asked.change, label, name, Effect(all_of_it - mix, mix), own.get(name), groups=len(effects))
        for name, (all_of_it, mix) in effects.items()
    ]
    return ranking(label, rows, asked.change - sum(one.change for one in rows))


def _by_group(asked: Asked, label: str) -> Ranking:
    place = GROUPS.index(label)
    groups = merged(asked.responses, lambda labels: labels[place] or " ")
    if asked.q is None:
        effects = mean_effects(*({name: _sum(pair[side]) for name, pair in groups.items()} for side in (0, 1)))
    else:
        value = mixture([pair[0].bins for pair in groups.values()], [pair[1].bins for pair in groups.values()], asked.q)
        shares = shapley(len(groups), value)
        # What the sketch's bins round off is spread over all.
        shares = shares + (asked.change - shares.sum()) / len(groups)
        effects = {name: Effect(float(one), 0.0) for name, one in zip(groups, shares, strict=True)}

    rows = [
        row(asked.change, label, n, effects[n], groups[n], asked.q, groups=len(groups))
        for n in groups
        if n.strip() and n in effects
    ]
    return ranking(label, rows, asked.change - sum(one.change for one in rows))


def _sum(rollup: Rollup) -> tuple[float, float]:
    return float(rollup.successes), rollup.total / MICRO


def row(
    change: float, dimension: str, name: str, effect: Effect, own: Pair | None, q: float | None = None, *, groups: int
) -> Contribution:
    """The line of one of so many groups; `own` are its rollups, by which its own figure is known."""
    now, before = own or (Rollup(), Rollup())
    return Contribution(
        dimension,
        name,
        effect.total,
        effect.total / change if change else None,
        effect.mix,
        now=statistic(now, q),
        before=statistic(before, q),
        n=now.successes,
        n_before=before.successes,
        significant=_differs(now, before, groups),
    )


def _differs(now: Rollup, before: Rollup, groups: int) -> bool:
    """Whether a group's own mean changed by more than noise, its own unrest, and the luck of so many groups."""
    error = together(mean_error(now), mean_error(before))
    if error is None or now.mean is None or before.mean is None:
        return False

    steady = together(error, STEADY * before.mean) or 0.0
    return steady > 0 and chance(((now.mean - before.mean) / steady) ** 2) * groups < CHANCE


def ranking(dimension: str, rows: list[Contribution], rest: float) -> Ranking:
    """Rows in order: what adds most in the direction of the change first."""
    return Ranking(dimension, tuple(sorted(rows, key=lambda one: (-(one.share or 0.0), one.name))), rest)
