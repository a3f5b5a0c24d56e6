"""What operations add to the rollups: all that a flush brought, in a few passes over their columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import count

import numpy as np

from monitoring.metrics import METRICS
from monitoring.narrow import Ints, renumbered
from monitoring.operations import UNKNOWN, Mask, Operations
from monitoring.recording.label_numbers import LabelNumbers, Part
from monitoring.rollup import Labels
from monitoring.steps import Columns
from monitoring.tally import Spent, tally


def rollups_of(done: Operations, width: int, numbers: LabelNumbers) -> Iterator[tuple[str, Columns]]:
    """What operations add to each metric, in steps of `width` ms; `numbers` made their labels."""
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
        yield "component", _of("component", _some(done, parts), width, numbers.component)

    answered = done.first_token != UNKNOWN
    if answered.any():
        found = _some(done, answered)
        yield "first_token", _of("first_token", found, width, numbers.first_token, "first_token")

    if failed.any():
        yield "failure", _failures(done.take(failed), width)

    yield from _tried(done, width, numbers)


def _of(metric: str, done: Operations, width: int, part: Part, micro: str = "duration") -> Columns:
    """Rollups of a metric whose labels are some of an operation's."""
    values, sketch = getattr(done, micro), METRICS[metric].sketch
    which = part.of(done.which)
    return tally(part.labels, which, done.at, width, done.weight, failed=done.failed, micro=values, sketch=sketch)


def _some(done: Operations, rows: Mask) -> Operations:
    """Some of them, which may be all."""
    return done if rows.all() else done.take(rows)


def _pairs(done: Operations, label: Callable[[int, int], Labels]) -> tuple[list[Labels], Ints]:
    """Labels made of both the label set and the manner, each pair that occurs looked at once."""
    ways = len(done.manners)
    pairs, which = renumbered(done.which * ways + done.manner, len(done.labels) * ways)
    numbers: defaultdict[Labels, int] = defaultdict(count().__next__)
    shared = np.array([numbers[label(*divmod(pair, ways))] for pair in pairs], dtype=np.int64)
    return list(numbers), shared[which]


def _failures(done: Operations, width: int) -> Columns:
    """Failed operations by kind: only counted."""

    def label(which: int, manner: int) -> Labels:
        service, operation, _, _, guild, _ = done.labels[which]
        return service, operation, done.manners[manner].error, guild

    labels, which = _pairs(done, label)
    return tally(labels, which, done.at, width, done.weight)


def _tried(done: Operations, width: int, numbers: LabelNumbers) -> Iterator[tuple[str, Columns]]:
    """What only some operations bear: a variant that is tried, a cache that was asked."""
    if any(manner.variant for manner in done.manners):
        tried = done.take(done.of_manner(lambda manner: manner.variant != ""))
        yield "variant", _variants(tried, width)

    if any(manner.cache_hit is not None for manner in done.manners):
        asked = done.take(done.of_manner(lambda manner: manner.cache_hit is not None))
        yield "cache", _caches(asked, width, numbers.cache)


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


def _caches(done: Operations, width: int, part: Part) -> Columns:
    missed = done.of_manner(lambda manner: manner.cache_hit is False)
    return tally(part.labels, part.of(done.which), done.at, width, done.weight, failed=missed)
