"""Notices in memory, for the time in which the store takes none."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from monitoring.incident import Notice


class Ring:
    """The newest 1,000 notices that could not be stored; the watch fills it, the outbox empties it."""

    def __init__(self, size: int = 1_000) -> None:
        self._size = size
        self._notices: OrderedDict[str, Notice] = OrderedDict()
        self.lost = 0
        """Notices that fell out at the far end."""

    def __len__(self) -> int:
        return len(self._notices)

    def put(self, notice: Notice) -> None:
        """Keep a notice, or its newer state."""
        self._notices[notice.key] = notice
        while len(self._notices) > self._size:
            # What only edits a message goes first: openings and recoveries must arrive.
            needless = next((key for key, n in self._notices.items() if n.body.get("minor")), None)
            self._notices.pop(needless or next(iter(self._notices)))
            self.lost += 0 if needless else 1

    def drop(self, keys: Iterable[str]) -> None:
        """Forget notices."""
        for key in keys:
            self._notices.pop(key, None)

    def all(self) -> list[Notice]:
        """Everything in it, oldest first."""
        return list(self._notices.values())
