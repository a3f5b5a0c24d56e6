"""Reactions on messages: who was there, and which votes they make, change and withdraw."""

from __future__ import annotations

from collections.abc import Callable

from monitoring.interfaces import Batch
from monitoring.model import ReactionSeen
from monitoring.recording.authors import Authors
from monitoring.recording.figures import Figures
from monitoring.recording.memory import Memory
from monitoring.recording.personas import Personas
from monitoring.recording.votes import Votes


class Reactions:
    """Takes reactions as they are seen."""

    def __init__(
        self, personas: Personas, hash_user: Callable[[int], str], memory: Memory, figures: Figures, authors: Authors
    ) -> None:
        self._personas, self._hash_user = personas, hash_user
        self._memory, self._figures, self._authors = memory, figures, authors
        self.votes = Votes(model_of=self._model_of)

    def take(self, seen: ReactionSeen, batch: Batch) -> None:
        """Count whoever gave one as there, and the vote that it is on a persona's message."""
        if seen.bot or self._personas.is_account(seen.user_id):
            return

        known = self._memory.known(seen.message_id)
        if seen.everybody:
            if known is not None:
                self.votes.clear(seen, known.persona, known.at, batch)

            return

        user = self._hash_user(seen.user_id)
        if seen.added:
            self._figures.present(batch, seen.at, seen.guild_id, user)

        if not user or known is None or not known.persona:
            return

        if known.counted:
            self.votes.take(seen, user, known.persona, known.at, batch)
        else:
            self.votes.hold(seen, user)

    def _model_of(self, message_id: int) -> str:
        known = self._memory.known(message_id)
        return self._authors.model_of(known.answers) if known else ""
