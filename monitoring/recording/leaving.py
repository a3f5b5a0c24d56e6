"""People who are to be forgotten: asked for from anywhere, done by the thread that remembers them."""

from __future__ import annotations

from collections import deque
from typing import Protocol


class Remembering(Protocol):
    """What knows people by their keyed hashes."""

    def forget(self, user: str, /) -> None: ...


class Leaving:
    """Has every part forget who is to leave."""

    def __init__(self, *parts: Remembering) -> None:
        self._parts = list(parts)
        self._waiting: deque[str] = deque()

    def also(self, part: Remembering) -> None:
        """There is one more part that remembers people."""
        self._parts.append(part)

    def ask(self, user: str) -> None:
        """Have somebody (a keyed hash) forgotten before the next event is taken or settled. From any thread."""
        self._waiting.append(user)

    def carry_out(self) -> None:
        """Forget all who wait for it."""
        while self._waiting:
            user = self._waiting.popleft()
            for part in self._parts:
                part.forget(user)
