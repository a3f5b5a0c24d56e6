"""The instrumentation API: what a host tells is recorded; what it does is never touched."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import inspect
import threading
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from monitoring.model import ErrorKind, OperationDone, Seen
from monitoring.recording.operation import Instruments

from .standins import NOON, HandClock


class Notebook:
    """Keeps what is recorded and counts what is refused."""

    def __init__(self) -> None:
        self.seen: list[OperationDone] = []
        self.refused = 0

    def record(self, seen: Seen) -> None:
        assert isinstance(seen, OperationDone)
        self.seen.append(seen)

    def refuse(self) -> None:
        self.refused += 1


class Spiteful:
    """An object that raises whatever it is asked."""

    def __str__(self) -> str:
        raise RuntimeError("no")

    __repr__ = __index__ = __float__ = __bool__ = __eq__ = __hash__ = __str__  # type: ignore[assignment]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def instruments(notebook, clock) -> Instruments:
    return Instruments(notebook, clock=clock)


def test_an_operation_is_timed_and_says_what_it_was_about(instruments, notebook, clock):
    """Duration and first token from the monotonic clock, tokens, cost and the model that answered."""
    with instruments.operation("llm", "llm_inference", persona="Luna", model="auto", guild_id=7) as call:
        clock.pass_by(0.5)
        call.first_token()
        clock.pass_by(1.5)
        call.first_token()
        call.tokens(800, 120, cached=500)
        call.cost(0.1)
        call.model("gpt-4o-mini")

    (seen,) = notebook.seen
    assert (seen.service, seen.operation, seen.persona, seen.guild_id) == ("llm", "llm_inference", "Luna", 7)
    assert (seen.at, seen.duration, seen.first_token, seen.model) == (NOON, 2.0, 0.5, "gpt-4o-mini")
    assert (seen.prompt_tokens, seen.completion_tokens, seen.cached_tokens, seen.cost) == (800, 120, 500, 100_000)
    assert seen.error is None


async def test_components_belong_to_the_response_around_them(instruments, notebook):
    """Persona, guild, channel and message come from the response, in tasks and threads of it as well."""

    async def speak() -> None:
        async with instruments.operation("tts", "tts_generation"):
            await asyncio.sleep(0)

    def search() -> None:
        with instruments.operation("rag", "context_building", persona="Rex"):
            pass

    async with instruments.response(persona="Luna", guild_id=7, channel_id=8, message_id=9):
        await asyncio.create_task(speak())
        await asyncio.to_thread(search)

    with instruments.operation("llm", "summary"):
        pass

    speaking, searching, response, other = notebook.seen
    assert response.response_id is not None
    assert speaking.response_id == searching.response_id == response.response_id
    assert (speaking.persona, speaking.guild_id, speaking.channel_id, speaking.message_id) == ("Luna", 7, 8, 9)
    assert searching.persona == "Rex"
    assert (other.persona, other.response_id) == ("", None)


def test_two_responses_are_told_apart(instruments, notebook):
    """Each response has a number of its own, one inside another too."""
    with instruments.response(persona="Luna"), instruments.response(persona="Rex"):
        pass

    assert len({seen.response_id for seen in notebook.seen}) == 2


def test_the_hosts_exception_passes_unchanged(instruments, notebook):
    """It is the same object, and the failure is classified with a fingerprint."""
    error = TimeoutError("too slow")
    with pytest.raises(TimeoutError) as caught, instruments.operation("llm", "llm_inference"):
        raise error

    assert caught.value is error
    assert notebook.seen[0].error is ErrorKind.TIMEOUT
    assert len(notebook.seen[0].fingerprint) == 12


async def test_a_cancelled_operation_is_interrupted_and_stays_cancelled(instruments, notebook):
    """CancelledError is never swallowed."""

    async def work() -> None:
        async with instruments.operation("llm", "llm_inference"):
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert notebook.seen[0].error is ErrorKind.INTERRUPTED


@pytest.mark.parametrize(
    ("why", "kind"),
    [
        (ErrorKind.RATE_LIMIT, ErrorKind.RATE_LIMIT),
        ("memory", ErrorKind.MEMORY),
        (PermissionError(), ErrorKind.PERMISSION),
        ("whatever", ErrorKind.UNKNOWN),
        (Spiteful(), ErrorKind.UNKNOWN),
    ],
)
def test_a_failure_can_be_told_without_an_exception(instruments, notebook, why, kind):
    """By kind, by its name, or by an exception that was handled."""
    with instruments.operation("llm", "llm_inference") as call:
        call.fail(why)

    assert notebook.seen[0].error is kind


async def test_functions_of_every_kind_can_be_decorated(instruments, notebook):
    """Each call is one operation; names, results and kinds stay as they are."""

    @instruments.operation("rag", "plain")
    def plain(x: int) -> int:
        return x + 1

    @instruments.operation("rag", "coroutine")
    async def coroutine(x: int) -> int:
        return x + 2

    @instruments.operation("rag", "generator")
    def generator(x: int):
        got = yield x
        yield got
        return "end"

    @instruments.operation("llm", "stream")
    async def stream(x: int):
        yield x
        yield x + 1

    assert (plain(1), plain(2), await coroutine(1)) == (2, 3, 3)
    assert [item async for item in stream(1)] == [1, 2]
    running = generator(4)
    assert (next(running), running.send("sent")) == (4, "sent")
    with pytest.raises(StopIteration) as stop:
        next(running)

    assert stop.value.value == "end"
    assert [seen.operation for seen in notebook.seen] == ["plain", "plain", "coroutine", "stream", "generator"]
    assert all(seen.error is None for seen in notebook.seen)
    assert inspect.iscoroutinefunction(coroutine)
    assert inspect.isasyncgenfunction(stream)
    assert (plain.__name__, list(inspect.signature(plain).parameters)) == ("plain", ["x"])


async def test_what_a_consumer_does_between_two_items_is_not_part_of_the_stream(instruments, notebook):
    """A decorated generator is around its own code only; thrown exceptions reach it as they would without us."""
    caught: list[BaseException] = []

    @asynccontextmanager
    @instruments.operation("llm", "stream", persona="Luna")
    async def stream():
        with instruments.operation("llm", "inside"):
            pass

        try:
            yield 1
        except ValueError as error:
            caught.append(error)
            raise

    async def consume() -> None:
        async with stream():
            with instruments.operation("llm", "between"):
                pass

            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await consume()

    inside, between, whole = notebook.seen
    assert (inside.persona, between.persona) == ("Luna", "")
    assert whole.error is ErrorKind.VALIDATION
    assert len(caught) == 1


def test_a_plain_call_records_what_was_timed_elsewhere(instruments, notebook):
    """It ended just now unless told otherwise, and belongs to the response around it."""
    with instruments.response(persona="Luna", guild_id=7):
        instruments.record_operation(
            "llm", "llm_inference", 2.5, prompt_tokens=10, cost=Decimal("0.000001"), error="timeout", first_token=1
        )

    seen = notebook.seen[0]
    assert (seen.at, seen.duration, seen.persona, seen.cost) == (NOON - 2_500, 2.5, "Luna", 1)
    assert (seen.error, seen.first_token, seen.response_id) == (ErrorKind.TIMEOUT, 1.0, notebook.seen[1].response_id)


def test_f17_bad_telemetry_is_refused_and_counted(instruments, notebook):
    """Whatever is told, nothing is raised and the operation itself is kept."""
    tries = 0
    with instruments.operation("llm", "llm_inference") as call:
        for value in (float("nan"), float("inf"), -1, 10**400, "12", None, Spiteful(), 1.5, True):
            for tell in (lambda v: call.tokens(v, 1), lambda v: call.tokens(1, 1, cached=v), lambda v: call.cost(v)):
                tell(value)
                tries += 1

        call.model(Spiteful())

    call.first_token()
    call.tokens(1, 1)
    call.cost(1)
    call.fail()
    with call:
        pass

    instruments.record_operation("llm", "x", float("nan"))
    instruments.record_operation("llm", "x", Spiteful())
    instruments.record_operation("llm", "x", 1.0, first_token=-1)

    assert len(notebook.seen) == 1
    # 1.5 dollars are a price, and True is read as the whole number it is.
    assert notebook.refused == tries - 3 + 1 + 4 + 2 + 3
    assert notebook.seen[0].error is None


def test_f17_names_that_raise_harm_nobody(instruments, notebook):
    """The host's block runs; only the record of it is missing."""
    with instruments.response(persona="Luna"), instruments.operation("llm", "x", persona=Spiteful()) as call:
        call.tokens(1, 1)

    assert [seen.operation for seen in notebook.seen] == ["response"]
    assert notebook.refused >= 1


