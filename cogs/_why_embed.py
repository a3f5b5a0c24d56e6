"""`/why` as an embed: what changed a figure, who explains how much, what does not, and what to do."""

from __future__ import annotations

import discord

from monitoring.analysis.why_findings import advice, leading, moved, part_text, share_text, verdict
from monitoring.analysis.why_values import AMOUNTS, Contribution, Why
from monitoring.analysis.why_words import CODE, amount_text, cause_sentence
from monitoring.model import DAY
from monitoring.phrasing import NB, count, duration
from monitoring.safe_text import safe_text
from monitoring.window import Window

from ._embeds import embed
from ._format import bold, code, dots, lines, stamp, title_name, window_words

MOST_UNCHANGED = 3


def why_embed(value: Why) -> discord.Embed:
    """The answer for one figure, with guilds already called by their names."""
    if value.change is None:
        return embed(verdict(value, title_name), _unknown(value), footer=_footer(value))

    first = f"{_rise(value)}, {_span(value.window)}."
    if not value.sure:
        return embed(
            "Nothing changed beyond what is usual", lines(first, "So much it moves by itself."), footer=_footer(value)
        )

    explained = [f"{index}. {_row(value, one)}" for index, one in enumerate(leading(value), 1)]
    return embed(
        verdict(value, title_name),
        lines(first, cause_sentence(value), _none(value)),
        fields=[
            ("What explains it", lines(*explained)),
            ("What does not", _unchanged(value)),
            ("What to do", advice(value)),
        ],
        footer=_footer(value),
    )


def _rise(value: Why) -> str:
    """The change with the value now in bold."""
    now = amount_text(value.figure, value.now)
    text = moved(value)
    return f"{text.removesuffix(now)}**{now}**" if text.endswith(now) else text


def _none(value: Why) -> str:
    if value.top is not None or not value.worse:
        return ""

    return "No single part of it stands out."


def _row(value: Why, one: Contribution) -> str:
    change = part_text(value.figure, one.change)
    return f"{_named(one)} **{change}**, {share_text(one.share)}"


def _named(one: Contribution) -> str:
    if one.dimension == "component":
        return code(one.name)

    if one.dimension in CODE:
        return f"{one.dimension} {code(one.name)}"

    if one.dimension == "author":
        return f"{safe_text(one.name, 24)}s"

    return f"{one.dimension} {bold(one.name)}"


def _unchanged(value: Why) -> str:
    if not value.unchanged:
        return ""

    shown = [code(name) for name in value.unchanged[:MOST_UNCHANGED]]
    rest = len(value.unchanged) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest} more are as usual."

    if len(shown) == 1:
        return f"{shown[0]} is as usual."

    return f"{', '.join(shown[:-1])} and {shown[-1]} are as usual."


def _unknown(value: Why) -> str:
    if value.figure in AMOUNTS and value.now is not None and value.before is None and value.n:
        now = amount_text(value.figure, value.now)
        return f"**{now}** in this window. The one before was not recorded as a whole; try a shorter one."

    return "It takes at least ten answers in this window and in the one before. A longer window may have them."


def _span(window: Window) -> str:
    style = "t" if window.length <= DAY // 2 else "f"
    return f"{stamp(window.start, style)} to {stamp(window.end, style)}"


def _footer(value: Why) -> str:
    length, before = (_length(window) for window in (value.window, value.against))
    return dots(f"{length} against the {before} before", f"n{NB}{count(value.n)} and {count(value.n_before)}")


def _length(window: Window) -> str:
    return window_words(window) if window.name else duration(window.length / 1000)
