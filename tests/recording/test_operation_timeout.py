"""Operations that never end: closed as interrupted, out of every figure of latency, and never a trouble to the host."""

from __future__ import annotations

import contextvars
import threading

import pytest

from monitoring.model import ErrorKind
from monitoring.recording.operation import Instruments
from monitoring.recording.timed import OPEN, Operation

from .notebook import Notebook
from .standins import Desk, HandClock


def left_open(tools: Instruments, name: str = "forgotten") -> Operation:
    """An operation that is entered in a context of its own and never left."""
    return contextvars.Context().run(tools.operation("llm", name).__enter__)


def test_f1_what_runs_longer_than_the_limit_is_interrupted_by_the_sweep():
    """Only what is past the limit; nobody has to hold it for that."""
    clock, notebook = HandClock(), Notebook()
    tools = Instruments(notebook, clock=clock, limit=900)
    left_open(tools, "first")
    clock.pass_by(600)
    left_open(tools, "second")
    clock.pass_by(301)
    assert tools.sweep() == 1
    assert [(seen.operation, seen.error, seen.duration) for seen in notebook.operations] == [
        ("first", ErrorKind.INTERRUPTED, 901.0)
    ]
    clock.pass_by(600)
    assert tools.sweep() == 1
    assert tools.sweep() == 0


def test_f1_ending_it_afterwards_changes_nothing_and_raises_nothing():
    """Neither the end nor the host's exception is touched, and nothing more is recorded."""
    clock, notebook = HandClock(), Notebook()
    tools = Instruments(notebook, clock=clock, limit=10)
    with tools.operation("llm", "slow"):
        clock.pass_by(11)
        tools.sweep()

    def fail() -> None:
        with tools.operation("llm", "slow"):
            clock.pass_by(11)
            tools.sweep()
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert [seen.error for seen in notebook.operations] == [ErrorKind.INTERRUPTED] * 2
    assert notebook.refused == 0


def test_f1_a_failure_that_was_told_stays_the_reason():
    """What is known of the failure is better than that it did not end."""
    clock, notebook = HandClock(), Notebook()
    tools = Instruments(notebook, clock=clock, limit=10)
    left_open(tools).fail("rate_limit")
    clock.pass_by(11)
    tools.sweep()
    assert notebook.operations[0].error is ErrorKind.RATE_LIMIT


def test_f1_what_is_open_when_the_monitor_closes_is_interrupted():
    """Each of them, never as a success; ended later, it changes nothing."""
    notebook = Notebook()
    tools = Instruments(notebook, clock=HandClock())
    left = [left_open(tools) for _ in range(3)]
    tools.close()
    for operation in left:
        operation.__exit__(None, None, None)

    assert [seen.error for seen in notebook.operations] == [ErrorKind.INTERRUPTED] * 3
    assert notebook.refused == 0


def test_a_timed_out_response_claims_nothing_more():
    """What begins in it afterwards stands for itself."""
    clock, notebook = HandClock(), Notebook()
    tools = Instruments(notebook, clock=clock, limit=10)
    with tools.response(persona="Luna"):
        clock.pass_by(11)
        tools.sweep()
        with tools.operation("llm", "later"):
            pass

    assert [(seen.operation, seen.persona) for seen in notebook.operations] == [("response", "Luna"), ("later", "")]


def test_f3_no_more_than_ten_thousand_are_watched_and_the_others_end_by_themselves():
    """Beyond that an operation is recorded as ever when it ends, and only lost if it never does."""
    clock, notebook = HandClock(), Notebook()
    tools = Instruments(notebook, clock=clock, limit=10)
    left = [left_open(tools) for _ in range(OPEN + 5)]
    with tools.operation("llm", "one more") as call:
        clock.pass_by(1)

    call.__exit__(None, None, None)
    left[-1].__exit__(None, None, None)
    assert [(seen.operation, seen.duration) for seen in notebook.operations] == [("one more", 1.0), ("forgotten", 1.0)]
    assert notebook.refused == 1
    clock.pass_by(10)
    assert tools.sweep() == OPEN


def test_f17_an_operation_that_ends_while_it_is_swept_is_recorded_once():
    """Whoever takes it out of those under way ends it; the other one does nothing."""
    notebook = Notebook()
    clock = HandClock()
    tools = Instruments(notebook, clock=clock, limit=1)
    stop = threading.Event()

    def sweep() -> None:
        while not stop.is_set():
            tools.sweep()

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    try:
        for number in range(2_000):
            with tools.operation("llm", str(number)):
                clock.seconds += 2
    finally:
        stop.set()
        sweeper.join()

    assert [seen.operation for seen in notebook.operations] == [str(number) for number in range(2_000)]
    assert notebook.refused == 0


async def test_f1_interrupted_operations_stay_out_of_latency():
    """In the store they are failures of their kind, and in no sum of seconds."""
    desk = Desk()
    tools = Instruments(desk.recorder, clock=desk.clock, limit=900)
    with tools.operation("llm", "llm_inference"):
        desk.clock.pass_by(2)

    left_open(tools, "llm_inference")
    desk.clock.pass_by(1_000)
    tools.sweep()
    await desk.recorder.flush()
    now = desk.clock.now()
    whole = desk.recent.rollup("operation", now - 1_200_000, now + 1)
    assert (whole.count, whole.failures, whole.mean) == (2, 1, 2.0)
    await desk.recorder.close()
