"""Spans become operations: of the response under way, once each, and without a word of what was said."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import Status, StatusCode

from monitoring.model import ErrorKind
from monitoring.recording import otel
from monitoring.recording.otel import PROCESSOR, GenAISpans

from .spanning import CHAT, Tracing, provider, served
from .standins import HandClock

NOW = 1_780_000_000_000_000_000


@pytest.fixture
def bot() -> Iterator[Tracing]:
    """A bot whose spans are taken."""
    with served(Tracing()) as tracing:
        yield tracing


def test_a_span_is_an_operation_of_the_response_around_it(bot):
    """With persona, guild, channel and message of the response, the model that answered and what it used."""
    with bot.instruments.response("Luna", 7, 8, 9), bot.chat(prompt=12, completion=3):
        pass

    call, response = bot.seen
    assert (call.service, call.operation, call.model, call.error) == ("llm", "llm_inference", "gpt-4o-mini", None)
    assert (call.persona, call.guild_id, call.channel_id, call.message_id) == ("Luna", 7, 8, 9)
    assert call.response_id == response.response_id is not None
    assert (call.prompt_tokens, call.completion_tokens, call.cached_tokens) == (12, 3, 0)
    assert 0 <= call.duration <= response.duration
    assert abs(call.at - response.at) <= 50


def test_a_span_without_a_response_is_recorded_too(bot):
    """As any operation that no response is around."""
    with bot.chat(prompt=12):
        pass

    assert [(one.persona, one.response_id) for one in bot.seen] == [("", None)]


async def test_a_stream_that_ends_after_its_response_still_belongs_to_it(bot):
    """The response under way and the persona are those of the span's start, wherever it ends."""
    with bot.instruments.response("Luna", 7):
        stream = bot.tracer.start_span("chat", attributes=CHAT)

    with bot.instruments.response("Rex", 7):
        await asyncio.to_thread(stream.end)

    luna, call, _ = bot.seen
    assert (call.persona, call.response_id) == ("Luna", luna.response_id)


async def test_tasks_and_threads_of_a_response_keep_their_spans(bot):
    """Two responses at once are told apart."""

    async def answer(persona: str) -> None:
        with bot.instruments.response(persona):
            await asyncio.to_thread(lambda: bot.tracer.start_span("chat", attributes=CHAT).end())

    await asyncio.gather(answer("Luna"), answer("Rex"))
    calls = {one.persona: one.response_id for one in bot.seen if one.service == "llm"}
    assert calls == {one.persona: one.response_id for one in bot.seen if one.operation == "response"}
    assert len(set(calls.values())) == 2


def test_spans_that_are_about_something_else_leave_nothing(bot):
    """HTTP, databases, and the host's own."""
    with bot.tracer.start_as_current_span("GET", attributes={"http.request.method": "GET", "error.type": "500"}):
        pass

    assert bot.seen == []
    assert not PROCESSOR._under_way


def test_a_span_that_says_only_later_what_it_is_counts(bot):
    """LangChain's spans begin without any attribute."""
    with bot.instruments.response("Luna"), bot.tracer.start_as_current_span("ChatOpenAI") as span:
        span.set_attributes({"gen_ai.request.model": "gpt-4o-mini", "llm.usage.total_tokens": 15})

    assert [(one.service, one.persona) for one in bot.seen] == [("llm", "Luna"), ("bot", "Luna")]


def test_a_span_whose_first_attributes_were_dropped_is_what_it_was(bot):
    """The SDK keeps 128 of them, and a long conversation has more."""
    with bot.chat(**{"gen_ai.system": "ollama"}) as span:
        span.set_attributes({f"gen_ai.prompt.{n}.content": "x" for n in range(200)})

    assert [(one.operation, one.model, one.local) for one in bot.seen] == [("llm_inference", "gpt-4o-mini", False)]


def test_embeddings_searches_and_tools_are_parts_of_their_own(bot):
    """They are no calls of a model that writes."""
    for name, more in (("embeddings", {}), ("execute_tool", {"gen_ai.tool.name": "weather"}), ("retrieval", {})):
        bot.tracer.start_span(name, attributes={"gen_ai.operation.name": name, **more}).end()

    assert [(one.service, one.operation) for one in bot.seen] == [
        ("rag", "embedding"), ("tools", "weather"), ("rag", "query"),
    ]  # fmt: skip


