"""What facts are worth, and the books that are kept of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from monitoring.metrics import MISSING
from monitoring.model import (
    CommandRan,
    Happening,
    MessageDeleted,
    MessageEdited,
    MessageSeen,
    OperationDone,
    ProbeResult,
    ReactionSeen,
    Sample,
    ServiceTold,
    Told,
)
from monitoring.recording.unread import Unread
from monitoring.seen import VoiceStay


class FactClass(StrEnum):
    """What a fact is worth under overload, the cheapest first."""

    NOISE = "noise"
    SUCCESS = "success"
    FAILURE = "failure"
    MESSAGE = "message"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Counts:
    """Facts since the start, by class: accepted = stored + buffered + dropped, always (F4)."""

    accepted: Mapping[str, int]
    stored: Mapping[str, int]
    buffered: Mapping[str, int]
    dropped: Mapping[tuple[str, str], int]
    """By class and reason: full, sampled, invalid, closed, forked, lost."""

    @property
    def total_accepted(self) -> int:
        """All facts that were handed in."""
        return sum(self.accepted.values())

    @property
    def total_stored(self) -> int:
        """All facts whose consequences are in the store."""
        return sum(self.stored.values())

    @property
    def total_buffered(self) -> int:
        """All facts that are waiting here."""
        return sum(self.buffered.values())

    @property
    def total_missing(self) -> int:
        """Good facts that are not in the store in full, as there was no room or through a bug."""
        return sum(n for (_, reason), n in self.dropped.items() if reason in MISSING)

    @property
    def total_dropped(self) -> int:
        """All facts that were let go, a sampled one too, though its weight is kept."""
        return sum(self.dropped.values())


_ERROR, _NAME = OperationDone._fields.index("error"), OperationDone._fields.index("operation")
_OPERATIONS = frozenset((tuple, OperationDone))
_WORDS = frozenset((str,))


def class_of(seen: object) -> FactClass:
    """What a fact is worth; foreign objects, which the digest will refuse, are worth the least."""
    try:
        return _RULES.get(type(seen), _noise)(seen)
    except (AttributeError, IndexError):
        # A fact made without its own constructor, so that it lacks what it should have.
        return FactClass.NOISE


def classes_of(facts: Sequence[object]) -> Counter[FactClass]:
    """How many facts there are of each class; operations, of which there may be thousands, are looked at together."""
    if not facts:
        return Counter()

    operations: Sequence[Any] = facts
    rest: list[object] = []
    if not _OPERATIONS.issuperset(map(type, facts)):
        operations = [seen for seen in facts if type(seen) in _OPERATIONS]
        rest = [seen for seen in facts if type(seen) not in _OPERATIONS]

    try:
        successes = [done[_NAME] for done in operations if done[_ERROR] is None]
    except IndexError:
        return Counter(map(class_of, facts))

    # Only of words it is asked which they are: no foreign `__eq__` or `__hash__` is called.
    names = set(successes) if _WORDS.issuperset(map(type, successes)) else {"response"}
    whole = sum([_is(name, "response") for name in successes]) if "response" in names else 0
    found = Counter(map(class_of, rest))
    found[FactClass.FAILURE] += len(operations) - len(successes)
    found[FactClass.MESSAGE] += whole
    found[FactClass.SUCCESS] += len(successes) - whole
    return +found


def text_of(seen: object) -> int:
    """Characters of a message's text that a fact holds; 0 for every other."""
    if type(seen) not in (Unread, MessageSeen, MessageEdited):
        return 0

    try:
        content = getattr(seen, "content", None)
    except IndexError:
        # A tuple made without its constructor, so that it lacks what it should have.
        return 0

    return len(content) if type(content) is str else 0


def _noise(_: Any) -> FactClass:
    return FactClass.NOISE


def _message(_: Any) -> FactClass:
    return FactClass.MESSAGE


def _of_operation(done: Any) -> FactClass:
    if done[_ERROR] is not None:
        return FactClass.FAILURE

    # Responses decide who answered whom, so that none can stand for another.
    return FactClass.MESSAGE if _is(done[_NAME], "response") else FactClass.SUCCESS


def _is(word: object, expected: str) -> bool:
    # A foreign `__eq__` is not called: it may raise, or answer otherwise the next time.
    return type(word) is str and word == expected


_RULES: dict[type, Callable[[Any], FactClass]] = {
    Unread: _message,
    MessageSeen: _message,
    MessageEdited: _message,
    MessageDeleted: _message,
    ReactionSeen: _message,
    OperationDone: _of_operation,
    tuple: _of_operation,
    CommandRan: lambda command: FactClass.MESSAGE if command.error is None else FactClass.FAILURE,
    Sample: lambda sample: FactClass.STATE if _is(sample.metric, "alive") else FactClass.NOISE,
    Happening: _noise,
    ProbeResult: lambda _: FactClass.STATE,
    Told: _message,
    ServiceTold: _message,
    VoiceStay: _message,
}
