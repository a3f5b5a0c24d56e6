"""What goes on just now, from memory: for the live view, every second if need be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitoring.analysis.series import only
from monitoring.model import MINUTE, Instant
from monitoring.recording.recent import Recent

SPAN = 5 * MINUTE
"""How far back `now` reaches."""


@dataclass(frozen=True, slots=True)
class PersonaNow:
    """One persona: messages of the last five minutes, and their mean sentiment −1…1."""

    messages: int
    sentiment: float | None


@dataclass(frozen=True, slots=True)
class Realtime:
    """The last five minutes; None: nothing to tell it from."""

    active_users: int
    messages_per_minute: float
    avg_response_time_ms: float | None
    """Of successful answers."""
    error_rate: float | None
    """Failed answers ÷ answers, 0..1."""
    personas: Mapping[str, PersonaNow]


def realtime(recent: Recent, active: Mapping[int | None, int], now: Instant) -> Realtime:
    """From the ring in memory; `active`: distinct people of the same time, under None of the whole bot."""
    start, end = now - SPAN, now + 1
    answers = recent.rollup("response", start, end)
    moods = recent.groups("sentiment", start, end, 0)
    spoken = recent.groups("message", start, end, 1, only("message", author="persona"))
    return Realtime(
        active_users=active.get(None, 0),
        messages_per_minute=recent.rollup("message", start, end).count * MINUTE / SPAN,
        avg_response_time_ms=None if answers.mean is None else answers.mean * 1000,
        error_rate=answers.rate,
        personas={
            name: PersonaNow(rollup.count, moods[name].mean if name in moods else None)
            for name, rollup in sorted(spoken.items())
            if name
        },
    )