def test_of_spans_around_each_other_the_innermost_counts(bot):
    """A framework's call, that of the client's instrumentation in it, and the request in that."""
    with bot.tracer.start_as_current_span("ChatOpenAI") as framework:
        with bot.chat(prompt=12, completion=3), bot.tracer.start_as_current_span("POST"):
            pass

        framework.set_attributes({"gen_ai.request.model": "gpt-4o-mini", "gen_ai.usage.input_tokens": 99})

    assert [one.prompt_tokens for one in bot.seen] == [12]


def test_one_that_knows_no_tokens_leaves_it_to_the_one_around(bot):
    """Counted once, with the tokens of the one that knows them."""
    with bot.chat(prompt=12, completion=3), bot.chat():
        pass

    assert [(one.prompt_tokens, one.completion_tokens) for one in bot.seen] == [(12, 3)]


def test_a_framework_that_tries_twice_made_two_calls(bot):
    """The first fails and the second answers; the framework's own span is neither."""
    with bot.chat(prompt=12, completion=3):
        with pytest.raises(TimeoutError), bot.chat():
            raise TimeoutError

        with bot.chat(prompt=12, completion=3):
            pass

    assert [one.error for one in bot.seen] == [ErrorKind.TIMEOUT, None]


@pytest.mark.parametrize("name", ["invoke_agent", "invoke_workflow"])
def test_an_agent_is_around_its_calls(bot, name):
    """What it adds up is not counted again; a tool inside, and the call inside that, are."""
    with bot.tracer.start_as_current_span("agent", attributes={"gen_ai.operation.name": name}) as agent:
        with bot.chat(prompt=10):
            pass

        tool = {"gen_ai.operation.name": "execute_tool"}
        with bot.tracer.start_as_current_span("tool", attributes=tool), bot.chat(prompt=20):
            pass

        agent.set_attribute("gen_ai.usage.input_tokens", 30)

    assert [(one.service, one.prompt_tokens) for one in bot.seen] == [("llm", 10), ("llm", 20), ("tools", 0)]


def test_an_agent_that_alone_knows_of_tokens_is_a_call(bot):
    """Some frameworks tell nothing else; one without tokens is nothing."""
    with bot.tracer.start_as_current_span("agent", attributes={"gen_ai.operation.name": "invoke_agent"}) as agent:
        agent.set_attributes({"gen_ai.usage.input_tokens": 30, "gen_ai.request.model": "m"})

    with bot.tracer.start_as_current_span("agent", attributes={"gen_ai.operation.name": "invoke_agent"}):
        pass

    assert [(one.operation, one.prompt_tokens) for one in bot.seen] == [("llm_inference", 30)]


def test_an_operation_of_the_hosts_own_around_a_call_is_the_call(bot):
    """It is told what it did not say: tokens of all spans inside, the model, the first token."""
    with bot.instruments.operation("llm", "answer"):
        with bot.chat(prompt=12, completion=3) as span:
            span.add_event("gen_ai.content.completion.chunk")

        with bot.chat(prompt=8, completion=2):
            pass

    (call,) = bot.seen
    assert (call.operation, call.model) == ("answer", "gpt-4o-mini")
    assert (call.prompt_tokens, call.completion_tokens) == (20, 5)
    assert call.first_token is not None
    assert 0 <= call.first_token <= call.duration


def test_what_the_host_says_itself_stands(bot):
    """Tokens, model and first token of its own operation, said before the span ends or after it."""
    with bot.instruments.operation("llm", "a", model="mine") as call, bot.chat(prompt=12, completion=3):
        call.tokens(1, 1)

    with bot.instruments.operation("llm", "b", model="mine") as call:
        with bot.chat(prompt=12, completion=3):
            pass

        call.tokens(2, 2)

    assert [(one.model, one.prompt_tokens) for one in bot.seen] == [("mine", 1), ("mine", 2)]


