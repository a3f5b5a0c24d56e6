"""Satisfaction from reactions: one vote per person and message (DEFINITIONS, "Satisfaction")."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitoring.interfaces import Batch
from monitoring.model import HOUR, Instant, ReactionSeen
from monitoring.recording.deltas import add

GLAD = frozenset("👍❤😍🥰😄😁😂🤣😊😀😃💖💕💗💙💚💛💜🧡🖤🤍🎉🔥👏🙌💯⭐🌟✨🤩🥳😻🫶✅♥")
SAD = frozenset("👎😢😭😠😡🤬😞☹🙁😔💔🤮🤢😒🙄😤💩😿😾❌🥱")
_DECORATION = dict.fromkeys([0xFE0E, 0xFE0F, *range(0x1F3FB, 0x1F400)])
"""Variation selectors and skin tones: a vote in any of them is the same."""
_MOST = 20_000


@dataclass(slots=True)
class _Vote:
    given: dict[str, Instant] = field(default_factory=dict)
    value: int | None = None


class Votes:
    """The votes of late; an older one stays as it was counted."""

    def __init__(self, glad: frozenset[str] = GLAD, sad: frozenset[str] = SAD) -> None:
        self._glad = frozenset(emoji.translate(_DECORATION) for emoji in glad)
        self._sad = frozenset(emoji.translate(_DECORATION) for emoji in sad)
        self._votes: dict[tuple[int, str], _Vote] = {}

    def take(self, seen: ReactionSeen, user: str, persona: str, at: Instant, batch: Batch) -> None:
        """Count a reaction on a persona's message written `at`, under that minute.

        A glad emoji is worth 5, a sad one 1, both together 3. A change of mind replaces the vote; a reaction taken
        back within an hour takes its vote along, later the vote stays.
        """
        emoji = seen.emoji.translate(_DECORATION)
        if emoji not in self._glad and emoji not in self._sad:
            return

        vote = self._vote((seen.message_id, user), seen.added)
        if vote is None or not _changed(vote, emoji, seen):
            return

        labels, old = (persona, str(seen.guild_id), "reaction"), vote.value
        vote.value = self._value(vote)
        if old == vote.value:
            return

        if old is not None:
            add(batch, "satisfaction", at, labels, old, weight=-1)

        if vote.value is not None:
            add(batch, "satisfaction", at, labels, vote.value)

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
