"""Permissions as Discord computes them: bits, roles and overwrites of a channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

BITS: Mapping[str, int] = {
    name: 1 << place
    for name, place in {
        "create_instant_invite": 0,
        "kick_members": 1,
        "ban_members": 2,
        "administrator": 3,
        "manage_channels": 4,
        "manage_guild": 5,
        "add_reactions": 6,
        "view_audit_log": 7,
        "stream": 9,
        "view_channel": 10,
        "send_messages": 11,
        "send_tts_messages": 12,
        "manage_messages": 13,
        "embed_links": 14,
        "attach_files": 15,
        "read_message_history": 16,
        "mention_everyone": 17,
        "use_external_emojis": 18,
        "connect": 20,
        "speak": 21,
        "mute_members": 22,
        "use_vad": 25,
        "change_nickname": 26,
        "manage_nicknames": 27,
        "manage_roles": 28,
        "manage_webhooks": 29,
        "use_application_commands": 31,
        "manage_threads": 34,
        "create_public_threads": 35,
        "create_private_threads": 36,
        "send_messages_in_threads": 38,
        "moderate_members": 40,
    }.items()
}
ALL = (1 << 53) - 1


def bits(*names: str) -> int:
    """The named permissions as one number; a name Discord does not have raises KeyError."""
    total = 0
    for name in names:
        total |= BITS[name]

    return total


EVERYONE = bits(
    "create_instant_invite", "add_reactions", "stream", "view_channel", "send_messages", "embed_links",
    "attach_files", "read_message_history", "use_external_emojis", "connect", "speak", "use_vad",
    "change_nickname", "use_application_commands", "create_public_threads", "send_messages_in_threads",
)  # fmt: skip
BOT = EVERYONE | bits("manage_messages", "manage_webhooks", "mention_everyone", "view_audit_log", "manage_threads")


def of_member(
    *,
    user_id: int,
    owner_id: int,
    everyone: int,
    roles: Mapping[int, int],
    overwrites: Iterable[Mapping[str, Any]] = (),
) -> int:
    """What a member may do in a channel, by the algorithm of Discord's documentation.

    `roles` maps the member's role ids to permissions; `everyone` is the id of the guild, whose role is among them.
    """
    if user_id == owner_id:
        return ALL

    total = 0
    for granted in roles.values():
        total |= granted

    if total & BITS["administrator"]:
        return ALL

    by_target = {int(entry["id"]): entry for entry in overwrites}
    total = _apply(total, [by_target[everyone]] if everyone in by_target else [])
    total = _apply(total, [by_target[role] for role in roles if role in by_target and role != everyone])
    return _apply(total, [by_target[user_id]] if user_id in by_target else [])


def _apply(total: int, overwrites: Iterable[Mapping[str, Any]]) -> int:
    """Takes what any of the overwrites denies, then gives what any allows."""
    denied = allowed = 0
    for entry in overwrites:
        denied |= int(entry["deny"])
        allowed |= int(entry["allow"])

    return (total & ~denied) | allowed
