"""Runs of turns between personas, who follows whom, and who is ignored (docs/figures.md).

Turns and users are looked at in the order of their messages' creation. A placeholder holds up those after it until its
text is there or it is given up, since only then is it known whether it is a turn.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from monitoring.interfaces import Batch
from monitoring.model import MINUTE, SECOND, Instant
from monitoring.recording.agenda import NEVER, Agenda
from monitoring.recording.deltas import add
from monitoring.recording.topics import Topics
from monitoring.rows import ExchangeRow

GAP = SILENCE = 60 * SECOND
FOLLOWED = 10 * MINUTE
_LOOK_AGAIN = 10 * SECOND
_MOST_QUEUED, _MOST_HELD = 1_000, 1_000


class Said(NamedTuple):
    """One message of a turn: when it was created, and its topic words as far as they are known."""

    at: Instant
    words: tuple[str, ...] = ()


@dataclass(slots=True)
class Turn:
    """One turn: a message of a persona with its chunks. `until` is when its last text arrived."""

    id: int
    at: Instant
    persona: str
    until: Instant
    to_user: bool = False
    """A reply by reference to a user's message: may open an exchange, not continue one."""
    replied_to: str = ""
    names: tuple[str, ...] = ()
    """Other personas it names or replies to."""
    sentiment: float | None = None
    messages: list[Said] = field(default_factory=list)
    """The first included."""
    ready: bool = True
    dropped: bool = False
    run: Run | None = None


@dataclass(slots=True)
class Opening:
    """A turn that named or replied to others, and whether one of them spoke within 60 s."""

    turn: Turn
    run: Run
    heard: bool = False


@dataclass(slots=True)
class Run:
    """Turns in a row; an exchange as soon as there are two personas."""

    first: Turn
    last: Turn
    turns: int = 0
    messages: int = 0
    personas: dict[str, None] = field(default_factory=dict)
    banter: list[tuple[str, Said]] = field(default_factory=list)
    """Messages that count as banter if this becomes an exchange."""
    openings: list[Opening] = field(default_factory=list)
    """Decided openings that count if this becomes an exchange."""
    closed: bool = False

    @property
    def exchange(self) -> bool:
        """Whether two or more personas speak in it."""
        return len(self.personas) > 1


@dataclass(slots=True)
class Floor:
    """What goes on between the personas of one channel."""

    guild_id: int
    channel_id: int
    queue: deque[Turn | Instant] = field(default_factory=deque)
    """Turns, and the times users spoke, that wait for a placeholder before them."""
    run: Run | None = None
    openings: list[Opening] = field(default_factory=list)
    outcomes: list[ExchangeRow] = field(default_factory=list)
    looked_at: Instant = NEVER
    """When it is looked next whether the run is over."""


