"""`/stats banter` as an embed: how the personas banter, and what users make of it."""

from __future__ import annotations

import discord

from monitoring.analysis.banter import Banter
from monitoring.phrasing import NONE, count, more, share
from monitoring.safe_text import safe_text

from ._embeds import embed, no_data_embed
from ._format import bold, dots, lines, span, unmonitored


def banter_embed(value: Banter) -> discord.Embed:
    """Exchanges, their length, their share of all tokens, who starts and who is ignored."""
    if not value.exchanges.value:
        if value.exchanges.before:
            return embed("No banter in this window", "The window before had some.", footer=span(value.window))

        return no_data_embed(value.window, None) if value.exchanges.value is None else _quiet(value)

    turns = f"**{value.mean_turns:.1f}** turns" if value.mean_turns is not None else NONE
    return embed(
        _title(value),
        lines(_starter(value), _ignored(value)),
        inline=[
            ("Exchanges", lines(f"**{count(value.exchanges.value)}**", _change(value))),
            ("Mean length", lines(turns, f"longest {value.longest}" if value.longest else "")),
            ("Share of messages", f"**{share(value.message_share)}** of the personas'"),
        ],
        fields=[("Most talked about", dots(*(safe_text(word, 32) for word, _ in value.topics[:3])))],
        footer=dots(
            span(value.window),
            f"{count(value.messages)} messages",
            unmonitored(value.gaps, value.window.zone) or "gaps up to 60 s",
        ),
    )


def _quiet(value: Banter) -> discord.Embed:
    return embed(
        "No banter in this window",
        "An exchange is two or more personas in a row, at most 60 s apart, with no user between.",
        footer=span(value.window),
    )


def _change(value: Banter) -> str:
    return more(value.exchanges.value, value.exchanges.before)


def _title(value: Banter) -> str:
    change = _change(value)
    if "more" in change or "times" in change:
        start = f"Banter is up {change.removeprefix('▲ ').removesuffix(' more')}"
    elif "less" in change:
        start = f"Banter is down {change.removeprefix('▼ ').removesuffix(' less')}"
    else:
        start = "Banter is as usual" if change else f"{count(value.exchanges.value)} exchanges"

    rate = value.joined.value
    if rate is None:
        return start

    effect = "draws users in" if rate >= 0.5 else "seldom draws users in" if rate < 0.2 else "draws some users in"
    return f"{start} and {effect}" if change else f"{start}, users joined {share(rate)}"


def _starter(value: Banter) -> str:
    return f"{bold(value.starters[0].name)} starts most." if value.starters else ""


def _ignored(value: Banter) -> str:
    worst = next((one for one in value.ignored if one.ignored), None)
    if worst is None:
        return ""

    return f"{bold(worst.name)} is ignored most: {round(10 * worst.ignored / worst.openings)} of 10 get no answer."
