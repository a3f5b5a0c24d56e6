"""Figures as words, the same in embeds, charts, terminal and digest. No-break spaces between number and unit."""

from __future__ import annotations

import math
from datetime import datetime
from zoneinfo import ZoneInfo

from monitoring.model import Instant

NB = "\u00a0"
FEW = "too few"
NONE = "n/a"
_SMALL = {"times": 1, "σ": 1, "of 5": 1, "score": 2}
"""Units whose values are small numbers, with their decimals."""


def seconds(value: float | None, *, always_ms: bool = False) -> str:
    """A time taken: "0.38 s", "4.2 s"; "41 ms" only for what is always short (gateway, loop lag, store)."""
    if value is None:
        return NONE

    if always_ms:
        return f"{value * 1000:.0f}{NB}ms" if value < 1 else f"{value:.1f}{NB}s"

    if value < 0.995:
        return f"{value:.2f}{NB}s"

    return f"{value:.1f}{NB}s" if value < 99.95 else f"{value:,.0f}{NB}s"


def duration(value: float | None) -> str:
    """A span of time in seconds: "47 min", "2 h 14 min", "6 d 2 h"."""
    if value is None:
        return NONE

    whole = round(value)
    if whole < 60:
        return f"{whole}{NB}s"

    if whole < 3600:
        return f"{whole // 60}{NB}min"

    if whole < 86_400:
        hours, rest = divmod(whole // 60, 60)
        return f"{hours}{NB}h {rest}{NB}min" if rest else f"{hours}{NB}h"

    days, rest = divmod(whole // 3600, 24)
    return f"{days}{NB}d {rest}{NB}h" if rest else f"{days}{NB}d"


def count(value: float | None) -> str:
    """A count: "9,860"; from 100,000 on "251 k", "24.1 M"."""
    if value is None:
        return NONE

    if abs(value) < 100_000:
        return f"{value:,.0f}"

    for size, letter in ((1e9, "G"), (1e6, "M")):
        if abs(value) >= size:
            return f"{value / size:,.1f}{NB}{letter}"

    return f"{value / 1e3:,.0f}{NB}k"


def pace(value: float | None) -> str:
    """How many in a unit of time: "0.04", "8.6", "514"."""
    if value is None:
        return NONE

    if value >= 9.95 or value == 0:
        return count(value)

    return f"{value:.1f}" if value >= 0.095 else f"{value:.1g}"


def share(value: float | None) -> str:
    """A share 0..1 as "2.2 %", "27 %" from ten on."""
    if value is None:
        return NONE

    percent = value * 100
    return f"{percent:.0f}{NB}%" if abs(percent) >= 9.95 or percent == 0 else f"{percent:.1f}{NB}%"


def well(value: float | None) -> str:
    """A share 0..1 of what went well: "99.98 %", "100 %"; rounded down, so that 100 % is all of it."""
    if value is None:
        return NONE

    percent = math.floor(value * 10_000 + 1e-9) / 100
    return f"{percent:.0f}{NB}%" if percent == round(percent) else f"{percent:.2f}{NB}%"


def money(micro: float | None) -> str:
    """Micro-dollars as "$2.63", "$83", below a cent "$0.0018"."""
    if micro is None:
        return NONE

    dollars = micro / 1_000_000
    if dollars == 0:
        return "$0"

    if dollars < 0.01:
        return f"${dollars:.4f}"

    return f"${dollars:.2f}" if dollars < 20 else f"${dollars:,.0f}"


def size(value: float | None) -> str:
    """Bytes as "512 MB", "1.4 GB"."""
    if value is None:
        return NONE

    for width, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if value >= width:
            amount = value / width
            return f"{amount:.1f}{NB}{unit}" if amount < 9.95 else f"{amount:,.0f}{NB}{unit}"

    return f"{value:.0f}{NB}B"


def in_unit(value: float | None, unit: str) -> str:
    """A value in the unit of its rule or gauge: s, ms, span (a longer time, in seconds too), %, rate (0..1), bytes,
    $ (dollars), times, σ, score or of 5 (small numbers), or a plain count with its word.
    """
    if value is None:
        return NONE

    if unit == "s":
        return seconds(value)

    if unit == "ms":
        return seconds(value, always_ms=True)

    if unit == "%":
        return f"{value:.0f}{NB}%" if value >= 9.95 else f"{value:.1f}{NB}%"

    if unit == "rate":
        return share(value)

    if unit == "bytes":
        return size(value)

    if unit == "span":
        return duration(value)

    if unit == "$":
        return money(value * 1_000_000)

    if unit in _SMALL:
        return f"{value:.{_SMALL[unit]}f}{NB}{unit}"

    return f"{count(value)}{NB}{unit}" if unit else count(value)


def more(now: float | None, before: float | None) -> str:
    """A change of an amount: "▲ 8 % more", "▼ 3 % less", below 2 % "= as usual"; "" where there is no yardstick."""
    if now is None or not before:
        return ""

    change = now / before - 1
    if abs(change) < 0.02:
        return "= as usual"

    if change > 9.995:
        return f"▲ {now / before:,.0f} times as many"

    return (
        f"▲ {change:.0%} more".replace("%", f"{NB}%") if change > 0 else f"▼ {-change:.0%} less".replace("%", f"{NB}%")
    )


def slower(now: float | None, before: float | None) -> str:
    """A change of a time: "▲ 1.8 s slower", "▼ 0.2 s faster", below 2 % "= as usual"."""
    if now is None or not before:
        return ""

    change = now - before
    if abs(change) < 0.02 * before:
        return "= as usual"

    text = f"{abs(change):.1f}{NB}s" if abs(change) >= 0.095 else f"{abs(change):.2f}{NB}s"
    return f"▲ {text} slower" if change > 0 else f"▼ {text} faster"


def points(now: float | None, before: float | None, *, up: str = "worse", down: str = "better") -> str:
    """A change of a share in points: "▲ 0.9 points worse"; below a tenth of a point "= as usual"."""
    if now is None or before is None:
        return ""

    change = (now - before) * 100
    if abs(change) < 0.1:
        return "= as usual"

    return f"{'▲' if change > 0 else '▼'} {abs(change):.1f} points {up if change > 0 else down}"


def clock(at: Instant, zone: str) -> str:
    """A time of day in a zone: "14:05"."""
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).strftime("%H:%M")


def day(at: Instant, zone: str) -> str:
    """A date in a zone: "11 Mar"."""
    local = datetime.fromtimestamp(at / 1000, ZoneInfo(zone))
    return f"{local.day} {local:%b}"


def weekday(at: Instant, zone: str) -> str:
    """A date with its weekday: "Wed 11 Mar"."""
    return f"{datetime.fromtimestamp(at / 1000, ZoneInfo(zone)):%a} {day(at, zone)}"


def zone_name(at: Instant, zone: str) -> str:
    """The short name of the zone at that date: "CET", "UTC+3" where there is none."""
    local = datetime.fromtimestamp(at / 1000, ZoneInfo(zone))
    name = local.tzname() or zone
    if name[0] not in "+-":
        return name

    offset = local.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes >= 0 else "−"
    return f"UTC{sign}{hours}:{rest:02}" if rest else f"UTC{sign}{hours}"
