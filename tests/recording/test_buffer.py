"""What gives way when more is seen than can be recorded, and what stands for it (F3, F4)."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict

import pytest

from monitoring.model import HOUR, MINUTE, ErrorKind, Happening, OperationDone, Sample
from monitoring.recording.buffer import ROOM, TEXT, Buffer
from monitoring.recording.facts import FactClass, class_of, text_of
from monitoring.recording.stand_ins import EACH, LONGEST_SPAN, StandIns

from .buffering import CHEAPEST_FIRST, EVERY, Desk
from .standins import NOON, done, message


def everything(desk: Desk) -> list[OperationDone]:
    """Close it and take all operations that are there."""
    desk.buffer.close()
    found = []
    while parcel := desk.take(1_000):
        found.extend(seen for seen in parcel if isinstance(seen, OperationDone))

    return found


def test_f4_each_class_is_refused_before_the_next_dearer_one():
    """Filled with state, the buffer shuts out noise first, then successes, failures, messages, and state at the end."""
    desk, refused = Desk(100), {}
    for number in range(101):
        for kind in CHEAPEST_FIRST[:-1]:
            # Each success is of a kind of its own, for which none can stand.
            desk.buffer.admit(done(persona=str(number)) if kind is FactClass.SUCCESS else EVERY[kind][0]())
            if kind not in refused and desk.dropped(kind):
                refused[kind] = number

        desk.buffer.admit(Sample("alive", 1.0, NOON))

    assert list(refused) == list(CHEAPEST_FIRST[:-1])
    assert len(desk.buffer) == 100
    assert desk.dropped(FactClass.STATE) > 0, "state gives way only where there is no room for any fact"


def test_f4_room_grows_with_what_a_fact_is_worth():
    """So that no class is dropped while a cheaper one is let in."""
    rooms = [ROOM[kind] for kind in CHEAPEST_FIRST]
    assert rooms == sorted(set(rooms))
    assert rooms[-1] == 1.0


def test_f4_state_is_kept_through_three_hours_without_a_store():
    """Twenty thousand facts that nobody takes away leave room for three hours of alive marks and of probes."""
    desk = Desk(20_000)
    for _ in range(40):
        for kind in CHEAPEST_FIRST[:-1]:
            for _ in range(200):
                desk.buffer.admit(EVERY[kind][0]())

        desk.buffer.take(1_000)

    for _ in range(3 * HOUR // 10_000):
        desk.buffer.admit(Sample("alive", 1.0, NOON))

    for _ in range(5 * 3 * HOUR // 30_000):
        desk.buffer.admit(EVERY[FactClass.STATE][1]())

    assert desk.dropped(FactClass.STATE) == 0
    assert len(desk.buffer) <= 20_000


def test_f15_counts_of_each_kind_and_minute_are_right_under_overload():
    """Thirty thousand operations in five minutes, of which two hundred have room: every minute has its own count."""
    desk = Desk(1_000)
    for number in range(30_000):
        at = NOON + number // 6_000 * MINUTE
        desk.buffer.admit(done(persona=("Luna", "Rex")[number % 2], at=at, cache_hit=(None, True, False)[number % 3]))

    counts = Counter[tuple[object, ...]]()
    for operation in everything(desk):
        counts[operation.persona, operation.at, operation.cache_hit] += operation.weight

    assert set(counts.values()) == {1_000}
    assert len(counts) == 30
    assert desk.buffer.counts().dropped == {("success", "sampled"): 30_000 - len(desk.parcels[0])}


def test_f15_quantiles_of_samples_are_unbiased():
    """Ten times more than there is room for: P50 and P95 of each kind stay within the width of a range."""
    dice = random.Random(3)
    random.seed(3)
    desk, truth = Desk(10_000), defaultdict(list)
    for number in range(60_000):
        persona = str(number % 4)
        duration = dice.lognormvariate(0.3 + 0.2 * (number % 4), 0.6)
        truth[persona].append(duration)
        desk.buffer.admit(done(persona=persona, duration=duration))

    found = defaultdict(list)
    for operation in everything(desk):
        found[operation.persona].append((operation.duration, operation.weight))

    for persona, durations in truth.items():
        for q in (0.5, 0.95):
            exact = sorted(durations)[math.ceil(q * len(durations)) - 1]
            assert weighted(found[persona], q) == pytest.approx(exact, rel=0.08)


def weighted(pairs: list[tuple[float, int]], q: float) -> float:
    """The quantile by nearest rank of values with weights."""
    rank, seen = math.ceil(q * sum(weight for _, weight in pairs)), 0
    for value, weight in sorted(pairs):
        seen += weight
        if seen >= rank:
            return value

    raise AssertionError("a quantile of nothing")


def test_f15_every_operation_is_drawn_with_the_same_chance():
    """Neither the first nor the last are preferred: those drawn are, on average, from the middle."""
    random.seed(5)
    drawn = []
    for _ in range(40):
        held = StandIns(100)
        for number in range(1_000):
            held.add(done(completion_tokens=number + 1), roomy=True)

        drawn.extend(operation.completion_tokens for operation in held.take(100))

    assert len(drawn) == 40 * EACH
    assert sum(drawn) / len(drawn) == pytest.approx(500, rel=0.06)
    assert sum(number <= 250 for number in drawn) / len(drawn) == pytest.approx(0.25, abs=0.05)


def test_f15_a_bad_operation_stands_for_none():
    """One that will be refused would take the weight of all good ones of its kind along."""
    desk = Desk(100)
    for number in range(2_000):
        desk.buffer.admit(done(duration=float("nan") if number % 2 else 1.0))

    good = [operation for operation in everything(desk) if operation.duration == 1.0]
    assert sum(operation.weight for operation in good) == 1_000


def test_f15_an_operation_of_which_the_end_was_told_stands_for_those_of_its_minute():
    """Plain fields with the second at which it ended are worked out before anything stands for anything."""
    desk = Desk(100)
    for number in range(3_000):
        desk.buffer.admit(tuple(done(at=NOON / 1000 + 2 + number / 10, duration=2.0)))

    by_minute = Counter[int]()
    for operation in everything(desk):
        by_minute[(operation.at - NOON) // MINUTE] += operation.weight

    assert by_minute == dict.fromkeys(range(5), 600)


def test_f4_samples_stand_for_more_while_the_store_takes_nothing():
    """Three hours of a store that refuses: what stands for others stays, so that counts go on being right."""
    desk = Desk(1_000)
    for minute in range(180):
        for _ in range(100):
            desk.buffer.admit(done(at=NOON + minute * MINUTE))

        desk.take(1_000)

    found = everything(desk)
    by_hour = Counter[int]()
    for parcel in desk.parcels:
        for operation in parcel:
            by_hour[(operation.at - NOON) // HOUR] += operation.weight  # type: ignore[union-attr]

    assert len(found) <= 100, "what stands for others is a tenth of the buffer at most"
    assert by_hour.total() == 180 * 100
    assert all(abs(n - 6_000) <= 300 for n in by_hour.values())


def test_f3_stand_ins_get_coarser_before_any_is_refused():
    """Fewer of each, then wider ranges, then longer spans of time; only kinds without end are dropped."""
    held, gone = StandIns(50), 0
    for number in range(5_000):
        operation = done(duration=1.01 ** (number % 700), at=NOON + (number % (1 << LONGEST_SPAN)) * MINUTE)
        gave_way, taken = held.add(operation, roomy=True)
        gone += gave_way
        assert taken
        assert len(held) <= 50
        assert gone + len(held) == number + 1, "each is held, or gave way to one that is"

    for number in range(100):
        held.add(done(persona=str(number)), roomy=True)

    assert held.add(done(persona="one more"), roomy=True) == (0, False)
    assert held.add(done(persona="7"), roomy=False) == (1, True)
    weights = sum(operation.weight for operation in held.take(50))
    assert 5_000 < weights < 5_102
    assert len(held) == 0
    for _ in range(EACH):
        assert held.add(done(), roomy=True) == (0, True)


def test_f3_texts_that_wait_are_bounded():
    """Messages of ten thousand characters, far longer than Discord's, find no room beyond four million characters."""
    desk = Desk(20_000)
    for number in range(3_000):
        desk.pass_in(message(number, content="z" * 10_000))

    waiting = sum(map(text_of, desk.buffer.queue))
    assert TEXT <= waiting <= TEXT + 500 * 10_000
    assert desk.dropped(FactClass.MESSAGE) == 3_000 - len(desk.buffer.queue)

    while desk.take(1_000):
        pass

    desk.buffer.admit(message(content="z" * 10_000))
    assert len(desk.buffer.queue) == 1, "with the texts gone there is room again"


