"""The bounded buffer of facts: what is let in, what gives way first, and where each fact is (F3, F4)."""

from __future__ import annotations

import random
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping

from monitoring.model import CommandRan, Happening, OperationDone, ProbeResult, Sample, Seen
from monitoring.recording.facts import Counts, FactClass, class_of

ROOM: Mapping[FactClass, float] = {
    FactClass.NOISE: 0.80,
    FactClass.SUCCESS: 0.90,
    FactClass.FAILURE: 0.99,
    FactClass.MESSAGE: 0.99,
    FactClass.STATE: 1.0,
}
"""How full the buffer may be for a fact of each class still to be let in as it is."""
SAMPLED_ROOM = 0.95
"""How full it may be for a new kind of successful operation still to be kept as a sample of its kind."""
KINDS_HELD = 500
"""Kinds of successful operations of which a sample is kept under overload."""
MISSED_HELD = 5_000
"""Facts that found no room, of which the rules still hear; the store never does."""
_HEARD = (OperationDone, CommandRan, Sample, Happening, ProbeResult)


class Buffer:
    """Facts between `record` and the flush. Safe from every thread, signal handlers and finalizers included.

    `queue` takes an append without a lock as long as it holds fewer than `soon`; everything else goes through `admit`.
    """

    def __init__(self, limit: int, flush_size: int, wake: Callable[[], None]) -> None:
        self.queue: deque[Seen] = deque()
        self.soon = 0
        self.missed: deque[Seen] = deque(maxlen=MISSED_HELD)
        self._limit = limit
        self._size = flush_size
        self._wake = wake
        self._held: dict[tuple[object, ...], tuple[OperationDone, int]] = {}
        self._flying: Counter[FactClass] = Counter()
        self._load = 0
        self._stored: Counter[FactClass] = Counter()
        self._dropped: Counter[tuple[FactClass, str]] = Counter()
        self._refusing = ""
        # Reentrant, since a finalizer or signal handler may record while this very thread holds it.
        self._lock = threading.RLock()
        self._set_soon()

    @property
    def dropped(self) -> int:
        """Facts let go for want of room so far."""
        with self._lock:
            return sum(n for (_, reason), n in self._dropped.items() if reason in ("full", "sampled"))

    @property
    def waiting(self) -> int:
        """Facts that nobody has taken yet."""
        return len(self.queue) + len(self._held)

    def __len__(self) -> int:
        return len(self.queue) + len(self._held) + self._load

    def admit(self, seen: Seen) -> None:
        """Let a fact in as its class and the room left allow, or count it as dropped."""
        try:
            kind = class_of(seen)
            with self._lock:
                if self._refusing:
                    self._dropped[kind, self._refusing] += 1
                elif len(self) < ROOM[kind] * self._limit:
                    self.queue.append(seen)
                elif kind is not FactClass.SUCCESS or not self._hold(seen):  # type: ignore[arg-type]  # a SUCCESS is an operation
                    self._dropped[kind, "full"] += 1
                    if isinstance(seen, _HEARD):
                        self.missed.append(seen)
        except Exception:
            # Whatever was handed in cannot even be looked at (an unhashable name, a `__eq__` that raises).
            self.refuse(FactClass.NOISE)

        if len(self.queue) >= self._size:
            self._wake()

    def refuse(self, kind: FactClass = FactClass.NOISE, reason: str = "invalid") -> None:
        """Count telemetry that never became a fact."""
        with self._lock:
            self._dropped[kind, reason] += 1

    def take(self, most: int) -> list[Seen]:
        """The oldest facts, at most so many; they count as buffered until `settle` says what became of them."""
        with self._lock:
            taken = [self.queue.popleft() for _ in range(min(most, len(self.queue)))]
            room = most - len(taken)
            if self._held and room > 0:
                for key in list(self._held)[:room]:
                    done, weight = self._held.pop(key)
                    taken.append(done._replace(weight=weight))

            self._flying.update(map(class_of, taken))
            self._load += len(taken)
            self._set_soon()
            return taken

    def bring(self, facts: list[Seen]) -> None:
        """Count facts that come from elsewhere than `record` (history) as taken."""
        with self._lock:
            self._flying.update(map(class_of, facts))
            self._load += len(facts)
            self._set_soon()

    def take_missed(self) -> list[Seen]:
        """The facts that found no room since the last time: counted as dropped already, for the rules to hear of."""
        with self._lock:
            missed = list(self.missed)
            self.missed.clear()
            return missed

    def settle(self, facts: Mapping[FactClass, int], reason: str | None = None) -> None:
        """Facts that were taken are stored, or (with a reason) dropped."""
        with self._lock:
            for kind, n in facts.items():
                self._flying[kind] -= n
                self._load -= n
                if reason is None:
                    self._stored[kind] += n
                else:
                    self._dropped[kind, reason] += n

            self._set_soon()

    def close(self, reason: str = "closed") -> None:
        """Let nothing more in; every further fact counts as dropped for this reason."""
        with self._lock:
            self._refusing = reason
            self.soon = 0

    def open(self) -> None:
        """Let facts in again."""
        with self._lock:
            self._refusing = ""
            self._set_soon()

    def abandon(self, reason: str) -> None:
        """Drop everything that is still here for this reason."""
        with self._lock:
            while self.queue or self._held:
                self.take(len(self.queue) + len(self._held))

            self.settle({kind: n for kind, n in self._flying.items() if n}, reason)

    def fork(self) -> None:
        """In a forked child: forget the parent's facts, which the parent stores, and take in no more.

        The lock is made anew, as the thread that may hold it does not exist here.
        """
        self._lock = threading.RLock()
        self.queue.clear()
        self._held.clear()
        self._flying.clear()
        self._load = 0
        self.close("forked")

    def counts(self) -> Counts:
        """Where every fact since the start is now."""
        with self._lock:
            buffered = Counter(map(class_of, self.queue.copy()))
            buffered[FactClass.SUCCESS] += len(self._held)
            buffered.update(self._flying)
            accepted = Counter(self._stored)
            accepted.update(buffered)
            for (kind, _), n in self._dropped.items():
                accepted[kind] += n

            return Counts(_plain(accepted), _plain(self._stored), _plain(buffered), _reasons(self._dropped))

    def _hold(self, done: OperationDone) -> bool:
        """Keep one operation for all of its kind, each of them equally likely, with the weight of all of them."""
        key = (done.service, done.operation, done.model, done.persona, done.guild_id, done.feature)
        held = self._held.get(key)
        if held is None:
            if len(self._held) >= KINDS_HELD or len(self) >= SAMPLED_ROOM * self._limit:
                return False

            self._held[key] = (done, done.weight)
            return True

        total = held[1] + done.weight
        self._held[key] = (done if random.random() * total < done.weight else held[0], total)
        self._dropped[FactClass.SUCCESS, "sampled"] += 1
        return True

    def _set_soon(self) -> None:
        """The way without a lock is open while there is room for a whole flush of any class."""
        roomy = self._load + self._size < ROOM[FactClass.NOISE] * self._limit
        self.soon = self._size - 1 if roomy and not self._refusing else 0


def _plain(counter: Mapping[FactClass, int]) -> dict[str, int]:
    return {kind.value: counter.get(kind, 0) for kind in FactClass}


def _reasons(counter: Mapping[tuple[FactClass, str], int]) -> dict[tuple[str, str], int]:
    return {(kind.value, reason): n for (kind, reason), n in counter.items()}
