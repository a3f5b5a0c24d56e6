"""A span under way, and what becomes of it once it ended.

Of spans around each other that are about the same work only the innermost counts, and of those inside an operation of
the host's own that is about a model none: they tell that operation what it did not say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from opentelemetry.sdk.trace import ReadableSpan, Span
from opentelemetry.trace import StatusCode

from monitoring.recording.intake import Intake
from monitoring.recording.otel_failure import failure_in
from monitoring.recording.otel_reading import AROUND, CALL, Attributes, Read, Work, allowed, read, work_of
from monitoring.recording.timed import RESPONSE, Operation
from monitoring.recording.told import Failure

_DEEPEST = 64
"""Spans around a span that are looked at."""


class Added(NamedTuple):
    """Tokens that spans told an operation of the host's: what the host says itself takes their place."""

    prompt: int
    completion: int
    cached: int


class Note:
    """A span under way: where it began, and what is known of it so far."""

    # On the class, since most spans are about something else and never have any of it.
    begun: Work | None = None
    """What it is, as far as it said at its start: of many attributes the first ones are dropped later."""
    operation: Operation | None = None
    """What becomes of it, known at its start already: it is interrupted if the span never ends."""
    inside: frozenset[Work] = frozenset()
    """Works that spans inside of it are."""
    left = False
    """One inside said nothing of tokens and left it to this one to be counted."""
    over = False

    def __init__(self, span: Span, intake: Intake, parent: Note | None, around: Operation | None) -> None:
        self.span = span
        self.intake = intake
        self.parent = parent
        self.around = around
        self.monotonic = intake.monotonic()
        self.wall = intake.wall()

    def above(self) -> Iterator[Note]:
        """Spans around it that are under way, the nearest first."""
        above = self.parent
        for _ in range(_DEEPEST):
            if above is None:
                return

            if not above.over:
                yield above

            above = above.parent

    def mark(self, work: Work) -> None:
        """Let those around it know what it is; one of them that is about the same is not what counts."""
        for above in self.above():
            above.inside |= {work}
            operation = above.operation
            if operation is not None and (operation._service, operation._operation) == work:
                # Else a kill would leave both as interrupted.
                above.intake.open.pop(operation, None)
                above.operation = None


def is_call(operation: Operation) -> bool:
    """The host's own operation is about a model: what is inside of it is the same call, told again."""
    return operation._operation is not RESPONSE and (operation._service == CALL[0] or bool(operation._model))


def end(note: Note, span: ReadableSpan, work: Work, attributes: Attributes) -> None:
    """Count a span that ended, unless one around or inside of it is what counts."""
    start, end = span.start_time or 0, span.end_time or 0
    events = span.events
    told = read(CALL if work == AROUND else work, attributes, events, start)
    failed = span.status.status_code is StatusCode.ERROR or "error.type" in attributes
    failure = failure_in(attributes, events, failed=failed, answered=told.answered, text=note.intake.error_text)
    if _is_told_elsewhere(note, work, told, failure):
        _withdraw(note)
        return

    note.mark(told.work)
    # As long as it was, also where the wall clock, which spans are timed by, was set meanwhile.
    intake = note.intake
    set_by = (intake.wall() - note.wall) - (intake.monotonic() - note.monotonic)
    seconds = max((end - start) / 1e9 - set_by, 0.0)
    if told.work == CALL and note.around is not None and is_call(note.around):
        _tell_host(note.around, told, seconds)
    else:
        _record(note, told, failure, start / 1e9, seconds)


def _is_told_elsewhere(note: Note, work: Work, told: Read, failure: Failure) -> bool:
    """Another span counts in its place: one inside of it, or one around it that knows of tokens what this does not."""
    if told.work in note.inside and not note.left:
        return True

    if work == AROUND:
        # An agent counts only where nothing else says what it used.
        return not told.counted

    if told.work != CALL or told.counted or failure.kind is not None:
        return False

    for above in note.above():
        if work_of(allowed(above.span.attributes or {})) == CALL:
            above.left = True
            return True

    return False


def _withdraw(note: Note) -> None:
    operation = note.operation
    if operation is not None:
        note.intake.open.pop(operation, None)


def _tell_host(operation: Operation, told: Read, seconds: float) -> None:
    """Add what a span knows to an operation of the host's that did not say it; too late, once that is over."""
    start = operation.start
    if operation.over or start is None:
        return

    if not operation._model:
        operation._model = told.model

    before = operation._tokens
    if told.counted and (type(before) is Added or not any(before)):
        operation._tokens = Added(before[0] + told.prompt, before[1] + told.completion, before[2] + told.cached)

    if told.first_token is not None and operation._first is None:
        operation._first = max(operation._owner.monotonic() - start - seconds + told.first_token, 0.0)

    operation._local = operation._local or told.local


def _record(note: Note, told: Read, failure: Failure, began: float, seconds: float) -> None:
    """Leave the fact; what took too long was ended as interrupted before, and stays so."""
    intake, operation = note.intake, note.operation
    if operation is None:
        operation = Operation(intake, *told.work)
        # Nobody watches over it: it ends here.
        operation._loose = True
        if note.around is not None and not operation._inherit(note.around):
            intake.refuse()
            return

    operation._service, operation._operation = told.work
    operation._model = told.model or operation._model
    operation._tokens = (told.prompt, told.completion, told.cached)
    operation._first = told.first_token
    operation._local = operation._local or told.local
    operation._failure = failure
    operation._began = began
    operation._start = intake.monotonic() - seconds
    operation._end(None)
