"""Which kind of failure an exception is, by names, status and text; imports none of the libraries it knows.

What it wraps is looked at instead of the wrapper, and of a group the worst. Then, for the exception and what it was
raised from: the name of its type and of the types above; where that names a rejection or an absent service, or nothing,
also what it says unmistakably, its HTTP status and its errno. Then what their texts hint at. Nothing of it is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from types import TracebackType
from weakref import WeakKeyDictionary

from monitoring.model import ErrorKind
from monitoring.recording.failure_words import (
    ERRNO,
    EXACT,
    FALLBACK,
    FAULTS,
    HINTING,
    IN_TEXT,
    MUTE,
    PATTERNS,
    STATUS,
    TELLING,
    WRAPPERS,
    Words,
)
from monitoring.recording.raised import answer_of, attribute, number, own, status_of

_DEEPEST = 8
"""Steps from an exception to what it wraps or was raised from, and exceptions of a group that are looked at."""
_FRAMES = 16
_WALKED = 4_000
"""Frames of a traceback that are walked: more than Python's own limit on recursion."""
_OPEN = frozenset({None, ErrorKind.VALIDATION, ErrorKind.NETWORK})
"""Kinds by name that a status or text may know better."""
_RANK = {"low": 0, "medium": 1, "high": 2}
_NAMED: WeakKeyDictionary[type, ErrorKind | None] = WeakKeyDictionary()
"""Kinds by type, worked out once; types that are gone are forgotten, so that a host's reloaded code is freed."""


def classify(exception: BaseException) -> ErrorKind:
    """The kind of failure; `unknown` where nothing tells, and for exceptions that raise when asked."""
    try:
        return _classify(exception, 0)
    except Exception:
        # Foreign exceptions may do anything when they are looked at.
        return ErrorKind.UNKNOWN


def fingerprint(exception: BaseException) -> str:
    """Twelve hexadecimal digits, the same for the same type, status and way of being raised; made of names only.

    Texts take no part, so that neither numbers nor ids nor what users wrote change it or can be guessed from it.
    """
    try:
        inner = unwrap(exception)
        words = [_full_name(inner), str(status_of(inner)), str(number(own(inner, "code")))]
        words += [str(number(attribute(inner, "errno"))), *_way(inner.__traceback__)]
    except Exception:
        # Foreign exceptions may do anything when they are looked at.
        words = [_full_name(exception)]

    return hashlib.blake2b("\n".join(words).encode("utf-8", "replace"), digest_size=6).hexdigest()


def unwrap(exception: BaseException, depth: int = 0) -> BaseException:
    """What went wrong inside wrappers and groups; itself, if it is neither."""
    for _ in range(_DEEPEST):
        inner: object = None
        if isinstance(exception, BaseExceptionGroup):
            inner = _worst(exception, depth)
        elif type(exception).__name__ in WRAPPERS:
            inner = attribute(exception, "original") or _last_try(exception) or exception.__cause__

        if not isinstance(inner, BaseException):
            break

        exception = inner

    return exception


def _classify(exception: BaseException, depth: int) -> ErrorKind:
    kind = _named(type(exception))
    if kind is not None and kind not in _OPEN:
        return kind

    links = list(_links(exception, depth))
    kind = next((kind for link in links if (kind := _firmly(link)) is not None), None)
    kind = kind or next((kind for link in links if (kind := _loosely(link)) is not None), None)
    if kind is not None:
        return kind

    first = links[-1] if links[-1] is not exception else links[0]
    meanwhile = None if first.__suppress_context__ else first.__context__
    if meanwhile is not None and depth < _DEEPEST:
        kind = _classify(meanwhile, depth + 1)
        if kind is not ErrorKind.UNKNOWN:
            return kind

    names = (above.__name__ for link in links for above in type(link).__mro__)
    return next((FALLBACK[name] for name in names if name in FALLBACK), ErrorKind.UNKNOWN)


