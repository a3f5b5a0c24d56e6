"""The books of the buffer under every order of events that hypothesis can think of (F3, F4, F15)."""

from __future__ import annotations

import os
from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from monitoring.recording.buffer import TEXT
from monitoring.recording.facts import FactClass, class_of, text_of

from .buffering import CHEAPEST_FIRST, EVERY, Desk

CLASSES = st.sampled_from(CHEAPEST_FIRST)
WHICH = st.integers(0, 4)
EXAMPLES = int(os.environ.get("EXAMPLES", "20"))
"""Stories told; more by hand: EXAMPLES=2000 pytest tests/recording/test_buffer_machine.py."""


class Books(RuleBasedStateMachine):
    """Facts come, are taken, stored, refused and lost, while the buffer is opened, closed and forked."""

    @initialize(limit=st.integers(1, 120), flush_size=st.sampled_from([1, 4, 30, 500]))
    def begin(self, limit: int, flush_size: int) -> None:
        self.desk = Desk(limit, flush_size)
        self.closed = ""
        self.forgotten = Counter[str]()
        self.threads = 0

    @rule(kind=CLASSES, which=WHICH, n=st.integers(1, 40))
    def record(self, kind: FactClass, which: int, n: int) -> None:
        """A few, or a flood."""
        makers = EVERY[kind]
        for _ in range(n):
            self.desk.record(kind, makers[which % len(makers)]())

    @rule(kinds=st.lists(st.tuples(CLASSES, WHICH), min_size=2, max_size=4), n=st.integers(1, 25))
    def record_from_threads(self, kinds: list[tuple[FactClass, int]], n: int) -> None:
        """Several at once."""
        facts = [(kind, [EVERY[kind][which % len(EVERY[kind])]() for _ in range(n)]) for kind, which in kinds]
        self.threads = max(self.threads, len(facts))
        self.desk.record_from_threads(facts)

    @precondition(lambda self: not self.closed)
    @rule()
    def state_has_room_to_the_end(self) -> None:
        """As long as fewer facts are held than may be, state is let in."""
        kind = FactClass.STATE
        full = len(self.desk.buffer) >= self.desk.limit
        before = self.desk.dropped(kind)
        self.desk.record(kind, EVERY[kind][0]())
        assert full or self.desk.dropped(kind) == before

    @precondition(lambda self: not self.closed)
    @rule(which=WHICH)
    def the_cheapest_gives_way_first(self, which: int) -> None:
        """Where a class finds no room, every cheaper one finds none either."""
        refused = False
        for kind in reversed(CHEAPEST_FIRST):
            # Without text, which has a limit of its own, and a fact that can be.
            maker = EVERY[kind][which % 2 if kind in (FactClass.STATE, FactClass.FAILURE) else 0]
            before = self.desk.dropped(kind)
            self.desk.record(kind, maker())
            gave_way = self.desk.dropped(kind) > before
            assert gave_way or not refused, f"{kind} was let in where a dearer one was not"
            refused = refused or (gave_way and kind is not FactClass.SUCCESS)
            if kind is FactClass.MESSAGE and self.desk.buffer._text > TEXT - 10_000:
                refused = False

    @rule(most=st.integers(1, 90))
    def take(self, most: int) -> None:
        """A flush begins."""
        assert len(self.desk.take(most)) <= most

    @precondition(lambda self: self.desk.parcels)
    @rule(invalid=st.integers(0, 3), reason=st.sampled_from([None, None, "lost"]))
    def settle(self, invalid: int, reason: str | None) -> None:
        """A flush ends: some were no facts, the rest is stored, or lost through a bug."""
        parcel = self.desk.parcels.pop(0)
        bad, good = parcel[:invalid], parcel[invalid:]
        self.desk.buffer.settle(Counter(map(class_of, bad)), "invalid")
        self.desk.buffer.settle(Counter(map(class_of, good)), reason)

    @rule()
    def refuse(self) -> None:
        """Telemetry that never became a fact."""
        self.desk.buffer.refuse()
        self.desk.handed["noise"] += 1

    @rule(n=st.integers(1, 30))
    def bring(self, n: int) -> None:
        """History comes by another way."""
        facts = [EVERY[FactClass.MESSAGE][0]() for _ in range(n)]
        self.desk.buffer.bring(facts)
        self.desk.handed["message"] += n
        self.desk.parcels.append(facts)
        self.threads += n

    @rule()
    def hear(self) -> None:
        """The rules hear of what found no room."""
        assert len(self.desk.buffer.take_missed()) <= 5_000

    @rule()
    def close(self) -> None:
        self.desk.buffer.close()
        self.closed = self.closed or "closed"

    @precondition(lambda self: self.closed != "forked")
    @rule()
    def open(self) -> None:
        self.desk.buffer.open()
        self.closed = ""

    @precondition(lambda self: self.closed)
    @rule()
    def abandon(self) -> None:
        """The end: what is still here is lost."""
        self.desk.buffer.abandon("lost")
        self.desk.parcels.clear()
        assert self.desk.buffer.counts().total_buffered == 0

    @rule()
    def fork(self) -> None:
        """In the child nothing of the parent's is left but what had been counted."""
        before = self.desk.buffer.counts()
        self.desk.buffer.fork()
        self.desk.parcels.clear()
        self.desk.handed.subtract(before.buffered)
        self.closed = "forked"
        assert self.desk.buffer.counts().total_buffered == 0

    @invariant()
    def f4_every_fact_is_in_exactly_one_place(self) -> None:
        """What was handed in is what is stored, buffered and dropped: by class and in all."""
        counts = self.desk.buffer.counts()
        for kind in FactClass:
            dropped = sum(n for (of, _), n in counts.dropped.items() if of == kind)
            places = counts.stored[kind] + counts.buffered[kind] + dropped
            assert self.desk.handed[kind.value] == counts.accepted[kind] == places
            assert min(counts.stored[kind], counts.buffered[kind], dropped) >= 0

        assert sum(self.desk.handed.values()) == counts.total_accepted
        assert counts.total_buffered == len(self.desk.buffer)

    @invariant()
    def f3_memory_is_bounded(self) -> None:
        """Never more facts than the limit, but for one of each thread and for history; nor more text."""
        size = self.desk.buffer.counts().total_buffered
        assert size <= self.desk.limit + self.threads
        assert sum(map(text_of, self.desk.buffer.queue)) <= TEXT + 600 * 10_000


