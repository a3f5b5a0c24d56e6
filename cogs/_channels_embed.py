"""`/stats channels` as an embed: where people and personas write."""

from __future__ import annotations

from collections.abc import Collection

import discord

from monitoring.analysis.channels import OTHER, ChannelRow, Channels
from monitoring.phrasing import count, more, share

from ._embeds import embed, no_data_embed
from ._format import against, bold, dots, lines, span, unmonitored

MOST = 8
HALF = 0.5


def channels_embed(value: Channels, here: Collection[str]) -> discord.Embed:
    """The busiest channels; `here` has the ids of those that can be linked to, which are the guild's own."""
    if not value.rows:
        return no_data_embed(value.window, value.first_at)

    rest = value.rows[MOST:]
    others = f"{len(rest)} others **{count(sum(row.messages.n for row in rest))}**" if rest else ""
    return embed(
        _title(value),
        lines(*(_line(row, here) for row in value.rows[:MOST]), others),
        footer=dots(
            span(value.window),
            f"n {count(value.messages.n)}",
            unmonitored(value.gaps, value.window.zone) or against(value.window),
        ),
    )


def _title(value: Channels) -> str:
    if len(value.rows) == 1:
        return "All talk is in one channel"

    if value.rows[0].share >= HALF:
        return "One channel has most of the talk"

    return f"The talk is spread over {count(len(value.rows))} channels"


def _line(row: ChannelRow, here: Collection[str]) -> str:
    return dots(
        f"{_called(row, here)} **{count(row.messages.n)}**",
        share(row.share),
        f"personas {share(row.personas)}",
        more(row.messages.value, row.messages.before),
    )


def _called(row: ChannelRow, here: Collection[str]) -> str:
    if row.channel in here and row.channel.isdecimal():
        return f"<#{row.channel}>"

    if row.name:
        return bold(row.name)

    return "other channels" if row.channel == OTHER else f"channel …{row.channel[-4:]}"
