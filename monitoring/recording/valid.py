"""Whether a fact can be: right types, finite numbers in range, words of a sensible length (F17).

Everything is asked by exact type first, so that no foreign `__eq__`, `__str__` or `__float__` is ever called.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeGuard

from monitoring.metrics import GAUGES
from monitoring.model import (
    DAY,
    CommandRan,
    ErrorKind,
    Happening,
    Health,
    Instant,
    MessageDeleted,
    MessageEdited,
    MessageSeen,
    OperationDone,
    ProbeResult,
    ReactionSeen,
    Sample,
    Seen,
    ServiceTold,
    Told,
)
from monitoring.recording.telling import is_service_told, is_told
from monitoring.recording.voice import is_stay
from monitoring.seen import VoiceStay

EARLIEST: Instant = 1_420_070_400_000
"""Discord's own epoch, the first moment of 2015: nothing that is told here is older."""
AHEAD = DAY
"""How far the clock of another machine may run ahead."""
EVER: Instant = 1 << 53
"""In the place of now, where no moment is too late."""
LONGEST = 30 * 86_400.0
"""Seconds that one piece of work may take."""
WORD = 200
"""Characters of a name; Discord's longest is 100, those of models are longer."""
CONTENT = 10_000
"""Characters of a message; Discord's longest is 4,000."""
MOST = 1_000_000_000_000
"""Tokens or micro-dollars of one operation: far beyond any, and safe to add up in 64 bits."""
IDS = (1 << 63) - 1
"""The largest id."""
WEIGHT = 1_000_000
"""Operations that one may stand for."""


def fitting(seen: object, now: Instant) -> TypeGuard[Seen]:
    """True for a fact that can be."""
    rule = _RULES.get(type(seen))
    try:
        return rule is not None and is_instant(seen.at, now) and rule(seen)  # type: ignore[attr-defined]
    except (AttributeError, IndexError):
        # Made without its constructor, so that it lacks what it should have.
        return False


def is_instant(value: object, now: Instant) -> bool:
    """True for milliseconds between Discord's epoch and tomorrow."""
    return type(value) is int and EARLIEST <= value <= now + AHEAD


def is_word(value: object, longest: int = WORD) -> bool:
    """True for a name without control characters and lone surrogates, which no store or page could take."""
    return type(value) is str and len(value) <= longest and (value.isprintable() or not _UNFIT.intersection(value))


def is_count(value: object, most: int = MOST) -> bool:
    """True for a whole number from 0 on."""
    return type(value) is int and 0 <= value <= most


def is_id(value: object) -> bool:
    """True for a Discord id, or 0 for none."""
    return type(value) is int and 0 <= value <= IDS


def is_duration(value: object) -> bool:
    """True for seconds that a piece of work can take."""
    return type(value) in (int, float) and 0 <= value <= LONGEST  # type: ignore[operator]


def is_reading(value: object) -> bool:
    """True for a finite number that rollups can add up."""
    return type(value) in (int, float) and math.isfinite(value) and abs(value) <= MOST * 1_000  # type: ignore[arg-type]


def are_words(*values: object) -> bool:
    """As `is_word` of each, asked of all at once: most facts have several."""
    if set(map(type, values)) != {str}:
        return False

    text = "".join(values)  # type: ignore[arg-type]
    return is_word(text, WORD * len(values)) and (len(text) <= WORD or max(map(len, values)) <= WORD)  # type: ignore[arg-type]


def _maybe(test: Callable[[object], bool], value: object) -> bool:
    return value is None or test(value)


def is_error(value: object) -> bool:
    """True for a kind of failure, or None for a success."""
    return value is None or type(value) is ErrorKind


def _is_flag(value: object) -> bool:
    return type(value) is bool


def _operation(done: Any) -> bool:
    return (
        are_words(done.service, done.operation, done.persona, done.model, done.feature)
        and are_words(done.fingerprint, done.variant, done.detail)
        and bool(done.service and done.operation)
        and is_duration(done.duration)
        and is_error(done.error)
        and is_id(done.guild_id)
        and is_id(done.channel_id)
        and _maybe(is_id, done.message_id)
        and _maybe(is_id, done.response_id)
        and _maybe(is_duration, done.first_token)
        and is_count(done.prompt_tokens)
        and is_count(done.completion_tokens)
        and is_count(done.cached_tokens)
        and done.cached_tokens <= done.prompt_tokens
        and _maybe(is_count, done.cost)
        and is_count(done.weight, WEIGHT)
        and done.weight > 0
        and type(done.local) is bool
        and _maybe(_is_flag, done.cache_hit)
    )


def _place(seen: Any) -> bool:
    return is_id(seen.message_id) and is_id(seen.guild_id) and is_id(seen.channel_id)


def _message(seen: Any) -> bool:
    if len(seen) != _MESSAGE_FIELDS:
        return False

    # Taken apart at once and asked together: this is done for each message.
    (
        message,
        guild,
        channel,
        author,
        name,
        content,
        _,
        _,
        _,
        webhook,
        application,
        reference,
        users,
        names,
        roles,
        *_,
    ) = seen
    return (
        type(message) is type(guild) is type(channel) is type(author) is int
        and min(message, guild, channel, author) >= 0
        and max(message, guild, channel, author) <= IDS
        and type(name) is type(content) is str
        and len(content) <= CONTENT
        and _maybe(is_id, webhook)
        and _maybe(is_id, application)
        and _maybe(is_id, reference)
        and type(users) is type(names) is type(roles) is tuple
        and (not (users or roles) or all(map(is_id, users + roles)))
        and (not names or set(map(type, names)) == {str})
    )


def _edit(seen: Any) -> bool:
    return _place(seen) and (seen.content is None or (type(seen.content) is str and len(seen.content) <= CONTENT))


def _reaction(seen: Any) -> bool:
    return _place(seen) and is_id(seen.user_id) and type(seen.emoji) is str


def _command(seen: Any) -> bool:
    ids = is_id(seen.guild_id) and is_id(seen.channel_id) and is_id(seen.user_id)
    return ids and are_words(seen.name, seen.kind) and is_duration(seen.duration) and is_error(seen.error)


def _sample(seen: Any) -> bool:
    return type(seen.metric) is str and seen.metric in GAUGES and is_reading(seen.value)


def _happening(seen: Any) -> bool:
    return is_word(seen.event) and is_id(seen.guild_id)


def _probe(seen: Any) -> bool:
    return is_word(seen.service) and type(seen.health) is Health and _maybe(is_duration, seen.response_time)


_MESSAGE_FIELDS = len(MessageSeen._fields)
_UNFIT = frozenset(map(chr, (*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000))))
_RULES: dict[type, Callable[[Any], bool]] = {
    OperationDone: _operation,
    MessageSeen: _message,
    MessageEdited: _edit,
    MessageDeleted: _place,
    ReactionSeen: _reaction,
    CommandRan: _command,
    Sample: _sample,
    Happening: _happening,
    ProbeResult: _probe,
    Told: is_told,
    ServiceTold: is_service_told,
    VoiceStay: lambda stay: is_id(stay.guild_id) and is_stay(stay),
}
