"""What is read of a span's attributes: old and new names, and never what holds content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.model import ErrorKind
from monitoring.recording.otel_failure import failure_in, kind_of
from monitoring.recording.otel_reading import AROUND, CALL, READ, allowed, failure_names, raised_in, read, work_of
from monitoring.recording.told import SUCCESS

CANARY = "CANARY-7f3a"
CONTENT = (
    "gen_ai.prompt", "gen_ai.completion", "gen_ai.prompt.0.content", "gen_ai.prompt.0.role",
    "gen_ai.completion.0.content", "gen_ai.completion.0.tool_calls.0.arguments", "gen_ai.input.messages",
    "gen_ai.output.messages", "gen_ai.system_instructions", "gen_ai.tool.definitions", "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result", "gen_ai.tool.description", "gen_ai.task.input", "gen_ai.task.output",
    "gen_ai.retrieval.query.text", "gen_ai.retrieval.documents", "gen_ai.request.stop_sequences", "gen_ai.user",
    "gen_ai.conversation.id", "gen_ai.headers", "llm.prompts", "llm.completions", "llm.prompts.0.content",
    "llm.request.functions", "llm.request.functions.0.description", "llm.user", "llm.headers",
    "traceloop.entity.input", "traceloop.entity.output", "traceloop.association.properties.user_id",
    "traceloop.prompt.template", "traceloop.prompt.template_variables", "input.value", "output.value",
    "exception.message", "exception.stacktrace", "db.query.text", "enduser.id", "http.request.body", "url.full",
)  # fmt: skip
"""Where instrumentations put what people and models said, and who they are."""


class Watched(Mapping[str, object]):
    """Attributes that keep which of their values were asked for."""

    def __init__(self, values: dict[str, object]) -> None:
        self.values_ = values
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> object:
        self.asked.add(key)
        return self.values_[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_)

    def __len__(self) -> int:
        return len(self.values_)


@dataclass
class Said:
    """An event of a span."""

    name: str
    timestamp: int = 0
    attributes: Mapping[str, object] = field(default_factory=dict)


def told(attributes: dict[str, object], *events: Said, start: int = 0) -> Any:
    """What is read of them."""
    known = allowed(attributes)
    work = work_of(known)
    assert work is not None
    return read(work, known, events, start)


@pytest.mark.parametrize(
    ("provider", "prompt", "completion", "cached"),
    [
        ("gen_ai.system", "gen_ai.usage.prompt_tokens", "gen_ai.usage.completion_tokens",
         "gen_ai.usage.cache_read_input_tokens"),
        ("gen_ai.provider.name", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens",
         "gen_ai.usage.cache_read.input_tokens"),
        ("gen_ai.system", "llm.usage.prompt_tokens", "llm.usage.completion_tokens", "gen_ai.usage.cached_tokens"),
    ],
)  # fmt: skip
def test_old_and_new_names_say_the_same(provider, prompt, completion, cached):
    """Provider, models and tokens; the model is the one that answered."""
    names = {provider: "openai", "gen_ai.request.model": "auto", "gen_ai.response.model": "gpt-4o-mini"}
    found = told({**names, prompt: 812, completion: 143, cached: 512})
    assert found[:6] == (CALL, "gpt-4o-mini", False, 812, 143, 512)
    assert told({provider: "openai", "gen_ai.request.model": "auto"}).model == "auto"


@pytest.mark.parametrize(
    ("attributes", "work"),
    [
        ({"gen_ai.operation.name": "chat"}, CALL),
        ({"gen_ai.operation.name": "text_completion"}, CALL),
        ({"gen_ai.operation.name": "generate_content"}, CALL),
        ({"llm.request.type": "completion"}, CALL),
        ({"gen_ai.system": "x", "gen_ai.request.model": "m"}, CALL),
        ({"llm.request.type": "unknown", "gen_ai.request.model": "m"}, CALL),
        ({"gen_ai.operation.name": "speech", "gen_ai.request.model": "tts-1"}, ("llm", "speech")),
        ({"gen_ai.operation.name": "embeddings"}, ("rag", "embedding")),
        ({"llm.request.type": "embedding"}, ("rag", "embedding")),
        ({"llm.request.type": "rerank"}, ("rag", "rerank")),
        ({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "weather"}, ("tools", "weather")),
        ({"traceloop.span.kind": "tool"}, ("tools", "execute_tool")),
        ({"gen_ai.operation.name": "invoke_agent", "gen_ai.request.model": "m"}, AROUND),
        ({"traceloop.span.kind": "workflow"}, AROUND),
        ({"traceloop.span.kind": "task", "gen_ai.usage.input_tokens": 3}, AROUND),
        ({"gen_ai.system": "x"}, None),
        ({"gen_ai.operation.name": "speech"}, None),
        ({"http.request.method": "POST", "error.type": "500"}, None),
        ({}, None),
    ],
)
def test_what_a_span_is_about(attributes, work):
    """A call of a model, a part beside it, what is around calls, or nothing of ours."""
    assert work_of(allowed(attributes)) == work


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"llm.usage.total_tokens": 15, "gen_ai.usage.completion_tokens": 3}, (12, 3, 0)),
        ({"gen_ai.usage.total_tokens": 15, "gen_ai.usage.input_tokens": 12}, (12, 3, 0)),
        ({"llm.usage.total_tokens": 15}, (0, 0, 0)),
        ({"gen_ai.usage.input_tokens": 12.0, "gen_ai.usage.output_tokens": 3.0}, (12, 3, 0)),
        ({"gen_ai.usage.input_tokens": "12", "gen_ai.usage.output_tokens": -3}, (0, 0, 0)),
        ({"gen_ai.usage.input_tokens": True, "gen_ai.usage.output_tokens": float("nan")}, (0, 0, 0)),
        ({"gen_ai.usage.input_tokens": 12, "gen_ai.usage.cache_read.input_tokens": 8}, (12, 0, 8)),
        ({"gen_ai.usage.input_tokens": 4, "gen_ai.usage.cache_read.input_tokens": 8}, (12, 0, 8)),
        ({"gen_ai.usage.input_tokens": 10**30}, (0, 0, 0)),
    ],
)
def test_tokens_are_whole_numbers_that_fit_together(usage, tokens):
    """What was cached is part of the prompt; a sum alone says nothing of its parts."""
    found = told({"gen_ai.operation.name": "chat", **usage})
    assert (found.prompt, found.completion, found.cached) == tokens


def test_an_embedding_has_nothing_but_a_prompt():
    """A sum is that."""
    assert told({"gen_ai.operation.name": "embeddings", "llm.usage.total_tokens": 5}).prompt == 5


@pytest.mark.parametrize(
    ("system", "model", "local"),
    [("Ollama", "qwen3:8b", True), ("ollama", "gpt-oss:120b-cloud", False), ("openai", "gpt-4o", False)],
)
def test_ollama_runs_at_home(system, model, local):
    """But for the models that it passes on to its cloud."""
    assert told({"gen_ai.system": system, "gen_ai.request.model": model}).local is local


def test_the_first_token_is_told_or_the_first_piece_of_a_stream():
    """In seconds after the start."""
    chat = {"gen_ai.operation.name": "chat"}
    pieces = [Said("gen_ai.content.completion.chunk", 10**9 + n * 10**8) for n in (3, 5)]
    assert told(chat, *pieces, start=10**9).first_token == pytest.approx(0.3)
    assert told({**chat, "gen_ai.response.time_to_first_chunk": 0.2}, *pieces).first_token == 0.2
    assert told(chat, Said("something", 5)).first_token is None
    assert told(chat, Said("llm.content.completion.chunk", 5), start=9).first_token is None


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("openai.RateLimitError", None, ErrorKind.RATE_LIMIT),
        ("APITimeoutError", None, ErrorKind.TIMEOUT),
        ("openai.APIConnectionError", None, ErrorKind.NETWORK),
        ("timeout", None, ErrorKind.TIMEOUT),
        ("rate_limit", None, ErrorKind.RATE_LIMIT),
        ("server_error", None, ErrorKind.NETWORK),
        ("asyncio.exceptions.CancelledError", None, ErrorKind.INTERRUPTED),
        ("openai.BadRequestError", 429, ErrorKind.RATE_LIMIT),
        ("", 401, ErrorKind.PERMISSION),
        ("", 503, ErrorKind.NETWORK),
        ("", 422, ErrorKind.VALIDATION),
        ("ValueError", None, ErrorKind.VALIDATION),
        ("_OTHER", None, ErrorKind.UNKNOWN),
        ("", None, ErrorKind.UNKNOWN),
    ],
)
def test_failures_are_known_by_names_and_status(name, status, kind):
    """As our table has them, where there is no exception to look at."""
    assert kind_of(name, status) is kind
    failure = failure_in({"error.type": name or str(status)}, (), failed=True, answered=False, text=False)
    assert (name and status) or failure.kind is kind
    assert len(failure.fingerprint) == 12


def test_what_failed_is_said_by_type_or_status():
    """`error.type` has either; an event has the type with its package, the last one counts."""
    assert failure_names({"error.type": "429"}) == ("", 429)
    assert failure_names({"error.type": "RateLimitError", "http.response.status_code": 429}) == ("RateLimitError", 429)
    events = [Said("exception", 1, {"exception.type": name}) for name in ("a.First", "b.Last")]
    assert raised_in([*events, Said("other", 2, {"exception.type": "no"})]) == "b.Last"
    assert failure_in({}, (), failed=False, answered=False, text=False) is SUCCESS


@pytest.mark.parametrize("mark", ["gen_ai.operation.name", "llm.request.type", "gen_ai.system", "traceloop.span.kind"])
def test_content_is_never_read(mark):
    """Not one value is asked for but those of the list, of the span and of its events."""
    content = dict.fromkeys(CONTENT, CANARY)
    assert not READ & content.keys()
    attributes = Watched({**content, mark: "chat", "gen_ai.request.model": "m", "error.type": "TimeoutError"})
    failed = Watched({"exception.type": "TimeoutError", **content})
    chunk, choice = Watched(dict(content)), Watched(dict(content))
    events = [
        Said("exception", 1, failed),
        Said("gen_ai.content.completion.chunk", 2, chunk),
        Said("gen_ai.choice", 3, choice),
    ]
    known = allowed(attributes)
    found = read(work_of(known) or CALL, known, events, 0)
    failure = failure_in(known, events, failed=True, answered=found.answered, text=True)
    assert attributes.asked <= READ
    assert failed.asked == {"exception.type"}
    assert chunk.asked == choice.asked == set()
    assert CANARY not in repr((found, failure))


_values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=300), st.lists(st.text()))


@given(st.dictionaries(st.sampled_from(sorted(READ)), _values), st.integers(-(10**18), 10**18))
def test_f17_whatever_attributes_hold_becomes_numbers_and_words_that_can_be_stored(attributes, at):
    """No attribute can make a span raise, or a fact that the recorder would refuse."""
    known = allowed(attributes)
    work = work_of(known)
    if work is None:
        return

    found = read(work, known, [Said("gen_ai.content.completion.chunk", at)], 0)
    assert 0 <= found.cached <= found.prompt
    assert found.completion >= 0
    assert found.first_token is None or found.first_token >= 0
    assert len(found.model) <= 200
    failure_in(known, (), failed=True, answered=found.answered, text=False)
