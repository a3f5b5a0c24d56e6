"""What operations add to the rollups: all that a flush brought, in a few passes over their columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import count
from operator import itemgetter
from typing import TypeAlias

import numpy as np

from monitoring.metrics import METRICS
from monitoring.narrow import Ints
from monitoring.operations import UNKNOWN, Operations
from monitoring.rollup import Labels
from monitoring.steps import Columns
from monitoring.tally import Spent, tally

Pick: TypeAlias = Callable[[Labels], Labels]


def rollups_of(done: Operations, width: int) -> Iterator[tuple[str, Columns]]:
    """What operations add to each metric, in steps of `width` ms."""
    if not len(done):
        return

    failed = done.failed
    spent = Spent(done.prompt, done.completion, done.cached, done.cost)
    yield (
        "operation",
        tally(
            done.labels, done.which, done.at, width, done.weight,
            failed=failed, micro=done.duration, sketch=True, spent=spent,
        ),
    )  # fmt: skip

    parts = done.response != 0
    if parts.any():
        yield "component", _of("component", done.take(parts), width, _component)

    answered = done.first_token != UNKNOWN
    if answered.any():
        yield "first_token", _of("first_token", done.take(answered), width, _first_token, "first_token")

    if failed.any():
        yield "failure", _failures(done.take(failed), width)

    yield from _tried(done, width)


_component = itemgetter(1, 3, 4)
"""Operation, persona, guild."""
_first_token = itemgetter(2, 3, 4)
"""Model, persona, guild."""
_cached = itemgetter(0, 5, 2, 4)
"""Service, feature, model, guild."""


def _of(metric: str, done: Operations, width: int, pick: Pick, micro: str = "duration") -> Columns:
    """Rollups of a metric whose labels are some of an operation's."""
    labels, which = _picked(done, pick)
    values, sketch = getattr(done, micro), METRICS[metric].sketch
    return tally(labels, which, done.at, width, done.weight, failed=done.failed, micro=values, sketch=sketch)


def _picked(done: Operations, pick: Pick) -> tuple[list[Labels], Ints]:
    numbers: defaultdict[Labels, int] = defaultdict(count().__next__)
    shared = np.fromiter(map(numbers.__getitem__, map(pick, done.labels)), np.int64, len(done.labels))
    return list(numbers), shared[done.which]


def _pairs(done: Operations, label: Callable[[int, int], Labels]) -> tuple[list[Labels], Ints]:
    """Labels made of both the label set and the manner, each pair that occurs looked at once."""
    ways = len(done.manners)
    pairs, which = np.unique(done.which * ways + done.manner, return_inverse=True)
    numbers: defaultdict[Labels, int] = defaultdict(count().__next__)
    shared = np.array([numbers[label(*divmod(pair, ways))] for pair in pairs.tolist()], dtype=np.int64)
    return list(numbers), shared[which]


def _failures(done: Operations, width: int) -> Columns:
    """Failed operations by kind: only counted."""

    def label(which: int, manner: int) -> Labels:
        service, operation, _, _, guild, _ = done.labels[which]
        return service, operation, done.manners[manner].error, guild

    labels, which = _pairs(done, label)
    return tally(labels, which, done.at, width, done.weight)


def _tried(done: Operations, width: int) -> Iterator[tuple[str, Columns]]:
    """What only some operations bear: a variant that is tried, a cache that was asked."""
    if any(manner.variant for manner in done.manners):
        tried = done.take(done.of_manner(lambda manner: manner.variant != ""))
        yield "variant", _variants(tried, width)

    if any(manner.cache_hit is not None for manner in done.manners):
        asked = done.take(done.of_manner(lambda manner: manner.cache_hit is not None))
        yield "cache", _caches(asked, width)


def _variants(done: Operations, width: int) -> Columns:
    def label(which: int, manner: int) -> Labels:
        service, operation, _, _, guild, _ = done.labels[which]
        return done.manners[manner].variant, service, operation, guild

    labels, which = _pairs(done, label)
    spent = Spent(done.prompt, done.completion, done.cached, done.cost)
    return tally(
        labels, which, done.at, width, done.weight,
        failed=done.failed, micro=done.duration, sketch=True, spent=spent,
    )  # fmt: skip


def _caches(done: Operations, width: int) -> Columns:
    labels, which = _picked(done, _cached)
    missed = done.of_manner(lambda manner: manner.cache_hit is False)
    return tally(labels, which, done.at, width, done.weight, failed=missed)
