"""Users' time in voice channels: what a while of it adds to the minutes that it covers."""

from __future__ import annotations

from monitoring.interfaces import Batch
from monitoring.model import MINUTE
from monitoring.recording.deltas import add, adjust
from monitoring.seen import VoiceStay

LONGEST = 10 * MINUTE
"""Of a longer while nobody can say that all were there all the time."""
MOST = 1_000_000
"""People in the voice channels of one guild."""


def is_stay(stay: VoiceStay) -> bool:
    """True for a while that can be; its beginning is asked elsewhere."""
    return (
        type(stay.until) is int
        and 0 <= stay.until - stay.at <= LONGEST
        and type(stay.people) is int
        and type(stay.joined) is int
        and 0 <= stay.joined <= MOST
        and 0 <= stay.people <= MOST
    )


def count(stay: VoiceStay, batch: Batch) -> None:
    """Add the seconds of everybody, cut into minutes, so that the sum of every hour of every zone is right."""
    labels = (str(stay.guild_id),)
    if stay.joined:
        add(batch, "voice", stay.at, labels, weight=stay.joined)

    at = stay.at
    while at < stay.until and stay.people:
        end = min(at - at % MINUTE + MINUTE, stay.until)
        adjust(batch, "voice", at, labels, 0, stay.people * (end - at) / 1000)
        at = end
