"""The parts of responses: what components, services and models add to a response time, and which cells of them changed.

A mean response is the sum over its components of u·m, uses a response times mean seconds of one. Seconds by model,
persona and guild are those of the operations of that name, of which a response's components are some.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitoring.analysis.attribution import Value, in_a_row, shapley
from monitoring.analysis.cells import Columns, Floats, Pair
from monitoring.analysis.scan import Found, Places, scan
from monitoring.rollup import Labels

NAMES = ("component", "model", "service", "persona", "guild")
"""Labels of a part's cells, those by which a cause is rather named first."""
NOTHING = 0.05
"""Of a response, what is too little to be compared."""
STEADY = 0.03
"""By how much the figures of a group wander by themselves, besides chance."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Components of responses in both windows (axis 0: now, before) and the cells of their operations."""

    names: tuple[str, ...]
    """Of the components."""
    first: Floats
    """Mean seconds a response, of each component."""
    uses: Floats
    """Uses a response, of each component."""
    rest: Floats
    """Mean seconds of a response that no component covers."""
    cells: Columns
    owner: Places
    """Which component each cell is of."""

    @property
    def shares(self) -> Floats:
        """Of a component's operations, the share of each cell."""
        sums = self.sums(self.cells.successes)
        result: Floats = self.cells.successes / np.maximum(sums[:, self.owner], 1.0)
        return result

    def sums(self, values: Floats) -> Floats:
        """By component."""
        return np.array([np.bincount(self.owner, row, len(self.names)) for row in values])


def parts_of(components: dict[Labels, Pair], responses: Pair, cells: Columns) -> Parts | None:
    """The parts, or None where the host reports no components. Cells: (component, model, service, persona, guild)."""
    sizes = [max(one.count, 1) for one in responses]
    names = tuple(sorted(name for (name,) in components if name not in ("", "response")))
    if not names or not all(one.successes for one in responses):
        return None

    found = [components[(name,)] for name in names]
    # Uses times the mean of one: what failed took time that is not counted, in the part and in the whole.
    uses = np.array([[pair[side].count / sizes[side] for pair in found] for side in (0, 1)])
    first = uses * np.array([[pair[side].mean or 0.0 for pair in found] for side in (0, 1)])
    means = np.array([one.mean or 0.0 for one in responses])
    known = [k for k, labels in enumerate(cells.labels) if labels[0] in names]
    owner = np.array([names.index(cells.labels[k][0]) for k in known], dtype=np.intp)
    return Parts(names, first, uses, means - first.sum(axis=1), _taken(cells, known), owner)


def _taken(cells: Columns, known: list[int]) -> Columns:
    lines = (cells.count, cells.successes, cells.failures, cells.total, cells.squares)
    return Columns(tuple(cells.labels[k] for k in known), *(line[:, known] for line in lines))


# --- what they add to the change


def by_component(parts: Parts, q: float | None, change: float) -> tuple[dict[str, float], float]:
    """What each component adds to the change of the mean (q None) or quantile, and what is left; they add up."""
    if q is None:
        found = parts.first[0] - parts.first[1]
        return dict(zip(parts.names, found.tolist(), strict=True)), change - float(found.sum())

    players = np.eye(len(parts.names) + 1, len(parts.names))
    effects = _scaled(shapley(len(players), _value(parts, players, q)), change)
    return dict(zip(parts.names, effects[:-1].tolist(), strict=True)), change - float(effects[:-1].sum())


def by_label(parts: Parts, label: str, q: float | None, change: float) -> dict[str, tuple[float, float]]:
    """What each model or service adds: (all, of it by its share of the calls); what names none is left out."""
    place = NAMES.index(label)
    groups = sorted({labels[place] for labels in parts.cells.labels} - {""})
    found = {name: np.array([labels[place] == name for labels in parts.cells.labels]) for name in groups}
    own, mix, more = _mean_effects(parts, found)
    if q is None:
        return {name: (own[k] + mix[k] + more[k], mix[k]) for k, name in enumerate(groups)}

    inside = np.array([found[name] for name in groups]).reshape(len(groups), len(parts.owner))
    players = np.vstack([inside, ~inside.any(axis=0)]).astype(float)
    effects = _scaled(shapley(len(players), _value_of_cells(parts, players, q)), change)
    return {name: (float(effects[k]), mix[k]) for k, name in enumerate(groups)}


def _mean_effects(parts: Parts, groups: dict[str, Floats]) -> tuple[list[float], list[float], list[float]]:
    """For each group: by its own seconds, by its share of the calls, and by more calls a response."""
    cells = parts.cells
    sums = parts.sums(cells.successes)
    level = (parts.sums(cells.total) / np.maximum(sums, 1.0)).mean(axis=0)
    uses, more = parts.uses.mean(axis=0), parts.uses[0] - parts.uses[1]
    own, mix, added = [], [], []
    for inside in groups.values():
        n = parts.sums(cells.successes * inside)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = parts.sums(cells.total * inside) / n

        mean = np.where(np.isfinite(mean), mean, np.where(np.isfinite(mean[::-1]), mean[::-1], 0.0))
        share = n / np.maximum(sums, 1.0)
        own.append(float((uses * share.mean(axis=0) * (mean[0] - mean[1])).sum()))
        mix.append(float((uses * (share[0] - share[1]) * (mean.mean(axis=0) - level)).sum()))
        added.append(float((more * level * share.mean(axis=0)).sum()))

    return own, mix, added


