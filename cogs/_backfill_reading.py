"""The history of channels as Discord tells it, page by page, through discord.py's own rate limiter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeAlias

import discord

from monitoring.history.backfill import Later, Page, Unreadable
from monitoring.history.spans import id_at
from monitoring.model import Instant
from monitoring.monitor import Monitor
from monitoring.recording.history import HistoryMessage

from ._unread import Reader

PAGE = 100
WITHIN = 90.0
"""Seconds for one page, with what the rate limiter waits for."""
Readable: TypeAlias = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread
_KINDS = (discord.TextChannel, discord.VoiceChannel, discord.StageChannel, discord.Thread)


class DiscordHistory:
    """Reads what the bot may read, as listeners would have heard it."""

    def __init__(self, client: discord.Client, monitor: Monitor) -> None:
        self._client = client
        self._monitor = monitor
        self._reader = Reader(client)

    async def places(self, only: int | None, since: Instant) -> tuple[list[int], list[int]]:
        """Channels, chats of voice channels, threads and posts of forums; and those that are closed."""
        found: list[int] = []
        closed: list[int] = []
        for guild in self._client.guilds:
            for channel in self._channels(guild, only):
                if not readable(channel):
                    closed.append(channel.id)
                    continue

                if isinstance(channel, _KINDS) and _has_news(channel.last_message_id, since):
                    found.append(channel.id)

                if isinstance(channel, discord.TextChannel | discord.ForumChannel):
                    found += [thread.id async for thread in _archived(channel, since)]

        return list(dict.fromkeys(found)), closed

    def _channels(self, guild: discord.Guild, only: int | None) -> Iterable[Readable | discord.ForumChannel]:
        every: list[Readable | discord.ForumChannel] = [
            *guild.text_channels,
            *guild.voice_channels,
            *guild.stage_channels,
            *guild.forums,
            *guild.threads,
        ]
        if only is None:
            return every

        return [one for one in every if only in (one.id, getattr(one, "parent_id", None))]

    async def page(self, channel_id: int, after: int, before: int) -> Page:
        """The next hundred messages at most. Raises Unreadable and Later."""
        channel = self._client.get_channel(channel_id) or await self._asked_for(channel_id)
        if not isinstance(channel, _KINDS) or not readable(channel):
            raise Unreadable(f"The channel {channel_id} cannot be read.")

        pages = channel.history(
            limit=PAGE, after=discord.Object(after), before=discord.Object(before), oldest_first=True
        )
        try:
            async with asyncio.timeout(WITHIN):
                messages = [message async for message in pages]
        except Exception as error:
            raise _reason(error) from error

        told = [one for message in messages if (one := self._told(message)) is not None]
        return Page(told, messages[-1].id if messages else after, len(messages) == PAGE)

    async def _asked_for(self, channel_id: int) -> object:
        """A thread that is in no cache any more."""
        try:
            async with asyncio.timeout(WITHIN):
                return await self._client.fetch_channel(channel_id)
        except Exception as error:
            raise _reason(error) from error

    def _told(self, message: discord.Message) -> HistoryMessage | None:
        """What a listener would have told of it; None for what nobody wrote, and for our own notices."""
        me, ops = self._client.user, self._monitor.ops_channel_id
        ours = me is not None and message.author.id == me.id and message.channel.id == ops
        if message.guild is None or message.is_system() or (ours and message.webhook_id is None):
            return None

        edited = message.edited_at
        return HistoryMessage(self._reader.seen(message), None if edited is None else round(edited.timestamp() * 1000))


def readable(channel: discord.abc.GuildChannel | discord.Thread) -> bool:
    """Whether the bot may read its history: without that right, Discord says that nothing was ever written."""
    may = channel.permissions_for(channel.guild.me)
    connected = may.connect if isinstance(channel, discord.VoiceChannel | discord.StageChannel) else True
    return may.view_channel and may.read_message_history and connected


def _has_news(last_message_id: int | None, since: Instant) -> bool:
    """Whether something was written since then, as far as is known."""
    return last_message_id is not None and last_message_id >= id_at(since)


async def _archived(
    channel: discord.TextChannel | discord.ForumChannel, since: Instant
) -> AsyncIterator[discord.Thread]:
    """Threads that ended since then, as far as the bot may see them."""
    try:
        async with asyncio.timeout(WITHIN):
            async for thread in channel.archived_threads(limit=None):
                if thread.archive_timestamp.timestamp() * 1000 < since:
                    return

                yield thread
    except discord.Forbidden:
        return
    except Exception as error:
        raise _reason(error) from error


def _reason(error: Exception) -> Exception:
    """What an error of a request means for the reading."""
    if isinstance(error, Unreadable | Later):
        return error

    if isinstance(error, discord.Forbidden | discord.NotFound):
        return Unreadable("Discord does not let the bot read it.")

    after = error.retry_after if isinstance(error, discord.RateLimited) else None
    return Later(f"Discord cannot be asked now ({type(error).__name__}).", *([] if after is None else [after]))
