"""When digests go out, in words."""

from __future__ import annotations

import discord

from monitoring.digests import Times

from ._embeds import embed
from ._format import stamp


def schedule_embed(times: Times, *, changed: bool = False) -> discord.Embed:
    """Both digests with their times, and when the next one comes."""
    table = times.table
    weekly = f"**{table.weekly.capitalize()}** at **{table.weekly_time}**" if times.weekly is not None else ""
    daily = f"Every day at **{table.daily_time}**" if times.daily is not None else ""
    return embed(
        "Digests go out so from now on" if changed else "When digests go out",
        fields=[
            ("Daily", _line(daily, times.daily, "about the day before")),
            ("Weekly", _line(weekly, times.weekly, "about the seven days before")),
        ],
        footer=f"Times of {times.zone}",
    )


def _line(words: str, following: int | None, about: str) -> str:
    if following is None:
        return "Off"

    return f"{words}, {about}. Next: {stamp(following, 'f')}, {stamp(following, 'R')}."