def test_f1_what_never_ended_is_interrupted(instruments, notebook):
    """Forgotten, or under way when the monitor closes: never a success."""
    forgotten = contextvars.Context().run(instruments.operation("llm", "forgotten").__enter__)
    del forgotten
    gc.collect()
    assert [seen.operation for seen in notebook.seen] == ["forgotten"]

    left = contextvars.Context().run(instruments.operation("llm", "open").__enter__)
    instruments.close()
    assert [seen.error for seen in notebook.seen] == [ErrorKind.INTERRUPTED, ErrorKind.INTERRUPTED]
    left.__exit__(None, None, None)
    assert notebook.refused == 1


def test_an_ended_response_claims_nothing_more(instruments, notebook):
    """A task that was started in a response and lives on is not part of it for ever."""
    inside: list[contextvars.Context] = []
    with instruments.response(persona="Luna"):
        inside.append(contextvars.copy_context())

    def later() -> None:
        with instruments.operation("llm", "later"):
            pass

    inside[0].run(later)
    assert notebook.seen[1].persona == ""


def test_threads_do_not_mix(instruments, notebook):
    """Operations of many threads at once keep their own responses."""

    def answer(persona: str) -> None:
        for _ in range(50):
            with instruments.response(persona=persona), instruments.operation("llm", "x"):
                pass

    threads = [threading.Thread(target=answer, args=(f"P{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()

    for thread in threads:
        thread.join()

    responses = {seen.response_id: seen.persona for seen in notebook.seen if seen.operation == "response"}
    assert len(responses) == 300
    assert all(responses[seen.response_id] == seen.persona for seen in notebook.seen)


async def test_with_monitoring_off_nothing_is_made():
    """The same object for all, functions returned as they are, exceptions untouched."""
    off = Instruments.off()

    def function() -> int:
        return 1

    assert off.operation("a", "b")(function) is function
    assert off.operation("a", "b", persona="Luna") is off.response(persona="Rex")
    off.record_operation("a", "b", 1.0, prompt_tokens=3)

    async def answer() -> None:
        async with off.response(persona="Luna") as call:
            call.tokens(1, 2)
            call.first_token()
            call.cost(1)
            call.model("m")
            call.fail("timeout")
            raise KeyError

    with pytest.raises(KeyError):
        await answer()

    off.close()