def test_f4_a_finalizer_that_records_in_the_midst_of_the_books_breaks_none():
    """A fact that comes from the very thread that holds the books is taken in as it is."""
    desk = Desk(10)

    class Interrupting(str):
        def __hash__(self) -> int:
            desk.buffer.admit(Happening("from a finalizer", NOON))
            desk.buffer.refuse()
            return super().__hash__()

    for _ in range(8):
        desk.buffer.admit(Sample("alive", 1.0, NOON))

    desk.buffer.settle({FactClass.STATE: 0}, Interrupting("lost"))
    counts = desk.buffer.counts()
    assert counts.accepted["state"] == 8
    assert counts.accepted["noise"] == counts.buffered["noise"] >= 2
    assert counts.total_accepted == counts.total_stored + counts.total_buffered + counts.total_dropped


def test_f17_what_cannot_even_be_looked_at_is_counted():
    """Names that raise when hashed or compared, and facts without their fields, are refused and harm nothing."""

    class Sly(str):
        def __hash__(self) -> int:
            raise RuntimeError("no")

    desk = Desk(10)
    for _ in range(9):
        desk.buffer.admit(message())

    for bad in (
        done(persona=Sly("x")),
        done(weight="many"),
        done(at=None),
        object.__new__(Sample),
        tuple.__new__(OperationDone),
        7,
    ):
        desk.buffer.admit(bad)

    counts = desk.buffer.counts()
    assert counts.total_accepted == 15
    assert counts.total_buffered + counts.total_dropped == 15
    invalid = {kind: n for (kind, reason), n in counts.dropped.items() if reason == "invalid"}
    assert invalid == {"noise": 1, "success": 2}


