"""The last half hour in steps of ten seconds, in memory: what rules are judged by, also while the store is broken."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

from monitoring.interfaces import Clock
from monitoring.metrics import METRICS
from monitoring.model import MINUTE, SECOND, Instant
from monitoring.rollup import Labels, Rollup, Table
from monitoring.steps import Columns, merge

STEP = 10 * SECOND
KEPT = 30 * MINUTE
LABEL_SETS = 2_000
"""Label sets of one metric; what comes beyond is counted in `other`."""
CELLS = 40_000
"""Rollups of all metrics and steps together, `other` ones apart."""
WAITING = 10_000
"""Rollups of a metric that may wait; they are small there."""
AHEAD = MINUTE
"""How far a time may lie ahead of the clock; beyond, it is a wrong clock and would push everything out."""

Point: TypeAlias = tuple[str, Instant, Labels, float | None, bool, int]
"""Metric, time, labels, value, failed, weight: the arguments of `deltas.add`."""
Feed: TypeAlias = Callable[[Sequence[Point], Sequence[tuple[str, Columns]]], None]
"""Hears what a flush brought: single things, and rollups of many."""
Keep: TypeAlias = Callable[[Labels], bool]
Gauge: TypeAlias = tuple[float, Instant]


def everything(_: Labels) -> bool:
    """Keeps all labels."""
    return True


class Recent:
    """A ring of tables per metric, bounded in label sets; every method may be called from any thread."""

    def __init__(
        self, clock: Clock, *, label_sets: int = LABEL_SETS, cells: int = CELLS, also: Feed | None = None
    ) -> None:
        self._clock = clock
        self._also = also
        self._label_sets = label_sets
        self._most_cells = cells
        self._steps: dict[str, dict[Instant, Table]] = {name: {} for name in METRICS}
        self._known: dict[str, Counter[Labels]] = {name: Counter() for name in METRICS}
        """In how many steps a label set of the metric occurs."""
        self._cells = 0
        self._waiting: dict[str, list[Columns]] = {}
        """What was fed in columns and is not in the steps yet."""
        self._rows: Counter[str] = Counter()
        """How many rollups of each metric that is."""
        self._gauges: dict[str, Gauge] = {}
        self._horizon = 0
        self._lock = threading.Lock()

    def add(self, metric: str, at: Instant, labels: Labels, rollup: Rollup) -> None:
        """Add a summary to the step that holds `at`; what is older than the ring or lies ahead is left out."""
        with self._lock:
            self._forget()
            if (cell := self._cell(metric, at, labels)) is not None:
                cell.merge(rollup)

    def feed(self, points: Sequence[Point], many: Sequence[tuple[str, Columns]] = ()) -> None:
        """Add what a flush brought: single things, and rollups of many in the ring's steps, by metric.

        Those of many wait as columns until they are asked for: adding them up at once costs less than one by one.
        """
        if self._also is not None:
            self._also(points, many)

        with self._lock:
            self._forget()
            for metric, at, labels, value, failed, weight in points:
                # Mostly its place is there already, as whatever is in the ring is within its time.
                table = self._steps[metric].get(at - at % STEP)
                cell = None if table is None else table.get(labels)
                if cell is None:
                    cell = self._cell(metric, at, labels)

                if cell is not None:
                    cell.add(value, failed, weight, METRICS[metric].sketch)

                if metric == "gauge" and value is not None:
                    self._note(labels[0], value, at)

            for metric, rows in many:
                self._waiting.setdefault(metric, []).append(rows)
                self._rows[metric] += len(rows)
                if self._rows[metric] > WAITING:
                    self._put_together(metric)

    def rollup(self, metric: str, start: Instant, end: Instant, keep: Keep = everything) -> Rollup:
        """Everything of a metric in [start, end) whose labels are kept, merged; `start` is taken to its full step."""
        result = Rollup()
        with self._lock:
            for _, table in self._between(metric, start, end):
                for labels, rollup in table.items():
                    if keep(labels):
                        result.merge(rollup)

        return result

    def groups(
        self, metric: str, start: Instant, end: Instant, label_index: int, keep: Keep = everything
    ) -> dict[str, Rollup]:
        """As `rollup`, apart for each value of one label."""
        result: dict[str, Rollup] = {}
        with self._lock:
            for _, table in self._between(metric, start, end):
                for labels, rollup in table.items():
                    if keep(labels):
                        result.setdefault(labels[label_index], Rollup()).merge(rollup)

        return result

    def lines(
        self, metric: str, start: Instant, end: Instant, width_ms: int, keep: Keep = everything
    ) -> list[tuple[Instant, Rollup]]:
        """As `rollup`, in steps of `width_ms` (ten seconds at the least), empty ones included."""
        first, width = _floor(start), max(_floor(width_ms), STEP)
        result = [(begin, Rollup()) for begin in range(first, end, width)]
        with self._lock:
            for step, table in self._between(metric, start, end):
                line = result[(step - first) // width][1]
                for labels, rollup in table.items():
                    if keep(labels):
                        line.merge(rollup)

        return result

    def last(self, gauge: str) -> Gauge | None:
        """The newest sample of a gauge and when it was read; None without one."""
        with self._lock:
            return self._gauges.get(gauge)

    def _between(self, metric: str, start: Instant, end: Instant) -> list[tuple[Instant, Table]]:
        self._take_in(metric)
        steps, first = self._steps[metric], max(_floor(start), _floor(self._clock.now() - KEPT))
        return [(step, steps[step]) for step in range(first, min(end, first + KEPT + AHEAD), STEP) if step in steps]

    def _put_together(self, metric: str) -> None:
        """Make one of all that waits; where that is still many, it is no longer small."""
        merged = merge(self._waiting[metric])
        self._waiting[metric] = [merged]
        self._rows[metric] = len(merged)
        if len(merged) > WAITING // 2:
            self._take_in(metric)

    def _take_in(self, metric: str) -> None:
        """Add what waits to the steps."""
        waiting = self._waiting.pop(metric, None)
        self._rows[metric] = 0
        if not waiting:
            return

        self._forget()
        for step, table in merge(waiting).tables().items():
            for labels, rollup in table.items():
                cell = self._cell(metric, step, labels)
                if cell is None:
                    continue

                if cell.count or self._steps[metric][step].get(labels) is not cell:
                    cell.merge(rollup)
                else:
                    # A new one, whose place it can take as it is.
                    self._steps[metric][step][labels] = rollup

    def _cell(self, metric: str, at: Instant, labels: Labels) -> Rollup | None:
        step = _floor(at)
        if not self._horizon <= step <= self._horizon + KEPT + AHEAD:
            return None

        table = self._steps[metric].setdefault(step, {})
        cell = table.get(labels)
        if cell is not None:
            return cell

        known, others = self._known[metric], ("other",) * len(labels)
        full = self._cells >= self._most_cells or (labels not in known and len(known) >= self._label_sets)
        if full or labels == others:
            return table.setdefault(others, Rollup())

        known[labels] += 1
        self._cells += 1
        cell = table[labels] = Rollup()
        return cell

    def _note(self, gauge: str, value: float, at: Instant) -> None:
        newest = self._gauges.get(gauge)
        most = self._horizon + KEPT + AHEAD
        # One that lies ahead was read before the clock was set back.
        if at <= most and (newest is None or at >= newest[1] or newest[1] > most):
            self._gauges[gauge] = (value, at)

    def _forget(self) -> None:
        """Let go of the steps that are older than the ring."""
        horizon = _floor(self._clock.now() - KEPT)
        if horizon == self._horizon:
            return

        self._horizon = horizon
        for metric, steps in self._steps.items():
            for step in [step for step in steps if not horizon <= step <= horizon + KEPT + AHEAD]:
                self._release(metric, steps.pop(step))

    def _release(self, metric: str, table: Table) -> None:
        known, others = self._known[metric], ("other",) * len(METRICS[metric].labels)
        for labels in table:
            if labels == others:
                continue

            self._cells -= 1
            known[labels] -= 1
            if known[labels] <= 0:
                del known[labels]


def _floor(at: int) -> int:
    return at - at % STEP
