"""What exists in the sandbox: users, guilds with roles, members and channels, webhooks."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from monitoring.sandbox import permissions, shapes
from monitoring.sandbox.refusals import JSON, unknown
from monitoring.sandbox.snowflakes import Snowflakes, iso, time_of

_BUILT_BEFORE_MS = 400 * 86_400_000


@dataclass(slots=True)
class Guild:
    """One guild and all that belongs to it; keys are ids."""

    id: int
    base: JSON
    roles: dict[int, JSON] = field(default_factory=dict)
    members: dict[int, JSON] = field(default_factory=dict)
    channels: dict[int, JSON] = field(default_factory=dict)
    threads: dict[int, JSON] = field(default_factory=dict)
    voice: dict[int, JSON] = field(default_factory=dict)
    has_bot: bool = True


class State:
    """Everything but messages; asks for a missing thing raise Discord's "Unknown …"."""

    def __init__(self, clock: Callable[[], float], bot_name: str) -> None:
        self.ids = Snowflakes(clock)
        self._built = self.ids.now_ms() - _BUILT_BEFORE_MS
        self.users: dict[int, JSON] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, JSON] = {}
        self.webhooks: dict[int, JSON] = {}
        self.owner_id = self.new_user("Owner", bot=False)
        self.bot_id = self.new_user(bot_name, bot=True)
        self.application_id = self.bot_id

    def early_id(self) -> int:
        """An id older than any history, a millisecond after the one before (so guilds spread over shards)."""
        self._built += 1
        return self.ids.new(self._built)

    def new_user(self, name: str, *, bot: bool) -> int:
        """A new account."""
        user_id = self.early_id()
        self.users[user_id] = shapes.user(user_id, name, bot=bot)
        return user_id

    def new_guild(self, name: str, owner_id: int) -> Guild:
        """A guild with its everyone role, a role of the bot, the owner and the bot as members."""
        guild_id = self.early_id()
        guild = Guild(guild_id, shapes.guild(guild_id, name, owner_id))
        self.guilds[guild_id] = guild
        guild.roles[guild_id] = shapes.role(guild_id, "@everyone", permissions.EVERYONE, 0)
        bot = self.users[self.bot_id]
        bot_role = self.new_role(guild, str(bot["username"]), permissions.BOT)
        guild.roles[bot_role] |= {"managed": True, "tags": {"bot_id": str(self.bot_id)}}
        self.new_member(guild, owner_id, ())
        self.new_member(guild, self.bot_id, (bot_role,))
        return guild

    def new_role(self, guild: Guild, name: str, granted: int, *, mentionable: bool = False) -> int:
        """A role on top of the others."""
        role_id = self.early_id()
        guild.roles[role_id] = shapes.role(role_id, name, granted, len(guild.roles), mentionable=mentionable)
        return role_id

    def new_member(self, guild: Guild, user_id: int, roles: tuple[int, ...], nick: str | None = None) -> JSON:
        """Makes a user a member; a role the guild does not have raises."""
        for role_id in roles:
            if role_id not in guild.roles:
                raise unknown("Role")

        joined = iso(time_of(self.early_id()))
        guild.members[user_id] = shapes.member(self.user(user_id), [str(r) for r in roles], nick, joined)
        return guild.members[user_id]

    def new_channel(self, guild: Guild, name: str, kind: str) -> JSON:
        """A channel of a guild."""
        channel_id = self.early_id()
        shape = shapes.channel(channel_id, guild.id, name, kind, len(guild.channels))
        guild.channels[channel_id] = self.channels[channel_id] = shape
        return shape

    def new_webhook(self, channel: JSON, name: str, application_id: int | None) -> JSON:
        """A webhook of a channel with a token of its own."""
        webhook_id = self.early_id()
        shape = shapes.webhook(
            webhook_id, int(channel["id"]), int(channel["guild_id"]), name, secrets.token_urlsafe(51), application_id
        )
        self.webhooks[webhook_id] = shape
        return shape

    def direct_channel(self, user_id: int) -> JSON:
        """The private channel between the bot and a person, made when first asked for."""
        for channel in self.channels.values():
            if channel["type"] == 1 and channel["recipients"][0]["id"] == str(user_id):
                return channel

        channel_id = self.early_id()
        self.channels[channel_id] = shapes.direct_channel(channel_id, self.user(user_id))
        return self.channels[channel_id]

    def user(self, user_id: int) -> JSON:
        """An account, or "Unknown User"."""
        if user_id not in self.users:
            raise unknown("User")

        return self.users[user_id]

    def guild(self, guild_id: int) -> Guild:
        """A guild, or "Unknown Guild"."""
        if guild_id not in self.guilds:
            raise unknown("Guild")

        return self.guilds[guild_id]

    def channel(self, channel_id: int) -> JSON:
        """A channel or thread, or "Unknown Channel"."""
        if channel_id not in self.channels:
            raise unknown("Channel")

        return self.channels[channel_id]

    def webhook(self, webhook_id: int) -> JSON:
        """A webhook, or "Unknown Webhook"."""
        if webhook_id not in self.webhooks:
            raise unknown("Webhook")

        return self.webhooks[webhook_id]

    def guild_of(self, channel: JSON) -> Guild | None:
        """The guild of a channel; None for a private one."""
        return self.guilds.get(int(channel["guild_id"])) if "guild_id" in channel else None

    def permissions(self, user_id: int, channel: JSON) -> int:
        """What a user may do in a channel; nothing when not a member, everything that makes sense in private."""
        guild = self.guild_of(channel)
        if guild is None:
            return permissions.EVERYONE

        parent = channel
        if channel["type"] in (10, 11, 12):
            parent = self.channels.get(int(channel["parent_id"]), channel)

        return self.member_permissions(guild, user_id, parent.get("permission_overwrites", []))

    def member_permissions(self, guild: Guild, user_id: int, overwrites: list[JSON]) -> int:
        """What a member may do in a guild, with these overwrites; nothing when not a member."""
        member = guild.members.get(user_id)
        if member is None:
            return 0

        held = [guild.id, *(int(role) for role in member["roles"])]
        return permissions.of_member(
            user_id=user_id,
            owner_id=int(guild.base["owner_id"]),
            everyone=guild.id,
            roles={role: int(guild.roles[role]["permissions"]) for role in held if role in guild.roles},
            overwrites=overwrites,
        )

    def guild_payload(self, guild: Guild, *, full: bool) -> JSON:
        """A guild for REST, or in full as GUILD_CREATE carries it."""
        shape = guild.base | {"roles": list(guild.roles.values())}
        if not full:
            return shape

        bot = guild.members.get(self.bot_id)
        return shape | {
            "joined_at": bot["joined_at"] if bot else None,
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "members": list(guild.members.values()) if len(guild.members) <= 250 else [bot],
            "channels": list(guild.channels.values()),
            "threads": [one for one in guild.threads.values() if not one["thread_metadata"]["archived"]],
            "voice_states": list(guild.voice.values()),
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }
