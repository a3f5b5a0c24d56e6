"""Satisfaction from reactions: one vote per person and message (docs/figures.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from monitoring.interfaces import Batch
from monitoring.model import HOUR, Instant, ReactionSeen
from monitoring.recording.deltas import add
from monitoring.rollup import Labels

GLAD = frozenset("👍❤😍🥰😄😁😂🤣😊😀😃💖💕💗💙💚💛💜🧡🖤🤍🎉🔥👏🙌💯⭐🌟✨🤩🥳😻🫶✅♥")
SAD = frozenset("👎😢😭😠😡🤬😞☹🙁😔💔🤮🤢😒🙄😤💩😿😾❌🥱")
_DECORATION = dict.fromkeys([0xFE0E, 0xFE0F, *range(0x1F3FB, 0x1F400)])
"""Variation selectors and skin tones: a vote in any of them is the same."""
_MOST, _MOST_HELD = 20_000, 1_000


@lru_cache(maxsize=1_000)
def _bare(emoji: str) -> str:
    """An emoji without its decoration; people react with the same few."""
    return emoji.translate(_DECORATION)


@dataclass(slots=True)
class _Vote:
    given: dict[str, Instant] = field(default_factory=dict)
    value: int | None = None
    model: str | None = None
    """The model that wrote the message, "" where it is not known; None before it was asked."""


class Votes:
    """The votes of late; an older one stays as it was counted. `model_of` says which model wrote a message."""

    def __init__(
        self,
        glad: frozenset[str] = GLAD,
        sad: frozenset[str] = SAD,
        *,
        model_of: Callable[[int], str] = lambda _: "",
    ) -> None:
        self._model_of = model_of
        self._glad = frozenset(map(_bare, glad))
        self._sad = frozenset(map(_bare, sad))
        self._votes: dict[tuple[int, str], _Vote] = {}
        self._held: dict[int, dict[str, _Vote]] = {}
        """Votes on placeholders that are being filled, by message and person."""

    def take(self, seen: ReactionSeen, user: str, persona: str, at: Instant, batch: Batch) -> None:
        """Count a reaction on a persona's message written `at`, under that minute.

        A glad emoji is worth 5, a sad one 1, both together 3. A change of mind replaces the vote; a reaction taken
        back within an hour takes its vote along, later the vote stays.
        """
        vote = self._noted(seen, user)
        if vote is not None:
            self._count(vote, seen.message_id, (persona, str(seen.guild_id), "reaction"), at, batch)

    def hold(self, seen: ReactionSeen, user: str) -> None:
        """Remember a reaction on what may become a message yet: the vote counts when it does."""
        vote = self._noted(seen, user)
        if vote is None:
            return

        self._held.setdefault(seen.message_id, {})[user] = vote
        if len(self._held) > _MOST_HELD:
            del self._held[next(iter(self._held))]

    def clear(self, seen: ReactionSeen, persona: str, at: Instant, batch: Batch) -> None:
        """A moderator took everybody's reactions away: the votes go along that each could have taken back now."""
        held = self._held.get(seen.message_id, {})
        emoji = _bare(seen.emoji)
        found = [(user, vote) for (message, user), vote in self._votes.items() if message == seen.message_id]
        for user, vote in found:
            for one in [emoji] if emoji else list(vote.given):
                _changed(vote, one, seen)

            if user not in held:
                self._count(vote, seen.message_id, (persona, str(seen.guild_id), "reaction"), at, batch)

    def release(self, message_id: int, persona: str, guild_id: int, at: Instant, batch: Batch) -> None:
        """What was held has become a message written `at`: count the votes that were given meanwhile."""
        for vote in self._held.pop(message_id, {}).values():
            self._count(vote, message_id, (persona, str(guild_id), "reaction"), at, batch)

    def forget(self, user: str) -> None:
        """Forget whose votes somebody's were: they stay as they were counted."""
        for key in [key for key in self._votes if key[1] == user]:
            del self._votes[key]

        for held in self._held.values():
            held.pop(user, None)

    def _noted(self, seen: ReactionSeen, user: str) -> _Vote | None:
        """The vote that a reaction changes; None when it changes none."""
        emoji = _bare(seen.emoji)
        if emoji not in self._glad and emoji not in self._sad:
            return None

        vote = self._vote((seen.message_id, user), seen.added)
        return vote if vote is not None and _changed(vote, emoji, seen) else None

    def _count(self, vote: _Vote, message_id: int, labels: Labels, at: Instant, batch: Batch) -> None:
        """Let the figures follow what a vote is worth now: the persona's, and those of the model that it was."""
        old, vote.value = vote.value, self._value(vote)
        if old == vote.value:
            return

        if vote.model is None:
            vote.model = self._model_of(message_id)

        counted = [("satisfaction", labels)]
        if vote.model:
            counted.append(("model_liking", (vote.model, labels[1])))

        for metric, under in counted:
            if old is not None:
                add(batch, metric, at, under, old, weight=-1)

            if vote.value is not None:
                add(batch, metric, at, under, vote.value)

    def _vote(self, key: tuple[int, str], make: bool) -> _Vote | None:
        vote = self._votes.get(key)
        if vote is None and make:
            if len(self._votes) >= _MOST:
                del self._votes[next(iter(self._votes))]

            vote = self._votes[key] = _Vote()

        return vote

    def _value(self, vote: _Vote) -> int | None:
        glad = any(emoji in self._glad for emoji in vote.given)
        sad = any(emoji in self._sad for emoji in vote.given)
        if glad and sad:
            return 3

        return 5 if glad else 1 if sad else None


def _changed(vote: _Vote, emoji: str, seen: ReactionSeen) -> bool:
    if seen.added:
        vote.given.setdefault(emoji, seen.at)
        return True

    given = vote.given.get(emoji)
    if given is None or seen.at - given > HOUR:
        return False

    del vote.given[emoji]
    return True
