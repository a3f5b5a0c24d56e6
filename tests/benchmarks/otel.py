"""What a span costs the host: our processor beside the SDK's own with an exporter that keeps them in a list."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Any

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SimpleSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from monitoring.interfaces import SystemClock
from monitoring.recording.operation import Instruments
from monitoring.recording.otel import PROCESSOR

from .frame import Bench, Row, medians
from .ours import nowhere, recorder_to

BURST = 200
"""Spans at once: fewer than make the recorder flush."""
REQUEST = {"http.request.method": "POST", "server.address": "127.0.0.1", "url.path": "/v1/chat", "server.port": 443}
CALL = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o-mini"}
SAID = {
    "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
    "gen_ai.usage.input_tokens": 812,
    "gen_ai.usage.output_tokens": 143,
    "gen_ai.usage.cache_read.input_tokens": 512,
    "gen_ai.input.messages": "x" * 2_000,
    "gen_ai.output.messages": "x" * 500,
}


class Encoding(SpanExporter):
    """What every exporter over OTLP does with a span before it is sent."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        encode_spans(spans).SerializeToString()
        return SpanExportResult.SUCCESS


Spans = list[tuple[Any, ReadableSpan]]


def spans(attributes: dict[str, Any], said: dict[str, Any]) -> Spans:
    """Spans as they begin, and as they are once they ended."""
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer("benchmark")
    made: Spans = []
    for _ in range(BURST):
        span: Any = tracer.start_span("chat", attributes=attributes)
        span.set_attributes(said)
        span.end()
        made.append((span, span._readable_span()))

    return made


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """A span about something else, then one of a model's call."""
    recorder = recorder_to(nowhere, SystemClock())
    intake = Instruments(recorder)._intake
    kept = InMemorySpanExporter()
    simple, batch = SimpleSpanProcessor(kept), BatchSpanProcessor(InMemorySpanExporter())
    encoding = SimpleSpanProcessor(Encoding())

    async def timed(processor: SpanProcessor, make: Callable[[], Spans]) -> float:
        spent = []
        for _ in range(bench.size(60, 2)):
            made = make()
            began = time.thread_time()
            for span, ended in made:
                processor.on_start(span)
                processor.on_end(ended)

            spent.append(time.thread_time() - began)
            kept.clear()
            await recorder.flush()

        # The least disturbed burst, as timeit counts: what else runs on the machine is no cost of it.
        return min(spent) / BURST * 1e6

    PROCESSOR.serve(intake)
    try:
        for what, make in (
            (
                "a span of OpenTelemetry about something else",
                partial(spans, REQUEST, {"http.response.status_code": 200}),
            ),
            ("a span of a model's call, as an operation", partial(spans, CALL, SAID)),
        ):
            ours, theirs, behind, encoded = await medians(
                bench.rounds, *(partial(timed, one, make) for one in (PROCESSOR, simple, batch, encoding))
            )
            yield Row(what, ours, "µs", theirs, "SimpleSpanProcessor, kept in a list")
            yield Row("the same", ours, "µs", behind, "BatchSpanProcessor, what its thread does apart")
            yield Row("the same", ours, "µs", encoded, "SimpleSpanProcessor, encoded for OTLP")
    finally:
        PROCESSOR.leave(intake)
        batch.shutdown()
        await recorder.close()
