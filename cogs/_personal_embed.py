"""`/privacy me` as an embed: one's own figures, and what is stored about one."""

from __future__ import annotations

import discord

from monitoring.analysis.person import Personal
from monitoring.phrasing import NB, count

from ._embeds import embed
from ._format import bold, dots, lines, span, stamp


def personal_embed(value: Personal, *, opted_out: bool = False) -> discord.Embed:
    """What is known of the one who asks, and how long it is kept."""
    out = "You opted out: nothing new is recorded." if opted_out else ""
    if value.first_seen is None and not value.messages:
        return embed(
            "I know nothing of you",
            lines("No message, command or reaction of yours is stored.", out),
            footer="Only you see this",
        )

    return embed(
        "What I know of you",
        lines(
            "No text of yours is stored, and neither name nor id: your figures stand under a keyed hash.",
            _seen(value),
            out,
        ),
        inline=[
            ("Messages", f"**{count(value.messages)}**\n{count(value.answered)} answered"),
            ("Conversations", f"**{count(value.conversations)}**\nin {value.stored.raw_days}{NB}days"),
            ("Days here", f"**{value.days}**\nof the last 30"),
        ],
        fields=[
            ("Favourite persona", _favourite(value)),
            ("Your hours", dots(*(f"{hour:02}:00" for hour in value.busiest))),
            ("What is stored", _stored(value)),
        ],
        footer=dots(span(value.window), "only you see this"),
    )


def _seen(value: Personal) -> str:
    if value.first_seen is None or value.last_seen is None:
        return ""

    return f"First seen {stamp(value.first_seen, 'D')}, last {stamp(value.last_seen, 'R')}."


def _favourite(value: Personal) -> str:
    if not value.favourite:
        return ""

    hours = f"{count(value.together)} hour{'s' if value.together != 1 else ''} in {value.stored.hour_days}{NB}days"
    return dots(
        f"{bold(value.favourite)}, {value.level}",
        hours,
        f"it answered {count(value.exchanged)} of your messages in {value.stored.raw_days}{NB}days",
    )


def _stored(value: Personal) -> str:
    stored = value.stored
    named = f", {count(stored.named)} by personas that name you" if stored.named else ""
    hours = f"{count(stored.hours)} hour{'' if stored.hours == 1 else 's'}"
    return lines(
        f"{count(stored.messages)} messages{named}: when, where, how long; kept {stored.raw_days}{NB}days",
        f"{hours} in which you were here; kept {stored.hour_days}{NB}days",
        "Counts of all users together stay longer; you cannot be found in them.",
    )
