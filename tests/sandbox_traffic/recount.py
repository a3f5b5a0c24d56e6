"""A slow, plain recount of the demo's traffic from what is seen alone, by the letter of the definitions."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from monitoring.model import MINUTE, SECOND, MessageEdited, MessageSeen, Seen
from monitoring.sandbox.world import World

PLACEHOLDER = re.compile(r"^[*_]*.{1,18}(\.\.\.|…)[*_]*$")
FAILURE = re.compile(r"^❌ \*\*Error:\*\*")


@dataclass
class Asked:
    """A user's message as it is seen."""

    seen: MessageSeen
    named: set[str]
    addressed: set[str]
    answered_by: str = ""


@dataclass
class Turn:
    """A persona's turn: its messages, and whether it replied to a user by reference."""

    persona: str
    messages: list[MessageSeen]
    text_at: int
    to_user: bool


@dataclass
class Room:
    """What is remembered of one channel."""

    asked: list[Asked] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    run: list[Turn] = field(default_factory=list)
    last: MessageSeen | None = None


class Recount:
    """Goes through everything seen, in order; what it finds is in its attributes."""

    def __init__(self, world: World, acts: list[Seen]) -> None:
        self.world = world
        self.asked: dict[int, Asked] = {}
        self.spoken: dict[int, MessageSeen] = {}
        self.exchanges: list[list[Turn]] = []
        self._personas: set[str] = set()
        self._rooms: dict[int, Room] = defaultdict(Room)
        self._edits: dict[int, list[MessageEdited]] = defaultdict(list)
        for act in acts:
            if isinstance(act, MessageEdited):
                self._edits[act.message_id].append(act)

        for act in sorted((a for a in acts if isinstance(a, MessageSeen)), key=lambda a: a.at):
            self._seen(act)

        for room in self._rooms.values():
            self._close(room)

    def _seen(self, seen: MessageSeen) -> None:
        room = self._rooms[seen.channel_id]
        if not seen.bot:
            self._user(room, seen)
        elif seen.webhook_id and seen.application_id == self.world.application_id and not seen.interaction:
            self._personas.add(seen.author_name)
            if not FAILURE.match(seen.content):
                self._persona(room, seen)

        room.last = seen

    def _user(self, room: Room, seen: MessageSeen) -> None:
        self._close(room)
        room.names[seen.author_name] = seen.author_id
        named = {name for name in self._personas if _names(seen.content, name)}
        addressed = set(named)
        if seen.reference_id in self.spoken:
            addressed.add(self.spoken[seen.reference_id].author_name)

        room.asked.append(Asked(seen, named, addressed))
        self.asked[seen.message_id] = room.asked[-1]

    def _persona(self, room: Room, seen: MessageSeen) -> None:
        text_at = seen.at
        waits = bool(PLACEHOLDER.match(seen.content))
        if waits:
            text_at = self._filled_at(seen)

        if self._is_chunk(room, seen):
            room.run[-1].messages.append(seen)
            room.run[-1].text_at = seen.at
            self.spoken[seen.message_id] = seen
            return

        asked = self._answers(room, seen)
        if text_at == 0:
            if asked:
                asked.answered_by = "?"  # taken by a placeholder that is never filled

            return

        self.spoken[seen.message_id] = seen
        if asked:
            asked.answered_by = seen.author_name

        to_user = seen.reference_id in self.asked
        if room.run and (to_user or seen.at - room.run[-1].text_at > MINUTE):
            self._close(room)

        room.run.append(Turn(seen.author_name, [seen], text_at, to_user))

    def _filled_at(self, seen: MessageSeen) -> int:
        """When the last edit of the answer came; 0 if it never did."""
        ended = 0
        for edit in self._edits[seen.message_id]:
            if not ended or edit.at - ended <= 30 * SECOND:
                ended = edit.at

        return ended

    def _is_chunk(self, room: Room, seen: MessageSeen) -> bool:
        return bool(
            room.run
            and room.last is room.run[-1].messages[-1]
            and room.run[-1].persona == seen.author_name
            and seen.reference_id is None
            and seen.at - room.run[-1].text_at <= 10 * SECOND
        )

    def _answers(self, room: Room, seen: MessageSeen) -> Asked | None:
        """Whom a persona's message answers, by the rules in their order."""
        if seen.reference_id is not None:
            asked = self.asked.get(seen.reference_id)
            fits = asked and not asked.answered_by and seen.at - asked.seen.at <= 15 * MINUTE
            return asked if fits else None

        open_ones = [asked for asked in room.asked[-60:] if not asked.answered_by]
        people = {uid for name, uid in room.names.items() if _names(seen.content, name) or uid in seen.mention_ids}
        if people:
            theirs = [a for a in open_ones if a.seen.author_id in people and seen.at - a.seen.at <= 15 * MINUTE]
            return theirs[-1] if theirs else None

        recent = [asked for asked in open_ones if seen.at - asked.seen.at <= 120 * SECOND]
        mine = [asked for asked in recent if seen.author_name in asked.named]
        if mine:
            return mine[0]

        free = [asked for asked in recent if not asked.named]
        return free[-1] if free else None

    def _close(self, room: Room) -> None:
        if len({turn.persona for turn in room.run}) > 1:
            self.exchanges.append(room.run)

        room.run = []

    def by_persona(self) -> Counter[str]:
        """Messages of each persona."""
        return Counter(seen.author_name for seen in self.spoken.values())

    def successes(self) -> int:
        """Exchanges after which a user spoke in the channel within ten minutes."""
        times: dict[int, list[int]] = defaultdict(list)
        for asked in self.asked.values():
            times[asked.seen.channel_id].append(asked.seen.at)

        found = 0
        for run in self.exchanges:
            last = run[-1].messages[-1]
            found += any(last.at < at <= last.at + 10 * MINUTE for at in times[last.channel_id])

        return found


def _names(text: str, name: str) -> bool:
    return name.lower() in text.lower() and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.I) is not None
