"""Which session hears which event, and what of a message it may read (Discord's gateway intents)."""

from __future__ import annotations

from monitoring.sandbox.refusals import JSON

GUILDS, MEMBERS, MODERATION = 1 << 0, 1 << 1, 1 << 2
WEBHOOKS, VOICE_STATES, PRESENCES = 1 << 5, 1 << 7, 1 << 8
GUILD_MESSAGES, GUILD_REACTIONS, GUILD_TYPING = 1 << 9, 1 << 10, 1 << 11
DIRECT_MESSAGES, DIRECT_REACTIONS, DIRECT_TYPING = 1 << 12, 1 << 13, 1 << 14
MESSAGE_CONTENT = 1 << 15
PRIVILEGED = MEMBERS | PRESENCES | MESSAGE_CONTENT
ALL = (1 << 26) - 1

_GUILD_PREFIXES = {
    "GUILD_MEMBER_": MEMBERS,
    "GUILD_MEMBERS_CHUNK": 0,
    "GUILD_BAN_": MODERATION,
    "GUILD_": GUILDS,
    "CHANNEL_": GUILDS,
    "THREAD_": GUILDS,
    "WEBHOOKS_": WEBHOOKS,
    "VOICE_STATE_": VOICE_STATES,
    "PRESENCE_": PRESENCES,
    "MESSAGE_REACTION_": GUILD_REACTIONS,
    "MESSAGE_": GUILD_MESSAGES,
    "TYPING_": GUILD_TYPING,
}
_DIRECT_PREFIXES = {
    "MESSAGE_REACTION_": DIRECT_REACTIONS,
    "MESSAGE_": DIRECT_MESSAGES,
    "TYPING_": DIRECT_TYPING,
    "CHANNEL_PINS_": DIRECT_MESSAGES,
}


def needed(event: str, *, direct: bool) -> int:
    """The intent an event needs; 0 when every session hears it."""
    if event == "GUILD_MEMBERS_CHUNK":
        return 0

    for prefix, intent in (_DIRECT_PREFIXES if direct else _GUILD_PREFIXES).items():
        if event.startswith(prefix):
            return intent

    return 0


def readable(message: JSON, *, has_content: bool, bot_id: str) -> JSON:
    """The message as a bot may read it: without the content intent only its own, private and mentioning ones."""
    if has_content:
        return message

    shown = message
    inner = message.get("referenced_message")
    if inner:
        shown = shown | {"referenced_message": readable(inner, has_content=False, bot_id=bot_id)}

    own = message["author"]["id"] == bot_id
    if own or any(user["id"] == bot_id for user in message["mentions"]):
        return shown

    return shown | {"content": "", "embeds": [], "attachments": [], "components": []}
