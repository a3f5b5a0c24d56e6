"""What the tests of the buffer share: facts of each class, and a buffer that is used as the recorder uses it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable

from monitoring.model import (
    MINUTE,
    ErrorKind,
    Happening,
    Health,
    MessageEdited,
    OperationDone,
    ProbeResult,
    Sample,
    Seen,
    Told,
)
from monitoring.recording.buffer import Buffer
from monitoring.recording.facts import FactClass
from monitoring.recording.stand_ins import Kind, kind_of

from .standins import NOON, done, message

CHEAPEST_FIRST = tuple(FactClass)
EVERY: dict[FactClass, tuple[Callable[[], Seen], ...]] = {
    FactClass.NOISE: (
        lambda: Happening("resume", NOON),
        lambda: Sample("cpu_percent", 12.0, NOON),
        lambda: "no fact at all",  # type: ignore[return-value]
    ),
    FactClass.SUCCESS: (
        done,
        lambda: done(persona="Luna"),
        lambda: done(persona="Luna", at=NOON - 3 * MINUTE),
        lambda: done(model="gpt", prompt_tokens=9, completion_tokens=4, response_id=8),
        lambda: done(duration=float("nan")),
    ),
    FactClass.FAILURE: (
        lambda: done(error=ErrorKind.TIMEOUT),
        lambda: done("bot", "response", error=ErrorKind.NETWORK),
    ),
    FactClass.MESSAGE: (
        message,
        lambda: message(content="y" * 10_000),
        lambda: MessageEdited(1, 7, 8, NOON, "z" * 4_000),
        lambda: done("bot", "response", message_id=4),
        lambda: Told("level", NOON, "Luna", value=3.0),
    ),
    FactClass.STATE: (
        lambda: Sample("alive", 1.0, NOON),
        lambda: ProbeResult("ollama", Health.UNHEALTHY, NOON, 0.4),
    ),
}
"""Makers of facts, by what they are worth."""


class Desk:
    """A buffer with our own books of what was handed in, to hold against its own."""

    def __init__(self, limit: int, flush_size: int = 500) -> None:
        self.limit = limit
        self.woken = 0
        self.buffer = Buffer(limit, flush_size, self._wake)
        self.handed: Counter[str] = Counter()
        self.parcels: list[list[Seen]] = []
        self.taken: Counter[Kind] = Counter()
        """Weights of the good successes that were taken, by kind."""
        self.given: Counter[Kind] = Counter()
        """Weights of those that were handed in while it was open."""

    def _wake(self) -> None:
        self.woken += 1

    def record(self, kind: FactClass, seen: Seen) -> None:
        """Hand a fact in, as `Recorder.record` does."""
        self.handed[kind.value] += 1
        if kind is FactClass.SUCCESS:
            self.given[plain_kind(seen)] += seen.weight  # type: ignore[union-attr]  # a success is an operation

        self.pass_in(seen)

    def pass_in(self, seen: Seen) -> None:
        """The way of a fact without our own books."""
        if len(self.buffer.queue) < self.buffer.soon:
            self.buffer.queue.append(seen)
        else:
            self.buffer.admit(seen)

    def record_from_threads(self, each: Iterable[tuple[FactClass, list[Seen]]]) -> None:
        """Hand facts in from a thread for each list at once."""
        threads = []
        for kind, facts in each:
            self.handed[kind.value] += len(facts)
            for seen in facts:
                if kind is FactClass.SUCCESS:
                    self.given[plain_kind(seen)] += seen.weight  # type: ignore[union-attr]

            threads.append(threading.Thread(target=lambda facts=facts: [self.pass_in(seen) for seen in facts]))

        for thread in threads:
            thread.start()

        for thread in threads:
            thread.join()

    def take(self, most: int) -> list[Seen]:
        """Take a parcel and remember it as under way."""
        parcel = self.buffer.take(most)
        self.parcels.append(parcel)
        for seen in parcel:
            good = isinstance(seen, OperationDone) and seen.duration == seen.duration
            if good and seen.error is None and seen.operation != "response":
                self.taken[plain_kind(seen)] += seen.weight

        return parcel

    def dropped(self, kind: FactClass, *but: str) -> int:
        """Facts of a class that were dropped, but for these reasons."""
        found = self.buffer.counts().dropped
        return sum(n for (of, reason), n in found.items() if of == kind.value and reason not in but)


def plain_kind(seen: Seen) -> Kind:
    """The kind of an operation whatever its weight."""
    assert isinstance(seen, OperationDone)
    return kind_of(seen._replace(weight=1))