class Weights(RuleBasedStateMachine):
    """Only successes come, and are taken: their weights are the counts."""

    @initialize(limit=st.integers(40, 200))
    def begin(self, limit: int) -> None:
        self.desk = Desk(limit, 10)

    @rule(which=st.integers(0, 3), n=st.integers(1, 300), weight=st.sampled_from([1, 1, 1, 7, 900_000]))
    def record(self, which: int, n: int, weight: int) -> None:
        for _ in range(n):
            self.desk.record(FactClass.SUCCESS, EVERY[FactClass.SUCCESS][which]()._replace(weight=weight))  # type: ignore[union-attr]

    @rule(n=st.integers(1, 50))
    def spoil(self, n: int) -> None:
        """What can be no operation stands for none."""
        for _ in range(n):
            self.desk.pass_in(EVERY[FactClass.SUCCESS][4]())

    @rule(most=st.integers(1, 90), stored=st.booleans())
    def flush(self, most: int, stored: bool) -> None:
        parcel = self.desk.take(most)
        if stored:
            self.desk.buffer.settle(Counter(map(class_of, parcel)))

    def teardown(self) -> None:
        """In the end all is taken: where nothing found no room, the weights are exact for each kind."""
        if not hasattr(self, "desk"):
            return

        self.desk.buffer.close()
        while self.desk.take(1_000):
            pass

        taken = self.desk.taken
        if self.desk.dropped(FactClass.SUCCESS, "sampled", "invalid") == 0:
            assert taken == self.desk.given
        else:
            assert all(taken.get(kind, 0) <= n for kind, n in self.desk.given.items())

        # None bears more than the store would take.
        assert all(
            seen.weight <= 1_000_000 for parcel in self.desk.parcels for seen in parcel if hasattr(seen, "weight")
        )


TestF4Books = Books.TestCase
TestF4Books.settings = settings(max_examples=EXAMPLES, stateful_step_count=30, deadline=None)
TestF4Weights = Weights.TestCase
TestF4Weights.settings = settings(max_examples=EXAMPLES, stateful_step_count=20, deadline=None)
