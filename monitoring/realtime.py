"""What goes on just now, from memory: for the live view, every second if need be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitoring.analysis.series import only, timing
from monitoring.model import MINUTE, SECOND, Health, Instant
from monitoring.recording.recent import Recent
from monitoring.rollup import Rollup

SPAN = 5 * MINUTE
"""How far back `now` reaches."""
COURSE = 25 * MINUTE
"""How far back its course does; with the span of its first figure, as long as memory does."""
STEP = 30 * SECOND


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
    p95_response_time_ms: float | None = None
    services: Mapping[str, Health] | None = None
    """As last probed."""
    open_incidents: tuple[int, ...] = ()
    """Their numbers."""


@dataclass(frozen=True, slots=True)
class Course:
    """The same figures as they were every `step` seconds, oldest first; None: nothing to tell it from."""

    from_at: Instant
    step: float
    messages_per_minute: tuple[float, ...]
    avg_response_time_ms: tuple[float | None, ...]
    error_rate: tuple[float | None, ...]


def realtime(
    recent: Recent,
    active: Mapping[int | None, int],
    now: Instant,
    services: Mapping[str, Health] | None = None,
    open_incidents: tuple[int, ...] = (),
    *,
    since: Instant | None = None,
) -> Realtime:
    """From the ring in memory; `active`: distinct people of the same time, under None of the whole bot.

    `since`: from when on instead, where the ring has no finer steps than that.
    """
    start, end = now - SPAN if since is None else since, now + 1
    answers = recent.rollup("response", start, end)
    moods = recent.groups("sentiment", start, end, 0)
    spoken = recent.groups("message", start, end, 1, only("message", author="persona"))
    return Realtime(
        active_users=active.get(None, 0),
        messages_per_minute=recent.rollup("message", start, end).count * MINUTE / (now - start),
        avg_response_time_ms=_ms(answers.mean),
        error_rate=answers.rate,
        personas={
            name: PersonaNow(rollup.count, moods[name].mean if name in moods else None)
            for name, rollup in sorted(spoken.items())
            if name
        },
        p95_response_time_ms=_ms(timing(answers).p95),
        services=services,
        open_incidents=open_incidents,
    )


def course(recent: Recent, now: Instant) -> Course:
    """How the same figures came to be, from the ring in memory."""
    first = (now - COURSE) // STEP * STEP
    messages = _spans([rollup for _, rollup in recent.lines("message", first - SPAN, now, STEP)])
    answers = _spans([rollup for _, rollup in recent.lines("response", first - SPAN, now, STEP)])
    return Course(
        from_at=first,
        step=STEP / SECOND,
        messages_per_minute=tuple(rollup.count * MINUTE / SPAN for rollup in messages),
        avg_response_time_ms=tuple(_ms(rollup.mean) for rollup in answers),
        error_rate=tuple(rollup.rate for rollup in answers),
    )


def _spans(steps: Sequence[Rollup]) -> list[Rollup]:
    """What each span had, from its steps: one for every step that ends one."""
    length = SPAN // STEP
    found = []
    for end in range(length, len(steps) + 1):
        total = Rollup()
        for step in steps[end - length : end]:
            total.merge(step)

        found.append(total)

    return found


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000
