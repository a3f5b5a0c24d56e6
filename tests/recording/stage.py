"""A channel to play scenes in: users and personas speak at given seconds, and what was decided is read back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from monitoring.interfaces import Batch
from monitoring.model import HOUR, MessageDeleted, MessageEdited, MessageSeen, OperationDone, ReactionSeen
from monitoring.recording.conversation import Conversations
from monitoring.recording.personas import PersonaConfig, Personas
from monitoring.rollup import Rollup, merge_tables
from monitoring.rows import MessageRow

START = 1_760_000_040_000
"""A full minute, and no edge of a day or an hour."""
APPLICATION, BOT, BOT_ROLE, HOOK = 900, 901, 902, 903
GUILD, CHANNEL = 10, 20
USERS = {"everybody": 0, "ann": 101, "ben": 102, "cleo": 103, "dora": 104}


def hashed(user_id: int) -> str:
    """A stand-in for the keyed hash: readable in failures."""
    return f"#{user_id}"


def merge(into: Batch, more: Batch) -> None:
    """Add what one batch writes to another."""
    into.messages += more.messages
    into.changes += more.changes
    into.exchanges += more.exchanges
    into.presences |= more.presences
    for key, table in more.deltas.items():
        merge_tables(into.deltas.setdefault(key, {}), table)


def registry(*names: str) -> Personas:
    """The personas Luna and Max (alias Maxi), or others."""
    configured = [PersonaConfig(name) for name in names] or [PersonaConfig("Luna"), PersonaConfig("Max", ("Maxi",))]
    return Personas(configured=configured, own_application_id=APPLICATION, own_user_id=BOT, own_role_ids=(BOT_ROLE,))


class Stage:
    """One instance of Conversations and everything it wrote. Times are seconds since START, ids are given by hand."""

    def __init__(self, personas: Personas | None = None, **options: Any) -> None:
        self.personas, self.options = personas or registry(), options
        self.conversations = Conversations(self.personas, hashed, **options)
        self.batch = Batch()
        self._number = 1_000

    def user(self, at: float, text: str, id: int = 0, *, by: str = "ann", **more: Any) -> int:
        """A user writes."""
        return self._seen(at, text, id, author_id=USERS[by], author_name=by, more=more)

    def persona(self, at: float, text: str, id: int = 0, *, by: str = "Luna", **more: Any) -> int:
        """A persona writes through the bot's own webhook."""
        origin = {"author_id": HOOK, "webhook_id": HOOK, "application_id": APPLICATION, "bot": True}
        return self._seen(at, text, id, author_name=by, more=origin | more)

    def edit(self, at: float, id: int, text: str | None) -> None:
        """A message is edited."""
        self.take(MessageEdited(id, GUILD, CHANNEL, when(at), text))

    def delete(self, at: float, id: int) -> None:
        """A message is deleted."""
        self.take(MessageDeleted(id, GUILD, CHANNEL, when(at)))

    def react(self, at: float, id: int, emoji: str, *, by: str = "ann", added: bool = True, bot: bool = False) -> None:
        """Somebody reacts."""
        self.take(ReactionSeen(id, GUILD, CHANNEL, USERS[by], emoji, added, when(at), bot))

    def report(self, at: float, duration: float, *, by: str = "Luna", **more: Any) -> None:
        """The host reports a response that began at this second."""
        base = OperationDone("bot", "response", when(at), duration, persona=by, guild_id=GUILD, channel_id=CHANNEL)
        self.take(base._replace(**more))

    def take(self, seen: Any) -> None:
        """Any event."""
        self.conversations.take(seen, self.batch)

    def settle(self, at: float = 86_400) -> Stage:
        """Let time pass."""
        self.conversations.settle(when(at), self.batch)
        return self

    def restart(self, at: float) -> None:
        """End the process at this second and begin a new one from the stored rows."""
        told = json.loads(json.dumps(self.conversations.runs.told(when(at))))
        # As the store gives it back: the last hour and what was told of before.
        rows = [row for row in stored(self.batch) if row.at >= when(at) - HOUR]
        self.conversations = Conversations(self.personas, hashed, **self.options)
        self.conversations.warm(rows, when(at), runs=told)

    def total(self, metric: str, *labels: str | None, at: float | None = None) -> Rollup:
        """Everything of a metric whose labels are as given (None: any), of one minute or of all time."""
        result = Rollup()
        for (name, minute), table in self.batch.deltas.items():
            if name != metric or (at is not None and minute != when(at) - when(at) % 60_000):
                continue

            for key, rollup in table.items():
                if all(want is None or want == have for want, have in zip(labels, key, strict=False)):
                    result.merge(rollup)

        return result

    def counts(self, metric: str) -> dict[tuple[str, ...], tuple[int, int]]:
        """Count and failures by labels without guild and channel."""
        found: Counter[tuple[str, ...]] = Counter()
        failed: Counter[tuple[str, ...]] = Counter()
        for (name, _), table in self.batch.deltas.items():
            for labels, rollup in table.items() if name == metric else ():
                key = tuple(label for label in labels if label not in (str(GUILD), str(CHANNEL)))
                found[key] += rollup.count
                failed[key] += rollup.failures

        return {key: (n, failed[key]) for key, n in found.items()}

    @property
    def rows(self) -> dict[int, MessageRow]:
        """Stored rows by id, with what became known later."""
        return {row.id: row for row in stored(self.batch)}

    @property
    def answers(self) -> dict[int, int]:
        """The user's message that each answer answers."""
        return {row.id: row.answers for row in stored(self.batch) if row.answers is not None}

    @property
    def decided(self) -> dict[int, bool]:
        """What was said of users' messages; fails if anything was said twice."""
        said = [(change.id, change.answered) for change in self.batch.changes if change.answered is not None]
        answered = dict(said)
        assert len([one for one in said if not one[1]]) == len([id for id, yes in answered.items() if not yes])
        return answered

    def _seen(self, at: float, text: str, id: int, *, author_name: str, more: dict[str, Any], **base: Any) -> int:
        self._number += 1
        id = id or self._number
        values = {"guild_id": GUILD, "channel_id": CHANNEL, "author_name": author_name, "content": text} | base | more
        self.take(MessageSeen(message_id=id, at=when(at), **values))
        return id


def when(at: float) -> int:
    """Seconds of a scene as an instant."""
    return START + round(at * 1000)


def stored(batch: Batch) -> list[MessageRow]:
    """Rows as the store would give them back: each with its later changes."""
    rows = {row.id: row for row in batch.messages}
    kept = ("answers", "length", "words", "question", "emoji", "mentions", "sentiment", "placeholder", "failed")
    for change in batch.changes:
        known = {name: getattr(change, name) for name in kept if getattr(change, name) is not None}
        if known and change.id in rows:
            rows[change.id] = rows[change.id]._replace(**known)

    return sorted(rows.values(), key=lambda row: (row.at, row.id))


Scene = Callable[[Stage], Iterable[object] | None]
