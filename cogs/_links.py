"""Addresses of messages."""

from __future__ import annotations


def message_link(guild_id: int, channel_id: int | None, message_id: int | None) -> str:
    """The address of a message; "" where there is none."""
    if channel_id is None or message_id is None:
        return ""

    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"
