"""From discord.py's objects to the facts of `monitoring.model`; only what happens in guilds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import discord

from monitoring.model import Instant, MessageDeleted, MessageEdited, MessageSeen

from ._unread import Reader

HELD = 1000
OVERDUE = 5.0
"""Seconds after which no edit is waited for any more."""

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


class Held:
    """Messages edited before `on_message` ran.

    discord.py parses a message and its edit in one turn of the loop where both arrived together, and changes the
    cached message in place: then `on_message` sees the second text. The edit's event brings a copy with the first one,
    and always follows, so the message is taken from there. Without the cache nothing is changed in place.
    """

    def __init__(self) -> None:
        self._messages: OrderedDict[int, tuple[float, discord.Message]] = OrderedDict()

    def hold(self, message: discord.Message, now: float) -> None:
        """Take an edited message from the edit that follows; `now` in monotonic seconds."""
        self._messages[message.id] = (now, message)
        if len(self._messages) > HELD:
            self._messages.popitem(last=False)

    def release(self, payload: discord.RawMessageUpdateEvent, reader: Reader) -> MessageSeen | None:
        """The message with its first text, if it was held for this edit."""
        first = payload.cached_message
        if first is None or payload.message_id not in self._messages:
            return None

        del self._messages[payload.message_id]
        return reader.seen(first)

    def overdue(self, now: float, reader: Reader) -> list[MessageSeen]:
        """Messages whose edit never came, as when they are told again after a resume: taken as they are."""
        late = [message for since, message in self._messages.values() if now - since > OVERDUE]
        for message in late:
            del self._messages[message.id]

        return [reader.seen(message) for message in late]
