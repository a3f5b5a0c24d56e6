"""The ground truth of the demo's traffic: what the generator meant, told without the product's code.

How figures are counted: docs/figures.md. Times are milliseconds since 1970, durations seconds.
"""

from __future__ import annotations

import bisect
import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from monitoring.model import MINUTE, Instant
from monitoring.sandbox.ledger_people import Asked, tokens_by_model, users_of, values_of
from monitoring.sandbox.ledger_runs import Conversations, Said, conversations

_UNANSWERED_AFTER = 15 * MINUTE
_JOINED_WITHIN = 10 * MINUTE
_TAKEN_BACK_WITHIN = 60 * MINUTE
_SCORES = {"👍": 5, "❤️": 5, "👎": 1}


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
    conversations: Conversations
    votes_by_model: dict[str, list[int]]
    qualities: dict[tuple[str, str], list[float]]
    """By persona and quality."""
    scenarios: dict[tuple[str, str], list[float]]
    """By name and outcome, the seconds of each; those that only started took none so far."""
    voice_seconds: float
    voice_joins: int

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
    spoken: dict[int, tuple[Instant, str, int]] = field(default_factory=dict)
    """When a persona wrote a message, who, and in which channel."""
    exchanges: list[Exchange] = field(default_factory=list)
    failures: list[tuple[Instant, str]] = field(default_factory=list)
    _reactions: list[tuple[int, int, str, bool, Instant]] = field(default_factory=list)
    _tokens: list[tuple[Instant, str, int, int]] = field(default_factory=list)
    _models: dict[int, str] = field(default_factory=dict)
    _scores: list[tuple[Instant, str, str, int]] = field(default_factory=list)
    _qualities: list[tuple[Instant, str, str, float]] = field(default_factory=list)
    _scenarios: list[tuple[Instant, str, str, float]] = field(default_factory=list)
    _voice: list[tuple[Instant, Instant]] = field(default_factory=list)
    _user_times: dict[int, list[Instant]] = field(default_factory=lambda: defaultdict(list))

    def user_spoke(
        self, at: Instant, message_id: int, user_id: int, channel_id: int, addressed: tuple[str, ...], asks: bool
    ) -> None:
        """A user wrote a message that means to address these personas; `asks`: it is a question."""
        self.asked[message_id] = Asked(at, user_id, addressed, channel_id, asks)
        bisect.insort(self._user_times[channel_id], at)

    def persona_spoke(self, at: Instant, message_id: int, persona: str, channel_id: int) -> None:
        """A persona wrote a message (a placeholder counts only once it is filled)."""
        self.spoken[message_id] = (at, persona, channel_id)

    def wrote(self, message_id: int, model: str) -> None:
        """A model wrote an answer: the persona's message of this id."""
        self._models[message_id] = model

    def scored(self, at: Instant, persona: str, model: str, score: int) -> None:
        """The host reported how content somebody was with a persona and its model."""
        self._scores.append((at, persona, model, score))

    def judged(self, at: Instant, persona: str, quality: str, value: float) -> None:
        """The host reported how good an answer was."""
        self._qualities.append((at, persona, quality, value))

    def played(self, at: Instant, name: str, outcome: str, seconds: float) -> None:
        """A scenario started (without any seconds), was completed or abandoned."""
        self._scenarios.append((at, name, outcome, seconds))

    def in_voice(self, start: Instant, end: Instant) -> None:
        """Somebody joined a voice channel, and left it."""
        self._voice.append((start, end))

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
        users = users_of(asked)
        return Counts(
            user_messages=len(asked),
            persona_messages=dict(Counter(name for at, name, _ in self.spoken.values() if start <= at < end)),
            failed=dict(Counter(name for at, name in self.failures if start <= at < end)),
            users={name: len(days) for name, days in users.items()},
            repeat_users={name: sum(len(seen) > 1 for seen in days.values()) for name, days in users.items()},
            prompt_tokens=sum(entry[2] for entry in tokens),
            completion_tokens=sum(entry[3] for entry in tokens),
            tokens_by_model=tokens_by_model(tokens),
            conversations=conversations(self._said(), start, end, self.now),
            qualities=values_of(self._qualities, start, end),
            scenarios=values_of(self._scenarios, start, end),
            voice_seconds=sum(max(0, min(last, end) - max(first, start)) for first, last in self._voice) / 1000,
            voice_joins=sum(start <= first < end for first, _ in self._voice),
            **self._answers(asked),
            **self._banter(start, end),
            **self._liking(start, end),
        )

    def _said(self) -> Iterator[Said]:
        yield from (Said(one.at, one.channel_id, False, one.asks) for one in self.asked.values())
        yield from (Said(at, channel_id, True) for at, _, channel_id in self.spoken.values())

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
            spoken_at, persona, _ = self.spoken[message_id]
            if not start <= spoken_at < end:
                continue

            votes = standing[message_id, user_id]
            if added:
                given[persona] += 1
                votes[emoji] = at
            elif emoji in votes and at - votes[emoji] <= _TAKEN_BACK_WITHIN:
                del votes[emoji]

        scores: dict[str, list[int]] = defaultdict(list)
        by_model: dict[str, list[int]] = defaultdict(list)
        for (message_id, _), votes in standing.items():
            kinds = {_SCORES[emoji] for emoji in votes}
            if kinds:
                score = kinds.pop() if len(kinds) == 1 else 3
                scores[self.spoken[message_id][1]].append(score)
                by_model[self._models.get(message_id, "")].append(score)

        for at, persona, model, score in self._scores:
            if start <= at < end:
                scores[persona].append(score)
                by_model[model].append(score)

        by_model.pop("", None)
        return {"reactions": dict(given), "votes": dict(scores), "votes_by_model": dict(by_model)}
