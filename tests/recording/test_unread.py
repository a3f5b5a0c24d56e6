"""Messages read beside the event loop: the books know them before, what cannot be read harms nothing (F4, F17)."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable

import pytest

from monitoring.model import MessageSeen, ReactionSeen
from monitoring.recording.buffer import TEXT, UNREAD
from monitoring.recording.facts import FactClass, class_of, classes_of, text_of
from monitoring.recording.unread import Unread, read

from .standins import Desk

Reading = Callable[[Unread], MessageSeen | ReactionSeen]


def unread(desk: Desk, reading: Reading | None = None, *, number: int = 5, text: str = "Luna, hello") -> Unread:
    """A message of a client that is read by this function; without one, it is what it says."""

    def plain(it: Unread) -> MessageSeen:
        return MessageSeen(number, 10, 20, 100, "Ada", it.content, it.more)

    return Unread(text, reading or plain, object(), desk.clock.at)


def fails(_: Unread) -> MessageSeen:
    """As an object of a client that raises when it is asked."""
    raise RuntimeError("no")


async def test_unread_messages_give_the_same_rows_as_those_read_at_once() -> None:
    """In the order in which they came, among others."""
    late, early = Desk(), Desk()
    for desk in (late, early):
        for number in range(1, 9):
            seen = unread(desk, number=number)
            desk.recorder.record(seen if desk is late and number % 3 else read(seen))
            desk.clock.pass_by(1)

        await desk.recorder.flush()

    rows = [[row for batch in desk.shelf.batches for row in batch.messages] for desk in (late, early)]
    assert [row.id for row in rows[0]] == list(range(1, 9))
    assert rows[0] == rows[1]
    assert late.recorder.counts == early.recorder.counts


@pytest.mark.parametrize("many", [1, 200])
async def test_they_are_read_in_the_flush_and_only_once(many: int) -> None:
    """Whoever records them does nothing but keep them; where there are many, a thread reads them."""
    desk, threads = Desk(), list[str]()
    await desk.recorder.flush()

    def watched(it: Unread) -> MessageSeen:
        threads.append(threading.current_thread().name)
        return MessageSeen(len(threads), 10, 20, 100, "Ada", it.content, it.more)

    for _ in range(many):
        desk.recorder.record(unread(desk, watched))

    assert not threads
    await desk.recorder.flush()

    assert len(threads) == many
    assert {name.startswith("monitoring-recorder") for name in threads} == {many > 1}


def test_what_it_is_worth_and_how_long_its_text_is_are_known_unread() -> None:
    """As of the message itself."""
    desk = Desk()
    seen = unread(desk, fails, text="four")

    assert class_of(seen) is FactClass.MESSAGE
    assert classes_of([seen, seen]) == {FactClass.MESSAGE: 2}
    assert text_of(seen) == 4
    assert text_of(seen._replace(content=None)) == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "strange",
    [
        fails,
        lambda _: None,
        lambda _: "no fact",
        lambda it: it,
        lambda it: MessageSeen(-1, 10, 20, 100, "Ada", "x", it.more),
        lambda _: (_ for _ in ()).throw(RecursionError),
        None,
        7,
    ],
)
async def test_f17_what_cannot_be_read_is_refused_and_the_rest_goes_on(strange: Reading) -> None:
    """Counted as invalid in the class it was let in as; what came with it is written."""
    desk = Desk()
    before, after = unread(desk, number=1), unread(desk, number=2)
    for seen in (before, Unread("x", strange, None, desk.clock.at), after):
        desk.recorder.record(seen)

    await desk.recorder.flush()

    counts = desk.recorder.counts
    assert counts.dropped == {("message", "invalid"): 1}
    assert (counts.stored["message"], counts.total_accepted, counts.total_buffered) == (2, 3, 0)
    assert [row.id for batch in desk.shelf.batches for row in batch.messages] == [1, 2]


@pytest.mark.parametrize("kind", [Unread, MessageSeen])
async def test_f17_one_made_without_its_constructor_is_refused(kind: type[Unread | MessageSeen]) -> None:
    """It lacks what it should have."""
    desk = Desk()
    desk.recorder.record(tuple.__new__(kind, ()))
    await desk.recorder.flush()

    assert desk.recorder.counts.dropped == {("message", "invalid"): 1}


async def test_where_many_wait_they_are_read_at_once() -> None:
    """So that a client's own objects, four times as big, are never held by thousands; what fails then is refused."""
    desk, held = Desk(), list[object]()
    for number in range(1, UNREAD + 501):
        desk.recorder.record(unread(desk, number=number))

    desk.recorder.record(unread(desk, fails))
    held = [seen for seen in desk.recorder._queue if type(seen) is Unread]
    assert UNREAD <= len(held) <= UNREAD + 1
    await desk.recorder.flush()

    counts = desk.recorder.counts
    assert counts.stored["message"] == UNREAD + 500
    assert counts.dropped == {("message", "invalid"): 1}


async def test_long_texts_find_no_room_unread_either() -> None:
    """A host that hands in books: the limit on characters holds, and the sum is right afterwards."""
    desk = Desk()
    book = "x" * (TEXT // 200)
    for number in range(1, 1_001):
        desk.recorder.record(unread(desk, number=number, text=book))

    dropped = desk.recorder.counts.dropped["message", "full"]
    assert 1_000 - 200 - 500 <= dropped <= 1_000 - 200
    await desk.recorder.flush()
    assert desk.recorder._buffer._text == 0


async def test_nothing_of_the_client_is_held_after_the_flush() -> None:
    """Its objects are free as soon as they are read."""

    class Thing:
        pass

    desk, thing = Desk(), Thing()
    gone = weakref.ref(thing)
    desk.recorder.record(unread(desk)._replace(thing=thing))
    del thing
    await desk.recorder.flush()
    gc.collect()

    assert gone() is None
