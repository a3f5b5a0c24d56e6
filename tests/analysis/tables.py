"""Small series made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from monitoring.model import HOUR, Instant
from monitoring.rollup import Rollup, Series
from monitoring.window import Window

BERLIN = "Europe/Berlin"


def at(text: str, zone: str = "UTC", *, fold: int = 0) -> Instant:
    """The instant of a local time: "2026-03-11 14:05"."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000)


def window(start: str, end: str, zone: str = "UTC") -> Window:
    """The window between two local times."""
    return Window(at(start, zone), at(end, zone), zone)


def times(*values: float, failed: int = 0) -> Rollup:
    """Successes that took so many seconds, and failures."""
    rollup = Rollup()
    for value in values:
        rollup.add(value, sketch=True)

    if failed:
        rollup.add(failed=True, weight=failed)

    return rollup


def many(count: int, *, failures: int = 0, total: float = 0) -> Rollup:
    """So many things, some of which failed, with values that add up to the total."""
    return Rollup(count=count, failures=failures, total=round(total * 1e6))


def spent(prompt: int = 0, completion: int = 0, *, cost: int = 0, unpriced: int = 0, seconds: float = 1.0) -> Rollup:
    """One operation with tokens; cost in micro-dollars."""
    return Rollup(
        count=1,
        total=round(seconds * 1e6),
        prompt=prompt,
        completion=completion,
        cost=cost,
        unpriced=unpriced,
    )


def series(metric: str, start: Instant, width: int, *tables: Mapping[Any, Rollup]) -> Series:
    """Tables one after another, each as wide."""
    starts = tuple(start + width * k for k in range(len(tables)))
    return Series(metric, starts, tuple(begin + width for begin in starts), tables)


def one(metric: str, table: Mapping[Any, Rollup] | None = None, start: Instant = 0) -> Series:
    """A single step, as the store gives whole windows; without a table an empty one."""
    return series(metric, start, HOUR, table or {})


def empty(metric: str) -> Series:
    """Nothing at all."""
    return Series(metric, (), (), ())
