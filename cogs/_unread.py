"""Messages and reactions on their way to the facts of `monitoring.model`: little is taken at once, the rest read later.

Read in the flush, of many in a thread while discord.py goes on: everything asked there is a plain attribute of an
object that nobody changes any more, or one that stays true (docs/host.md); no cache of the client is walked through.
What does change is taken when the event comes: the text, the mentions and the author, which an edit replaces, and the
name of an account of a bot, which may be renamed from one persona to the next.
"""

from __future__ import annotations

import re
from typing import TypeAlias

import discord

from monitoring.model import Instant, MessageSeen, ReactionSeen
from monitoring.recording.unread import Unread

_EPOCH = discord.utils.DISCORD_EPOCH
_IS_REPLY = discord.MessageReferenceType.reply
_MENTION = re.compile(r"<@(!|&|)([0-9]{15,20})>")
"""As `discord.Message.raw_mentions` and `raw_role_mentions` together."""
Mentions: TypeAlias = tuple[tuple[int, ...], tuple[str, ...], tuple[int, ...], bool]
_NOBODY: Mentions = ((), (), (), False)
_make = tuple.__new__
"""Makes a named tuple of all its fields in their order, without the call of its constructor."""


class Reader:
    """Reads what one client sent."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._me = 0
        # A bound method is a new object each time it is asked for.
        self._read = self._message

    def unread(self, message: discord.Message, name: str = "") -> Unread:
        """A message of which only that is taken which may change. Runs for each, beside the host's own work.

        `name`: what its author is called, where it must be known as it is now.
        """
        return _make(Unread, (message.content, self._read, message, message.mentions, message.author, name))

    def seen(self, message: discord.Message) -> MessageSeen:
        """A message as it is now."""
        return self._message(self.unread(message))

    def _message(self, unread: Unread) -> MessageSeen:
        """A message as Discord sent it; the fact is made as the tuple it is."""
        content, message, author = unread.content, unread.thing, unread.author
        webhook_id, message_id, guild = message.webhook_id, message.id, message.guild
        bot, reference = author.bot, message.reference
        # Only an account of a bot without a webhook can be this one.
        mine = bot and webhook_id is None and author.id == self._own_id()
        has_content = content != "" or mine or self._client.intents.message_content
        mentioned, names, roles, reply_ping = _mentioned(unread, has_content)
        answers = bot and (message.interaction_metadata is not None or (webhook_id or 0) == self._client.application_id)
        return _make(
            MessageSeen,
            (
                message_id,
                0 if guild is None else guild.id,
                message.channel.id,
                author.id,
                unread.name or (author.display_name if webhook_id is None else author.name),
                content,
                (message_id >> 22) + _EPOCH,
                bot,
                mine,
                webhook_id,
                message.application_id,
                None if reference is None else _reply_to(reference),
                mentioned,
                names,
                roles,
                reply_ping,
                answers,
                has_content,
            ),
        )

    def _own_id(self) -> int:
        """The account's id; 0 before the login. Kept, as discord.py forgets it for a moment when it connects anew."""
        user = self._client.user
        if user is not None:
            self._me = user.id

        return self._me


def given(payload: discord.RawReactionActionEvent, now: Instant) -> Unread:
    """A reaction given, at the time of arrival."""
    return _make(Unread, ("", _given, payload, now, None, ""))


def taken_back(payload: discord.RawReactionActionEvent, now: Instant) -> Unread:
    """A reaction taken back, at the time of arrival."""
    return _make(Unread, ("", _taken_back, payload, now, None, ""))


def _given(unread: Unread) -> ReactionSeen:
    return _reaction(unread, added=True)


def _taken_back(unread: Unread) -> ReactionSeen:
    return _reaction(unread, added=False)


def _reaction(unread: Unread, *, added: bool) -> ReactionSeen:
    payload = unread.thing
    member = payload.member
    return ReactionSeen(
        payload.message_id,
        payload.guild_id or 0,
        payload.channel_id,
        payload.user_id,
        payload.emoji.name or "",
        added,
        unread.more,
        member is not None and member.bot,
    )


def cleared(message_id: int, guild_id: int, channel_id: int, emoji: str, now: Instant) -> ReactionSeen:
    """Everybody's reactions taken away at once, those of one emoji or with "" all; at the time of arrival."""
    return ReactionSeen(message_id, guild_id, channel_id, 0, emoji, False, now)


def _mentioned(unread: Unread, has_content: bool) -> Mentions:
    """Users whom a text mentions, their names, roles, and whether a reply pings besides."""
    content, users, reference = unread.content, unread.more, unread.thing.reference
    if not users and "<@" not in content:
        return _NOBODY

    found = _MENTION.findall(content)
    roles = tuple([int(number) for kind, number in found if kind == "&"])
    if has_content:
        ids = {int(number) for kind, number in found if kind != "&"}
    else:
        ids = {user.id for user in users} - _pinged_by_reply(reference)

    names = tuple([user.display_name for user in users if user.id in ids]) if ids else ()
    reply = reference is not None and _reply_to(reference) is not None
    return tuple(sorted(ids)), names, roles, reply and len(names) < len(users)


def _reply_to(reference: discord.MessageReference) -> int | None:
    return reference.message_id if reference.type is _IS_REPLY else None


def _pinged_by_reply(reference: discord.MessageReference | None) -> set[int]:
    """Who was mentioned only because of a reply, as far as can be told without the text."""
    first = reference.resolved if reference is not None else None
    return {first.author.id} if isinstance(first, discord.Message) else set()
