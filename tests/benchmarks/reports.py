"""Reports of a month and a day: against the same questions in SQL, and against ourselves with more history."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from itertools import count
from typing import Any

import numpy as np

from monitoring.analysis.figure import Timing
from monitoring.analysis.series import timing
from monitoring.model import DAY, MINUTE, Instant
from monitoring.operations import Operations
from monitoring.store import SQLiteStore

from .frame import Bench, Row, medians
from .histories import MONTH, RAW_DAYS, History, compact_rows, duck_rows, opened
from .ours import NOW

QUANTILES = (0.5, 0.95, 0.99)
SQL = """
WITH ranked AS (
  SELECT kind, micros, row_number() OVER (PARTITION BY kind ORDER BY micros) AS place,
    count(*) OVER (PARTITION BY kind) AS n
  FROM operation WHERE began >= ? AND began < ? AND error = 0
)
SELECT kind, n, avg(micros), max(micros) FILTER (WHERE place = (n + 1) / 2),
  max(micros) FILTER (WHERE place = (n * 95 + 99) / 100), max(micros) FILTER (WHERE place = (n * 99 + 99) / 100)
FROM ranked GROUP BY kind
"""
DUCK = """
SELECT kind, count(*), avg(micros), quantile_disc(micros, [0.5, 0.95, 0.99])
FROM operation WHERE began >= ? AND began < ? AND error = 0 GROUP BY kind
"""


class Report:
    """Count, mean, P50, P95 and P99 of every service and operation, of a window that never ends where the last did."""

    def __init__(self, store: SQLiteStore, days: int) -> None:
        self._store = store
        self._days = days
        self._turn = count(1)

    async def __call__(self) -> float:
        """Milliseconds of one."""
        end = NOW - next(self._turn) * 7 * MINUTE
        began = time.perf_counter()
        figures = await self.figures(end)
        spent = (time.perf_counter() - began) * 1e3
        assert len(figures) == 6, figures
        return spent

    async def figures(self, end: Instant) -> dict[Any, Timing]:
        """As the product's tables show them."""
        series = await self._store.series("operation", end - self._days * DAY, end, 0, ("service", "operation"))
        return {name: timing(rollup) for name, rollup in series.total(lambda labels: labels[:2]).items()}


def asked(query: Callable[[Instant, Instant], list[Any]], days: int) -> Callable[[], float]:
    """Milliseconds of the same question in SQL."""

    def ask() -> float:
        end = NOW - 7 * MINUTE
        began = time.perf_counter()
        assert len(query(end - days * DAY, end)) == 6
        return (time.perf_counter() - began) * 1e3

    return ask


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """The month against SQL and DuckDB, a day exactly, then growth."""
    month = History(bench.size(MONTH, 2_000), 30, RAW_DAYS)
    async with opened(bench, month) as store:
        async for row in _against_peers(bench, month, store):
            yield row

        async for row in _growth(bench, store):
            yield row


async def _against_peers(bench: Bench, month: History, store: SQLiteStore) -> AsyncIterator[Row]:
    with closing(compact_rows(bench, month)) as sql, duck_rows(bench, month) as duck:
        exact_month = asked(lambda *span: sql.execute(SQL, span).fetchall(), 30)
        ducks = asked(lambda *span: duck.execute(DUCK, span).fetchall(), 30)
        # Half a minute each, and far from its limit: fewer rounds of it.
        (theirs,) = await medians(min(bench.rounds, 2), exact_month)
        ours, first, duck_month = await medians(bench.rounds, Report(store, 30), first_time(bench, month), ducks)
        what = f"30-day report with P50/P95/P99, {month.count:,} operations"
        yield Row(what, ours, "ms", theirs, "exact SQL (SQLite) on the same rows", 1 / 300, 1 / 2000)
        yield Row("the same", ours, "ms", duck_month, "DuckDB on the same rows", 1 / 5, 1 / 20)
        yield Row("the same, the first one after a start", first, "ms", duck_month, "DuckDB on the same rows")
        day = asked(lambda *span: duck.execute(DUCK, span).fetchall(), 1)
        ours, theirs = await medians(bench.rounds, exact_day(store), day)
        yield Row("exact percentiles of 24 h", ours, "ms", theirs, "DuckDB on the same rows", 2, 1)


def first_time(bench: Bench, month: History) -> Callable[[], Awaitable[float]]:
    """Milliseconds of a month's report from a store that was just opened, and remembers nothing of its segments."""

    async def ask() -> float:
        async with opened(bench, month) as store:
            return await Report(store, 30)()

    return ask


def exact_day(store: SQLiteStore) -> Callable[[], Awaitable[float]]:
    """Milliseconds for exact percentiles of a day's raw operations, read as columns."""

    async def ask() -> float:
        end = NOW - 7 * MINUTE
        began = time.perf_counter()
        found = exact(await store.operations(end - DAY, end, ("which", "manner", "duration"), ("service", "operation")))
        spent = (time.perf_counter() - began) * 1e3
        assert len(found) == 6, found
        return spent

    return ask


def exact(found: Operations) -> dict[tuple[str, ...], tuple[int, float, tuple[int, ...]]]:
    """Count, mean and quantiles (nearest rank, microseconds) of the successes by service and operation."""
    names = sorted({labels[:2] for labels in found.labels})
    group = np.array([names.index(labels[:2]) for labels in found.labels], np.int64)
    # Group and duration in one number: sorted once, and each group lies together.
    keys = np.sort(((group[found.which] << 40) | found.duration)[~found.failed])
    edges = np.searchsorted(keys, np.arange(len(names) + 1) << 40).tolist()
    result = {}
    for number, (name, begin, end) in enumerate(zip(names, edges, edges[1:], strict=False)):
        values = keys[begin:end] - (number << 40)
        places = [max(math.ceil(q * len(values)) - 1, 0) for q in QUANTILES]
        result[name] = (len(values), float(values.mean()), tuple(values[places].tolist()))

    return result


async def _growth(bench: Bench, month: SQLiteStore) -> AsyncIterator[Row]:
    """Ten times the history at the same traffic, twenty times the traffic in the same days."""
    short = History(bench.size(MONTH // 50, 2_000), 30)
    long = History(10 * short.count, 300)
    quiet = History(bench.size(MONTH // 20, 2_000), 30)
    async with opened(bench, short) as few, opened(bench, long) as many, opened(bench, quiet) as calm:
        for days, name in ((30, "30-day"), (1, "24-h")):
            one, ten = await medians(2 * bench.rounds, Report(few, days), Report(many, days))
            yield Row(f"the {name} report with ten times the history", ten, "ms", one, "itself", 1.2, 1.0)

        one, twenty = await medians(2 * bench.rounds, Report(calm, 30), Report(month, 30))
        yield Row("the 30-day report with twenty times the traffic", twenty, "ms", one, "itself", 5, 2)
