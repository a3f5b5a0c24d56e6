"""Emoji and reactions as the API writes them."""

from __future__ import annotations

from monitoring.sandbox.refusals import JSON


def emoji_object(emoji: str) -> JSON:
    """An emoji as the API writes it: `name:id` for one of a guild, else the character."""
    name, _, emoji_id = emoji.rpartition(":")
    return {"id": emoji_id, "name": name} if emoji_id.isdigit() and name else {"id": None, "name": emoji}


def reaction(emoji: str, users: list[int], viewer: int) -> JSON:
    """One entry of a message's reactions."""
    return {
        "emoji": emoji_object(emoji),
        "count": len(users),
        "count_details": {"normal": len(users), "burst": 0},
        "me": viewer in users,
        "me_burst": False,
        "burst_colors": [],
    }