class Exchanges:
    """Finds exchanges on the floors of all channels."""

    def __init__(self, agenda: Agenda, topics: Topics) -> None:
        self._agenda, self._topics = agenda, topics
        self.absent: tuple[Instant, Instant] = (0, 0)
        """From when to when nobody listened: outcomes due then stay undecided."""

    def enter(self, floor: Floor, turn: Turn, batch: Batch) -> None:
        """A persona takes a turn, or announces one by a placeholder (`ready` is then False)."""
        floor.queue.append(turn)
        if len(floor.queue) > _MOST_QUEUED and isinstance(head := floor.queue[0], Turn):
            head.dropped = True

        self.go_on(floor, batch)

    def user_spoke(self, floor: Floor, at: Instant, batch: Batch) -> None:
        """A user's message: ends the run, and makes exchanges of the last ten minutes a success."""
        floor.queue.append(at)
        self.go_on(floor, batch)

    def chunk(self, floor: Floor, turn: Turn, said: Said, batch: Batch) -> None:
        """One more message of a turn."""
        turn.until = max(turn.until, said.at)
        turn.messages.append(said)
        run = turn.run
        if run is not None and not run.closed:
            run.messages += 1
            self._banter(floor, run, turn.persona, said, batch)

    def go_on(self, floor: Floor, batch: Batch) -> None:
        """Look at what waited, as far as it is known now."""
        while floor.queue:
            head = floor.queue[0]
            if not isinstance(head, Turn):
                floor.queue.popleft()
                self._user(floor, head, batch)
            elif head.dropped:
                floor.queue.popleft()
            elif head.ready:
                floor.queue.popleft()
                self._turn(floor, head, batch)
            else:
                return

    def _turn(self, floor: Floor, turn: Turn, batch: Batch) -> None:
        run = floor.run
        if run is not None and (turn.to_user or turn.at - run.last.until > GAP):
            self._close(floor, run, batch)
            run = None

        self._interact(floor, turn, run, batch)
        if run is None:
            run = floor.run = Run(turn, turn)
            self._watch(floor, run.last.until + GAP)

        run.last, turn.run = turn, run
        run.turns += 1
        run.messages += len(turn.messages)
        was_exchange = run.exchange
        run.personas[turn.persona] = None
        if run.exchange and not was_exchange:
            self._established(floor, run, batch)

        for said in turn.messages:
            self._banter(floor, run, turn.persona, said, batch)

        self._answer_openings(floor, turn)
        if turn.names and len(floor.openings) < _MOST_HELD:
            opening = Opening(turn, run)
            floor.openings.append(opening)
            self._agenda.after(turn.until + SILENCE, self._decide_opening, floor, opening)

    def _interact(self, floor: Floor, turn: Turn, run: Run | None, batch: Batch) -> None:
        """A reply to another persona's message is an interaction with it, else the turn before in the run is."""
        other = turn.replied_to
        if not other or other == turn.persona:
            other = run.last.persona if run else ""

        if other and other != turn.persona:
            add(batch, "interaction", turn.at, (turn.persona, other, str(floor.guild_id)), turn.sentiment)

    def _banter(self, floor: Floor, run: Run, persona: str, said: Said, batch: Batch) -> None:
        if run.exchange:
            guild = str(floor.guild_id)
            add(batch, "banter", said.at, (persona, guild))
            self._topics.banter(batch, said.at, guild, said.words)
        elif len(run.banter) < _MOST_HELD:
            run.banter.append((persona, said))

    def _established(self, floor: Floor, run: Run, batch: Batch) -> None:
        for persona, said in run.banter:
            self._banter(floor, run, persona, said, batch)

        for opening in run.openings:
            self._count_opening(floor, opening, batch)

        run.banter.clear()
        run.openings.clear()

    def _answer_openings(self, floor: Floor, turn: Turn) -> None:
        for opening in floor.openings:
            asked = opening.turn
            if turn.persona in asked.names and turn.at - asked.until <= SILENCE:
                opening.heard = True

    def _decide_opening(self, due: Instant, batch: Batch, floor: Floor, opening: Opening) -> None:
        silent_until = opening.turn.until + SILENCE
        if due <= silent_until or (floor.queue and not opening.heard):
            self._agenda.after(max(silent_until, due + _LOOK_AGAIN), self._decide_opening, floor, opening)
            return

        floor.openings.remove(opening)
        run = opening.run
        if run.exchange:
            self._count_opening(floor, opening, batch)
        elif not run.closed and len(run.openings) < _MOST_HELD:
            run.openings.append(opening)

    def _count_opening(self, floor: Floor, opening: Opening, batch: Batch) -> None:
        labels = (opening.turn.persona, str(floor.guild_id))
        add(batch, "ignored", opening.turn.at, labels, failed=not opening.heard)

    def _watch(self, floor: Floor, limit: Instant) -> None:
        # Once for a floor, since most runs are closed by somebody long before.
        if limit < floor.looked_at and self._agenda.after(limit, self._look, floor):
            floor.looked_at = limit

    def _look(self, due: Instant, batch: Batch, floor: Floor) -> None:
        """Close the run once nobody went on for 60 s."""
        if due > floor.looked_at:
            floor.looked_at = NEVER

        run = floor.run
        if run is None:
            return

        quiet_until = run.last.until + GAP
        if due <= quiet_until or floor.queue:
            self._watch(floor, max(quiet_until, due + _LOOK_AGAIN if floor.queue else 0))
        else:
            self._close(floor, run, batch)

    def _close(self, floor: Floor, run: Run, batch: Batch) -> None:
        run.closed = True
        floor.run = None
        run.banter.clear()
        # Else a run and its turns would hold each other, for the garbage collector to find out.
        run.first.run = run.last.run = None
        run.openings.clear()
        if not run.exchange:
            return

        row = ExchangeRow(
            run.first.id,
            floor.guild_id,
            floor.channel_id,
            run.first.at,
            run.last.until,
            run.turns,
            run.messages,
            run.first.persona,
            run.last.persona,
            tuple(run.personas),
        )
        batch.exchanges.append(row)
        add(batch, "exchange", row.at, (row.starter, row.ender, str(row.guild_id)), row.turns)
        floor.outcomes.append(row)
        self._agenda.after(row.until + FOLLOWED, self._decide_outcome, floor, row)

    def _decide_outcome(self, due: Instant, batch: Batch, floor: Floor, row: ExchangeRow) -> None:
        """No user followed, unless one may still be found to have."""
        if row not in floor.outcomes:
            return

        if self.absent[0] < row.until + FOLLOWED <= self.absent[1]:
            floor.outcomes.remove(row)
        elif floor.queue:
            self._agenda.after(due + _LOOK_AGAIN, self._decide_outcome, floor, row)
        else:
            self._outcome(floor, row, False, batch)

    def _user(self, floor: Floor, at: Instant, batch: Batch) -> None:
        if floor.run is not None:
            self._close(floor, floor.run, batch)

        for row in list(floor.outcomes):
            if at - row.until <= FOLLOWED:
                self._outcome(floor, row, True, batch)

    def _outcome(self, floor: Floor, row: ExchangeRow, success: bool, batch: Batch) -> None:
        floor.outcomes.remove(row)
        if batch.exchanges and batch.exchanges[-1] == row:
            batch.exchanges.pop()

        batch.exchanges.append(replace(row, success=success))
        add(batch, "exchange_outcome", row.at, (str(row.guild_id),), failed=not success)
