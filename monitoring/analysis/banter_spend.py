"""What does banter cost? Operations of personas in an exchange that answer no user, out of raw rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from monitoring.metrics import METRICS
from monitoring.model import MINUTE
from monitoring.narrow import Ints
from monitoring.operations import UNKNOWN, Mask, Operations, Stay
from monitoring.rollup import Rollup
from monitoring.rows import ExchangeRow
from monitoring.window import Window

LEAD = MINUTE
"""How long before an exchange begins what is said first may have been begun: as long as a gap inside may be."""
_PERSONA = METRICS["operation"].labels.index("persona")


@dataclass(frozen=True, slots=True)
class BanterSpend:
    """Tokens and cost (micro-dollars) inside exchanges, of the part of the window that raw rows cover."""

    window: Window
    """What is covered."""
    whole: bool
    """Whether that is all that was asked about."""
    exchanges: int
    operations: int
    tokens: int
    cost: int | None
    """None where no price is known; 0 for local models."""
    unpriced: int
    """Operations whose price is unknown."""
    token_share: float | None
    """Of all tokens, 0..1."""
    cost_share: float | None
    """Of all cost, as far as prices are known; None where nothing cost anything."""


def stays(exchanges: Iterable[ExchangeRow], guild: str | None = None) -> list[Stay]:
    """Where and when operations of exchanges may have begun: only those need to be looked at."""
    return [Stay(one.channel_id, one.at - LEAD, one.until) for one in _mine(exchanges, guild)]


def _mine(exchanges: Iterable[ExchangeRow], guild: str | None) -> list[ExchangeRow]:
    return [one for one in exchanges if guild is None or str(one.guild_id) == guild]


def banter_spend(
    window: Window,
    exchanges: Sequence[ExchangeRow],
    operations: Operations,
    everything: Rollup,
    *,
    whole: bool,
    guild: str | None = None,
) -> BanterSpend:
    """What was used inside `exchanges`; `operations` are those of their `stays`, `everything` is all that was spent.

    An operation belongs to an exchange of its channel in which its persona spoke, if it began from `LEAD` before the
    first message until the end of the last, and answers no user's message. None counts twice.
    """
    mine = _mine(exchanges, guild)
    inside = operations.take(_inside(mine, operations))
    used = (inside.prompt + inside.completion) * inside.weight
    priced = inside.cost != UNKNOWN
    cost = int((inside.cost * inside.weight)[priced].sum())
    unpriced = int(inside.weight[~priced & (used > 0)].sum())
    return BanterSpend(
        window,
        whole,
        len(mine),
        int(inside.weight.sum()),
        int(used.sum()),
        None if unpriced and not cost else cost,
        unpriced,
        _share(int(used.sum()), everything.tokens),
        _share(cost, everything.cost),
    )


def _share(part: int, everything: int) -> float | None:
    return min(part / everything, 1.0) if everything else None


def _inside(exchanges: Sequence[ExchangeRow], operations: Operations) -> Ints:
    """Which operations belong to one of the exchanges, as places among them."""
    places = np.flatnonzero(operations.message == 0)
    if not exchanges or not len(places):
        return places[:0]

    rows = sorted(exchanges, key=lambda one: (one.channel_id, one.at))
    channels, number = np.unique([one.channel_id for one in rows], return_inverse=True)
    at, channel = operations.at[places], operations.channel[places]
    mine = np.minimum(np.searchsorted(channels, channel), len(channels) - 1)
    # One number for channel and time: the rows are in its order, and those of a channel do not overlap.
    first = min(int(at.min()), min(one.at for one in rows) - LEAD)
    span = max(int(at.max()), max(one.until for one in rows)) - first + 1
    begins = number * span + np.array([one.at - LEAD - first for one in rows], np.int64)
    ends = number * span + np.array([one.until - first for one in rows], np.int64)
    moments = mine * span + at - first
    last = np.searchsorted(begins, moments, side="right") - 1
    likely = np.flatnonzero(
        (channels[mine] == channel) & (last >= 0) & (np.maximum.accumulate(ends)[np.maximum(last, 0)] >= moments)
    )
    moments, last, places = moments[likely], last[likely], places[likely]
    spoke, which = _spoke(rows, operations), operations.which[places]
    found = np.zeros(len(places), dtype=bool)
    # What leads to one exchange may still be inside one before, and short ones may follow each other quickly.
    near = np.arange(len(rows)) - np.searchsorted(begins, begins - LEAD)
    for back in range(int(near.max()) + 2):
        candidate = np.maximum(last - back, 0)
        found |= (moments >= begins[candidate]) & (moments <= ends[candidate]) & spoke[candidate, which]

    return places[found]


def _spoke(rows: Sequence[ExchangeRow], operations: Operations) -> Mask:
    """For each exchange and persona of the label sets, whether it spoke in it."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(one[_PERSONA] for one in operations.labels))}
    spoke = np.zeros((len(rows), len(numbers)), dtype=bool)
    for place, row in enumerate(rows):
        spoke[place, [numbers[name] for name in row.personas if name in numbers]] = True

    return spoke[:, [numbers[one[_PERSONA]] for one in operations.labels]]
