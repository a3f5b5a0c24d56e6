"""From discord.py's objects to the facts of `monitoring.model`; only what happens in guilds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import discord

from monitoring.model import Instant, MessageDeleted, MessageEdited, MessageSeen, ReactionSeen

HELD = 1000
OVERDUE = 5.0
"""Seconds after which no edit is waited for any more."""


def instant_of(snowflake: int) -> Instant:
    """When the thing with this id was made, in Discord's own time."""
    return (snowflake >> 22) + discord.utils.DISCORD_EPOCH


def of_guild(message: discord.Message) -> bool:
    """Whether it was written in a guild by somebody; joins, pins and boosts are written by nobody."""
    return message.guild is not None and not message.is_system()


def seen(message: discord.Message, client: discord.Client) -> MessageSeen:
    """A message as Discord sent it."""
    me = client.user
    mine = me is not None and message.author.id == me.id
    text_mentions = set(message.raw_mentions)
    reference = _reply_to(message)
    has_content = bool(message.content) or mine or client.intents.message_content
    if not has_content:
        text_mentions = {user.id for user in message.mentions} - _pinged_by_reply(message)

    return MessageSeen(
        message_id=message.id,
        guild_id=message.guild.id if message.guild else 0,
        channel_id=message.channel.id,
        author_id=message.author.id,
        author_name=message.author.display_name if message.webhook_id is None else message.author.name,
        content=message.content,
        at=instant_of(message.id),
        bot=message.author.bot,
        own=mine,
        webhook_id=message.webhook_id,
        application_id=message.application_id,
        reference_id=reference,
        mention_ids=tuple(sorted(text_mentions)),
        mention_names=tuple(user.display_name for user in message.mentions if user.id in text_mentions),
        role_ids=tuple(message.raw_role_mentions),
        reply_ping=reference is not None and any(user.id not in text_mentions for user in message.mentions),
        interaction=message.interaction_metadata is not None
        or (message.webhook_id is not None and message.webhook_id == client.application_id),
        has_content=has_content,
    )


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


def reaction(payload: discord.RawReactionActionEvent, now: Instant, *, added: bool) -> ReactionSeen:
    """A reaction given or taken back, at the time of arrival."""
    return ReactionSeen(
        payload.message_id,
        payload.guild_id or 0,
        payload.channel_id,
        payload.user_id,
        payload.emoji.name or "",
        added,
        now,
        bot=payload.member is not None and payload.member.bot,
    )


class Held:
    """Messages edited before `on_message` ran.

    discord.py parses a message and its edit in one turn of the loop where both arrived together, and changes the
    cached message in place: then `on_message` sees the second text. The edit's event brings a copy with the first one,
    and always follows, so the message is taken from there. Without the cache nothing is changed in place.
    """

    def __init__(self) -> None:
        self._messages: OrderedDict[int, tuple[float, discord.Message]] = OrderedDict()

    def hold(self, message: discord.Message, now: float) -> bool:
        """Whether the message is to be taken from the edit that follows; `now` in monotonic seconds."""
        if message.edited_at is None:
            return False

        self._messages[message.id] = (now, message)
        if len(self._messages) > HELD:
            self._messages.popitem(last=False)

        return True

    def release(self, payload: discord.RawMessageUpdateEvent, client: discord.Client) -> MessageSeen | None:
        """The message with its first text, if it was held for this edit."""
        first = payload.cached_message
        if first is None or payload.message_id not in self._messages:
            return None

        del self._messages[payload.message_id]
        return seen(first, client)

    def overdue(self, now: float, client: discord.Client) -> list[MessageSeen]:
        """Messages whose edit never came, as when they are told again after a resume: taken as they are."""
        late = [message for since, message in self._messages.values() if now - since > OVERDUE]
        for message in late:
            del self._messages[message.id]

        return [seen(message, client) for message in late]


def _reply_to(message: discord.Message) -> int | None:
    reference = message.reference
    if reference is None or reference.type is not discord.MessageReferenceType.reply:
        return None

    return reference.message_id


def _pinged_by_reply(message: discord.Message) -> set[int]:
    """Who was mentioned only because of a reply, as far as can be told without the text."""
    reference = message.reference
    first = reference.resolved if reference is not None else None
    return {first.author.id} if isinstance(first, discord.Message) else set()
