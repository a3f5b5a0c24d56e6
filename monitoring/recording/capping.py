"""Holding what a flush adds to the cap on label sets: tables and columns whose labels are too many go to `other`."""

from __future__ import annotations

from collections import defaultdict
from itertools import count

import numpy as np

from monitoring.model import HOUR
from monitoring.recording.label_cap import LabelCap
from monitoring.rollup import Deltas, Labels, Rollup
from monitoring.steps import Columns

HOURS = 16
"""Metrics and hours of which is remembered what was let through already."""


class Capping:
    """Holds columns and tables to the cap. For one thread at a time."""

    def __init__(self, cap: LabelCap) -> None:
        self._cap = cap
        self._sure: dict[tuple[str, int], set[int]] = {}
        """Which numbers of shared labels were let through, by metric and hour."""

    def begin(self) -> None:
        """The numbers of shared labels mean others from now on."""
        self._sure.clear()

    def columns(self, metric: str, rows: Columns) -> Columns:
        """The same rollups under the labels that the cap allows; those under `other` are not added up here.

        The labels are those that `LabelNumbers` shares among all flushes.
        """
        hours = rows.starts // HOUR
        if not len(hours):
            return rows

        first, used = int(hours[0]), rows.which.tolist()
        if (hours == first).all() and self._all_known(metric, first, rows.labels, used):
            return rows

        numbers: defaultdict[Labels, int] = defaultdict(count().__next__)
        each = zip(hours.tolist(), used, strict=True)
        found = (numbers[self._cap.within(metric, hour, rows.labels[label])] for hour, label in each)
        which = np.fromiter(found, np.int64, len(hours))

        return Columns(list(numbers), which, rows.starts, rows.ints, rows.sizes, rows.index, rows.counts)

    def _all_known(self, metric: str, hour: int, labels: list[Labels], used: list[int]) -> bool:
        if len(self._sure) > HOURS:
            self._sure.clear()

        sure = self._sure.setdefault((metric, hour), set())
        if sure.issuperset(used):
            return True

        new = {number for number in used if number not in sure}
        good = {number for number in new if self._cap.within(metric, hour, labels[number]) == labels[number]}
        sure |= good
        return good == new

    def tables(self, deltas: Deltas) -> None:
        """Hold the tables of a batch to the cap, in place."""
        for (metric, minute), table in deltas.items():
            for labels in self._cap.unknown(metric, minute // HOUR, table):
                allowed = self._cap.within(metric, minute // HOUR, labels)
                if allowed != labels:
                    table.setdefault(allowed, Rollup()).merge(table.pop(labels))
