"""What is kept: rows of metadata without any text, and documents of state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from monitoring.model import Instant


class MessageRow(NamedTuple):
    """The metadata of one message. `user` is a keyed hash; one of `user` and `persona` is empty.

    A tuple, as all that is made for each message: it is made in a quarter of the time.
    """

    id: int
    guild_id: int
    channel_id: int
    at: Instant
    persona: str = ""
    user: str = ""
    length: int = 0
    words: int = 0
    question: bool = False
    emoji: int = 0
    mentions: int = 0
    sentiment: float | None = None
    reference_id: int | None = None
    addressed: tuple[str, ...] = ()
    """Personas the message names, mentions or replies to."""
    named_users: tuple[str, ...] = ()
    """Keyed hashes of the users a persona's message names or mentions."""
    answers: int | None = None
    """The user's message that this persona's message answers."""
    chunk_of: int | None = None
    placeholder: bool = False
    failed: bool = False
    command: bool = False
    """A prefix command: takes no part in who-answered-whom."""


class MessageChange(NamedTuple):
    """What became known of a stored message later. None leaves a column as it is."""

    id: int
    answered: bool | None = None
    """True: answered. False: it addressed a persona and got nothing in time."""
    answers: int | None = None
    """For a persona's message: the user's message that it answers."""
    edited_at: Instant | None = None
    deleted_at: Instant | None = None
    length: int | None = None
    words: int | None = None
    question: bool | None = None
    emoji: int | None = None
    mentions: int | None = None
    sentiment: float | None = None
    placeholder: bool | None = None
    failed: bool | None = None


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    """A finished run of messages between personas, filed under its first message."""

    id: int
    guild_id: int
    channel_id: int
    at: Instant
    until: Instant
    turns: int
    messages: int
    starter: str
    ender: str
    personas: tuple[str, ...]
    success: bool | None = None
    """A user spoke within ten minutes after; None while undecided."""


class Presence(NamedTuple):
    """That somebody was there: `user` (a keyed hash) with a persona, or "" for the guild at large, in one hour."""

    hour: Instant
    guild_id: int
    persona: str
    user: str


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who was there on which local day. Persons are places in `first` and `last`, and mean nothing elsewhere."""

    days: tuple[Instant, ...] = ()
    """When each local day begins that the span touches, one after the other."""
    who: tuple[Sequence[int], ...] = ()
    """For each day the persons there, in order, each once."""
    first: Sequence[Instant] = ()
    """For each person the hour first seen, as far back as presences are kept."""
    last: Sequence[Instant] = ()
    """For each person the hour last seen in the span."""


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What is stored about one person. Messages and conversations: as far back as raw rows are kept."""

    hours: tuple[Instant, ...] = ()
    """Every hour in which the person was there."""
    personas: tuple[tuple[str, int], ...] = ()
    """Personas with the number of hours the person was with them, most first."""
    messages: tuple[Instant, ...] = ()
    """When the person wrote."""
    answers: Mapping[str, int] = field(default_factory=dict)
    """By persona how many of these messages it answered."""
    conversations: int = 0
    named: int = 0
    """Messages of personas that name the person."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was deleted about one person: rows of messages, hours of presence, mentions by personas, operations."""

    messages: int = 0
    hours: int = 0
    named: int = 0
    """Messages of personas that named the person; they stay, without the name."""
    operations: int = 0
    """Operations for the person's messages; they stay, without the message."""
    settled: bool = True
    """Whether no byte is left in the write-ahead log; else another program still reads it."""

    def __bool__(self) -> bool:
        return bool(self.messages or self.hours or self.named or self.operations)


Cells = dict[str, object]
"""One stored row by the names of its columns, numbers turned back into the names they stand for."""


@dataclass(frozen=True, slots=True)
class PersonRows:
    """Every row about one person, oldest first."""

    messages: tuple[Cells, ...] = ()
    presences: tuple[Cells, ...] = ()
    named_by: tuple[Cells, ...] = ()
    """Messages of personas that name the person."""
    operations: tuple[Cells, ...] = ()
    """Work for the person's messages."""


@dataclass(frozen=True, slots=True)
class Document:
    """One piece of state (an incident, a notice, a setting, …) as the store keeps it."""

    kind: str
    key: str
    version: int
    """0 in a change means: must not exist yet."""
    body: dict[str, object]
    due: Instant | None = None
    """When it wants to be looked at next; notices are found by it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A conditional change of a document: applied only if the stored version is `document.version`."""

    document: Document
    delete: bool = False
