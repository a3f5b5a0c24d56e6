"""The driver's part that builds a world: users, guilds, channels, roles, webhooks and history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitoring.sandbox import permissions
from monitoring.sandbox.core import Core
from monitoring.sandbox.post import Draft
from monitoring.sandbox.refusals import JSON
from monitoring.sandbox.rest_interactions import webhook_author, webhook_extra
from monitoring.sandbox.snowflakes import iso
from monitoring.sandbox.state import Guild

Id = int | str
_OWN = object()


class Building(Core):
    """Makes things at once, or with an event if the bot is connected already."""

    @property
    def application_id(self) -> int:
        """The id of the bot's application."""
        return self.state.application_id

    @property
    def bot_user_id(self) -> int:
        """The id of the bot's account."""
        return self.state.bot_id

    @property
    def owner_id(self) -> int:
        """The id of the account that owns the application."""
        return self.state.owner_id

    def add_user(self, name: str, bot: bool = False) -> int:
        """A new account."""
        return self.state.new_user(name, bot=bot)

    def add_guild(self, name: str, owner_id: Id | None = None) -> int:
        """A guild with the bot in it; owned by the application's owner unless said."""
        guild = self.state.new_guild(name, self.owner_id if owner_id is None else int(owner_id))
        self.gateway.dispatch("GUILD_CREATE", self._created(guild), guild_id=guild.id)
        return guild.id

    def _created(self, guild: Guild) -> JSON:
        """A guild as told to a bot that joins it."""
        payload = self.state.guild_payload(guild, full=True)
        del payload["unavailable"]
        return payload

    def leave_guild(self, guild_id: Id) -> None:
        """The bot is removed from a guild."""
        guild = self.state.guild(int(guild_id))
        guild.has_bot = False
        guild.members.pop(self.bot_user_id, None)
        self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)}, guild_id=guild.id)

    def direct_channel(self, user_id: Id) -> int:
        """The private channel between a person and the bot."""
        return int(self.state.direct_channel(int(user_id))["id"])

    def add_channel(self, guild_id: Id, name: str, kind: str = "text", *, topic: str | None = None) -> int:
        """A channel: text, voice, category, news, forum."""
        guild = self.state.guild(int(guild_id))
        channel = self.state.new_channel(guild, name, kind)
        channel["topic"] = topic
        self.emit("CHANNEL_CREATE", channel, channel=channel, guild_id=guild.id)
        return int(channel["id"])

    def delete_channel(self, channel_id: Id) -> None:
        """Deletes a channel with its messages."""
        self.remove_channel(self.state.channel(int(channel_id)))

    def add_role(
        self, guild_id: Id, name: str, permissions: int | Sequence[str] = 0, *, mentionable: bool = False
    ) -> int:
        """A role; `permissions` are Discord's bits, or names such as "manage_guild"."""
        guild = self.state.guild(int(guild_id))
        role_id = self.state.new_role(guild, name, _bits(permissions), mentionable=mentionable)
        data = {"guild_id": str(guild.id), "role": guild.roles[role_id]}
        self.emit("GUILD_ROLE_CREATE", data, guild_id=guild.id)
        return role_id

    def set_role(self, guild_id: Id, role_id: Id, permissions: int | Sequence[str]) -> None:
        """Gives a role other permissions; the bot's own role is the second one of a guild."""
        guild = self.state.guild(int(guild_id))
        guild.roles[int(role_id)]["permissions"] = str(_bits(permissions))
        data = {"guild_id": str(guild.id), "role": guild.roles[int(role_id)]}
        self.emit("GUILD_ROLE_UPDATE", data, guild_id=guild.id)

    def overwrite(
        self, channel_id: Id, target_id: Id, *, allow: int | Sequence[str] = 0, deny: int | Sequence[str] = 0
    ) -> None:
        """Allows or denies in one channel, for a role, a member or (with the guild's id) everyone."""
        channel = self.state.channel(int(channel_id))
        guild = self.state.guild(int(channel["guild_id"]))
        entry = {
            "id": str(target_id),
            "type": 0 if int(target_id) in guild.roles else 1,
            "allow": str(_bits(allow)),
            "deny": str(_bits(deny)),
        }
        others = [old for old in channel["permission_overwrites"] if old["id"] != entry["id"]]
        channel["permission_overwrites"] = [*others, entry]
        self.emit("CHANNEL_UPDATE", channel, channel=channel, guild_id=guild.id)

    def add_member(self, guild_id: Id, user_id: Id, roles: Iterable[Id] = (), nick: str | None = None) -> None:
        """Makes a user a member; again for one who is gives other roles."""
        guild = self.state.guild(int(guild_id))
        event = "GUILD_MEMBER_UPDATE" if int(user_id) in guild.members else "GUILD_MEMBER_ADD"
        member = self.state.new_member(guild, int(user_id), tuple(int(role) for role in roles), nick)
        self.emit(event, member | {"guild_id": str(guild.id)}, guild_id=guild.id)

    def remove_member(self, guild_id: Id, user_id: Id) -> None:
        """A member leaves."""
        guild = self.state.guild(int(guild_id))
        member = guild.members.pop(int(user_id))
        data = {"guild_id": str(guild.id), "user": member["user"]}
        self.emit("GUILD_MEMBER_REMOVE", data, guild_id=guild.id)

    def add_webhook(self, channel_id: Id, name: str, application_id: Id | object | None = _OWN) -> int:
        """A webhook; of the bot's own application unless another id, or None for one made by a person, is given."""
        channel = self.state.channel(int(channel_id))
        owner = self.application_id if application_id is _OWN else application_id
        webhook = self.state.new_webhook(channel, name, None if owner is None else int(str(owner)))
        self.webhooks_changed(channel)
        return int(webhook["id"])

    def webhook_url(self, webhook_id: Id) -> str:
        """The address at which a webhook takes messages."""
        webhook = self.state.webhook(int(webhook_id))
        return f"{self.base_url}/api/v10/webhooks/{webhook['id']}/{webhook['token']}"

    def remember(
        self, channel_id: Id, author_id: Id, content: str, at_ms: int, *, webhook_id: Id | None = None,
        name: str | None = None, reference: Id | None = None, embeds: Sequence[JSON] = (),
        message_id: Id | None = None, edited_ms: int | None = None,
    ) -> int:  # fmt: skip
        """History: a message written at `at_ms`, of which nobody is told; by a webhook under `name` if given.

        It gets a new id unless it has one; `edited_ms`: when it was edited last.
        """
        payload: JSON = {"content": content, "embeds": list(embeds)}
        draft = self.draft(channel_id, author_id, payload, webhook_id=webhook_id, name=name, reference=reference)
        draft.at_ms, draft.silent_history = at_ms, True
        draft.message_id = None if message_id is None else int(message_id)
        message = self.post.write(draft)
        message["edited_timestamp"] = None if edited_ms is None else iso(edited_ms)
        return int(message["id"])

    def draft(
        self, channel_id: Id, author_id: Id | None, payload: JSON, *, webhook_id: Id | None = None,
        name: str | None = None, reference: Id | None = None,
    ) -> Draft:  # fmt: skip
        """A message of a user, or of a webhook under a name."""
        channel = self.state.channel(int(channel_id))
        answered = None if reference is None else self.shelves.get(int(reference))
        if webhook_id is None:
            assert author_id is not None
            return Draft(channel, self.state.user(int(author_id)), payload, reference=answered)

        webhook = self.state.webhook(int(webhook_id))
        author = webhook_author(webhook, {"username": name})
        return Draft(channel, author, payload, reference=answered, extra=webhook_extra(webhook), any_role=True)


def _bits(wanted: int | Sequence[str]) -> int:
    """Permissions given as a number or by name."""
    return wanted if isinstance(wanted, int) else permissions.bits(*wanted)
