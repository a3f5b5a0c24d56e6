"""Files as DiscordChatExporter writes them, made of messages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitoring.recording.history import HistoryMessage
from tests.recording.stage import CHANNEL, GUILD


def export(messages: Iterable[HistoryMessage], **more: Any) -> dict[str, Any]:
    """The export of a channel as a value."""
    told = [written(one) for one in messages]
    return {
        "guild": {"id": str(GUILD), "name": "A guild", "iconUrl": "https://cdn.example/icon.png"},
        "channel": {
            "id": str(CHANNEL), "type": "GuildTextChat", "categoryId": "7", "category": "Text", "name": "lobby",
            "topic": None,
        },
        "dateRange": {"after": None, "before": None},
        "exportedAt": "2026-01-01T00:00:00+00:00",
        "messages": told,
        "messageCount": len(told),
    } | more  # fmt: skip


def written(one: HistoryMessage) -> dict[str, Any]:
    """One message as it stands in a file."""
    seen = one.seen
    return {
        "id": str(seen.message_id),
        "type": "Reply" if seen.reference_id else "Default",
        "timestamp": _time(seen.at),
        "timestampEdited": None if one.edited_at is None else _time(one.edited_at),
        "callEndedTimestamp": None,
        "isPinned": False,
        "content": seen.content,
        "author": {
            "id": str(seen.author_id), "name": seen.author_name, "discriminator": "0000",
            "nickname": seen.author_name, "color": None, "isBot": seen.bot, "roles": [], "avatarUrl": "",
        },
        "attachments": [], "embeds": [], "stickers": [], "mentions": [], "inlineEmojis": [],
        "reactions": [{"emoji": {"id": "", "name": "👍", "code": "thumbsup"}, "count": 2}],
    } | (
        {"reference": {"messageId": str(seen.reference_id), "channelId": str(CHANNEL), "guildId": str(GUILD)}}
        if seen.reference_id
        else {}
    )  # fmt: skip


def save(path: Path, value: object) -> Path:
    """As a file, indented as the exporter does it."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False), encoding="utf-8")
    return path


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat()
