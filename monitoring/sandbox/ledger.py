"""The ground truth of the demo's traffic: what the generator meant, told without the product's code.

How figures are counted: docs/figures.md. Times are milliseconds since 1970, durations seconds.
"""

from __future__ import annotations

import bisect
import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from monitoring.model import MINUTE, Instant

ZONE = ZoneInfo("Europe/Berlin")
_UNANSWERED_AFTER = 15 * MINUTE
_JOINED_WITHIN = 10 * MINUTE
_TAKEN_BACK_WITHIN = 60 * MINUTE
_SCORES = {"👍": 5, "❤️": 5, "👎": 1}


@dataclass(slots=True)
class Asked:
    """A user's message: whom it addressed, and what came of it."""

    at: Instant
    user_id: int
    addressed: tuple[str, ...]
    answered_by: str = ""
    duration: float = 0.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """A run of turns between personas; `first` and `last` are the times of its first and last message."""

    channel_id: int
    first: Instant
    last: Instant
    turns: int
    personas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """The true figures of one window; mappings are by persona unless they say otherwise."""

    user_messages: int
    persona_messages: dict[str, int]
    answered: int
    answered_by: dict[str, int]
    addressed: int
    """Messages that addressed a persona and are decided: answered, or unanswered for 15 min."""
    unanswered: int
    unanswered_by: dict[str, int]
    waiting: int
    failed: dict[str, int]
    durations: dict[str, list[float]]
    exchanges: int
    turns: int
    decided: int
    """Exchanges of which it is known whether a user spoke within ten minutes."""
    succeeded: int
    users: dict[str, int]
    repeat_users: dict[str, int]
    reactions: dict[str, int]
    votes: dict[str, list[int]]
    prompt_tokens: int
    completion_tokens: int
    tokens_by_model: dict[str, int]

    def percentile(self, share: float, persona: str | None = None) -> float | None:
        """A quantile of the response times by nearest rank, of one persona or all; None without any."""
        lists = self.durations.values() if persona is None else [self.durations.get(persona, [])]
        ordered = sorted(value for values in lists for value in values)
        if not ordered:
            return None

        return ordered[max(1, math.ceil(round(share * len(ordered), 9))) - 1]


