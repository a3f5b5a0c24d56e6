"""Which model wrote an answer: found among the operations of the last hour, and only when somebody asks."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np

from monitoring.model import HOUR, Instant
from monitoring.narrow import Ints
from monitoring.operations import Operations
from monitoring.rollup import Labels

_MOST = 100_000
"""Operations that are remembered; each takes 16 bytes."""


class _Written(NamedTuple):
    """Operations of one flush that may have written an answer, in their order."""

    labels: list[Labels]
    which: Ints
    message: Ints
    latest: Instant


class Authors:
    """Remembers of operations which user's message they were for. For one thread at a time."""

    def __init__(self) -> None:
        self._kept: deque[_Written] = deque()
        self._many = 0

    def keep(self, operations: Operations) -> None:
        """Remember those that were for a message; a few passes over columns that are there anyway."""
        named = operations.message != 0
        if not named.any():
            return

        rows = np.flatnonzero(named & ~operations.failed)
        if not len(rows):
            return

        at = operations.at[rows]
        kept = _Written(operations.labels, operations.which[rows], operations.message[rows], int(at.max()))
        self._kept.append(kept)
        self._many += len(rows)
        # Of history, one flush has hours, and votes of its first hour are still to be taken.
        oldest = int(at.min()) - HOUR
        while self._many > _MOST or self._kept[0].latest < oldest:
            self._many -= len(self._kept.popleft().which)
            if not self._kept:
                break

    def model_of(self, message_id: int | None) -> str:
        """The model of the last inference for a user's message; "" where none is remembered."""
        if message_id is None:
            return ""

        for written in reversed(self._kept):
            for row in reversed(np.flatnonzero(written.message == message_id).tolist()):
                service, operation, model, *_ = written.labels[int(written.which[row])]
                # A model may also have found documents for it before, or read it aloud afterwards.
                if model and (service == "llm" or operation == "llm_inference"):
                    return model

        return ""
