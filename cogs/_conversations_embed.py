"""`/stats conversations` as an embed: how users and personas talk with each other."""

from __future__ import annotations

import discord

from monitoring.analysis.conversations import Conversations
from monitoring.phrasing import NB, NONE, count, duration, more, points, share

from ._embeds import embed, no_data_embed
from ._format import against, dots, lines, span, unmonitored


def conversations_embed(value: Conversations, raw_days: int) -> discord.Embed:
    """Number, length, duration, questions that follow, who talks again; raw messages are kept for `raw_days`."""
    if not value.count.value and not value.count.before:
        return no_data_embed(value.window, value.first_at)

    longest = f"longest {count(value.longest)}" if value.longest is not None else ""
    mean = f"**{value.length.value:.1f}** messages" if value.length.value is not None else NONE
    return embed(
        _title(value),
        lines(_follow_up(value), _now(value)),
        inline=[
            ("Conversations", lines(f"**{count(value.count.value)}**", more(value.count.value, value.count.before))),
            ("Mean length", lines(mean, longest)),
            ("Mean duration", f"**{duration(value.duration.value)}**\n{_a_day(value)}"),
        ],
        fields=[("Who talks again", _again(value, raw_days))],
        footer=dots(
            span(value.window),
            f"n {count(value.count.value)}",
            unmonitored(value.gaps, value.window.zone) or against(value.window),
        ),
    )


def _title(value: Conversations) -> str:
    change = more(value.count.value, value.count.before)
    if not value.count.value:
        return "No conversation in this window"

    if "▲" in change or "▼" in change:
        way = "up" if "▲" in change else "down"
        start = f"Conversations are {way} {change.strip('▲▼ ').removesuffix(' more').removesuffix(' less')}"
    else:
        number = int(value.count.value)
        start = "As many conversations as usual" if change else f"{count(number)} conversation{'s' * (number != 1)}"

    length = more(value.length.value, value.length.before)
    return f"{start} and {'longer' if '▲' in length else 'shorter'}" if "▲" in length or "▼" in length else start


def _follow_up(value: Conversations) -> str:
    if value.follow_up.value is None:
        return ""

    asked = f"In **{share(value.follow_up.value)}** a user asked on after a persona spoke"
    return dots(asked, points(value.follow_up.value, value.follow_up.before, up="more", down="fewer"))


def _now(value: Conversations) -> str:
    return f"**{count(value.going_on)}** going on now." if value.going_on is not None else ""


def _a_day(value: Conversations) -> str:
    per_day = value.per_day.value or 0
    return f"{count(per_day)}{NB}a day" if per_day >= 9.95 else f"{per_day:.1f}{NB}a day"


def _again(value: Conversations, raw_days: int) -> str:
    if value.people is None:
        return f"{NONE}: single messages are kept for {raw_days} days, this window is longer."

    if value.repeat_rate is None:
        return ""

    return f"**{share(value.repeat_rate)}** of {count(value.people)} people had two conversations or more"
