"""What a span of the GenAI conventions says, by its old and new names: which work it was, the model, tokens, times.

Only the names that stand here are ever asked for. Prompts, answers, tool arguments, what exceptions said and whatever
else may hold content is never looked at. Imports nothing of OpenTelemetry: a span's attributes are a mapping.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

from monitoring.recording.valid import LONGEST, MOST, is_word

Attributes: TypeAlias = Mapping[str, object]
Work: TypeAlias = tuple[str, str]
"""Service and operation, as ours are called."""


class Event(Protocol):
    """What is asked of a span's event; its attributes only where it is an exception, and of those only the type."""

    @property
    def name(self) -> str: ...

    @property
    def timestamp(self) -> int: ...

    @property
    def attributes(self) -> Any: ...


CALL: Work = ("llm", "llm_inference")
"""A call of a model, however its instrumentation calls it."""
AROUND: Work = ("", "")
"""An agent, workflow or task: what is around calls."""

OPERATION, REQUEST_TYPE, SPAN_KIND = "gen_ai.operation.name", "llm.request.type", "traceloop.span.kind"
TOOL = "gen_ai.tool.name"
_PROVIDER = ("gen_ai.provider.name", "gen_ai.system")
_MODEL = ("gen_ai.response.model", "gen_ai.request.model")
_PROMPT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens")
_COMPLETION = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens")
_TOTAL = ("gen_ai.usage.total_tokens", "llm.usage.total_tokens")
_CACHED = (
    "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens", "gen_ai.usage.cached_tokens",
    "gen_ai.usage.input_tokens.cached", "gen_ai.usage.details.cache_read_tokens",
)  # fmt: skip
_FIRST = "gen_ai.response.time_to_first_chunk"
"""In seconds; `gen_ai.server.time_to_first_token` is seconds for some and milliseconds for others."""
_ANSWERED = frozenset({_MODEL[0], *_PROMPT, *_COMPLETION})
"""What is there only once the model answered."""
_USED = frozenset({*_MODEL, *_PROMPT, *_TOTAL})
"""What only work of a model has."""
ERROR_TYPE, STATUS_CODE = "error.type", "http.response.status_code"
EXCEPTION, EXCEPTION_TYPE = "exception", "exception.type"
MARKS = frozenset({OPERATION, REQUEST_TYPE, SPAN_KIND, *_PROVIDER, *_MODEL})
"""By these a span that begins is known for one of a model."""
ABOUT = MARKS | {*_PROMPT, *_COMPLETION, *_TOTAL}
"""A span that ended without any of these has nothing to do with models."""
READ = ABOUT | {TOOL, *_CACHED, _FIRST, ERROR_TYPE, STATUS_CODE}
"""Every attribute that is ever read of a span."""

_WORK: dict[str, Work] = {
    name: work
    for work, names in {
        CALL: "chat completion text_completion generate_content generate completions responses converse message",
        ("rag", "embedding"): "embeddings embedding",
        ("rag", "rerank"): "rerank",
        ("rag", "query"): "retrieval retrieve",
        ("tools", ""): "execute_tool tool",
        AROUND: "invoke_agent create_agent invoke_workflow agent workflow task plan",
    }.items()
    for name in names.split()
}
_FIRST_EVENTS = frozenset(
    {"gen_ai.content.completion.chunk", "llm.content.completion.chunk", "First Token Stream Event"}
)


class Read(NamedTuple):
    """What a span that ended said of itself."""

    work: Work
    model: str = ""
    local: bool = False
    """It ran on an own machine."""
    prompt: int = 0
    completion: int = 0
    cached: int = 0
    first_token: float | None = None
    """Seconds after the start."""
    answered: bool = False
    """The model said something, be it only how many tokens it took."""

    @property
    def counted(self) -> bool:
        """It says how many tokens it took."""
        return bool(self.prompt or self.completion)


def allowed(attributes: Attributes) -> dict[str, object]:
    """What may be read of a span, and nothing else of it; empty where it has nothing to do with models."""
    if ABOUT.isdisjoint(attributes):
        return {}

    return {name: attributes[name] for name in READ.intersection(attributes)}


