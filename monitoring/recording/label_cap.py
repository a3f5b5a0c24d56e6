"""The cap on label sets, held from the first moment: a label that explodes adds up exactly in `other` (F3)."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from monitoring.metrics import METRICS
from monitoring.rollup import Labels

log = logging.getLogger(__name__)

MOST = 2_000
"""Label sets of a metric in one hour, `other` included: as many as the store keeps in a step."""
HOURS = 3
"""Hours of each metric that are remembered: facts come late by minutes, and history comes in order."""
TOTAL = 40_000
"""Label sets that are remembered of all metrics and hours together."""
OTHER = "other"


class LabelCap:
    """Decides which label sets a metric may have in an hour: the first ones. For one thread at a time.

    Only the newest few hours are remembered. An older one, as history brings, is decided anew each time that it comes
    back; the store holds every step to as many whatever it is handed.
    """

    def __init__(self, most: int = MOST, *, hours: int = HOURS, total: int = TOTAL) -> None:
        self._most = most
        self._hours = hours
        self._total = total
        self._size = 0
        self._known: dict[tuple[str, int], dict[Labels, Labels]] = {}
        self._said: set[str] = set()

    def __len__(self) -> int:
        """Label sets that are remembered."""
        return self._size

    def unknown(self, metric: str, hour: int, table: Iterable[Labels]) -> list[Labels]:
        """The label sets that were not let through yet, as most were: those may stay as they are."""
        known = self._known.get((metric, hour), {})
        return [labels for labels in table if labels not in known]

    def within(self, metric: str, hour: int, labels: Labels) -> Labels:
        """The labels to count a thing under: its own, or `other` for each where the metric's hour is full.

        `hour` is any number that tells hours apart, later ones greater.
        """
        known = self._known.get((metric, hour))
        found = None if known is None else known.get(labels)
        return self._decide(metric, hour, labels) if found is None else found

    def _decide(self, metric: str, hour: int, labels: Labels) -> Labels:
        others = (OTHER,) * len(labels)
        if labels == others or not labels:
            return labels

        known = self._known.get((metric, hour))
        if known is None:
            known = self._open(metric, hour)

        if len(known) >= self._most - 1:
            self._warn(metric, known)
            return others

        if self._size >= self._total and not self._make_room(metric, hour):
            self._warn(metric, known)
            return others

        self._size += 1
        known[labels] = labels
        return labels

    def _open(self, metric: str, hour: int) -> dict[Labels, Labels]:
        """Begin an hour; the oldest of the metric's hours is forgotten for it."""
        hours = sorted(one for name, one in self._known if name == metric)
        for old in hours[: max(len(hours) - self._hours + 1, 0)]:
            self._size -= len(self._known.pop((metric, old)))

        return self._known.setdefault((metric, hour), {})

    def _make_room(self, metric: str, hour: int) -> bool:
        """Forget the oldest hour of any metric; false where there is none but the one at hand."""
        oldest = min((key for key in self._known if key != (metric, hour)), key=lambda key: key[1], default=None)
        if oldest is None:
            return False

        self._size -= len(self._known.pop(oldest))
        return self._size < self._total or self._make_room(metric, hour)

    def _warn(self, metric: str, known: dict[Labels, Labels]) -> None:
        """Say once for each metric which of its labels has too many values."""
        if metric in self._said or not known:
            return

        self._said.add(metric)
        counts = [len(set(values)) for values in zip(*known, strict=True)]
        place = counts.index(max(counts))
        names = METRICS[metric].labels if metric in METRICS else ()
        log.warning(
            'The metric %s has more than %d label sets in one hour; the rest is counted under "other". '
            "Its label %s has the most values: is it something different each time?",
            metric,
            self._most - 1,
            names[place] if place < len(names) else place + 1,
        )
