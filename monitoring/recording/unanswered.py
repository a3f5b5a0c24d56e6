"""Users' messages that wait for an answer, and what becomes of those that get none in time (docs/figures.md)."""

from __future__ import annotations

from collections import deque

from monitoring.interfaces import Batch
from monitoring.model import Instant
from monitoring.recording.agenda import NEVER, Agenda
from monitoring.recording.answers import ANSWERABLE, EDIT_GAP
from monitoring.recording.figures import Figures
from monitoring.recording.memory import Channel, Heard
from monitoring.rows import MessageChange

_MOST = 200_000
"""Beyond this many in all channels, new ones are left undecided: they are counted nowhere, and memory is bounded."""


class Unanswered:
    """Looks at the messages of a channel in their order.

    Most are answered within seconds: with a place on the agenda for each, a quarter of an hour of them would lie there.
    """

    def __init__(self, agenda: Agenda, figures: Figures) -> None:
        self._agenda, self._figures = agenda, figures
        self._number = 0

    def wait(self, channel: Channel, heard: Heard) -> None:
        """Decide about a message in time, unless it is answered until then."""
        waiting = channel.waiting
        while waiting and _is_over(waiting[0]):
            self._pop(waiting)

        if self._number >= _MOST:
            return

        late = bool(waiting) and waiting[-1].at > heard.at
        waiting.append(heard)
        self._number += 1
        if late:
            ordered = sorted(waiting, key=lambda one: one.at)
            waiting.clear()
            waiting.extend(ordered)

        self._watch(channel)

    def _watch(self, channel: Channel) -> None:
        limit = channel.waiting[0].at + ANSWERABLE
        if limit < channel.looked_at and self._agenda.after(limit, self._look, channel):
            channel.looked_at = limit

    def _look(self, due: Instant, batch: Batch, channel: Channel) -> None:
        waiting = channel.waiting
        if due > channel.looked_at:
            channel.looked_at = NEVER

        while waiting and (waiting[0].at + ANSWERABLE < due or _is_over(waiting[0])):
            self._decide(due, batch, channel, self._pop(waiting))

        if waiting:
            self._watch(channel)

    def _decide(self, due: Instant, batch: Batch, channel: Channel, heard: Heard) -> None:
        """It is unanswered, unless the text of an answer still comes in."""
        if _is_over(heard):
            return

        filling = heard.filling
        if filling is not None and filling.filled and not filling.over:
            self._agenda.after(max(due, filling.last_edit + EDIT_GAP), self._decide, channel, heard)
            return

        batch.changes.append(MessageChange(heard.id, answered=False))
        self._figures.decided(channel, heard, False, batch)

    def _pop(self, waiting: deque[Heard]) -> Heard:
        self._number -= 1
        return waiting.popleft()


def _is_over(heard: Heard) -> bool:
    return heard.decided or heard.command
