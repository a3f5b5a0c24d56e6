"""REST: the bot's own account, users, guilds, members, roles and channels."""

from __future__ import annotations

from aiohttp import web

from monitoring.sandbox import shapes
from monitoring.sandbox.bodies import read
from monitoring.sandbox.core import Core
from monitoring.sandbox.http import API, answer, nothing, number
from monitoring.sandbox.permissions import BITS
from monitoring.sandbox.refusals import JSON, Form, missing_access, missing_permissions, unknown
from monitoring.sandbox.snowflakes import iso
from monitoring.sandbox.state import Guild

_CHANGEABLE = ("name", "topic", "nsfw", "position", "parent_id", "rate_limit_per_user", "permission_overwrites")
_KINDS = {number: kind for kind, number in shapes.CHANNEL_KINDS.items()}


class GuildRoutes:
    """The routes below /users, /applications/@me, /guilds and /channels that are not about messages."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def routes(self) -> list[web.RouteDef]:
        """All routes of this file."""
        guild, channel = f"{API}/guilds/{{guild_id}}", f"{API}/channels/{{channel_id}}"
        return [
            web.get(f"{API}/gateway", self.gateway),
            web.get(f"{API}/gateway/bot", self.gateway_bot),
            web.get(f"{API}/users/@me", self.me),
            web.get(f"{API}/users/@me/guilds", self.my_guilds),
            web.post(f"{API}/users/@me/channels", self.direct),
            web.get(f"{API}/users/{{user_id}}", self.user),
            web.get(f"{API}/applications/@me", self.application),
            web.get(f"{API}/oauth2/applications/@me", self.application),
            web.get(f"{API}/applications/{{application_id}}/emojis", self.emojis),
            web.get(guild, self.guild),
            web.get(guild + "/channels", self.channels),
            web.post(guild + "/channels", self.create_channel),
            web.get(guild + "/roles", self.roles),
            web.get(guild + "/members", self.members),
            web.get(guild + "/members/search", self.search),
            web.get(guild + "/members/{user_id}", self.member),
            web.get(guild + "/threads/active", self.active_threads),
            web.get(channel, self.channel),
            web.patch(channel, self.change_channel),
            web.delete(channel, self.delete_channel),
            web.post(channel + "/threads", self.create_thread),
            web.post(channel + "/messages/{message_id}/threads", self.create_thread),
            web.put(channel + "/thread-members/@me", self.join_thread),
            web.get(channel + "/threads/archived/public", self.archived_threads),
        ]

    async def gateway(self, request: web.Request) -> web.Response:
        """Where the Gateway is."""
        return answer({"url": self._core.gateway_url})

    async def gateway_bot(self, request: web.Request) -> web.Response:
        """Where the Gateway is, and how often one may identify."""
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 16}
        return answer({"url": self._core.gateway_url, "shards": self._core.shards, "session_start_limit": limit})

    async def me(self, request: web.Request) -> web.Response:
        """The bot's account."""
        state = self._core.state
        return answer(state.user(state.bot_id) | {"verified": True, "mfa_enabled": False, "locale": "en-US"})

    async def user(self, request: web.Request) -> web.Response:
        """An account."""
        return answer(self._core.state.user(number(request, "user_id")))

    async def my_guilds(self, request: web.Request) -> web.Response:
        """The guilds the bot is in."""
        state = self._core.state
        listed = [
            {"id": str(g.id), "name": g.base["name"], "icon": None, "banner": None, "owner": False, "features": []}
            | {"permissions": str(state.member_permissions(g, state.bot_id, []))}
            for g in sorted(state.guilds.values(), key=lambda g: g.id)
            if g.has_bot and g.id > int(request.query.get("after", 0))
        ]
        return answer(listed[: int(request.query.get("limit", 200))])

    async def direct(self, request: web.Request) -> web.Response:
        """The private channel with a person."""
        payload, _ = await read(request)
        return answer(self._core.state.direct_channel(int(payload["recipient_id"])))

    async def application(self, request: web.Request) -> web.Response:
        """The bot's application with its owner."""
        core, state = self._core, self._core.state
        bot, owner = state.user(state.bot_id), state.user(state.owner_id)
        name = str(bot["username"])
        flags = core.application_flags()
        shape = shapes.application(state.application_id, name, bot, owner, flags, len(state.guilds))
        return answer(shape | {"team": core.team})

    async def emojis(self, request: web.Request) -> web.Response:
        """The application's emoji: none."""
        return answer({"items": []})

    def _guild(self, request: web.Request) -> Guild:
        """The guild of the path, if the bot is in it."""
        guild = self._core.state.guild(number(request, "guild_id"))
        if not guild.has_bot:
            raise missing_access()

        return guild

    async def guild(self, request: web.Request) -> web.Response:
        """A guild."""
        guild = self._guild(request)
        counts = {"approximate_member_count": len(guild.members), "approximate_presence_count": len(guild.members)}
        return answer(self._core.state.guild_payload(guild, full=False) | counts)

    async def channels(self, request: web.Request) -> web.Response:
        """The channels of a guild."""
        return answer(list(self._guild(request).channels.values()))

    async def roles(self, request: web.Request) -> web.Response:
        """The roles of a guild."""
        return answer(list(self._guild(request).roles.values()))

    async def members(self, request: web.Request) -> web.Response:
        """The members of a guild, by id; needs the privileged intent."""
        guild = self._guild(request)
        if not self._core.intents_allowed & (1 << 1):
            raise missing_access()

        after, limit = int(request.query.get("after", 0)), int(request.query.get("limit", 1))
        return answer([guild.members[i] for i in sorted(guild.members) if i > after][:limit])

    async def search(self, request: web.Request) -> web.Response:
        """Members whose name begins with something."""
        query = request.query.get("query", "").lower()
        found = [
            member
            for member in self._guild(request).members.values()
            if any(str(name or "").lower().startswith(query) for name in (member["nick"], member["user"]["username"]))
        ]
        return answer(found[: int(request.query.get("limit", 1))])

    async def member(self, request: web.Request) -> web.Response:
        """One member."""
        guild, user_id = self._guild(request), number(request, "user_id")
        if user_id not in guild.members:
            raise unknown("Member" if user_id in self._core.state.users else "User")

        return answer(guild.members[user_id])

    async def active_threads(self, request: web.Request) -> web.Response:
        """The threads of a guild that are going on."""
        active = [thread for thread in self._guild(request).threads.values() if not _ended(thread)]
        return answer({"threads": active, "members": [], "has_more": False})

    async def archived_threads(self, request: web.Request) -> web.Response:
        """The public threads of a channel that have ended, those that ended last first."""
        core = self._core
        parent = core.channel_for_bot(number(request, "channel_id"), BITS["read_message_history"])
        before, limit = request.query.get("before", "~"), int(request.query.get("limit", 50))
        if not 2 <= limit <= 100:
            form = Form()
            form.wrong(("limit",), "NUMBER_TYPE_MAX", "int value should be between 2 and 100.")
            form.refuse_if_wrong()

        threads = core.state.guild(int(parent["guild_id"])).threads.values()
        mine = [thread for thread in threads if thread["parent_id"] == parent["id"] and _ended(thread)]
        found = sorted((one for one in mine if one["type"] in (10, 11) and _when(one) < before), key=_when)[::-1]
        return answer({"threads": found[:limit], "members": [], "has_more": len(found) > limit})

    async def channel(self, request: web.Request) -> web.Response:
        """A channel."""
        return answer(self._core.channel_for_bot(number(request, "channel_id")))

    async def create_channel(self, request: web.Request) -> web.Response:
        """A new channel."""
        guild = self._guild(request)
        payload, _ = await read(request)
        state = self._core.state
        if not state.member_permissions(guild, state.bot_id, []) & BITS["manage_channels"]:
            raise missing_permissions()

        form = Form()
        form.length(("name",), payload.get("name") or "", 100, 1)
        form.refuse_if_wrong()
        channel = state.new_channel(guild, payload["name"], _KINDS.get(payload.get("type") or 0, "text"))
        channel |= {key: payload[key] for key in _CHANGEABLE if payload.get(key) is not None}
        self._core.emit("CHANNEL_CREATE", channel, channel=channel, guild_id=guild.id)
        return answer(channel, 201)

    async def change_channel(self, request: web.Request) -> web.Response:
        """Changes a channel."""
        channel = self._core.channel_for_bot(number(request, "channel_id"), BITS["manage_channels"])
        payload, _ = await read(request)
        channel |= {key: payload[key] for key in _CHANGEABLE if key in payload}
        self._core.emit("CHANNEL_UPDATE", channel, channel=channel, guild_id=int(channel["guild_id"]))
        return answer(channel)

    async def delete_channel(self, request: web.Request) -> web.Response:
        """Deletes a channel with its messages."""
        channel = self._core.channel_for_bot(number(request, "channel_id"), BITS["manage_channels"])
        self._core.remove_channel(channel)
        return answer(channel)

    async def create_thread(self, request: web.Request) -> web.Response:
        """A new thread, of a message or of its own."""
        core = self._core
        parent = core.channel_for_bot(number(request, "channel_id"), BITS["create_public_threads"])
        payload, _ = await read(request)
        form = Form()
        form.length(("name",), payload.get("name") or "", 100, 1)
        form.refuse_if_wrong()
        thread = self._thread(parent, payload)
        if "message_id" in request.match_info:
            thread["id"] = request.match_info["message_id"]

        guild = core.state.guild(int(parent["guild_id"]))
        guild.threads[int(thread["id"])] = core.state.channels[int(thread["id"])] = thread
        core.emit("THREAD_CREATE", thread | {"newly_created": True}, channel=thread, guild_id=guild.id)
        return answer(thread, 201)

    def _thread(self, parent: JSON, payload: JSON) -> JSON:
        """The shape of a new thread of the bot."""
        state = self._core.state
        thread_id = state.ids.new()
        now = iso(state.ids.now_ms())
        archive = int(payload.get("auto_archive_duration") or 1440)
        metadata = {"archived": False, "auto_archive_duration": archive, "archive_timestamp": now, "locked": False}
        return {
            "id": str(thread_id),
            "type": int(payload.get("type") or 11),
            "guild_id": parent["guild_id"],
            "parent_id": parent["id"],
            "owner_id": str(state.bot_id),
            "name": payload["name"],
            "last_message_id": None,
            "rate_limit_per_user": 0,
            "flags": 0,
            "message_count": 0,
            "member_count": 1,
            "total_message_sent": 0,
            "thread_metadata": metadata | {"create_timestamp": now},
            "member": {"id": str(thread_id), "user_id": str(state.bot_id), "join_timestamp": now, "flags": 0},
        }

    async def join_thread(self, request: web.Request) -> web.Response:
        """The bot joins a thread; it sees them all anyway."""
        self._core.channel_for_bot(number(request, "channel_id"))
        return nothing()


def _ended(thread: JSON) -> bool:
    return bool(thread["thread_metadata"]["archived"])


def _when(thread: JSON) -> str:
    """When it ended."""
    return str(thread["thread_metadata"]["archive_timestamp"])