@dataclass(slots=True)
class Ledger:
    """Grows with the traffic; `now` is the moment up to which it knows everything."""

    now: Instant = 0
    asked: dict[int, Asked] = field(default_factory=dict)
    spoken: dict[int, tuple[Instant, str]] = field(default_factory=dict)
    exchanges: list[Exchange] = field(default_factory=list)
    failures: list[tuple[Instant, str]] = field(default_factory=list)
    _reactions: list[tuple[int, int, str, bool, Instant]] = field(default_factory=list)
    _tokens: list[tuple[Instant, str, int, int]] = field(default_factory=list)
    _user_times: dict[int, list[Instant]] = field(default_factory=lambda: defaultdict(list))

    def user_spoke(
        self, at: Instant, message_id: int, user_id: int, channel_id: int, addressed: tuple[str, ...]
    ) -> None:
        """A user wrote a message that means to address these personas."""
        self.asked[message_id] = Asked(at, user_id, addressed)
        bisect.insort(self._user_times[channel_id], at)

    def persona_spoke(self, at: Instant, message_id: int, persona: str) -> None:
        """A persona wrote a message (a placeholder counts only once it is filled)."""
        self.spoken[message_id] = (at, persona)

    def answered(self, message_id: int, persona: str, duration: float) -> None:
        """A persona answered a user's message; the first answer stands."""
        asked = self.asked[message_id]
        asked.answered_by, asked.duration = persona, duration

    def failed(self, at: Instant, persona: str) -> None:
        """A response to the user's message of that time failed."""
        self.failures.append((at, persona))

    def reacted(self, message_id: int, user_id: int, emoji: str, added: bool, at: Instant) -> None:
        """A user gave a reaction to a persona's message, or took it back."""
        self._reactions.append((message_id, user_id, emoji, added, at))

    def used(self, at: Instant, model: str, prompt: int, completion: int) -> None:
        """A model read and wrote this many tokens in an operation begun at `at`."""
        self._tokens.append((at, model, prompt, completion))

    def counts(self, start: Instant, end: Instant) -> Counts:
        """What is true of the window; `end` is not part of it."""
        asked = [entry for entry in self.asked.values() if start <= entry.at < end]
        tokens = [entry for entry in self._tokens if start <= entry[0] < end]
        users = _users(asked)
        return Counts(
            user_messages=len(asked),
            persona_messages=dict(Counter(name for at, name in self.spoken.values() if start <= at < end)),
            failed=dict(Counter(name for at, name in self.failures if start <= at < end)),
            users={name: len(days) for name, days in users.items()},
            repeat_users={name: sum(len(seen) > 1 for seen in days.values()) for name, days in users.items()},
            prompt_tokens=sum(entry[2] for entry in tokens),
            completion_tokens=sum(entry[3] for entry in tokens),
            tokens_by_model=_by_model(tokens),
            **self._answers(asked),
            **self._banter(start, end),
            **self._liking(start, end),
        )

    def _answers(self, asked: list[Asked]) -> dict[str, Any]:
        """Who was answered, how fast, and who was left alone; decided as of `now`."""
        durations: dict[str, list[float]] = defaultdict(list)
        unanswered_by: Counter[str] = Counter()
        answered = addressed = unanswered = waiting = 0
        for entry in asked:
            if entry.answered_by:
                answered += 1
                addressed += bool(entry.addressed)
                durations[entry.answered_by].append(entry.duration)
            elif entry.addressed and entry.at + _UNANSWERED_AFTER <= self.now:
                addressed += 1
                unanswered += 1
                unanswered_by.update(entry.addressed)
            elif entry.addressed:
                waiting += 1

        return {
            "answered": answered,
            "answered_by": {name: len(values) for name, values in durations.items()},
            "addressed": addressed,
            "unanswered": unanswered,
            "unanswered_by": dict(unanswered_by),
            "waiting": waiting,
            "durations": dict(durations),
        }

    def _banter(self, start: Instant, end: Instant) -> dict[str, Any]:
        """The exchanges that began in the window, and how many brought a user to speak."""
        found = [exchange for exchange in self.exchanges if start <= exchange.first < end]
        joined = [exchange for exchange in found if self._joined(exchange)]
        decided = [exchange for exchange in found if exchange.last + _JOINED_WITHIN <= self.now or exchange in joined]
        return {
            "exchanges": len(found),
            "turns": sum(exchange.turns for exchange in found),
            "decided": len(decided),
            "succeeded": len(joined),
        }

    def _joined(self, exchange: Exchange) -> bool:
        """Whether a user spoke in the channel within ten minutes after the last turn."""
        times = self._user_times[exchange.channel_id]
        place = bisect.bisect_right(times, exchange.last)
        return place < len(times) and times[place] <= exchange.last + _JOINED_WITHIN

    def _liking(self, start: Instant, end: Instant) -> dict[str, Any]:
        """Reactions given and the votes they make, filed under the message they are about."""
        given: Counter[str] = Counter()
        standing: dict[tuple[int, int], dict[str, Instant]] = defaultdict(dict)
        for message_id, user_id, emoji, added, at in self._reactions:
            spoken_at, persona = self.spoken[message_id]
            if not start <= spoken_at < end:
                continue

            votes = standing[message_id, user_id]
            if added:
                given[persona] += 1
                votes[emoji] = at
            elif emoji in votes and at - votes[emoji] <= _TAKEN_BACK_WITHIN:
                del votes[emoji]

        scores: dict[str, list[int]] = defaultdict(list)
        for (message_id, _), votes in standing.items():
            kinds = {_SCORES[emoji] for emoji in votes}
            if kinds:
                scores[self.spoken[message_id][1]].append(kinds.pop() if len(kinds) == 1 else 3)

        return {"reactions": dict(given), "votes": dict(scores)}


def _users(asked: list[Asked]) -> dict[str, dict[int, set[date]]]:
    """By persona: whom it answered or who addressed it, with the local days on which they did."""
    users: dict[str, dict[int, set[date]]] = defaultdict(lambda: defaultdict(set))
    for entry in asked:
        personas = {*entry.addressed, entry.answered_by} - {""}
        if personas:
            day = datetime.fromtimestamp(entry.at / 1000, ZONE).date()
            for persona in personas:
                users[persona][entry.user_id].add(day)

    return users


def _by_model(tokens: list[tuple[Instant, str, int, int]]) -> dict[str, int]:
    """Prompt and completion tokens together, by model."""
    total: Counter[str] = Counter()
    for _, model, prompt, completion in tokens:
        total[model] += prompt + completion

    return dict(total)
