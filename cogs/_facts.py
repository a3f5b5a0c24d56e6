"""From discord.py's objects to the facts of `monitoring.model`; only what happens in guilds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import discord

from monitoring.model import Instant, MessageDeleted, MessageEdited

_EPOCH = discord.utils.DISCORD_EPOCH


def instant_of(snowflake: int) -> Instant:
    """When the thing with this id was made, in Discord's own time."""
    return (snowflake >> 22) + _EPOCH


def edited(payload: discord.RawMessageUpdateEvent, client: discord.Client) -> MessageEdited | None:
    """An edit of a text; None for what only unfurls links or pins, and outside guilds."""
    data: dict[str, Any] = dict(payload.data)
    when = discord.utils.parse_time(data.get("edited_timestamp"))
    if payload.guild_id is None or when is None:
        return None

    content = data.get("content")
    me = client.user
    mine = me is not None and str(me.id) == str((data.get("author") or {}).get("id"))
    known = bool(content) or mine or client.intents.message_content
    return MessageEdited(
        payload.message_id,
        payload.guild_id,
        payload.channel_id,
        round(when.timestamp() * 1000),
        content if known else None,
    )


def deleted(
    guild_id: int | None, channel_id: int, message_ids: Iterable[int], now: Instant
) -> Iterable[MessageDeleted]:
    """Deletions; Discord does not say when, so it is the time of arrival."""
    if guild_id is None:
        return []

    return [MessageDeleted(message_id, guild_id, channel_id, now) for message_id in sorted(message_ids)]
