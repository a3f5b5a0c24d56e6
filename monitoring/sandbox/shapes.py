"""The JSON shapes in which Discord serves users, roles, channels, guilds and applications."""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]

_NEW_GUILD: JSON = {
    "icon": None,
    "description": None,
    "home_header": None,
    "splash": None,
    "discovery_splash": None,
    "banner": None,
    "features": [],
    "region": "deprecated",
    "afk_channel_id": None,
    "afk_timeout": 300,
    "system_channel_id": None,
    "system_channel_flags": 0,
    "widget_enabled": False,
    "widget_channel_id": None,
    "verification_level": 0,
    "default_message_notifications": 0,
    "mfa_level": 0,
    "explicit_content_filter": 0,
    "max_presences": None,
    "max_members": 500_000,
    "max_video_channel_users": 25,
    "max_stage_video_channel_users": 50,
    "vanity_url_code": None,
    "premium_tier": 0,
    "premium_subscription_count": 0,
    "premium_progress_bar_enabled": False,
    "preferred_locale": "en-US",
    "rules_channel_id": None,
    "public_updates_channel_id": None,
    "safety_alerts_channel_id": None,
    "application_id": None,
    "nsfw": False,
    "nsfw_level": 0,
    "incidents_data": None,
    "emojis": [],
    "stickers": [],
}
CHANNEL_KINDS = {"text": 0, "dm": 1, "voice": 2, "category": 4, "news": 5, "thread": 11, "forum": 15}


def user(user_id: int, name: str, *, bot: bool = False, avatar: str | None = None) -> JSON:
    """A user; people have a display name and no discriminator, bots have a discriminator."""
    return {
        "id": str(user_id),
        "username": name if bot else name.lower().replace(" ", "_"),
        "global_name": None if bot else name,
        "discriminator": "0001" if bot else "0",
        "avatar": avatar,
        "bot": bot,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
        "avatar_decoration_data": None,
    }


def member(account: JSON, roles: list[str], nick: str | None, joined_at: str) -> JSON:
    """A member of a guild, its user included."""
    return {
        "user": account,
        "roles": roles,
        "nick": nick,
        "avatar": None,
        "banner": None,
        "joined_at": joined_at,
        "premium_since": None,
        "communication_disabled_until": None,
        "flags": 0,
        "pending": False,
        "mute": False,
        "deaf": False,
    }


def role(role_id: int, name: str, permissions: int, position: int, *, mentionable: bool = False) -> JSON:
    """A role."""
    return {
        "id": str(role_id),
        "name": name,
        "permissions": str(permissions),
        "position": position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def channel(channel_id: int, guild_id: int, name: str, kind: str, position: int) -> JSON:
    """A channel of a guild; an unknown kind raises KeyError."""
    shape: JSON = {
        "id": str(channel_id),
        "type": CHANNEL_KINDS[kind],
        "guild_id": str(guild_id),
        "name": name,
        "position": position,
        "permission_overwrites": [],
        "parent_id": None,
        "topic": None,
        "nsfw": False,
        "flags": 0,
        "last_message_id": None,
        "rate_limit_per_user": 0,
    }
    if kind == "voice":
        shape |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None}

    return shape


def direct_channel(channel_id: int, recipient: JSON) -> JSON:
    """A private channel between the bot and one person."""
    return {"id": str(channel_id), "type": 1, "last_message_id": None, "flags": 0, "recipients": [recipient]}


def guild(guild_id: int, name: str, owner_id: int) -> JSON:
    """A guild without what changes (roles, channels, members)."""
    return {"id": str(guild_id), "name": name, "owner_id": str(owner_id)} | _NEW_GUILD


def application(app_id: int, name: str, bot: JSON, owner: JSON, flags: int, guilds: int) -> JSON:
    """The bot's application as its own token sees it."""
    return {
        "id": str(app_id),
        "name": name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": bot,
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": flags,
        "owner": owner,
        "team": None,
        "approximate_guild_count": guilds,
        "approximate_user_install_count": 0,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "integration_types_config": {"0": {}},
        "install_params": {"scopes": ["bot", "applications.commands"], "permissions": "0"},
        "flags_new": str(flags),
        "approximate_user_authorization_count": 0,
        "eligible_oauth2_scopes": [],
        "explicit_content_filter": 0,
    }


def webhook(webhook_id: int, channel_id: int, guild_id: int, name: str, token: str, application_id: int | None) -> JSON:
    """An incoming webhook, its token included."""
    return {
        "id": str(webhook_id),
        "type": 1,
        "guild_id": str(guild_id),
        "channel_id": str(channel_id),
        "name": name,
        "avatar": None,
        "token": token,
        "application_id": None if application_id is None else str(application_id),
    }
