"""Spans of instrumented model clients become operations: a span processor for a TracerProvider of OpenTelemetry.

A span begins where the host's code runs, so that the response under way is known then; it may end anywhere. Imported
only where spans are wanted.
"""

from __future__ import annotations

import threading
from weakref import WeakSet

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider

from monitoring.recording.intake import Intake
from monitoring.recording.otel_note import Note, end, is_call
from monitoring.recording.otel_reading import AROUND, CALL, MARKS, allowed, is_local, model_of, work_of
from monitoring.recording.timed import Operation, running

MOST = 10_000
"""Spans under way that are remembered, the newest ones: a host that never ends its own cannot crowd out others."""


class GenAISpans(SpanProcessor):
    """The one processor of this process; it takes what it sees to the Monitors that ask for it, and nothing to none.

    It never raises. Added to a provider twice, it counts once. Spans that are not sampled never reach it.
    """

    def __init__(self) -> None:
        self._intakes: list[Intake] = []
        self._under_way: dict[int, Note] = {}
        self._lock = threading.Lock()
        self._served = False
        self._added_to: WeakSet[object] = WeakSet()

    def serve(self, intake: Intake) -> None:
        """Take spans there too; those that belong to no response go to who asked last."""
        with self._lock:
            self._intakes = [*(one for one in self._intakes if one is not intake), intake]
            self._served = True

    def leave(self, intake: Intake) -> None:
        """Take nothing there any more, and forget what is under way for it."""
        with self._lock:
            self._intakes = [one for one in self._intakes if one is not intake]
            for key, note in list(self._under_way.items()):
                if note.intake is intake:
                    self._under_way.pop(key, None)

    @property
    def is_left(self) -> bool:
        """Somebody wanted spans before, and nobody does now."""
        return self._served and not self._intakes

    def add_to_global(self) -> bool:
        """Add itself to the process's TracerProvider, once; False while there is none of the SDK."""
        provider = trace.get_tracer_provider()
        if not isinstance(provider, TracerProvider):
            return False

        if provider not in self._added_to:
            self._added_to.add(provider)
            provider.add_span_processor(self)

        return True

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Note where a span begins; it is not known yet what most of them are about."""
        intakes = self._intakes
        context = span.context
        if not intakes or context is None or context.span_id in self._under_way:
            return

        try:
            self._begin(span, context.span_id, intakes)
        except Exception:
            intakes[-1].refuse()

    def on_end(self, span: ReadableSpan) -> None:
        """Record what a span said, if it is about a model."""
        context = span.context
        note = self._under_way.pop(context.span_id, None) if context is not None else None
        if note is None:
            return

        try:
            note.over = True
            attributes = allowed(span.attributes or {})
            work = work_of(attributes) or note.begun
            if work is not None:
                end(note, span, work, attributes)
        except Exception:
            note.intake.refuse()

    def shutdown(self) -> None:
        """Forget what is under way; a provider that is shut down sends nothing any more."""
        self._under_way.clear()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing is held back here."""
        return True

    def _begin(self, span: Span, key: int, intakes: list[Intake]) -> None:
        around = running()
        if around is not None and around.over:
            around = None

        intake = around._owner if around is not None and around._owner in intakes else intakes[-1]
        parent = span.parent
        note = Note(span, intake, self._under_way.get(parent.span_id) if parent is not None else None, around)
        if len(self._under_way) >= MOST:
            self._under_way.pop(next(iter(self._under_way)), None)

        self._under_way[key] = note
        begun = span.attributes
        if not begun or MARKS.isdisjoint(begun):
            return

        attributes = allowed(begun)
        work = work_of(attributes)
        if work is None or work == AROUND:
            return

        note.begun = work
        note.mark(work)
        if around is None or work != CALL or not is_call(around):
            model = model_of(attributes)
            note.operation = Operation(intake, *work, model=model, local=is_local(attributes, model))
            note.operation._begin()


PROCESSOR = GenAISpans()
"""There is one, since a provider gives none back: a Monitor that is loaded anew goes on with it."""