def test_a_call_inside_another_part_is_a_part_of_its_own(bot):
    """An operation that is about no model is just around."""
    with bot.instruments.response("Luna"), bot.instruments.operation("bot", "context_building"):
        with bot.chat(prompt=12):
            pass

        bot.tracer.start_span("e", attributes={"gen_ai.operation.name": "embeddings"}).end()

    assert [one.operation for one in bot.seen] == ["llm_inference", "embedding", "context_building", "response"]
    assert {one.persona for one in bot.seen} == {"Luna"}


def test_a_stream_read_after_the_hosts_operation_is_not_counted_again(bot):
    """The operation was the call, though it ended too early to hear of tokens."""
    with bot.instruments.operation("llm", "answer", model="m"):
        stream = bot.tracer.start_span("chat", attributes=CHAT)

    stream.set_attribute("gen_ai.usage.input_tokens", 12)
    stream.end()
    assert [(one.operation, one.prompt_tokens) for one in bot.seen] == [("answer", 0)]


def test_the_exception_that_passes_is_classified_as_our_own_would_be(bot):
    """By what it says too, with a fingerprint of how it was raised; and it passes unchanged."""
    for text in ("CUDA error: out of memory", "out of memory, again"):
        error = RuntimeError(text)
        with pytest.raises(RuntimeError) as raised, bot.chat():
            raise error

        assert raised.value is error

    first, again = bot.seen
    assert (first.error, first.detail) == (again.error, again.detail) == (ErrorKind.MEMORY, "")
    assert first.fingerprint == again.fingerprint
    assert len(first.fingerprint) == 12


def test_what_a_failure_says_is_kept_only_if_that_is_wanted():
    """Redacted, as of every operation."""
    with served(Tracing(error_text=True)) as bot, pytest.raises(RuntimeError), bot.chat():
        raise RuntimeError("out of memory at 'my secret'")

    assert bot.seen[0].detail == "RuntimeError: out of memory at [quoted]"


def test_a_failure_without_its_exception_is_known_by_name(bot):
    """The exception is long gone when the span ends; another one that is handled meanwhile is not taken for it."""
    for said in ({"error.type": "RateLimitError"}, {"error.type": "504"}):
        span = bot.tracer.start_span("chat", attributes=CHAT | said)
        span.set_status(Status(StatusCode.ERROR, "the prompt was: CANARY"))
        try:
            raise KeyError("another")
        except KeyError:
            span.end()

    span = bot.tracer.start_span("chat", attributes=CHAT)
    span.set_status(StatusCode.ERROR)
    span.end()
    assert [one.error for one in bot.seen] == [ErrorKind.RATE_LIMIT, ErrorKind.TIMEOUT, ErrorKind.UNKNOWN]


def test_a_recorded_exception_is_known_by_its_type(bot):
    """What it said is not looked at."""
    import openai  # takes long to import, and every process of tests would for collecting

    span = bot.tracer.start_span("chat", attributes=CHAT)
    span.record_exception(openai.OpenAIError("CANARY"), {"exception.type": "openai.APITimeoutError"})
    span.set_status(StatusCode.ERROR)
    span.end()
    assert [(one.error, one.detail) for one in bot.seen] == [(ErrorKind.TIMEOUT, "")]


async def test_a_cancelled_call_is_interrupted(bot):
    """No instrumentation notes it: the span looks like a success that said nothing."""

    async def call() -> None:
        with bot.chat():
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(call(), 0.01)

    assert [one.error for one in bot.seen] == [ErrorKind.INTERRUPTED]


def test_f1_a_span_that_never_ends_is_interrupted_as_an_operation_is():
    """After the limit, or when the bot stops; what ends later changes nothing; of spans in each other one is."""
    clock = HandClock()
    with served(Tracing(clock)) as bot:
        with bot.instruments.response("Luna"):
            outer = bot.tracer.start_span("chat", attributes=CHAT)
            with bot.tracer.start_as_current_span("x"):
                pass

        clock.pass_by(1000)
        assert [one._persona for one in bot.instruments.under_way()] == ["Luna"]
        assert bot.instruments.sweep() == 1
        outer.end()
        with bot.chat(), bot.chat():
            assert len(bot.instruments.under_way()) == 1
            bot.instruments.close()

    interrupted = [one for one in bot.seen if one.error is ErrorKind.INTERRUPTED]
    assert [one.persona for one in interrupted] == ["Luna", ""]
    assert bot.notebook.refused == 0
    assert len([one for one in bot.seen if one.service == "llm"]) <= 3


