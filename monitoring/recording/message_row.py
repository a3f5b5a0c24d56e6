"""What is kept of a message, from what was seen of it."""

from __future__ import annotations

from monitoring.model import MessageSeen
from monitoring.recording.text import facts_of
from monitoring.rows import MessageRow


def row_of(
    seen: MessageSeen,
    text: str,
    persona: str = "",
    user: str = "",
    sentiment: float | None = None,
    addressed: tuple[str, ...] = (),
    named_users: tuple[str, ...] = (),
    command: bool = False,
) -> MessageRow:
    """The row of a message as it was sent; `text` is without the prefix of a persona."""
    place = (seen.message_id, seen.guild_id, seen.channel_id, seen.at, persona, user)
    facts = facts_of(text, len(seen.mention_ids) + len(seen.role_ids))
    # It answers nothing so far, is no chunk, no placeholder and no failure.
    meant = (sentiment, seen.reference_id, addressed, named_users, None, None, False, False, command)
    return MessageRow._make(place + facts + meant)
