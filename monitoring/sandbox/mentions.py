"""Whom a message names, and whom of them Discord would really ping."""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitoring.sandbox.refusals import JSON
from monitoring.sandbox.state import Guild, State

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(everyone|here)\b")
_SILENT = 1 << 12


@dataclass(frozen=True, slots=True)
class Ping:
    """One message that pinged somebody; ids of users and roles."""

    message_id: int
    channel_id: int
    users: tuple[int, ...]
    roles: tuple[int, ...]
    everyone: bool
    silent: bool


@dataclass(frozen=True, slots=True)
class Mentions:
    """What the payload of a message says about mentions, after `allowed_mentions` had its say."""

    users: tuple[JSON, ...]
    roles: tuple[str, ...]
    everyone: bool

    def ping(self, message: JSON) -> Ping | None:
        """The record of it; None when nobody was pinged."""
        if not (self.users or self.roles or self.everyone):
            return None

        return Ping(
            int(message["id"]),
            int(message["channel_id"]),
            tuple(int(user["id"]) for user in self.users),
            tuple(map(int, self.roles)),
            self.everyone,
            bool(message["flags"] & _SILENT),
        )


def mentions(
    state: State, guild: Guild | None, content: str, allowed: JSON | None, answered: JSON | None, *, any_role: bool
) -> Mentions:
    """Reads a text as Discord does.

    Without `allowed` everything in it counts; `answered` is the message replied to; `any_role` says that the
    author may ping everyone and roles that are not mentionable.
    """
    parse = {"users", "roles", "everyone"} if allowed is None else set(allowed.get("parse") or ())
    users = dict.fromkeys(int(found) for found in _USER.findall(content))
    if "users" not in parse:
        chosen = {int(user) for user in (allowed or {}).get("users") or ()}
        users = {user: None for user in users if user in chosen}

    if answered is not None and (allowed is None or allowed.get("replied_user")):
        users[int(answered["author"]["id"])] = None

    roles = dict.fromkeys(_ROLE.findall(content))
    if "roles" not in parse:
        named = {str(role) for role in (allowed or {}).get("roles") or ()}
        roles = {role: None for role in roles if role in named}

    return Mentions(
        users=tuple(state.users[user] for user in users if user in state.users),
        roles=tuple(role for role in roles if _pingable(guild, int(role), any_role)),
        everyone="everyone" in parse and any_role and bool(_EVERYONE.search(content)),
    )


def _pingable(guild: Guild | None, role_id: int, any_role: bool) -> bool:
    """Whether a role exists here and may be pinged."""
    role = guild.roles.get(role_id) if guild else None
    return role is not None and (any_role or bool(role["mentionable"]))
