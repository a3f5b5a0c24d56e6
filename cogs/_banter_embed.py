"""`/stats banter` as an embed: how the personas banter, and what users make of it."""

from __future__ import annotations

import discord

from monitoring.analysis.banter import Banter
from monitoring.analysis.banter_spend import BanterSpend
from monitoring.phrasing import NONE, count, money, more, share
from monitoring.safe_text import safe_text

from ._embeds import embed, no_data_embed
from ._format import bold, dots, lines, span, unmonitored


def banter_embed(
    value: Banter, spend: BanterSpend | None = None, *, owner: bool = False, raw_days: int = 7
) -> discord.Embed:
    """Exchanges, their length, who starts and ends, who is ignored, what they use; cost only for owners."""
    if not value.exchanges.value:
        if value.exchanges.before:
            return embed("No banter in this window", "The window before had some.", footer=span(value.window))

        return no_data_embed(value.window, None) if value.exchanges.value is None else _quiet(value)

    turns = f"**{value.mean_turns:.1f}** turns" if value.mean_turns is not None else NONE
    return embed(
        _title(value),
        lines(_starter(value), _ignored(value), _mood(value)),
        inline=[
            ("Exchanges", lines(f"**{count(value.exchanges.value)}**", _change(value))),
            ("Mean length", lines(turns, f"longest {value.longest}" if value.longest else "")),
            ("Share of messages", f"**{share(value.message_share)}** of the personas'"),
        ],
        fields=[
            ("Most talked about", dots(*(safe_text(word, 32) for word, _ in value.topics[:3]))),
            ("Tokens and cost" if owner else "Tokens", _spend(spend, owner, raw_days)),
        ],
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
    if not value.starters:
        return ""

    first, last = value.starters[0].name, value.enders[0].name if value.enders else ""
    if first == last:
        return f"{bold(first)} starts most and has the last word most."

    return f"{bold(first)} starts most{f', {bold(last)} has the last word most' if last else ''}."


def _mood(value: Banter) -> str:
    """How they talk with each other, in a word and a figure."""
    now = value.mood.value
    if now is None:
        return ""

    word = "positive" if now >= 0.05 else "negative" if now <= -0.05 else "neutral"
    return f"The tone is {word}, {now:.2f}.".replace("-", "−")


def _spend(spend: BanterSpend | None, owner: bool, raw_days: int) -> str:
    """What was used inside exchanges, and of how long that is known."""
    if spend is None or not spend.operations:
        return ""

    part = f" ({share(spend.token_share)} of all)" if spend.token_share is not None else ""
    return dots(
        f"{count(spend.tokens)} tokens{part}",
        _cost(spend) if owner else "",
        "" if spend.whole else f"of the last {raw_days} days",
    )


def _cost(spend: BanterSpend) -> str:
    if spend.cost is None:
        return f"cost {NONE}, price unknown"

    if not spend.cost:
        return "local model, $0"

    unknown = f", {count(spend.unpriced)} without a known price" if spend.unpriced else ""
    part = f" ({share(spend.cost_share)} of all)" if spend.cost_share is not None else ""
    return f"{money(spend.cost)}{part}{unknown}"


def _ignored(value: Banter) -> str:
    worst = next((one for one in value.ignored if one.ignored), None)
    if worst is None:
        return ""

    return f"{bold(worst.name)} is ignored most: {round(10 * worst.ignored / worst.openings)} of 10 get no answer."
