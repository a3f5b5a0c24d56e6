"""Where a flush is digested: at once where it is little and quickly done, else in a thread, and never two at a time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from monitoring.model import Recorded
from monitoring.recording.buffer import Buffer
from monitoring.recording.own_thread import SHORT, SLOW, OwnThread

from .standins import done, message


def where() -> str:
    """The name of the thread that asks."""
    return threading.current_thread().name


def slow() -> str:
    """Computes for longer than a flush may in the loop."""
    until = time.thread_time() + 2 * SLOW
    while time.thread_time() < until:
        pass

    return where()


async def test_f16_only_a_small_flush_is_digested_in_the_loop() -> None:
    """What takes longer is digested in the thread."""
    thread = OwnThread()
    found = [await thread.digest(where, expected) for expected in (0, SHORT, 1.01 * SHORT)]
    thread.close()
    assert [name.startswith("monitoring-recorder") for name in found] == [False, False, True]


@pytest.mark.parametrize(
    ("facts", "small"),
    [
        ([], True),
        ([tuple(done())] * 2_500, True),
        ([tuple(done())] * 5_000, False),
        ([message()] * 60, True),
        ([message()] * 200, False),
        ([message(content="🌧" * 4_000)] * 2, True),
        ([message(content="🌧" * 4_000)] * 4, False),
    ],
)
def test_f16_what_a_flush_takes_is_expected_of_its_facts(facts: list[Recorded], small: bool) -> None:
    """Operations cost next to nothing, messages something, and their texts too."""
    buffer = Buffer(20_000, 250, lambda: None)
    buffer.queue.extend(facts)
    assert (buffer.effort() <= SHORT) == small


async def test_f16_after_a_slow_flush_the_next_one_spares_the_loop() -> None:
    """However few the facts were: the loop is held up once at most, until flushes are quick again."""
    thread = OwnThread()
    works: list[Callable[[], str]] = [slow, slow, where, where]
    found = [await thread.digest(work, 0) for work in works]
    thread.close()
    assert [name.startswith("monitoring-recorder") for name in found] == [False, True, True, False]


async def test_nothing_is_digested_while_something_else_is_done_in_the_thread() -> None:
    """Also where the one who asked for it went away meanwhile."""
    thread, order, go = OwnThread(), list[str](), threading.Event()

    def first() -> None:
        go.wait(10)
        order.append("first")

    def second() -> None:
        order.append("second")

    asked = asyncio.create_task(thread.run(first))
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    digested = asyncio.create_task(thread.digest(second, 0))
    await asyncio.sleep(0)
    assert not order
    go.set()
    await digested
    thread.close()
    assert order == ["first", "second"]
