"""Holding what a flush adds to the cap on label sets: tables and columns whose labels are too many go to `other`."""

from __future__ import annotations

from collections import defaultdict
from itertools import count

import numpy as np

from monitoring.model import HOUR
from monitoring.recording.label_cap import LabelCap
from monitoring.rollup import Deltas, Labels, Rollup
from monitoring.steps import Columns


def capped(metric: str, rows: Columns, cap: LabelCap) -> Columns:
    """The same rollups under the labels that the cap allows; those under `other` are not added up here."""
    hours = rows.starts // HOUR
    if not len(hours):
        return rows

    first = int(hours[0])
    if (hours == first).all():
        allowed = [cap.within(metric, first, labels) for labels in rows.labels]
        if all(map(_same, allowed, rows.labels)):
            return rows

        numbers: defaultdict[Labels, int] = defaultdict(count().__next__)
        shared = np.fromiter(map(numbers.__getitem__, allowed), np.int64, len(allowed))
        which = shared[rows.which]
    else:
        numbers = defaultdict(count().__next__)
        each = zip(hours.tolist(), rows.which.tolist(), strict=True)
        found = (numbers[cap.within(metric, hour, rows.labels[label])] for hour, label in each)
        which = np.fromiter(found, np.int64, len(hours))

    return Columns(list(numbers), which, rows.starts, rows.ints, rows.sizes, rows.index, rows.counts)


def _same(allowed: Labels, labels: Labels) -> bool:
    return allowed == labels


def cap_tables(deltas: Deltas, cap: LabelCap) -> None:
    """Hold the tables of a batch to the cap, in place."""
    for (metric, minute), table in deltas.items():
        for labels in list(table):
            allowed = cap.within(metric, minute // HOUR, labels)
            if allowed != labels:
                table.setdefault(allowed, Rollup()).merge(table.pop(labels))
