"""The instrumentation API: what a host tells is recorded; what it does is never touched."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from monitoring.interfaces import SystemClock
from monitoring.model import ErrorKind, OperationDone
from monitoring.recording.operation import Instruments

from .notebook import Notebook, Spiteful
from .standins import NOON, HandClock


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
        call.cache(hit=1)

    call.first_token()
    call.tokens(1, 1)
    call.cost(1)
    call.fail()
    call.cache(hit=True)
    with call:
        pass

    instruments.record_operation("llm", "x", float("nan"))
    instruments.record_operation("llm", "x", Spiteful())
    instruments.record_operation("llm", "x", 1.0, first_token=-1)

    assert len(notebook.seen) == 1
    # 1.5 dollars are a price, and True is read as the whole number it is.
    assert notebook.refused == tries - 3 + 2 + 5 + 2 + 3
    assert notebook.seen[0].error is None


def test_f17_names_that_raise_harm_nobody(instruments, notebook):
    """The host's block runs; only the record of it is missing."""
    with instruments.response(persona="Luna"), instruments.operation("llm", "x", persona=Spiteful()) as call:
        call.tokens(1, 1)

    assert [seen.operation for seen in notebook.seen] == ["response"]
    assert notebook.refused >= 1


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


def test_every_field_of_the_fact_is_the_one_that_was_told(instruments, notebook, clock):
    """The fact is made by position: each of its fields, told one by one, comes out under its own name."""
    with instruments.operation(
        "s", "o", persona="p", model="m", feature="f", guild_id=1, channel_id=2, message_id=3, local=True, variant="v"
    ) as call:
        clock.pass_by(0.25)
        call.first_token()
        clock.pass_by(0.25)
        call.tokens(7, 5, cached=4)
        call.cost(Decimal("0.000009"))
        call.cache(hit=False)
        call.fail("timeout")

    expected = OperationDone(
        service="s", operation="o", at=NOON, duration=0.5, error=ErrorKind.TIMEOUT, persona="p", model="m",
        feature="f", guild_id=1, channel_id=2, message_id=3, first_token=0.25, prompt_tokens=7, completion_tokens=5,
        cached_tokens=4, cost=9, local=True, cache_hit=False, variant="v",
    )  # fmt: skip
    assert notebook.operations == [expected]
    said = {"persona": "p", "model": "m", "feature": "f", "guild_id": 1, "channel_id": 2, "local": True, "variant": "v"}
    told = {
        "at": NOON, "error": "timeout", "first_token": 0.25, "prompt_tokens": 7, "completion_tokens": 5,
        "cached_tokens": 4, "cost": 0.000009, "cache_hit": False, "message_id": 3,
    }  # fmt: skip
    instruments.record_operation("s", "o", 0.5, **said, **told)
    instruments.bind("s", "o", **said).record(0.5, **told)
    assert notebook.operations == [expected] * 3
    assert all(type(seen) is OperationDone and len(seen) == len(OperationDone._fields) for seen in notebook.seen)


def test_the_short_way_of_a_plain_call_gives_the_same_as_the_long_one(instruments, notebook):
    """With and without something that needs a closer look, all other fields are the same."""
    said = {"persona": "p", "model": "m", "feature": "f", "guild_id": 1, "channel_id": 2, "local": True, "variant": "v"}
    for more in ({}, {"cost": 0.0}):
        instruments.record_operation("s", "o", 0.5, cache_hit=True, message_id=3, **said, **more)

    short, long = notebook.operations
    assert long == short._replace(cost=0)
    assert (short.at, short.duration, short.cache_hit, short.message_id) == (NOON - 500, 0.5, True, 3)


def test_f17_a_moment_that_is_no_instant_is_refused(instruments, notebook):
    """Seconds in the place of milliseconds say when something ended only between us."""
    for tell in (instruments.record_operation, lambda *_, **more: instruments.bind("s", "o").record(0.5, **more)):
        tell("s", "o", 0.5, at=NOON / 1000)
        tell("s", "o", 0.5, at=NOON / 1000, cost=1)

    assert (notebook.seen, notebook.refused) == ([], 4)


def test_a_bound_handle_makes_operations_of_its_kind(instruments, notebook):
    """Timed by the host or by a block; what is not said comes from the response around each."""
    timer = instruments.bind("llm", "llm_inference", model="gpt-4o-mini")
    with instruments.response(persona="Luna", guild_id=7, feature="chat", variant="B"):
        timer.record(1.5, prompt_tokens=10, completion_tokens=2)
        with timer.operation() as call:
            call.tokens(3, 4)

    timer.record(2)
    first, second, response, third = notebook.operations
    assert (first.persona, first.guild_id, first.model, first.prompt_tokens) == ("Luna", 7, "gpt-4o-mini", 10)
    assert (first.feature, first.variant, second.variant) == ("chat", "B", "B")
    assert (second.persona, second.completion_tokens) == ("Luna", 4)
    assert first.response_id == second.response_id == response.response_id
    assert (third.persona, third.duration, third.response_id) == ("", 2.0, None)


def test_what_a_failure_says_is_kept_only_if_that_is_on(notebook, clock):
    """Off by default; on, it is redacted, on all ways by which a failure is told."""
    error = ValueError("bad key sk-abcdefghijklmnop1234 for 180000000000000001")
    for on in (False, True):
        tools = Instruments(notebook, clock=clock, error_text=on)
        with tools.operation("llm", "x") as call:
            call.fail(error)

        tools.record_operation("llm", "x", 1.0, error=error)
        with pytest.raises(ValueError, match="bad key"), tools.operation("llm", "x"):
            raise error

    off, on_ = notebook.operations[:3], notebook.operations[3:]
    assert [seen.detail for seen in off] == ["", "", ""]
    assert len({seen.detail for seen in on_}) == 1
    assert on_[0].detail.startswith("ValueError: bad key")
    assert "abcdefgh" not in on_[0].detail
    assert "1800000" not in on_[0].detail


def test_the_machines_clock_gives_the_same_times_as_its_wrapper(notebook):
    """It is asked without a detour, which must not change what is told."""
    clock = SystemClock()
    tools = Instruments(notebook, clock=clock)
    before = clock.now()
    with tools.operation("llm", "x"):
        pass

    tools.record_operation("llm", "x", 0.0)
    after = clock.now() + 1
    assert all(before <= seen.at <= after and 0 <= seen.duration < 1 for seen in notebook.operations)


async def test_with_monitoring_off_nothing_is_made():
    """The same object for all, functions returned as they are, exceptions untouched."""
    off = Instruments.off()

    def function() -> int:
        return 1

    assert off.operation("a", "b")(function) is function
    assert off.operation("a", "b", persona="Luna") is off.response(persona="Rex")
    off.record_operation("a", "b", 1.0, prompt_tokens=3)
    timer = off.bind("a", "b", model="m")
    timer.record(1.0, prompt_tokens=3)
    with timer.operation():
        pass

    luna = off.persona("Luna", guild_id=3)
    luna.level(3)
    with luna.scenario("picnic"):
        luna.satisfaction(5)

    off.facts("rag", documents=3)
    assert off.service_facts.services() == []

    async def answer() -> None:
        async with off.response(persona="Luna") as call:
            call.tokens(1, 2)
            call.first_token()
            call.cost(1)
            call.model("m")
            call.fail("timeout")
            call.cache(hit=True)
            call.facts(documents=3)
            raise KeyError

    with pytest.raises(KeyError):
        await answer()

    assert off.sweep() == 0
    off.close()
