"""Messages of the past, read channel by channel: the same figures as live, each message once.

What is counted already is heard again for what it means to others (names, who replies to whom), into a batch that
nobody writes. Where counted and new messages meet, nothing is carried over: what lies across such a seam was decided,
or will be, by whoever counted the other side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple

from monitoring.interfaces import Batch
from monitoring.model import Instant, MessageSeen
from monitoring.recording.capping import Capping
from monitoring.recording.conversation import Conversations
from monitoring.recording.label_cap import LabelCap
from monitoring.recording.personas import Personas
from monitoring.rows import MessageChange

_EVER: Instant = 1 << 62


class HistoryMessage(NamedTuple):
    """A message as it stands now, wherever it was read: its text is the last one, and what it was before is not known.

    A named tuple, since there may be millions.
    """

    seen: MessageSeen
    edited_at: Instant | None = None
    """When it was edited last."""


class Standing(Enum):
    """How a message of the past stands to what is stored."""

    NEW = "new"
    COUNTED = "counted"
    """Live, or by another reading that came to its end."""
    OURS = "ours"
    """By this very reading before it broke off: what was still undecided then is decided when it goes on."""


class Past(Conversations):
    """What the messages of one channel add, in their order. For one thread at a time."""

    def __init__(self, personas: Personas, hash_user: Callable[[int], str], *, zone: str) -> None:
        super().__init__(personas, hash_user, zone=zone)
        self._capping = Capping(LabelCap())
        self._before: Standing | None = None

    def read(self, messages: Sequence[tuple[HistoryMessage, Standing]]) -> Batch:
        """What they add; the oldest first. Nothing of what is counted."""
        batch, unwritten = Batch(), Batch()
        for message, standing in messages:
            self._seam(standing, message.seen.at, batch)
            self._tell(message, batch if standing is Standing.NEW else unwritten)
            self._before = standing

        return self._finish(batch)

    def leave(self, decide_until: Instant) -> Batch:
        """What is open at the end: what was due by then is decided as it would have been live.

        After that, exchanges and conversations end here, and who still waits for an answer is left out.
        """
        batch = Batch()
        if self._before in (Standing.NEW, Standing.OURS):
            self._part(decide_until, batch)

        self._before = None
        return self._finish(batch)

    def leaves_row(self, seen: MessageSeen) -> bool:
        """Whether a row is kept of such a message: none is of who opted out, nor of the bot's own failures."""
        kind = self._personas.author(seen).kind
        return kind == "persona" or (kind == "user" and bool(self._hash_user(seen.author_id)))

    def _seam(self, standing: Standing, at: Instant, batch: Batch) -> None:
        """Where one side is counted and the other is not, nothing open goes across."""
        before = self._before
        if before in (None, standing) or (before is Standing.OURS and standing is Standing.NEW):
            return

        self._part(at, batch if before is Standing.NEW else Batch())

    def _tell(self, message: HistoryMessage, batch: Batch) -> None:
        seen = message.seen
        self.take(seen, batch)
        known = self._memory.known(seen.message_id)
        if message.edited_at is None or known is None or not known.counted:
            return

        if not known.persona:
            self._figures.edited(known, None, None, batch)
            batch.changes.append(MessageChange(seen.message_id, edited_at=message.edited_at))
            return

        # It may have been a placeholder, or have come in piece by piece: how long it took cannot be told any more.
        channel = self._memory.peek(seen.channel_id)
        if channel is not None and channel.last is not None and channel.last.response is not None:
            channel.last.response.given_up = True

    def _part(self, decide_until: Instant, batch: Batch) -> None:
        self._agenda.run(decide_until, batch)
        for channel in self._memory.channels():
            channel.last = None
            for heard in (*channel.heard.values(), *channel.waiting):
                heard.decided = heard.answered = True

        self._agenda.run(_EVER, batch)

    def _finish(self, batch: Batch) -> Batch:
        # Of the past: it says nothing of until when all is decided now.
        batch.settled = 0
        self._capping.tables(batch.deltas)
        return batch