def _links(exception: BaseException, depth: int) -> Iterator[BaseException]:
    """What is inside of it, and what that was raised from; a bounded number of steps, as causes can form a circle."""
    inner: BaseException | None = unwrap(exception, depth)
    for _ in range(_DEEPEST):
        if inner is None:
            break

        yield inner
        inner = inner.__cause__ and unwrap(inner.__cause__, depth)

    if type(exception).__name__ in WRAPPERS:
        # Its own name and text may still tell, if those of what is inside do not.
        yield exception


def _worst(group: BaseExceptionGroup[BaseException], depth: int) -> BaseException:
    """The worst of a group, the first of equals: what was only cancelled because of another does not count."""
    several = group.exceptions[:_DEEPEST]
    if depth >= 2:
        return several[0]

    return max(several, key=lambda one: _RANK[_classify(one, depth + 1).severity])


def _last_try(exception: BaseException) -> object:
    """What the last of several tries raised, as tenacity keeps it."""
    last = attribute(exception, "last_attempt")
    asked = getattr(last, "exception", None)
    return asked() if callable(asked) and getattr(last, "failed", False) else None


def _named(kind: type) -> ErrorKind | None:
    try:
        return _NAMED[kind]
    except KeyError:
        found = next((found for name in _names(kind) if (found := _by_name(name)) is not None), None)
        _NAMED[kind] = found
        return found


def _names(kind: type) -> Iterator[str]:
    """Names of the type and those above, up to the first that says something only if nothing else does."""
    for above in kind.__mro__:
        name = above.__name__
        if name in FALLBACK or name in WRAPPERS:
            return

        if above.__module__ != "builtins" or name not in ("Exception", "BaseException", "object"):
            yield name


def _by_name(name: str) -> ErrorKind | None:
    exact = EXACT.get(name)
    return exact or next((kind for pattern, kind in PATTERNS if pattern.search(name)), None)


def _firmly(link: BaseException) -> ErrorKind | None:
    """By its name; where that leaves it open, by what it says unmistakably, its status and errno."""
    kind = _named(type(link))
    if kind is not None and kind not in _OPEN:
        return kind

    status = status_of(link)
    if status is not None:
        return _first(TELLING, answer_of(link)) or STATUS.get(status) or _refused(status)

    if kind is not None:
        return kind

    told = None if _is_one_of(MUTE, link) else _first(TELLING, answer_of(link))
    errno = number(attribute(link, "errno"))
    return told or (ERRNO.get(errno) if errno is not None else None)


def _loosely(link: BaseException) -> ErrorKind | None:
    """By a status in its text and by what that hints at; faults of the code say nothing of what happened."""
    if _is_one_of(FAULTS, link):
        return None

    text = answer_of(link).lower()
    found = IN_TEXT.search(text)
    if found is not None:
        return STATUS.get(int(found[1])) or _refused(int(found[1]))

    return _first(HINTING, text)


def _is_one_of(names: frozenset[str], link: BaseException) -> bool:
    return any(above.__name__ in names for above in type(link).__mro__)


def _refused(status: int) -> ErrorKind:
    return ErrorKind.VALIDATION if status < 500 else ErrorKind.NETWORK


def _first(words: Words, text: str) -> ErrorKind | None:
    text = text.lower()
    return next((kind for word, kind in words if word in text), None)


def _full_name(exception: BaseException) -> str:
    return f"{type(exception).__module__}.{type(exception).__qualname__}"


def _way(traceback: TracebackType | None) -> list[str]:
    """The last functions it came through, each once in a row, so that the depth of a recursion does not matter."""
    names: list[str] = []
    for _ in range(_WALKED):
        if traceback is None:
            break

        name = traceback.tb_frame.f_code.co_qualname
        if not names or names[-1] != name:
            names.append(name)

        traceback = traceback.tb_next

    return names[-_FRAMES:]
