"""The parts of the sandbox, put together: what exists, who hears of it, and what shall go wrong."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from monitoring.sandbox import intents
from monitoring.sandbox.commands import Commands
from monitoring.sandbox.faults import Faults
from monitoring.sandbox.gateway import Gateway
from monitoring.sandbox.interactions import Interactions
from monitoring.sandbox.mentions import Ping
from monitoring.sandbox.page_feed import PageFeed
from monitoring.sandbox.post import Post
from monitoring.sandbox.rate_limits import RateLimits
from monitoring.sandbox.reactions import emoji_object
from monitoring.sandbox.refusals import JSON, missing_access, missing_permissions
from monitoring.sandbox.responses import Responses
from monitoring.sandbox.shelves import Shelves
from monitoring.sandbox.state import State

_REFUSED_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Refused:
    """One request that was refused: what it was and why."""

    method: str
    path: str
    status: int
    code: int
    message: str
    errors: JSON | None


class Core:
    """Everything inside the sandbox; knows nothing of HTTP."""

    def __init__(
        self, *, clock: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic,
        token: str = "sandbox.token", intents_allowed: int = intents.ALL, bot_name: str = "Greenroom",
        messages_per_channel: int = 5000, files_kept: int = 500,
    ) -> None:  # fmt: skip
        self.token = token
        self.intents_allowed = intents_allowed
        self.base_url = ""
        self.gateway_url = ""
        self.clock = clock
        self.monotonic = monotonic
        self.state = State(clock, bot_name)
        self.shelves = Shelves(messages_per_channel=messages_per_channel, files_kept=files_kept)
        self.feed = PageFeed()
        self.gateway = Gateway(self)
        self.faults = Faults(monotonic, self.gateway.drop, self.gateway.gate)
        self.limits = RateLimits(time.monotonic, clock)
        self.post = Post(self.state, self.shelves, self.emit, lambda: self.base_url)
        self.interactions = Interactions(self.state, monotonic)
        self.responses = Responses(self.state, self.shelves, self.post, self.interactions, monotonic)
        self.commands = Commands(self.state.ids, self.state.application_id)
        self.team: JSON | None = None
        self.shards = 1
        self.requests: Counter[str] = Counter()
        self._happened = asyncio.Event()
        self._refused: deque[Refused] = deque(maxlen=_REFUSED_KEPT)

    @property
    def pings(self) -> list[Ping]:
        """Messages that pinged somebody, oldest first."""
        return self.post.pings

    @property
    def refused(self) -> list[Refused]:
        """Requests that were refused, oldest first."""
        return list(self._refused)

    def note_refused(self, refused: Refused) -> None:
        """Remembers a refusal for whoever tests the bot."""
        self._refused.append(refused)

    def application_flags(self) -> int:
        """The application's flags: which privileged intents it was given (for up to 100 guilds)."""
        given = {intents.PRESENCES: 1 << 13, intents.MEMBERS: 1 << 15, intents.MESSAGE_CONTENT: 1 << 19}
        return sum(flag for intent, flag in given.items() if self.intents_allowed & intent)

    def emit(
        self, event: str, data: JSON, *, channel: JSON | None = None, guild_id: int | None = None,
        only_for: int | None = None,
    ) -> None:  # fmt: skip
        """Tells an event to the bot and to the open pages."""
        self.gateway.dispatch(event, data, guild_id=guild_id, channel=channel)
        self.feed.tell(event, data, only_for)
        self.something_happened()

    def something_happened(self) -> None:
        """Lets those who wait in `until` look again."""
        self._happened.set()

    async def until(self, predicate: Callable[[], object], timeout: float = 5.0) -> None:
        """Waits until something is so, looking after each request and event; TimeoutError when it does not come."""
        async with asyncio.timeout(timeout):
            while not predicate():
                self._happened.clear()
                await self._happened.wait()

    def readable(self, message: JSON, channel: JSON) -> JSON:
        """A message as the application may read it over REST."""
        served = self.post.serve(message)
        allowed = "guild_id" not in channel or bool(self.intents_allowed & intents.MESSAGE_CONTENT)
        return intents.readable(served, has_content=allowed, bot_id=str(self.state.bot_id))

    def channel_for_bot(self, channel_id: int, *needed: int) -> JSON:
        """A channel the bot can see and in which it has all the permissions named; else the refusal."""
        channel = self.state.channel(channel_id)
        granted = self.state.permissions(self.state.bot_id, channel)
        if not granted & (1 << 10):
            raise missing_access()

        if any(not granted & permission for permission in needed):
            raise missing_permissions()

        return channel

    def add_reaction(self, message: JSON, emoji: str, user_id: int) -> None:
        """Adds somebody's reaction and tells of it."""
        if self.shelves.react(int(message["id"]), emoji, user_id):
            self._tell_reaction("MESSAGE_REACTION_ADD", message, emoji, user_id)

    def take_reaction(self, message: JSON, emoji: str, user_id: int) -> None:
        """Takes somebody's reaction away and tells of it."""
        if self.shelves.unreact(int(message["id"]), emoji, user_id):
            self._tell_reaction("MESSAGE_REACTION_REMOVE", message, emoji, user_id)

    def _tell_reaction(self, event: str, message: JSON, emoji: str, user_id: int) -> None:
        """Tells of a reaction that came or went."""
        channel = self.state.channel(int(message["channel_id"]))
        data: JSON = {
            "user_id": str(user_id),
            "channel_id": channel["id"],
            "message_id": message["id"],
            "emoji": emoji_object(emoji),
            "burst": False,
            "type": 0,
        }
        guild = self.state.guild_of(channel)
        if guild is not None:
            data["guild_id"] = str(guild.id)
            if event == "MESSAGE_REACTION_ADD":
                data["message_author_id"] = message["author"]["id"]
                if user_id in guild.members:
                    data["member"] = guild.members[user_id]

        self.emit(event, data, channel=channel, guild_id=guild.id if guild else None)

    def typing(self, channel: JSON, user_id: int) -> None:
        """Tells that somebody types."""
        guild = self.state.guild_of(channel)
        data: JSON = {"channel_id": channel["id"], "user_id": str(user_id), "timestamp": int(self.clock())}
        if guild is not None:
            data |= {"guild_id": str(guild.id), "member": guild.members.get(user_id)}

        self.emit("TYPING_START", data, channel=channel, guild_id=guild.id if guild else None)

    def clear_reactions(self, message: JSON, emoji: str | None) -> None:
        """Takes all reactions away, or all of one emoji, and tells of it."""
        self.shelves.clear_reactions(int(message["id"]), emoji)
        channel = self.state.channel(int(message["channel_id"]))
        data: JSON = {"channel_id": channel["id"], "message_id": message["id"]}
        if "guild_id" in channel:
            data["guild_id"] = channel["guild_id"]

        if emoji is not None:
            data["emoji"] = emoji_object(emoji)

        event = "MESSAGE_REACTION_REMOVE_ALL" if emoji is None else "MESSAGE_REACTION_REMOVE_EMOJI"
        self.emit(event, data, channel=channel, guild_id=int(channel["guild_id"]) if "guild_id" in channel else None)

    def webhooks_changed(self, channel: JSON) -> None:
        """Tells that the webhooks of a channel are others now."""
        data = {"guild_id": channel["guild_id"], "channel_id": channel["id"]}
        self.emit("WEBHOOKS_UPDATE", data, channel=channel, guild_id=int(channel["guild_id"]))

    def remove_channel(self, channel: JSON) -> None:
        """Takes a channel away with its messages and webhooks, and tells of it."""
        channel_id, guild = int(channel["id"]), self.state.guild(int(channel["guild_id"]))
        thread = channel["type"] in (10, 11, 12)
        self.emit("THREAD_DELETE" if thread else "CHANNEL_DELETE", channel, channel=channel, guild_id=guild.id)
        self.shelves.drop_channel(channel_id)
        guild.channels.pop(channel_id, None)
        guild.threads.pop(channel_id, None)
        del self.state.channels[channel_id]
        for webhook in [hook for hook in self.state.webhooks.values() if hook["channel_id"] == channel["id"]]:
            del self.state.webhooks[int(webhook["id"])]
