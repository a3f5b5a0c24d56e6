"""Which ids of a channel were read already: spans, and one that is still open because its reading broke off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monitoring.model import Instant
from monitoring.recording.history import Standing

_EPOCH: Instant = 1_420_070_400_000
"""From which Discord's ids count their milliseconds."""
Span = tuple[int, int]
"""The first and the last id of it."""


def id_at(at: Instant) -> int:
    """The least id that something made at that moment can have."""
    return max(at - _EPOCH, 0) << 22


def instant_of(number: int) -> Instant:
    """When the thing with this id was made."""
    return (number >> 22) + _EPOCH


@dataclass(slots=True)
class Spans:
    """The spans of one channel. While something is read, `open` grows; what it had before a break comes first."""

    closed: list[Span] = field(default_factory=list)
    open: Span | None = None
    context: int = 0
    """From where a reading that goes on has to read again, to know what was undecided."""
    _ours: Span | None = None
    """What this very reading had written before it broke off."""
    _begun: bool = False

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Spans:
        """Those of a stored document."""
        closed = [(int(first), int(last)) for first, last in body.get("spans", [])]
        found = body.get("open")
        if not isinstance(found, list):
            return cls(closed)

        context, first, last = (int(number) for number in found)
        return cls(closed, (first, last), context, (first, last))

    def document(self) -> dict[str, object]:
        """What is stored of them."""
        body: dict[str, object] = {"spans": [list(span) for span in self.closed]}
        if self.open is not None:
            body["open"] = [self.context, *self.open]

        return body

    def begin(self, first: int) -> int:
        """Read from this id on: the id after which to read, past what is read already."""
        self._begun, after = True, first - 1
        for start, end in self.closed:
            if start <= after + 1 <= end:
                after = end

        if self._ours is not None and self._ours[0] <= after + 1 <= self._ours[1] + 1:
            return max(after, self.context - 1)

        self._give_up()
        self.open = (after + 1, after)
        return after

    def start(self, number: int) -> None:
        """A message comes: the reading begins with the first one, unless it was said where."""
        if self._begun:
            return

        self._begun = True
        if self._ours is None or not self._ours[0] <= number <= self._ours[1]:
            self._give_up()
            self.open = (number, number - 1)

    def standing(self, number: int) -> Standing:
        """Whether an id lies in one of them."""
        if self._ours is not None and self._ours[0] <= number <= self._ours[1]:
            return Standing.OURS

        return Standing.COUNTED if any(first <= number <= last for first, last in self.closed) else Standing.NEW

    def reach(self, number: int, context: int) -> None:
        """Everything up to this id is read."""
        assert self.open is not None, "begun"
        if number > self.open[1]:
            self.open = (self.open[0], number)
            self.context = max(context, self.open[0])

    def close(self) -> None:
        """The reading came to its end."""
        self._ours = None
        self._give_up()

    def _give_up(self) -> None:
        """Make a span like others of the open one."""
        if self.open is not None and self.open[1] >= self.open[0]:
            self.closed = _merged([*self.closed, self.open])

        self.open = self._ours = None


def _merged(spans: list[Span]) -> list[Span]:
    result: list[Span] = []
    for first, last in sorted(spans):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(result[-1][1], last))
        else:
            result.append((first, last))

    return result
