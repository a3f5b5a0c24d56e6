"""Where what a host tells goes, and how time is told to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from monitoring.interfaces import Clock, SystemClock
from monitoring.model import SECOND, Seen

if TYPE_CHECKING:
    from monitoring.recording.timed import Operation

make = tuple.__new__
"""Makes a named tuple in half of the time that its own constructor takes; of all its fields, in their order."""


class Sink(Protocol):
    """Where operations go: the recorder."""

    def record(self, seen: Seen) -> None: ...

    def refuse(self) -> None: ...


class Kept:
    """A sink that keeps everything: for tests of an instrumented pipeline, since it grows."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        """What was told, in the order in which it ended."""
        self.refused = 0
        """How much was told that cannot be."""

    def record(self, seen: Seen) -> None:
        """Keep one fact."""
        self.seen.append(seen)

    def refuse(self) -> None:
        """Count one that cannot be."""
        self.refused += 1


class Intake:
    """Where the facts of operations go, how time is told to them, and which of them are under way."""

    __slots__ = ("error_text", "facts", "monotonic", "open", "record", "refuse", "wall")

    def __init__(self, sink: Sink, clock: Clock, facts: Callable[..., None], error_text: bool) -> None:
        self.record = sink.record
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
