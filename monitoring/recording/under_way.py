"""Where recording stands: written with every batch, so that the next start knows what a kill broke off (F1, F15).

That is which operations are under way, to be closed as interrupted, and until when everything that was due is decided,
so that nothing is decided twice or never. It is in one transaction with the rows: of an operation that began there is
either its row or its name here, never both and, but for what ended in the last moment, never neither.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from monitoring.interfaces import Clock
from monitoring.model import SECOND, ErrorKind, Instant, OperationDone, Seen
from monitoring.recording.timed import Operation
from monitoring.recording.valid import fitting
from monitoring.rows import Document

log = logging.getLogger(__name__)

MOST = 500
"""Operations under way that are remembered: so few that all are closed by one batch of the next start."""
_KEPT = (
    "at", "service", "operation", "persona", "model", "feature", "guild_id", "channel_id", "message_id", "response_id",
    "variant",
)  # fmt: skip


class Shelf(Protocol):
    """What is used of the store."""

    async def load(self, kind: str, *, key: str | None = None) -> Sequence[Document]: ...


class UnderWay:
    """Notes what is under way, and learns what was. `under_way`: the operations that began and have not ended."""

    def __init__(self, store: Shelf, under_way: Callable[[], Iterable[Operation]], *, clock: Clock) -> None:
        self._store = store
        self._under_way = under_way
        self._clock = clock
        self.settled: Instant | None = None
        """Until when everything was decided at the end before this start; None: that is not known."""
        self.conversations: object = None
        """What conversations had told at that end, which no stored message brings back."""
        self._broken_off: list[OperationDone] = []
        self._complained = False

    def standing(self) -> Mapping[str, object]:
        """What is under way now, as a part of the mark; empty where that cannot be told. From any thread."""
        try:
            return self._noted()
        except Exception:
            # The facts that it would be written with are worth more.
            if not self._complained:
                self._complained = True
                log.exception("What is under way cannot be noted; a kill would leave no trace of it.")

            return {}

    async def recall(self) -> None:
        """Learn where recording stood at the last write; to be called before the first. Raises StoreError."""
        for document in await self._store.load("mark", key="recording"):
            self.settled, self._broken_off = _read(document.body)
            self.conversations = document.body.get("conversations")

    def close_broken_off(self, record: Callable[[Seen], None]) -> None:
        """Record what was under way then as interrupted; before anything else, so that it is in the next batch."""
        broken_off, self._broken_off = self._broken_off, []
        for done in broken_off:
            record(done)

    def _noted(self) -> dict[str, object]:
        now = self._clock.now()
        found: list[dict[str, object]] = []
        for operation in self._under_way():
            if len(found) == MOST:
                break

            done = so_far(operation)
            # Only what a flush would take: anything else that a host may hand in would not go into a document.
            if done is not None and fitting(done, now):
                found.append({name: value for name in _KEPT if (value := getattr(done, name))})

        return {"at": now, "operations": found}


def so_far(operation: Operation) -> OperationDone | None:
    """The fact that an operation would leave if it were interrupted now, without its duration; None before it began.

    It reads what is the operation's own: there, each further method would be in the way of what is called a lot.
    """
    if not operation._began:
        return None

    return OperationDone(
        operation._service,
        operation._operation,
        round(operation._began * SECOND),
        0.0,
        ErrorKind.INTERRUPTED,
        persona=operation._persona,
        model=operation._model,
        feature=operation._feature,
        guild_id=operation._guild,
        channel_id=operation._channel,
        message_id=operation._message,
        response_id=operation._response,
        variant=operation._variant,
    )


def _read(mark: dict[str, object]) -> tuple[Instant | None, list[OperationDone]]:
    """What a mark says; what it says wrongly is left out."""
    settled, at, operations = (mark.get(name) for name in ("settled", "at", "operations"))
    if type(settled) is not int or type(at) is not int or not isinstance(operations, list):
        return None, []

    return settled or None, [
        OperationDone(duration=max(at - one["at"], 0) / SECOND, error=ErrorKind.INTERRUPTED, **one)
        for one in operations
        if isinstance(one, dict)
        and {"at", "service", "operation"} <= one.keys() <= set(_KEPT)
        and type(one["at"]) is int
    ]