def _scaled(effects: Floats, change: float) -> Floats:
    """The log-normal is an approximation: its sum is brought to the true change where it is not far off."""
    total = float(effects.sum())
    result: Floats = effects * (change / total) if total and 0.5 <= change / total <= 2 else effects
    return result


def _value(parts: Parts, players: Floats, q: float) -> Value:
    """The q-quantile of a response when these components (rows of `players`; the last row: the rest) are as now."""
    second = parts.uses * _second(parts)
    sides = []
    for side in (0, 1):
        rest = np.zeros(len(players))
        rest[-1] = max(parts.rest[side], 0.0)
        first = np.column_stack([players * parts.first[side], rest])
        sides.append((first, np.column_stack([players * second[side], rest * rest])))

    return in_a_row(sides[0], sides[1], q)


def _second(parts: Parts) -> Floats:
    """Mean squared seconds of one use, of each component, from its operations; without any, of its mean."""
    n = parts.sums(parts.cells.successes)
    mean = parts.first / np.maximum(parts.uses, 1e-9)
    return np.where(n > 0, parts.sums(parts.cells.squares) / np.maximum(n, 1.0), mean * mean)


def _value_of_cells(parts: Parts, players: Floats, q: float, *, steady: bool = False) -> Value:
    """The q-quantile when these cells (rows of `players`, the last with the rest) are as now.

    steady: as if the number of calls had been what it was on average, so that only their seconds change.
    """
    uses, shares = parts.uses[:, parts.owner], parts.shares
    if steady:
        uses, shares = np.tile(uses.mean(axis=0), (2, 1)), np.tile(shares.mean(axis=0), (2, 1))

    component = np.eye(len(parts.names))[parts.owner]
    sides = []
    for side in (0, 1):
        rest = np.zeros(len(players))
        rest[-1] = max(parts.rest.mean() if steady else parts.rest[side], 0.0)
        each = uses[side] * shares[side]
        first = np.column_stack([(players * each * parts.cells.means[side]) @ component, rest])
        sides.append((first, np.column_stack([(players * each * parts.cells.second[side]) @ component, rest * rest])))

    return in_a_row(sides[0], sides[1], q)


# --- which of them changed


def slower(parts: Parts, q: float | None, change: float) -> Found | None:
    """The cells whose operations became slower, if they explain the change."""
    cells = parts.cells
    known = np.flatnonzero((cells.successes > 0).all(axis=0))
    if not len(known):
        return None

    shift = np.log(np.maximum(cells.means[0, known], 1e-6) / np.maximum(cells.means[1, known], 1e-6))
    variance = _spread(parts)[parts.owner[known]] * (1 / cells.successes[:, known]).sum(axis=0) + STEADY**2
    labels = [cells.labels[k] for k in known]
    # The rest of a response is a cell without a name, so that one part alone is not everything.
    few = NOTHING * (parts.first.sum(axis=1) + parts.rest)
    rest = np.maximum(parts.rest, 0.0) + few
    labels.append(("",) * len(NAMES))
    shift = np.append(shift, np.log(rest[0] / rest[1]))
    variance = np.append(variance, STEADY**2 + float(variance.min()))

    def explains(places: Places) -> float:
        return _explained(parts, known[places], q, change)

    found = scan(NAMES, labels, shift, variance, explains)
    return None if found is None else Found(found.where, found.share, known[found.places])


def _spread(parts: Parts) -> Floats:
    """The squared coefficient of variation of one operation within a cell, of each component."""
    cells = parts.cells
    n = np.maximum(parts.sums(cells.successes), 1.0)
    # Within cells: that models or personas differ is no chance.
    within = parts.sums(np.maximum(cells.squares - cells.means**2 * cells.successes, 0.0)).sum(axis=0)
    level = parts.sums(cells.total).sum(axis=0) / n.sum(axis=0)
    result: Floats = np.maximum(within / n.sum(axis=0) / np.maximum(level, 1e-9) ** 2, 0.01)
    return result


def _explained(parts: Parts, places: Places, q: float | None, change: float) -> float:
    """How much of the change these cells explain by their own seconds."""
    if q is None:
        each = (parts.uses[:, parts.owner].mean(axis=0) * parts.shares.mean(axis=0))[places]
        return float((each * (parts.cells.means[0, places] - parts.cells.means[1, places])).sum()) / change

    inside = np.zeros(len(parts.owner))
    inside[places] = 1
    players = np.vstack([inside, 1 - inside])
    masks = np.array([[0.0, 0.0], [1.0, 1.0]])
    none, all_of_it = _value_of_cells(parts, players, q)(masks)
    if all_of_it <= none:
        return 0.0

    return float(shapley(2, _value_of_cells(parts, players, q, steady=True))[0] / (all_of_it - none))
