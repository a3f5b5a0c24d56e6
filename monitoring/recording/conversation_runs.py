"""Conversations: runs of messages of users and personas in a channel, gaps of at most 15 minutes (docs/figures.md).

What a run comes to does not depend on the order in which its messages become known: everything kept of it is a sum, a
least or a most. A placeholder holds up the run that its text may belong to. What lies further back than a restart
replays is told as sums (`told`), so that a run of any length goes on after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from monitoring.interfaces import Batch
from monitoring.model import MINUTE, Instant
from monitoring.recording.agenda import Agenda
from monitoring.recording.deltas import add

GAP = 15 * MINUTE
_STEP = 5 * MINUTE
_REPLAYED = 40 * MINUTE
"""What is older is told as sums; a restart replays an hour."""
_MOST_STEPS = 2 * _REPLAYED // _STEP
_MOST = 10_000
"""Channels with a run at one time; beyond, the one that is there longest is counted nowhere."""
_NEVER = -1


@dataclass(slots=True)
class Part:
    """What some messages of a run come to."""

    messages: int = 0
    first: Instant = 0
    last: Instant = 0
    user: bool = False
    """A user is among those who wrote."""
    spoke: Instant = _NEVER
    """When a persona spoke first."""
    asked: Instant = _NEVER
    """When a user asked a question last."""

    def note(self, at: Instant, persona: bool, question: bool) -> None:
        """Add one message: what `merge` does, without making a part of each."""
        if not self.messages or at > self.last:
            self.last = at

        if not self.messages or at < self.first:
            self.first = at

        self.messages += 1
        if not persona:
            self.user = True
            if question and at > self.asked:
                self.asked = at
        elif self.spoke == _NEVER or at < self.spoke:
            self.spoke = at

    def merge(self, other: Part) -> None:
        """Add other messages; in whatever order, it comes to the same."""
        if not other.messages:
            return

        known = bool(self.messages)
        self.first = min(self.first, other.first) if known else other.first
        self.last = max(self.last, other.last) if known else other.last
        self.spoke = min(self.spoke, other.spoke) if _NEVER not in (self.spoke, other.spoke) else _known(self, other)
        self.asked = max(self.asked, other.asked)
        self.user = self.user or other.user
        self.messages += other.messages

    @property
    def conversation(self) -> bool:
        """Whether a user and a persona speak in it."""
        return self.user and self.spoke != _NEVER


def _known(one: Part, other: Part) -> Instant:
    return other.spoke if one.spoke == _NEVER else one.spoke


@dataclass(slots=True)
class Run:
    """One run that is not decided yet."""

    channel_id: int
    guild_id: int
    whole: Part = field(default_factory=Part)
    old: Part = field(default_factory=Part)
    """Of it, what was written before `cut`."""
    cut: Instant = 0
    late: dict[Instant, Part] = field(default_factory=dict)
    """The rest, in steps of five minutes."""
    held: bool = False
    """Due, and waiting for a placeholder."""
    closed: bool = False

    def add(self, at: Instant, *, persona: bool, question: bool) -> None:
        """One more message, written `at`."""
        self.whole.note(at, persona, question)
        part = self.old if at < self.cut else self.late.get(at - at % _STEP)
        if part is None:
            part = self.late[at - at % _STEP] = Part()

        part.note(at, persona, question)
        if len(self.late) > _MOST_STEPS:
            self.age(self.whole.last - _REPLAYED)

    def join(self, other: Run) -> None:
        """Make one run of two that a message between them connects."""
        self.whole.merge(other.whole)
        self.old.merge(other.old)
        for step, part in other.late.items():
            self.late.setdefault(step, Part()).merge(part)

        self.age(max(self.cut, other.cut))

    def age(self, cut: Instant) -> None:
        """Keep what is older than `cut` as sums."""
        cut -= cut % _STEP
        if cut > self.cut:
            self.cut = cut
            for step in [step for step in self.late if step < cut]:
                self.old.merge(self.late.pop(step))

    def reaches(self, at: Instant) -> bool:
        """Whether a message of this moment belongs to it."""
        return self.whole.first - GAP <= at <= self.whole.last + GAP


class ConversationRuns:
    """Finds conversations, and writes each when nothing can belong to it any more."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._runs: dict[int, list[Run]] = {}
        """By channel; more than one only while a placeholder holds up the first."""
        self._waiting: dict[int, dict[int, Instant]] = {}
        """Placeholders without their text, by channel and id, and when they were created."""
        self._recalled: dict[int, list[tuple[Instant, Instant]]] = {}
        """While stored messages are replayed: from when to when they are in the sums already, by channel."""

    def add(self, channel_id: int, guild_id: int, at: Instant, *, persona: bool, question: bool = False) -> None:
        """A message was written; `question`: it asks one."""
        if self._recalled and any(start <= at < end for start, end in self._recalled.get(channel_id, ())):
            return

        runs = self._runs.get(channel_id) or self._room(channel_id)
        if len(runs) == 1 and runs[0].reaches(at):
            runs[0].add(at, persona=persona, question=question)
            return

        touched = [run for run in runs if run.reaches(at)]
        run = touched[0] if touched else Run(channel_id, guild_id)
        run.add(at, persona=persona, question=question)
        for other in touched[1:]:
            other.closed = True
            runs.remove(other)
            run.join(other)

        if not touched:
            runs.append(run)
            self._watch(run)

    def announce(self, channel_id: int, message_id: int, at: Instant) -> None:
        """A placeholder was created, which may become a message of that moment."""
        self._waiting.setdefault(channel_id, {})[message_id] = at

    def leave(self, channel_id: int, message_id: int) -> None:
        """A placeholder has become what it becomes, or is given up."""
        waiting = self._waiting.get(channel_id, {})
        waiting.pop(message_id, None)
        if not waiting:
            self._waiting.pop(channel_id, None)

        for run in self._runs.get(channel_id, ()):
            if run.held:
                run.held = False
                self._watch(run)

    def open(self, now: Instant, guild_id: int | None = None) -> int:
        """Conversations going on, the last message at most 15 minutes ago; may be asked from any thread."""
        found = [run for runs in list(self._runs.values()) for run in list(runs)]
        return sum(
            run.whole.conversation and now - run.whole.last <= GAP and guild_id in (None, run.guild_id) for run in found
        )

    def told(self, now: Instant) -> list[list[int]]:
        """What of the runs no replay of the last hour would bring back."""
        found: list[list[int]] = []
        for runs in self._runs.values():
            for run in runs:
                if run.whole.first < now - _REPLAYED:
                    run.age(now - _REPLAYED)
                    old = run.old
                    kept = [old.messages, old.first, old.last, int(old.user), old.spoke, old.asked]
                    found += [[run.channel_id, run.guild_id, run.cut, *kept]] if old.messages else []

        return found

    def recall(self, told: object) -> None:
        """Take up runs again where they were left; to be called before the replay of messages. Else: nothing to do."""
        for channel_id, guild_id, cut, messages, first, last, user, spoke, asked in _numbers(told):
            old = Part(messages, first, last, bool(user), spoke, asked)
            run = Run(channel_id, guild_id, Part(messages, first, last, bool(user), spoke, asked), old, cut)
            self._room(channel_id).append(run)
            self._recalled.setdefault(channel_id, []).append((first, cut))
            self._watch(run)

    def replayed(self) -> None:
        """The replay is over: what comes from now on is new."""
        self._recalled.clear()

    def _room(self, channel_id: int) -> list[Run]:
        runs = self._runs.setdefault(channel_id, [])
        if len(self._runs) > _MOST:
            for run in self._runs.pop(next(iter(self._runs))):
                run.closed = True

        return runs

    def _watch(self, run: Run) -> None:
        self._agenda.after(run.whole.last + GAP, self._decide, run)

    def _decide(self, due: Instant, batch: Batch, run: Run) -> None:
        if run.closed:
            return

        if due <= run.whole.last + GAP:
            self._watch(run)
        elif any(run.reaches(at) for at in self._waiting.get(run.channel_id, {}).values()):
            run.held = True
        else:
            self._close(run, batch)

    def _close(self, run: Run, batch: Batch) -> None:
        run.closed = True
        runs = self._runs[run.channel_id]
        runs.remove(run)
        if not runs:
            del self._runs[run.channel_id]

        whole, guild = run.whole, str(run.guild_id)
        if whole.conversation:
            at = whole.first
            add(batch, "conversation", at, ("duration", guild), (whole.last - at) / 1000)
            add(batch, "conversation", at, ("length", guild), whole.messages)
            add(batch, "conversation", at, ("follow_up", guild), failed=whole.asked <= whole.spoke)


def _numbers(told: object) -> Iterable[list[Any]]:
    """Rows of nine whole numbers, as `told` writes them; what is none is left out."""
    rows = told if isinstance(told, list) else []
    return [row for row in rows if isinstance(row, list) and len(row) == 9 and all(type(n) is int for n in row)]
