"""Everything since the start, added up by a few labels: what published counters and histograms are read from.

It hears what the ring of the last half hour hears (live facts, those included for which there was no room to be
stored), so that history that is taken in later does not look like a burst. Nothing is ever taken away from it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence

from monitoring.metrics import METRICS
from monitoring.model import Instant
from monitoring.published import VIEWS, View
from monitoring.recording.recent import Point
from monitoring.rollup import Labels, Rollup, Table
from monitoring.steps import Columns, merge

log = logging.getLogger(__name__)

MOST = 200
"""Label sets of a view; what comes beyond is counted under `other`."""
OTHER = "other"
LONGEST = 100
"""Characters of a label's value."""
WAITING = 5_000
"""Rollups of a metric that may wait to be added up."""
_EVER = 1 << 62


class Totals:
    """Tables of rollups that only grow; every method may be called from any thread."""

    def __init__(self, views: Mapping[str, View] = VIEWS, *, most: int = MOST) -> None:
        self._most = most
        self._tables: dict[str, Table] = {name: {} for name in views}
        self._by_metric: dict[str, list[tuple[str, tuple[int, ...], int | None]]] = {}
        for name, view in views.items():
            places = METRICS[view.metric].labels
            named = places.index(view.named) if view.named else None
            self._by_metric.setdefault(view.metric, []).append(
                (name, tuple(places.index(label) for label in view.by), named)
            )

        self._waiting: dict[str, list[Columns]] = {metric: [] for metric in self._by_metric}
        self._said: set[str] = set()
        self._lock = threading.Lock()

    def feed(self, points: Sequence[Point], many: Sequence[tuple[str, Columns]] = ()) -> None:
        """Add what a flush brought, as `Recent.feed` gets it."""
        with self._lock:
            for metric, _, labels, value, failed, weight in points:
                for name, places, named in self._by_metric.get(metric, ()):
                    if named is None or labels[named]:
                        cell = self._cell(name, tuple([labels[place] for place in places]))
                        cell.add(value, failed=failed, weight=weight, sketch=METRICS[metric].sketch)

            for metric, rows in many:
                if metric in self._waiting:
                    self._waiting[metric].append(rows)
                    if sum(map(len, self._waiting[metric])) > WAITING:
                        self._take_in(metric)

    def tables(self) -> dict[str, Table]:
        """Every view's table as it is now, in copies."""
        with self._lock:
            for metric in self._waiting:
                self._take_in(metric)

            return {name: {labels: one.copy() for labels, one in table.items()} for name, table in self._tables.items()}

    def _take_in(self, metric: str) -> None:
        waiting, self._waiting[metric] = self._waiting[metric], []
        if not waiting:
            return

        whole = merge(waiting, _together)
        for name, places, named in self._by_metric[metric]:
            kept = merge([whole.kept({*places, *(() if named is None else (named,))})], _together)
            for labels, rollup in kept.tables().get(0, {}).items():
                if named is None or labels[named]:
                    self._cell(name, tuple(labels[place] for place in places)).merge(rollup)

    def _cell(self, name: str, labels: Labels) -> Rollup:
        table = self._tables[name]
        cell = table.get(labels)
        if cell is not None:
            return cell

        # Only here, since most have been seen before; two that are written alike become one.
        labels = tuple(map(shown, labels))
        if labels not in table and len(table) >= self._most - 1:
            self._warn(name)
            labels = (OTHER,) * len(labels)

        return table.setdefault(labels, Rollup())

    def _warn(self, name: str) -> None:
        if name not in self._said:
            self._said.add(name)
            log.warning('More than %d label sets of "%s" since the start: the rest is published as "other".',
                        self._most - 1, name)  # fmt: skip


def shown(value: str) -> str:
    """A label's value as it is published: text that every reader can take, cut where it is long."""
    text = value if value.isascii() else value.encode("utf-8", "replace").decode()
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _together(_: Instant) -> tuple[Instant, Instant]:
    """Where all steps are put: into one."""
    return 0, _EVER
