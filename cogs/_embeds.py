"""What all embeds share: the stripe of a state, the order of parts, and the texts for nothing and no."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import discord

from monitoring.analysis.figure import Gap
from monitoring.model import Band, Health, Instant, Severity
from monitoring.phrasing import clock
from monitoring.window import Window

from ._format import dots, span, stamp, within_limits

REFUSAL = "That is not here, or not for you to see. People with Manage Server see this server's figures."
"""The one answer to "not allowed" and "not there"."""

STRIPE = {
    "good": 0x1F9E7A,
    "warning": 0xD99A10,
    "critical": 0xDC3E49,
    "unknown": 0x868B96,
    "acknowledged": 0x5B6FF0,
}
EMOJI = {"good": "🟢", "warning": "🔶", "critical": "🟥", "unknown": "⚪", "acknowledged": "👤"}
OF_HEALTH = {
    Health.HEALTHY: "good",
    Health.DEGRADED: "warning",
    Health.UNHEALTHY: "critical",
    Health.UNKNOWN: "unknown",
}
OF_SEVERITY = {Severity.INFO: "warning", Severity.WARNING: "warning", Severity.CRITICAL: "critical"}
OF_BAND = {Band.GOOD: "good", Band.WARNING: "warning", Band.CRITICAL: "critical", Band.UNKNOWN: "unknown"}

Field = tuple[str, str]
"""Name and value."""


def embed(
    title: str,
    description: str = "",
    *,
    state: str = "",
    inline: Sequence[Field] = (),
    fields: Sequence[Field] = (),
    footer: str = "",
    at: Instant | None = None,
) -> discord.Embed:
    """An embed in the house's order, within Discord's limits. No state, no stripe; inline fields are three or none."""
    result = discord.Embed(title=title, description=description or None)
    if state:
        result.color = discord.Color(STRIPE[state])

    for name, value in inline if len(inline) == 3 else ():
        result.add_field(name=name, value=value, inline=True)

    for name, value in fields:
        result.add_field(name=name, value=value, inline=False)

    if footer:
        result.set_footer(text=footer)

    if at is not None:
        result.timestamp = datetime.fromtimestamp(at / 1000, UTC)

    return within_limits(result)


def no_data_embed(window: Window, first_at: Instant | None, last_at: Instant | None = None) -> discord.Embed:
    """What is said while there is nothing to show: since when it listens, and what brings the first figures."""
    if last_at is not None:
        return embed(
            "⚪ No answers in this window",
            f"The last answer was {stamp(last_at, 'R')}. A longer window shows more.",
            state="unknown",
            footer=dots(span(window), "n 0"),
        )

    began = f"Recording began {stamp(first_at, 'R')}; the" if first_at is not None else "The"
    since = f"Since {clock(first_at, window.zone)} {window.zone}" if first_at is not None else span(window)
    return embed(
        "⚪ No data yet",
        f"{began} first figures come with the next message to a persona.",
        state="unknown",
        footer=dots(since, "n 0"),
    )


def busy_embed(number: str) -> discord.Embed:
    """What is said when the store could not answer in time."""
    return embed(
        "⚪ The store is busy",
        "I kept recording, but could not read in time.\nTry again in a minute; it usually passes by itself.",
        state="unknown",
        footer=f"error {number}",
    )


def slow_words(spells: Sequence[Gap]) -> str:
    """The slow spells of a window with their times; "" where there are none."""
    if not spells:
        return ""

    longest = max(spells, key=lambda spell: spell.end - spell.start)
    if len(spells) == 1:
        return f"One slow spell, {stamp(longest.start)} to {stamp(longest.end)}."

    return f"{len(spells)} slow spells, the longest {stamp(longest.start, 'f')} to {stamp(longest.end)}."
