"""Addresses of messages."""

from __future__ import annotations

from collections.abc import Sequence

from monitoring.incident import Incident


def message_link(guild_id: int, channel_id: int | None, message_id: int | None) -> str:
    """The address of a message; "" where there is none."""
    if channel_id is None or message_id is None:
        return ""

    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"


def links_of(incidents: Sequence[Incident], guild_id: int) -> dict[int, str]:
    """Where each incident was told, by number; of several in one message that of the message."""
    own = {one.number: message_link(guild_id, one.channel_id, one.message_id) for one in incidents}
    return {one.number: own[one.number] or own.get(one.batch, "") for one in incidents}
