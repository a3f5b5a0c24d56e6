"""What the tests of spans share: a provider of the real SDK with our processor, and a sink that keeps operations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Sampler
from opentelemetry.trace import Span, Tracer

from monitoring.interfaces import Clock
from monitoring.recording.operation import Instruments
from monitoring.recording.otel import PROCESSOR

from .notebook import Notebook

CHAT: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o-mini",
}
"""What instrumentations say at the start of a call."""


class Tracing:
    """A bot whose clients are instrumented: its provider, its instruments, and what was recorded."""

    def __init__(self, clock: Clock | None = None, *, error_text: bool = False) -> None:
        self.notebook = Notebook()
        self.instruments = Instruments(self.notebook, clock=clock, error_text=error_text)
        self.provider = provider()
        self.tracer: Tracer = self.provider.get_tracer("a.host")

    @contextmanager
    def chat(self, *, prompt: int = 0, completion: int = 0, **more: Any) -> Iterator[Span]:
        """A call of a model as an instrumentation tells it: what it used comes last."""
        with self.tracer.start_as_current_span("chat", attributes=CHAT | more) as span:
            yield span
            if prompt or completion:
                span.set_attribute("gen_ai.response.model", "gpt-4o-mini")
                span.set_attribute("gen_ai.usage.input_tokens", prompt)
                span.set_attribute("gen_ai.usage.output_tokens", completion)

    @property
    def seen(self) -> list[Any]:
        """Operations that were recorded, as they ended."""
        return self.notebook.operations


def provider(sampler: Sampler = ALWAYS_ON) -> TracerProvider:
    """A provider with our processor."""
    made = TracerProvider(sampler=sampler, shutdown_on_exit=False)
    made.add_span_processor(PROCESSOR)
    return made


@contextmanager
def served(tracing: Tracing) -> Iterator[Tracing]:
    """Let the processor take spans there for a while."""
    intake = tracing.instruments._intake
    PROCESSOR.serve(intake)
    yield tracing
    PROCESSOR.leave(intake)


WRAPPED = {
    "openai.resources.chat.completions": ("Completions", "AsyncCompletions"),
    "openai.resources.embeddings": ("Embeddings", "AsyncEmbeddings"),
    "openai.resources.responses": ("Responses", "AsyncResponses"),
    "anthropic.resources.messages": ("Messages", "AsyncMessages"),
    "ollama._client": ("Client", "AsyncClient"),
}
"""Where instrumentations wrap what clients do; some of it is loaded only once it is asked for."""


@contextmanager
def left_as_found() -> Iterator[None]:
    """Give back what instrumentations wrap in the clients: not every one of them takes its own wrappers off."""
    modules = {name: import_module(name) for name in WRAPPED}
    kinds = [getattr(modules[name], kind) for name, names in WRAPPED.items() for kind in names]
    owners: list[Any] = [*modules.values(), *kinds]
    before = [(owner, dict(vars(owner))) for owner in owners]
    yield
    for owner, names in before:
        for name, value in names.items():
            if vars(owner).get(name) is not value:
                setattr(owner, name, value)
