"""`/stats relationships` as an embed: who grows close, who drifts apart."""

from __future__ import annotations

from collections import Counter

import discord

from monitoring.analysis.relationships import Pair, Relationships
from monitoring.phrasing import NONE, count
from monitoring.safe_text import safe_text

from ._embeds import embed, no_data_embed
from ._format import bold, dots, lines, span, table, unmonitored

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
SHOWN_MOVES = 4


def relationships_embed(value: Relationships) -> discord.Embed:
    """Mean affinity, the most active and the closest pair, and the biggest moves."""
    if not value.pairs:
        return no_data_embed(value.window, None) if not value.personas else _nobody_met(value)

    active = value.active
    closest = max(value.pairs, key=lambda pair: pair.affinity)
    return embed(
        _title(value),
        lines(_stages(value), _mover(value), _source(value)),
        inline=[
            ("Mean affinity", lines(f"**{_whole(value.mean)}**", _better(value.mean, value.mean_before))),
            ("Most active", lines(_pair(active), f"**{count(active.interactions)}** interactions") if active else NONE),
            ("Closest", lines(_pair(closest), f"**{closest.affinity:.0f}**, {safe_text(closest.stage, 16)}")),
        ],
        fields=[("Biggest moves", _moves(value.movers[:SHOWN_MOVES])), ("Over 30 days", _month(value))],
        footer=dots(
            span(value.window),
            f"n {count(value.interactions)} interactions",
            unmonitored(value.gaps, value.window.zone),
        ),
    )


def _nobody_met(value: Relationships) -> discord.Embed:
    return embed(
        "No two personas have met yet",
        "Relationships grow from exchanges: a persona that replies to, or follows, another one.",
        footer=span(value.window),
    )


def _title(value: Relationships) -> str:
    up = sum(pair.affinity > pair.before for pair in value.movers)
    down = len(value.movers) - up
    if not value.movers:
        return f"Stable: none of {len(value.pairs)} pairs moved"

    word = "Getting closer" if up > down else "Drifting apart" if down > up else "Mixed"
    return f"{word}: {up} pair{'s' if up != 1 else ''} up, {down} down"


def _stages(value: Relationships) -> str:
    stages = Counter(pair.stage for pair in value.pairs)
    besties, friends = stages["besties"], stages["friends"]
    if not besties and not friends:
        return "Nobody is friends yet."

    parts = [f"{_number(besties)} pair{'s' if besties != 1 else ''} of besties"] if besties else []
    if friends:
        pairs = "" if parts else f" pair{'s' if friends != 1 else ''}"
        parts.append(f"{_number(friends)}{pairs} of friends")

    text = ", ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _mover(value: Relationships) -> str:
    if not value.movers:
        return ""

    apart = [pair for pair in value.movers if pair.affinity < pair.before]
    pair = apart[0] if apart else value.movers[0]
    return f"{bold(pair.a)} and {bold(pair.b)} {'drift apart' if apart else 'grow closer'}."


def _month(value: Relationships) -> str:
    """How many pairs improve and worsen, whatever the window."""
    trends = Counter(pair.trend for pair in value.pairs)
    words = [f"{count(trends[word])} {word}" for word in ("improving", "worsening", "stable") if trends[word]]
    return dots(f"all together {value.trend}", *words)


def _source(value: Relationships) -> str:
    """Whose figures they are, where the host told some."""
    if not value.told:
        return ""

    if value.told == len(value.pairs):
        return "The bot itself reports every affinity."

    verb = "affinity is" if value.told == 1 else "affinities are"
    return f"{_number(value.told).capitalize()} {verb} reported by the bot itself, the others inferred."


def _moves(movers: tuple[Pair, ...]) -> str:
    if len(movers) < 3:
        return "\n".join(
            f"{bold(pair.a)} and {bold(pair.b)} {_signed(pair)}, from {pair.before:.0f} to {pair.affinity:.0f}"
            for pair in movers
        )

    rows = [(_signed(pair), f"{pair.before:.0f}", f"{pair.affinity:.0f}", _short_pair(pair)) for pair in movers]
    return table(rows, header=("move", "from", "to", "pair"))


def _short_pair(pair: Pair) -> str:
    """Both names where 16 columns let them, else both cut alike."""
    if len(pair.a) + len(pair.b) <= 14:
        return f"{pair.a}, {pair.b}"

    first = pair.a if len(pair.a) <= 9 else f"{pair.a[:8]}…"
    return f"{first}, {pair.b}"


def _signed(pair: Pair) -> str:
    move = pair.affinity - pair.before
    return f"{'+' if move > 0 else '−'}{abs(move):.0f}"


def _pair(pair: Pair) -> str:
    return dots(safe_text(pair.a, 14), safe_text(pair.b, 14))


def _better(now: float | None, before: float | None) -> str:
    if now is None or before is None:
        return ""

    change = round(now) - round(before)
    if not change:
        return "= as usual"

    return f"▲ {change} better" if change > 0 else f"▼ {-change} worse"


def _whole(value: float | None) -> str:
    return f"{value:.0f}" if value is not None else "n/a"


def _number(value: int) -> str:
    return NUMBERS[value] if value < len(NUMBERS) else count(value)
