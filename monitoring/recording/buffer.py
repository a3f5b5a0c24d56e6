"""The bounded buffer of facts: what is let in, what gives way first, and where each fact is (F3, F4)."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from monitoring.model import CommandRan, Happening, OperationDone, ProbeResult, Recorded, Sample
from monitoring.recording.books_lock import BooksLock
from monitoring.recording.facts import Counts, FactClass, class_of, classes_of, text_of
from monitoring.recording.stand_ins import StandIns
from monitoring.recording.told import operation_of
from monitoring.recording.unread import Unread, read

ROOM: Mapping[FactClass, float] = {
    FactClass.NOISE: 0.55,
    FactClass.SUCCESS: 0.65,
    FactClass.FAILURE: 0.80,
    FactClass.MESSAGE: 0.85,
    FactClass.STATE: 1.0,
}
"""How full the buffer may be for a fact of each class still to be let in as it is.

What is left for state is three hours of alive marks and probes, for as long may a store refuse.
"""
STAND_IN_ROOM = 0.75
"""How full it may be for one more successful operation to be kept that stands for others."""
TEXT = 4_000_000
"""Characters of messages that may wait; more would be a host that hands in books. At most four bytes each."""
UNREAD = 2_000
"""Facts that may wait while messages among them stay unread; beyond, each is read at once, which takes less room."""
WIDE = 2_500
"""Operations that may pass without a lock while somebody is on his way to take them."""
MISSED_HELD = 5_000
"""Facts that found no room, of which the rules still hear; the store never does."""
_HEARD = (OperationDone, CommandRan, Sample, Happening, ProbeResult)


class Buffer:
    """Facts between `record` and the flush. Safe from every thread, signal handlers and finalizers included.

    `queue` takes an append without a lock as long as it holds fewer than `soon`, and that of an operation's fields as
    long as it holds fewer than `wide`; everything else goes through `admit`.
    """

    def __init__(self, limit: int, flush_size: int, wake: Callable[[], None]) -> None:
        self.queue: deque[Recorded] = deque()
        self.soon = 0
        self.wide = 0
        self.missed: deque[Recorded] = deque(maxlen=MISSED_HELD)
        self._room = {kind: round(share * limit) for kind, share in ROOM.items()}
        self._stand_in_room = round(STAND_IN_ROOM * limit)
        self._size = flush_size
        self._wake = wake
        self._stand_ins = StandIns(max(self._stand_in_room - self._room[FactClass.SUCCESS], 1))
        self._text = 0
        self.classes: Counter[FactClass] = Counter()
        """Of the facts that were taken last, how many there are of each class."""
        self._flying: Counter[FactClass] = Counter()
        self._load = 0
        self._stored: Counter[FactClass] = Counter()
        self._dropped: Counter[tuple[FactClass, str]] = Counter()
        self._told: Counter[tuple[FactClass, str]] = Counter()
        self._refusing = ""
        self._books = BooksLock()
        self._set_soon()

    @property
    def dropped(self) -> int:
        """Facts let go for want of room so far."""
        with self._books:
            return sum(n for (_, reason), n in self._dropped.items() if reason in ("full", "sampled"))

    @property
    def waiting(self) -> int:
        """Facts that somebody could take now."""
        return len(self.queue) + (len(self._stand_ins) if self._ready else 0)

    def peek(self) -> list[Recorded]:
        """The facts that somebody could take now, apart from those that stand for others."""
        return list(self.queue)

    def __len__(self) -> int:
        return len(self.queue) + len(self._stand_ins) + self._load

    def admit(self, seen: Recorded) -> None:
        """Let a fact in as its class and the room left allow, or count it as dropped."""
        if type(seen) is Unread and len(self.queue) >= UNREAD and not self._refusing:
            seen = read(seen)

        try:
            with self._books as again:
                if again:
                    self.queue.append(seen)
                else:
                    self._admit(seen)
        except Exception:
            # Whatever was handed in cannot even be looked at (an unhashable name, a `__eq__` that raises).
            self.refuse(FactClass.NOISE)

        if len(self.queue) >= self._size:
            self._wake()
            self._open_wide()

    def refuse(self, kind: FactClass = FactClass.NOISE, reason: str = "invalid") -> None:
        """Count telemetry that never became a fact."""
        with self._books as again:
            if again:
                # No fact at all: it is refused when its turn comes.
                self.queue.append(None)  # type: ignore[arg-type]  # `take` knows it
            else:
                self._dropped[kind, reason] += 1

    def take(self, most: int) -> list[Recorded]:
        """The oldest facts, at most so many; they count as buffered until `settle` says what became of them.

        Operations that stand for others come last, and stay while the store takes nothing: so they stand for more.
        """
        with self._books:
            return self._take(most, everything=self._ready)

    def bring(self, facts: Sequence[Recorded]) -> None:
        """Count facts that come from elsewhere than `record` (history) as taken."""
        with self._books:
            self._fly(facts)

    def take_missed(self) -> list[Recorded]:
        """The facts that found no room since the last time: counted as dropped already, for the rules to hear of."""
        with self._books:
            missed = list(self.missed)
            self.missed.clear()
            return missed

    def take_drops(self) -> dict[tuple[str, str], int]:
        """Facts that were dropped since the last time, by class and reason."""
        with self._books:
            fresh = self._dropped - self._told
            self._told.update(fresh)
            return {(kind.value, reason): n for (kind, reason), n in fresh.items()}

    def settle(self, facts: Mapping[FactClass, int], reason: str | None = None) -> None:
        """Facts that were taken are stored, or (with a reason) dropped."""
        with self._books:
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
        with self._books:
            self._refusing = reason
            self.soon = self.wide = 0

    def open(self) -> None:
        """Let facts in again."""
        with self._books:
            self._refusing = ""
            self._set_soon()

    def abandon(self, reason: str) -> None:
        """Drop everything that is still here for this reason."""
        with self._books:
            self._take(len(self.queue) + len(self._stand_ins), everything=True)
            self.settle({kind: n for kind, n in self._flying.items() if n}, reason)

    def fork(self) -> None:
        """In a forked child: forget the parent's facts, which the parent stores, and take in no more.

        The lock is made anew, as the thread that may hold it does not exist here.
        """
        self._books = BooksLock()
        self.queue.clear()
        self.missed.clear()
        self._stand_ins.clear()
        self._flying.clear()
        self._load = self._text = 0
        self.close("forked")

    def counts(self) -> Counts:
        """Where every fact since the start is now."""
        with self._books:
            queued = list(self.queue)
            buffered = Counter(self._flying)
            buffered[FactClass.SUCCESS] += len(self._stand_ins)
            stored, dropped = dict(self._stored), dict(self._dropped)

        # Outside of the lock, as there may be thousands.
        buffered.update(classes_of(queued))
        accepted = Counter(stored)
        accepted.update(buffered)
        for (kind, _), n in dropped.items():
            accepted[kind] += n

        return Counts(_plain(accepted), _plain(stored), _plain(buffered), _reasons(dropped))

    @property
    def _ready(self) -> bool:
        """Whether those that stand for others may leave: there is room behind, or no more will come."""
        return bool(self._refusing) or self._load < self._room[FactClass.NOISE]

    def _admit(self, seen: Recorded) -> None:
        kind = class_of(seen)
        if type(seen) is tuple:
            seen = operation_of(seen)

        if self._refusing:
            self._dropped[kind, self._refusing] += 1
            return

        room = len(self) < self._room[kind]
        if kind is FactClass.MESSAGE and room:
            text = text_of(seen)
            room = self._text + text <= TEXT
            self._text += text if room else 0

        if room:
            self.queue.append(seen)
            return

        try:
            if kind is FactClass.SUCCESS and self._stand_in(seen):
                return
        except (ValueError, TypeError, ArithmeticError):
            # It cannot be an operation, and must not stand for any.
            self._dropped[kind, "invalid"] += 1
        else:
            self._dropped[kind, "full"] += 1
            if isinstance(seen, _HEARD):
                self.missed.append(seen)

    def _stand_in(self, done: Any) -> bool:
        """Let a successful operation be stood for by one of its kind."""
        gone, taken = self._stand_ins.add(done, roomy=len(self) < self._stand_in_room)
        if gone:
            self._dropped[FactClass.SUCCESS, "sampled"] += gone

        return taken

    def _take(self, most: int, *, everything: bool) -> list[Recorded]:
        taken = [self.queue.popleft() for _ in range(min(most, len(self.queue)))]
        if self._text:
            self._text = max(self._text - sum([text_of(seen) for seen in taken if type(seen) is not tuple]), 0)

        if len(taken) < most:
            # What came without a lock was never added, so that the sum is only right where nothing is left.
            self._text = 0
            if everything:
                taken.extend(self._stand_ins.take(most - len(taken)))

        self._fly(taken)
        return taken

    def _fly(self, facts: Sequence[Recorded]) -> None:
        self.classes = classes_of(facts)
        self._flying.update(self.classes)
        self._load += len(facts)
        self._set_soon()

    def _open_wide(self) -> None:
        """Somebody was woken; until he comes, more operations may pass without a lock: he will find them anyway."""
        with self._books as again:
            # Taken meanwhile, the next one that fills a flush must wake him again.
            if not again and len(self.queue) >= self._size:
                self.wide = self._passing(WIDE)

    def _set_soon(self) -> None:
        """The way without a lock is open while there is room for a whole flush of any class."""
        self.soon, self.wide = self._passing(self._size - 1), 0

    def _passing(self, most: int) -> int:
        """How many may wait for any fact to pass without a lock: so many, if there is room, or none."""
        roomy = self._load + len(self._stand_ins) + most < self._room[FactClass.NOISE]
        return most if roomy and not self._refusing else 0


def _plain(counter: Mapping[FactClass, int]) -> dict[str, int]:
    return {kind.value: counter.get(kind, 0) for kind in FactClass}


def _reasons(counter: Mapping[tuple[FactClass, str], int]) -> dict[tuple[str, str], int]:
    return {(kind.value, reason): n for (kind, reason), n in counter.items()}
