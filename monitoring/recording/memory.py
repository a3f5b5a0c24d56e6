"""What is remembered of late: bounded, in order, and without any text but that of a placeholder being filled."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field

from monitoring.model import MINUTE, Instant
from monitoring.recording.agenda import NEVER
from monitoring.recording.exchanges import Floor, Turn
from monitoring.recording.people import People
from monitoring.recording.responses import Report, Response
from monitoring.recording.text import Facts
from monitoring.rows import MessageRow

RECENT_MESSAGES, RECENT = 200, 30 * MINUTE
_CHANNELS, _KNOWN = 2_000, 20_000


@dataclass(slots=True)
class Known:
    """What replies, reactions, edits and deletions need to know of a message, for as long as it is remembered."""

    at: Instant
    guild_id: int
    channel_id: int
    persona: str
    """Empty for a user's message."""
    length: int
    words: int
    command: bool = False
    counted: bool = True
    """False for failed responses and placeholders without text, which are no messages."""
    answers: int | None = None
    """The user's message that it answers."""
    edited: bool = False


@dataclass(slots=True)
class Heard:
    """A user's message that may be answered. `named`: personas it names or mentions; `addressed`: or replies to."""

    id: int
    at: Instant
    user: str
    named: tuple[str, ...] = ()
    addressed: tuple[str, ...] = ()
    command: bool = False
    words: tuple[str, ...] = ()
    filling: Filling | None = None
    """The placeholder that took it."""
    answered: bool = False
    decided: bool = False

    @property
    def open(self) -> bool:
        """Neither answered, nor taken by a placeholder, nor a command."""
        return not (self.answered or self.command) and self.filling is None


@dataclass(slots=True)
class Speech:
    """What a persona said last in a channel: its turn may go on in chunks."""

    persona: str
    first: int
    until: Instant
    turn: Turn | None
    response: Response | None = None
    waiting: bool = False
    """A placeholder without text so far."""


@dataclass(slots=True)
class Filling:
    """A placeholder and what became of it."""

    row: MessageRow
    speech: Speech
    turn: Turn | None
    heard: Heard | None = None
    response: Response | None = None
    text: str | None = None
    facts: Facts = field(default_factory=Facts)
    filled: bool = False
    last_edit: Instant = 0
    over: bool = False


@dataclass(slots=True)
class Channel:
    """The recent state of one channel."""

    id: int
    guild_id: int
    floor: Floor
    heard: OrderedDict[int, Heard] = field(default_factory=OrderedDict)
    last: Speech | None = None
    """None when a user spoke last."""
    people: People = field(default_factory=People)
    """Those who spoke lately."""
    fillings: OrderedDict[int, Filling] = field(default_factory=OrderedDict)
    responses: deque[Response] = field(default_factory=lambda: deque(maxlen=50))
    reports: deque[Report] = field(default_factory=lambda: deque(maxlen=50))
    waiting: deque[Heard] = field(default_factory=deque)
    """Those of whom it is not decided yet whether they are answered, in the order of their time."""
    looked_at: Instant = NEVER
    """When those that wait are looked at next."""

    def hear(self, heard: Heard) -> None:
        """Remember a user's message, and forget what is too old or too much."""
        messages = self.heard
        messages[heard.id] = heard
        while len(messages) > RECENT_MESSAGES or next(iter(messages.values())).at < heard.at - RECENT:
            messages.popitem(last=False)

    def hold(self, filling: Filling) -> None:
        """Remember a placeholder."""
        self.fillings[filling.row.id] = filling
        if len(self.fillings) > RECENT_MESSAGES:
            self.fillings.popitem(last=False)


class Memory:
    """The channels used last, and the messages known last."""

    def __init__(self) -> None:
        self._channels: OrderedDict[int, Channel] = OrderedDict()
        self._known: OrderedDict[int, Known] = OrderedDict()

    def channel(self, channel_id: int, guild_id: int) -> Channel:
        """The state of a channel; the one unused longest is forgotten when there are too many."""
        channel = self._channels.get(channel_id)
        if channel is None:
            channel = self._channels[channel_id] = Channel(channel_id, guild_id, Floor(guild_id, channel_id))
            if len(self._channels) > _CHANNELS:
                self._channels.popitem(last=False)
        else:
            self._channels.move_to_end(channel_id)

        return channel

    def forget(self, user: str) -> None:
        """Make nobody of somebody, in all that is remembered."""
        for channel in self._channels.values():
            channel.people.leave(user)
            for heard in (*channel.heard.values(), *channel.waiting):
                if heard.user == user:
                    heard.user, heard.words = "", ()

            for filling in channel.fillings.values():
                named = filling.row.named_users
                if user in named:
                    filling.row = filling.row._replace(named_users=tuple(one for one in named if one != user))

    def peek(self, channel_id: int) -> Channel | None:
        """The state of a channel if there is one."""
        return self._channels.get(channel_id)

    def channels(self) -> list[Channel]:
        """Every channel that is remembered."""
        return list(self._channels.values())

    def floors(self) -> list[Floor]:
        """What goes on between the personas of each channel; may be asked from any thread."""
        return [channel.floor for channel in list(self._channels.values())]

    def known(self, message_id: int | None) -> Known | None:
        """What is remembered of a message."""
        return self._known.get(message_id) if message_id is not None else None

    def know(self, row: MessageRow, counted: bool = True, answers: int | None = None) -> None:
        """Remember a message; a chunk answers what the first message of its turn does."""
        answers = answers or row.answers
        if answers is None and row.chunk_of is not None:
            first = self.known(row.chunk_of)
            answers = first.answers if first else None

        self._known[row.id] = Known(
            row.at, row.guild_id, row.channel_id, row.persona, row.length, row.words, row.command, counted, answers
        )
        if len(self._known) > _KNOWN:
            self._known.popitem(last=False)