def test_f10_a_clock_that_is_set_meanwhile_makes_no_span_longer():
    """Spans are timed by the wall clock; ours knows by how much that was moved."""
    clock = HandClock()
    with served(Tracing(clock)) as bot:
        span = bot.tracer.start_span("chat", attributes=CHAT, start_time=NOW)
        clock.pass_by(2)
        clock.at += 3_600_000
        span.end(NOW + 3_602 * 10**9)

    assert [(one.at, one.duration) for one in bot.seen] == [(NOW // 10**6, 2.0)]


def test_a_span_told_later_has_its_own_times(bot):
    """Some instrumentations make the span when all is over, with the time at which it began."""
    bot.tracer.start_span("chat", attributes=CHAT, start_time=NOW).end(NOW + 2_500_000_000)
    assert [(one.at, round(one.duration, 2)) for one in bot.seen] == [(NOW // 10**6, 2.5)]


def test_added_twice_or_to_two_providers_a_span_counts_once(bot):
    """Hosts run the same line again when they load us anew."""
    bot.provider.add_span_processor(PROCESSOR)
    second = provider()
    with bot.chat(prompt=1), second.get_tracer("x").start_as_current_span("chat", attributes=CHAT):
        pass

    assert len(bot.seen) == 1


def test_after_unloading_it_does_nothing_and_keeps_nothing():
    """The provider gives no processor back; what is under way is forgotten."""
    bot = Tracing()
    with served(bot):
        open_span = bot.tracer.start_span("chat", attributes=CHAT)

    assert not PROCESSOR._under_way
    open_span.end()
    with bot.chat(prompt=1):
        pass

    bot.provider.shutdown()
    assert bot.seen == []


def test_spans_that_are_not_sampled_are_not_seen(bot):
    """They never reach a processor, so that with a sampler the figures are a share of what was."""
    with provider(ALWAYS_OFF).get_tracer("x").start_as_current_span("chat", attributes=CHAT):
        pass

    assert bot.seen == []


def test_f17_nothing_it_meets_reaches_the_host(bot, monkeypatch):
    """A clock that fails, a host's object that raises: refused and counted, and the span ends as it should."""

    def broken() -> float:
        raise OSError("no clock")

    with bot.chat(prompt=1) as span:
        bot.instruments._intake.monotonic = broken

    assert not span.is_recording()
    with bot.chat(prompt=1):
        pass

    assert bot.seen == []
    assert bot.notebook.refused == 2


def test_a_host_that_never_ends_its_spans_crowds_out_no_others(bot, monkeypatch):
    """The newest ones are remembered."""
    monkeypatch.setattr(otel, "MOST", 10)
    left = [bot.tracer.start_span("left") for _ in range(50)]
    with bot.chat(prompt=1):
        pass

    assert len(bot.seen) == 1
    assert len(PROCESSOR._under_way) <= 10
    del left


def test_two_monitors_get_the_spans_of_their_own_responses(bot):
    """What belongs to no response goes to who asked last."""
    with served(Tracing()) as other:
        with bot.instruments.response("Luna"), bot.chat(prompt=1):
            pass

        with other.instruments.response("Rex"), bot.chat(prompt=2):
            pass

        with bot.chat(prompt=3):
            pass

    assert [one.prompt_tokens for one in bot.seen if one.service == "llm"] == [1]
    assert [one.prompt_tokens for one in other.seen if one.service == "llm"] == [2, 3]


def test_threads_may_begin_and_end_spans_all_at_once(bot):
    """None is lost and none counted twice."""

    def many() -> None:
        for _ in range(200):
            with bot.chat(prompt=1):
                pass

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()

    for thread in threads:
        thread.join()

    assert len(bot.seen) == 800
    assert isinstance(PROCESSOR, GenAISpans)
    assert PROCESSOR.force_flush()