def work_of(attributes: Attributes) -> Work | None:
    """Which work a span is, as far as it says by now; None for one that has nothing to do with models."""
    kind = _word(attributes, (OPERATION, REQUEST_TYPE))
    work = _WORK.get(kind.lower())
    if work is None:
        # OpenLLMetry marks agents, workflows and tools by this; its calls of models have none.
        work = _WORK.get(_word(attributes, (SPAN_KIND,)).lower())

    if work == ("tools", ""):
        return "tools", _word(attributes, (TOOL,)) or "execute_tool"

    if work is None and not _USED.isdisjoint(attributes):
        # Speech, images, moderation and whatever comes to be named.
        work = ("llm", kind.lower()) if kind and kind != "unknown" else CALL

    return work


def model_of(attributes: Attributes) -> str:
    """The model that answered, else the one that was asked; "" where none is named."""
    return _word(attributes, _MODEL)


def is_local(attributes: Attributes, model: str) -> bool:
    """Ollama's models run at home, but for those that it passes on to its cloud."""
    return _word(attributes, _PROVIDER).lower() == "ollama" and not model.endswith(("-cloud", ":cloud"))


def read(work: Work, attributes: Attributes, events: Iterable[Event], start: int) -> Read:
    """What a span of this work said; `start` in nanoseconds, as its events have their times."""
    model = model_of(attributes)
    prompt, completion, total = (_count(attributes, names) for names in (_PROMPT, _COMPLETION, _TOTAL))
    cached = _count(attributes, _CACHED) or 0
    if total is not None:
        # Old instrumentations tell the sum and one of the two; of embeddings only the sum.
        if prompt is None and (completion is not None or work != CALL):
            prompt = max(total - (completion or 0), 0)
        elif completion is None and prompt is not None:
            completion = max(total - prompt, 0)

    prompt, completion = prompt or 0, completion or 0
    if cached > prompt:
        # Some count the cached ones apart; ours are part of the prompt.
        prompt = min(prompt + cached, MOST)

    return Read(
        work,
        model,
        is_local(attributes, model),
        prompt,
        completion,
        min(cached, prompt),
        _first_token(attributes, events, start),
        not _ANSWERED.isdisjoint(attributes),
    )


def raised_in(events: Iterable[Event]) -> str:
    """The type of the last exception that was recorded, "" for none; what it said is not looked at."""
    found = ""
    for event in events:
        if event.name == EXCEPTION:
            found = _word(event.attributes or {}, (EXCEPTION_TYPE,)) or found

    return found


def failure_names(attributes: Attributes) -> tuple[str, int | None]:
    """What failed by the attributes: the name of a type or the like, and an HTTP status."""
    name, status = _word(attributes, (ERROR_TYPE,)), _count(attributes, (STATUS_CODE,))
    if name.isascii() and name.isdigit():
        return "", int(name) if len(name) == 3 else status

    return name, status


def _first_token(attributes: Attributes, events: Iterable[Event], start: int) -> float | None:
    told = attributes.get(_FIRST)
    if isinstance(told, int | float) and not isinstance(told, bool) and 0 <= told <= LONGEST:
        return float(told)

    first = next((event.timestamp for event in events if event.name in _FIRST_EVENTS), None)
    return (first - start) / 1e9 if first is not None and first >= start else None


def _word(attributes: Attributes, names: Iterable[str]) -> str:
    """The first of these that is a word which can be stored; "" for none."""
    for name in names:
        found = attributes.get(name)
        if type(found) is str and found and is_word(found):
            return found

    return ""


def _count(attributes: Attributes, names: Iterable[str]) -> int | None:
    """The first of these that is a whole number from 0 on; None for none. Some tell theirs as 12.0."""
    for name in names:
        found = attributes.get(name)
        if type(found) is float and found.is_integer():
            found = int(found)

        if type(found) is int and 0 <= found <= MOST:
            return found

    return None