def test_f4_drops_are_told_once():
    """Each drop is handed on exactly once, by class and reason, to be kept in the store."""
    desk = Desk(20)
    told = Counter[tuple[str, str]]()
    for _ in range(5):
        for kind in CHEAPEST_FIRST:
            for _ in range(9):
                desk.buffer.admit(EVERY[kind][0]())

        told.update(desk.buffer.take_drops())

    assert told == desk.buffer.counts().dropped
    assert desk.buffer.take_drops() == {}


def test_f3_taking_is_in_order_and_counts_what_it_takes():
    """The oldest first; what was taken is buffered until it is settled."""
    desk = Desk(1_000)
    for number in range(30):
        desk.buffer.admit(message(number))

    first, rest = desk.take(10), desk.take(1_000)
    assert [seen.message_id for seen in [*first, *rest]] == list(range(30))  # type: ignore[union-attr]
    assert desk.buffer.counts().total_buffered == 30
    desk.buffer.settle(Counter(map(class_of, first)))
    assert desk.buffer.counts().total_stored == 10


def test_f4_a_failure_is_no_success():
    """A failed operation, response or command is worth more than a success; a response more than both."""
    assert class_of(done(error=ErrorKind.TIMEOUT)) is FactClass.FAILURE
    assert class_of(done("bot", "response")) is FactClass.MESSAGE
    assert class_of(done()) is FactClass.SUCCESS


def test_f3_an_empty_buffer_is_open_without_a_lock():
    """The fast way is there while a whole flush fits, and shut where not."""
    assert Buffer(20_000, 500, lambda: None).soon == 499
    assert Buffer(400, 500, lambda: None).soon == 0
