"""From discord.py's objects to the facts of `monitoring.model`; only what happens in guilds."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, TypeAlias

import discord

from monitoring.model import Instant, MessageDeleted, MessageEdited, MessageSeen, ReactionSeen

HELD = 1000
OVERDUE = 5.0
"""Seconds after which no edit is waited for any more."""


_EPOCH = discord.utils.DISCORD_EPOCH
_DEFAULT, _REPLY = discord.MessageType.default, discord.MessageType.reply
_IS_REPLY = discord.MessageReferenceType.reply
_MENTION = re.compile(r"<@(!|&|)([0-9]{15,20})>")
"""As `discord.Message.raw_mentions` and `raw_role_mentions` together."""
Mentions: TypeAlias = tuple[tuple[int, ...], tuple[str, ...], tuple[int, ...], bool]
_NOBODY: Mentions = ((), (), (), False)
_make = tuple.__new__
"""Makes a named tuple of all its fields in their order, without the call of its constructor."""


def instant_of(snowflake: int) -> Instant:
    """When the thing with this id was made, in Discord's own time."""
    return (snowflake >> 22) + _EPOCH


def of_guild(message: discord.Message) -> bool:
    """Whether it was written in a guild by somebody; joins, pins and boosts are written by nobody."""
    # Most are plain messages and replies, and asking discord.py takes longer than all else that is done for one.
    kind = message.type
    return message.guild is not None and (kind is _DEFAULT or kind is _REPLY or not message.is_system())


def seen(message: discord.Message, client: discord.Client) -> MessageSeen:
    """A message as Discord sent it.

    Runs for each message beside the host's own work: each attribute is read once, nothing is looked for that cannot be
    there, and the fact is made as the tuple it is, without the call of its constructor.
    """
    content, author, webhook_id, message_id = message.content, message.author, message.webhook_id, message.id
    author_id, bot, guild = author.id, author.bot, message.guild
    # Only an account of a bot without a webhook can be this one.
    mine = bot and webhook_id is None and client.user is not None and author_id == client.user.id
    has_content = content != "" or mine or client.intents.message_content
    reference = None if message.reference is None else _reply_to(message.reference)
    mentioned, names, roles, reply_ping = _NOBODY
    if message.mentions or "<@" in content:
        mentioned, names, roles, reply_ping = _mentioned(message, content, reference is not None, has_content)

    return _make(
        MessageSeen,
        (
            message_id,
            0 if guild is None else guild.id,
            message.channel.id,
            author_id,
            author.display_name if webhook_id is None else author.name,
            content,
            (message_id >> 22) + _EPOCH,
            bot,
            mine,
            webhook_id,
            message.application_id,
            reference,
            mentioned,
            names,
            roles,
            reply_ping,
            bot and (message.interaction_metadata is not None or (webhook_id or 0) == client.application_id),
            has_content,
        ),
    )


def _mentioned(message: discord.Message, content: str, reply: bool, has_content: bool) -> Mentions:
    """Users whom a text mentions, their names, roles, and whether a reply pings besides."""
    found, users = _MENTION.findall(content), message.mentions
    roles = tuple([int(number) for kind, number in found if kind == "&"])
    if has_content:
        ids = {int(number) for kind, number in found if kind != "&"}
    else:
        ids = {user.id for user in users} - _pinged_by_reply(message)

    names = tuple([user.display_name for user in users if user.id in ids]) if ids else ()
    return tuple(sorted(ids)), names, roles, reply and len(names) < len(users)


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
    member = payload.member
    return _make(
        ReactionSeen,
        (
            payload.message_id,
            payload.guild_id or 0,
            payload.channel_id,
            payload.user_id,
            payload.emoji.name or "",
            added,
            now,
            member is not None and member.bot,
        ),
    )


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


def _reply_to(reference: discord.MessageReference) -> int | None:
    return reference.message_id if reference.type is _IS_REPLY else None


def _pinged_by_reply(message: discord.Message) -> set[int]:
    """Who was mentioned only because of a reply, as far as can be told without the text."""
    reference = message.reference
    first = reference.resolved if reference is not None else None
    return {first.author.id} if isinstance(first, discord.Message) else set()
