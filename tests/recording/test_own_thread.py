"""Where a flush is digested: at once where it is little and quickly done, else in a thread, and never two at a time."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
import weakref
from collections.abc import Callable

import pytest

from monitoring.model import Recorded
from monitoring.recording.derive import Deriver
from monitoring.recording.own_thread import AWAY, SHORT, SLOW, OwnThread
from monitoring.recording.prices import Prices
from monitoring.recording.recent import Recent
from tests.conftest import until

from .notebook import Spiteful
from .standins import HandClock, Listeners, done, message


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
    """What takes longer is digested in the thread, and the first one, of which nobody knows what it brings along."""
    thread = OwnThread()
    found = [await thread.digest(where, expected) for expected in (0, 0, SHORT, 1.01 * SHORT)]
    thread.close()
    assert [name.startswith("monitoring-recorder") for name in found] == [True, False, False, True]


async def test_f16_after_a_pause_the_loop_is_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was stopped finds much that became due meanwhile."""
    thread = OwnThread()
    found = [await thread.digest(where, 0) for _ in range(2)]
    later = time.monotonic() + 1.01 * AWAY
    monkeypatch.setattr(time, "monotonic", lambda: later)
    found += [await thread.digest(where, 0) for _ in range(2)]
    thread.close()
    assert [name.startswith("monitoring-recorder") for name in found] == [True, False, True, False]


@pytest.mark.parametrize(
    ("facts", "small"),
    [
        ([], True),
        ([tuple(done())] * 2_500, True),
        ([tuple(done())] * 5_000, False),
        ([message()] * 60, True),
        ([message()] * 200, False),
        ([message(content="🌧" * 4_000)] * 2, True),
        ([message(content="🌧" * 4_000)] * 8, False),
    ],
)
def test_f16_what_a_flush_takes_is_expected_of_its_facts(facts: list[Recorded], small: bool) -> None:
    """Operations cost next to nothing, messages something, and their texts too."""
    assert (deriver().effort(facts) <= SHORT) == small


def test_f16_who_reads_the_table_of_prices_first_does_it_in_the_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a third of a second, which only a model that may have a price there is worth."""
    monkeypatch.delitem(sys.modules, "genai_prices", raising=False)
    for model, small in (("", True), ("llama3:8b", True), ("mine", True), ("gpt-4o", False), (Spiteful(), True)):
        assert (deriver().effort([tuple(done(model=model))]) <= SHORT) == small, model

    monkeypatch.setitem(sys.modules, "genai_prices", sys)
    assert deriver().effort([tuple(done(model="gpt-4o"))]) <= SHORT


def deriver() -> Deriver:
    """One whose host has a local model."""
    return Deriver(Listeners(), Prices(local=["mine"]), Recent(HandClock()))


async def test_f16_after_a_slow_flush_the_next_one_spares_the_loop() -> None:
    """However few the facts were: the loop is held up once at most, until flushes are quick again."""
    thread = OwnThread()
    works: list[Callable[[], str]] = [where, slow, slow, where, where]
    found = [await thread.digest(work, 0) for work in works]
    thread.close()
    assert [name.startswith("monitoring-recorder") for name in found] == [True, False, True, True, False]


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


async def test_nothing_that_was_derived_stays_in_memory() -> None:
    """It tells of people, who may want to be forgotten."""

    class Derived:
        """What a flush made."""

    thread = OwnThread()
    for expected in (0.0, 0.0, 2 * SHORT):
        left = weakref.ref(await thread.digest(Derived, expected))
        await until("the thread to let go of it", lambda left=left: gc.collect() >= 0 and left() is None)

    thread.close()
