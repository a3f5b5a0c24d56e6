"""The lines beside the charts of `/report` that no `/stats` command shows."""

from __future__ import annotations

import discord

from monitoring.analysis.health import GaugeLine, Resources
from monitoring.analysis.users import Activity
from monitoring.phrasing import count, in_unit
from monitoring.safe_text import safe_text

from ._embeds import embed, no_data_embed
from ._format import dots, lines, span, stamp, unmonitored

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WORDS = {
    "cpu_percent": "CPU",
    "memory_percent": "Memory",
    "disk_percent": "Disk",
    "loop_lag": "Loop lag",
    "gateway_latency": "Gateway",
}
FAST = {"loop_lag", "gateway_latency"}


def activity_embed(value: Activity) -> discord.Embed:
    """When users write: the busiest and the quietest hours."""
    if not value.n or not value.busiest:
        return no_data_embed(value.window, None)

    day, hour = value.busiest[0]
    calm = value.quietest if not set(value.quietest) & set(value.busiest) else ()
    return embed(
        f"Busiest on {DAYS[day]} at {hour:02}:00",
        f"{value.peak:.0f} messages in that hour on average." if value.peak is not None else "",
        fields=[("Busiest hours", _hours(value.busiest)), ("Quietest hours", _hours(calm))],
        footer=dots(span(value.window), f"n {count(value.n)}"),
    )


def resources_embed(value: Resources) -> discord.Embed:
    """How loaded the host is: now, and at most."""
    shown = [line for line in value.lines if line.now is not None or line.peak is not None]
    if not shown:
        return no_data_embed(value.window, None)

    above = [line for line in shown if line.limit is not None and line.peak is not None and line.peak > line.limit]
    title = f"{_name(above[0])} was above its limit" if above else "All resources within limits"
    return embed(
        title,
        lines(*(_line(line) for line in shown[:10])),
        footer=dots(span(value.window), unmonitored(value.gaps, value.window.zone)),
    )


def _hours(hours: tuple[tuple[int, int], ...]) -> str:
    return dots(*(f"{DAYS[day]} {hour:02}:00" for day, hour in hours[:3]))


def _line(line: GaugeLine) -> str:
    unit = "ms" if line.name in FAST else line.unit
    peak = f"highest {in_unit(line.peak, unit)}" if line.peak is not None else ""
    when = f" at {stamp(line.peak_at, 'f')}" if line.peak_at is not None and peak else ""
    limit = f"limit {in_unit(line.limit, unit)}" if line.limit is not None else ""
    return dots(f"**{_name(line)}** {in_unit(line.now, unit)}", f"{peak}{when}", limit)


def _name(line: GaugeLine) -> str:
    return WORDS.get(line.name, safe_text(line.name.replace("_", " ").capitalize(), 24))
