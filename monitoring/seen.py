"""What is seen of voice channels. Imports nothing of ours; all else that is seen: `model`, which takes it in."""

from __future__ import annotations

from typing import NamedTuple


class VoiceStay(NamedTuple):
    """So many users were in voice channels of a guild for a while, the same number all the time; nobody is named."""

    guild_id: int
    at: int
    """When the while began, in milliseconds since 1970 in UTC."""
    until: int
    people: int
    joined: int = 0
    """How many of them came at its beginning."""
