"""Why a span failed: by the exception that is being raised, else by the names and status that the span bears."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable

from monitoring.model import ErrorKind
from monitoring.recording.failure_words import EXACT, FALLBACK, PATTERNS, STATUS
from monitoring.recording.otel_reading import Attributes, Event, failure_names, raised_in
from monitoring.recording.raised import status_of
from monitoring.recording.timed import INTERRUPTED
from monitoring.recording.told import SUCCESS, Failure, failure_of

_OPEN = (ErrorKind.VALIDATION, ErrorKind.NETWORK)
"""Kinds by name that a status may know better."""


def failure_in(attributes: Attributes, events: Iterable[Event], *, failed: bool, answered: bool, text: bool) -> Failure:
    """Why it failed, or SUCCESS. `failed`: its status says so; `answered`: the model said something.

    An instrumentation ends its span while the exception passes, so that it is looked at as one of an operation of ours
    would be; `text`: what it says is kept, redacted. Is there none, only names count.
    """
    raised = sys.exc_info()[1]
    if not failed:
        # Nobody notes a cancellation in a span: it looks like a success that said nothing.
        cancelled = raised is not None and not isinstance(raised, Exception)
        return INTERRUPTED if cancelled and not answered else SUCCESS

    name, status = failure_names(attributes)
    # The one of the event has its package before it, and not every instrumentation has the other.
    name = raised_in(events) or name
    if raised is not None and _is_meant(raised, name, status):
        return failure_of(raised, text)

    return Failure(kind_of(name, status), _print(name, status))


def kind_of(name: str, status: int | None) -> ErrorKind:
    """The kind of failure by the name of an exception's type (or the like) and an HTTP status."""
    short = _short(name)
    kind = _named(short) or _named(_camel(short))
    if kind is not None and kind not in _OPEN:
        return kind

    if status is not None and 400 <= status < 600:
        return STATUS.get(status) or (ErrorKind.VALIDATION if status < 500 else ErrorKind.NETWORK)

    return kind or FALLBACK.get(short) or ErrorKind.UNKNOWN


def _is_meant(raised: BaseException, name: str, status: int | None) -> bool:
    """The exception is the one that the span failed with, and not one that the host is busy with meanwhile."""
    if name:
        return _short(name) in {above.__name__ for above in type(raised).__mro__}

    return status is None or status_of(raised) == status


def _named(name: str) -> ErrorKind | None:
    return EXACT.get(name) or next((kind for pattern, kind in PATTERNS if pattern.search(name)), None)


def _camel(name: str) -> str:
    """`connection_error` as a type would be called."""
    return "".join(part.capitalize() for part in name.replace("-", "_").split("_"))


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _print(name: str, status: int | None) -> str:
    """A fingerprint as that of an exception looks; made of names only."""
    return hashlib.blake2b(f"{name}\n{status}".encode("utf-8", "replace"), digest_size=6).hexdigest()
