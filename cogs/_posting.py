"""One message into a channel, or an edit of one: within a time limit, and with as much as the channel allows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import discord

from monitoring.errors import DeliveryError
from monitoring.picture import Picture

from ._answer import Reply, fits, picture_file
from ._format import cut, lines

log = logging.getLogger(__name__)
SEND_WITHIN = 20.0
"""Seconds for one call to Discord; discord.py alone would retry for longer, or sleep through a rate limit."""
TRANSIENT = {408, 425, 429}
LONGEST = 2000
FILE_LIMIT = 10 * 1024 * 1024
MISSING_PERMISSIONS, NO_HISTORY = 50013, 160002
"""Discord's codes for "something here you may not": an embed, a file, or the reply to a message."""
OTHERS_MESSAGE, ARCHIVED = 50005, 50083
"""Discord's codes for messages that we cannot edit for good: another bot's, or one in a thread that has ended."""
HINTS = {
    10003: "the channel is gone",
    50001: "the bot cannot see the channel",
    50008: "it takes no messages; choose a text channel or a thread",
    MISSING_PERMISSIONS: "the bot may not send messages there",
}
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Post:
    """What a message is to hold; `roles` are pinged, nobody else ever is."""

    reply: Reply
    content: str = ""
    nonce: str = ""
    roles: tuple[int, ...] = ()
    below: int | None = None
    """The message it answers."""
    silent: bool = False

    @property
    def words(self) -> str | None:
        """The text with its pings, as long as Discord takes it."""
        pings = (f"<@&{role_id}>" for role_id in self.roles)
        return cut(" ".join([*pings, self.content]).strip(), LONGEST) or None

    @property
    def mentions(self) -> discord.AllowedMentions:
        """Who may be pinged by it."""
        allowed = discord.AllowedMentions.none()
        allowed.roles = [discord.Object(role_id) for role_id in self.roles] if self.roles else False
        return allowed


@dataclass(slots=True)
class Channels:
    """Sends and edits by a client. Raises DeliveryError with Discord's own error as its cause."""

    client: discord.Client
    within: float = SEND_WITHIN
    _poor: set[int] = field(default_factory=set)

    async def send(self, channel_id: int, post: Post) -> discord.Message:
        """Send it; without picture or embed where the channel does not take them."""

        async def once(post: Post) -> discord.Message:
            extra: dict[str, Any] = {"embed": post.reply.embed} if post.reply.embed else {}
            if files := _files(post.reply):
                extra["files"] = files

            if post.reply.view is not None:
                extra["view"] = post.reply.view

            if post.below is not None:
                extra["reference"] = discord.MessageReference(
                    message_id=post.below, channel_id=channel_id, fail_if_not_exists=False
                )

            return await channel.send(
                post.words, nonce=post.nonce, silent=post.silent, allowed_mentions=post.mentions, **extra
            )

        channel = self.client.get_partial_messageable(channel_id)
        return await self._as_allowed(channel_id, post, once)

    async def edit(self, channel_id: int, message_id: int, post: Post) -> None:
        """Put it in place of what the message holds."""

        async def once(post: Post) -> discord.Message:
            return await message.edit(
                content=post.words,
                embed=post.reply.embed or None,
                attachments=_files(post.reply),
                view=post.reply.view,
                allowed_mentions=post.mentions,
            )

        message = self.client.get_partial_messageable(channel_id).get_partial_message(message_id)
        await self._as_allowed(channel_id, post, once)

    async def _as_allowed(
        self, channel_id: int, post: Post, once: Callable[[Post], Awaitable[discord.Message]]
    ) -> discord.Message:
        """Try the post, then poorer forms of it while the channel's permissions stand in the way."""
        refused: DeliveryError | None = None
        for form in _forms(post):
            try:
                message = await self._in_time(once(form))
            except DeliveryError as error:
                if code_of(error) not in (MISSING_PERMISSIONS, NO_HISTORY):
                    raise

                refused = error
                continue

            if refused is not None and channel_id not in self._poor:
                self._poor.add(channel_id)
                log.warning("Embed Links, Attach Files or Read Message History is missing in channel %d", channel_id)

            return message

        assert refused is not None, "the first form was tried"
        raise refused

    async def _in_time(self, call: Awaitable[Result]) -> Result:
        """Await one call to Discord within the time limit; what goes wrong becomes a DeliveryError."""
        try:
            async with asyncio.timeout(self.within):
                return await call
        except discord.RateLimited as error:
            raise DeliveryError("Discord limits the rate.", retry_after=error.retry_after) from error
        except discord.HTTPException as error:
            permanent = 400 <= error.status < 500 and error.status not in TRANSIENT
            hint = f": {HINTS[error.code]}" if error.code in HINTS else ""
            text = f"Discord answered {error.status} ({error.code}){hint}."
            raise DeliveryError(text, permanent=permanent, retry_after=_retry_after(error)) from error
        except TimeoutError as error:
            raise DeliveryError(f"Discord did not answer within {self.within:g} s.") from error
        except Exception as error:
            # Cut connections raise whatever the HTTP library calls them; none of them is the notice's fault.
            raise DeliveryError(f"Discord cannot be reached ({type(error).__name__}).") from error


def code_of(error: DeliveryError) -> int:
    """Discord's code of what went wrong; 0 where there is none."""
    cause = error.__cause__
    return cause.code if isinstance(cause, discord.HTTPException) else 0


def is_gone(error: DeliveryError) -> bool:
    """Whether what was to be edited or answered is out of reach for good, so that a new message has to do."""
    return isinstance(error.__cause__, discord.NotFound) or code_of(error) in (OTHERS_MESSAGE, ARCHIVED)


def _forms(post: Post) -> Iterator[Post]:
    """The post as it should be, then without picture and reference, then in words alone."""
    embed = post.reply.embed
    yield post
    if post.reply.picture is not None or post.below is not None:
        # An image that is not sent along would be refused.
        plain = embed.copy().set_image(url=None)
        yield replace(post, reply=replace(post.reply, embed=plain, picture=None), below=None)

    if embed:
        said = lines(post.content, f"**{embed.title}**" if embed.title else "", embed.description or "")
        yield replace(post, content=said, reply=Reply(discord.Embed(), view=post.reply.view), below=None)


def _files(reply: Reply) -> list[discord.File]:
    """The reply's chart as an attachment, shown in its embed."""
    picture: Picture | None = reply.picture
    if picture is None or not fits(picture, FILE_LIMIT):
        return []

    reply.embed.set_image(url=f"attachment://{picture.name}")
    return [picture_file(picture)]


def _retry_after(error: discord.HTTPException) -> float | None:
    """What a 429 says of when to come back, in seconds."""
    try:
        return float(error.response.headers["Retry-After"]) if error.status == 429 else None
    except (KeyError, ValueError):
        return None
