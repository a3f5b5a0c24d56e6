"""Scales of a picture: round values up the side, round moments along the bottom. No matplotlib."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from monitoring import phrasing
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.phrasing import NB
from monitoring.window import step_start

_CLOCK_STEPS = (5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 20 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR)
_DAY_STEPS = (1, 2, 3, 5, 7, 10, 15, 30, 60, 90)
_ROUND = (1, 2, 4, 5)


def value_ticks(highest: float, most: int = 4, *, whole: bool = False) -> list[float]:
    """Round values from 0 to the first one that is not below `highest`, at most `most` of them above 0."""
    highest = highest if math.isfinite(highest) and highest > 0 else 1.0
    power = 10.0 ** (math.floor(math.log10(highest)) - 1)
    while True:
        for digit in _ROUND:
            step = digit * power
            count = math.ceil(highest / step - 1e-9)
            if count <= most and not (whole and step < 1):
                return [round(step * k, 12) for k in range(max(count, 1) + 1)]

        power *= 10


def tick_label(value: float, unit: str) -> str:
    """A value at an axis: "4 s", "250 ms", "2 %"; 0 has no unit."""
    if value == 0:
        return "0"

    if unit == "s":
        return f"{value:g}{NB}s"

    if unit == "%":
        return f"{value:g}{NB}%"

    if unit == "rate":
        return f"{value * 100:g}{NB}%"

    return phrasing.in_unit(value, unit if unit in {"ms", "bytes"} else "")


def time_ticks(start: Instant, end: Instant, zone: str, most: int = 5) -> list[tuple[Instant, str]]:
    """Round moments of the zone's clock in [start, end]: full minutes, hours or days, at most `most`."""
    span = max(end - start, MINUTE)
    for step in _CLOCK_STEPS:
        if span / step <= most - 0.5:
            return _clock_ticks(start, end, zone, step)

    if span / (12 * HOUR) <= most - 0.5 and span <= 2 * DAY:
        return _clock_ticks(start, end, zone, 12 * HOUR)

    days = []
    at = step_start(end, DAY, zone)
    while at >= start:
        days.append((at, phrasing.day(at, zone)))
        at = step_start(at - HOUR, DAY, zone)

    every = next((n for n in _DAY_STEPS if len(days) / n <= most - 1), _DAY_STEPS[-1])
    return days[::every][::-1]


def _clock_ticks(start: Instant, end: Instant, zone: str, step: int) -> list[tuple[Instant, str]]:
    ticks = []
    info = ZoneInfo(zone)
    width = min(step, HOUR)
    at = step_start(start, HOUR, zone)
    while at <= end:
        local = datetime.fromtimestamp(at / 1000, info)
        if at >= start and (local.hour * HOUR + local.minute * MINUTE) % step == 0:
            ticks.append((at, f"{local:%H:%M}"))

        at += width

    return ticks


def step_ticks(starts: Sequence[Instant], step: int, zone: str, most: int = 4) -> list[tuple[int, str]]:
    """Which bars get a label, as (index, label): the first, the last and some between, evenly."""
    if not starts:
        return []

    count = min(most, len(starts))
    last = len(starts) - 1
    chosen = sorted({round(last * k / max(count - 1, 1)) for k in range(count)})
    named = phrasing.day if step >= DAY or starts[-1] - starts[0] > 2 * DAY else phrasing.clock
    return [(index, named(starts[index], zone)) for index in chosen]


def step_width(starts: Sequence[Instant], window_length: int) -> int:
    """The width of evenly spaced steps in ms, from their starts; the whole window for a single one."""
    gaps = [b - a for a, b in pairwise(starts) if b > a]
    return min(gaps) if gaps else window_length
