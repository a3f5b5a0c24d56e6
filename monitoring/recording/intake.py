"""Where what a host tells goes, and how time is told to it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, cast

from monitoring.interfaces import Clock, SystemClock
from monitoring.model import SECOND, Recorded, Seen
from monitoring.recording.told import operation_of
from monitoring.recording.valid import EVER, fitting

if TYPE_CHECKING:
    from monitoring.recording.timed import Operation


class Sink(Protocol):
    """Where operations go: the recorder. A plain tuple is the fields of one, which it makes later if at all."""

    def record(self, seen: Recorded) -> None: ...

    def refuse(self) -> None: ...


class Lane(Protocol):
    """Where a sink takes facts without a call: as long as its queue holds fewer than `soon`, appending is enough."""

    @property
    def queue(self) -> deque[Recorded]: ...

    @property
    def soon(self) -> int: ...


class _NoLane:
    """Of a sink that wants a call for each fact."""

    def __init__(self) -> None:
        self.queue: deque[Recorded] = deque()
        self.soon = 0


class Kept:
    """A sink that keeps everything: for tests of an instrumented pipeline, since it grows."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        """What was told, in the order in which it ended."""
        self.refused = 0
        """How much was told that cannot be."""

    def record(self, seen: Recorded) -> None:
        """Keep one fact; an operation that cannot be is refused, as it is in a flush."""
        if type(seen) is not tuple:
            self.seen.append(cast("Seen", seen))
        elif fitting(done := operation_of(seen), EVER):
            self.seen.append(done)
        else:
            self.refused += 1

    def refuse(self) -> None:
        """Count one that cannot be."""
        self.refused += 1


class Intake:
    """Where the facts of operations go, how time is told to them, and which of them are under way."""

    __slots__ = ("error_text", "facts", "lane", "monotonic", "open", "record", "refuse", "wall")

    def __init__(self, sink: Sink, clock: Clock, facts: Callable[..., None], error_text: bool) -> None:
        self.record = sink.record
        self.lane: Lane = getattr(sink, "lane", _NoLane())
        self.refuse = sink.refuse
        """Counts what the host told and cannot be."""
        system = type(clock) is SystemClock
        self.wall: Callable[[], float] = time.time if system else lambda: clock.now() / SECOND
        """Seconds since 1970. The machine's own clocks are asked without a detour: it would cost more than they do."""
        self.monotonic: Callable[[], float] = time.monotonic if system else clock.monotonic
        self.open: dict[Operation, None] = {}
        """What is under way, the oldest first. Who takes an operation out of it ends it, so that it ends once."""
        self.facts = facts
        self.error_text = error_text
        """Whether what failures say is kept, redacted."""
