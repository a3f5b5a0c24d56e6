"""Which kind of failure an exception is, by the names of its types, its status and its text; imports no library.

In this order: what it wraps is looked at instead of the wrapper; running out of memory or context by its text; the name
of its type, then of the types above; its HTTP status; its text. Nothing of the text is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Iterator
from types import TracebackType

from monitoring.model import ErrorKind

_EXACT: dict[str, ErrorKind] = {
    name: kind
    for kind, names in {
        ErrorKind.INTERRUPTED: "CancelledError KeyboardInterrupt SystemExit GeneratorExit BrokenExecutor "
        "BrokenProcessPool BrokenThreadPool",
        ErrorKind.RATE_LIMIT: "RateLimited CommandOnCooldown MaxConcurrencyReached OverloadedError ResourceExhausted "
        "QuotaExceededError SlowDown",
        ErrorKind.MEMORY: "MemoryError RecursionError LengthFinishReasonError",
        ErrorKind.PERMISSION: "CheckFailure CheckAnyFailure NotOwner NoPrivateMessage PrivateMessageOnly "
        "PrivilegedIntentsRequired LoginFailure MissingRole MissingAnyRole BotMissingRole BotMissingAnyRole "
        "NSFWChannelRequired AccessDenied ContentFilterFinishReasonError",
        ErrorKind.NOT_FOUND: "CommandNotFound FileNotFoundError ModelNotFoundError NoEntryPointError NoSuchProcess "
        "ExtensionNotLoaded",
        ErrorKind.NETWORK: "ConnectionClosed GatewayNotFound DiscordServerError InternalServerError gaierror herror "
        "IncompleteReadError BrokenPipeError RemoteProtocolError ServerDisconnectedError ClientPayloadError "
        "ClientOSError EndOfStream WSServerHandshakeError ServiceUnavailableError URLError ProtocolError",
        ErrorKind.VALIDATION: "BadArgument BadUnionArgument BadLiteralArgument UserInputError MissingRequiredArgument "
        "TooManyArguments ArgumentParsingError ConversionError TransformerError UnprocessableEntityError "
        "InteractionResponded ContentTypeError JSONDecodeError UnicodeDecodeError UnicodeEncodeError "
        "APIResponseValidationError ConflictError RequestTooLargeError",
    }.items()
    for name in names.split()
}
"""Names that the patterns below would miss or misread: of the standard library, aiohttp, discord.py, openai, anthropic,
google, httpx, psutil."""

_NAMES: tuple[tuple[re.Pattern[str], ErrorKind], ...] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"Time(d)?_?[Oo]ut|DeadlineExceeded", ErrorKind.TIMEOUT),
        (r"Rate_?Limit|TooManyRequests|Throttl|Cooldown", ErrorKind.RATE_LIMIT),
        (r"OutOfMemory|MemoryError|ContextLength|ContextWindow|ContextOverflow", ErrorKind.MEMORY),
        (r"Cancel|Interrupt|Aborted", ErrorKind.INTERRUPTED),
        (r"Permission|Forbidden|Unauthori[sz]ed|Authentication|Unauthenticated|AccessDenied", ErrorKind.PERMISSION),
        (r"NotFound|DoesNotExist|NoSuch", ErrorKind.NOT_FOUND),
        (r"Connect|Network|Socket|SSL|TLS|DNS|Disconnect|Unreachable|Unavailable", ErrorKind.NETWORK),
        (r"Validation|Invalid|BadRequest|BadArgument|Pars(e|ing)|Decode|Unprocessable|Schema", ErrorKind.VALIDATION),
    )
)

_MEMORY = re.compile(
    r"out of memory|context[ _](length|window|size|overflow)|maximum context|context_length_exceeded|"
    r"prompt is too long|too many (input )?tokens|exceeds? the (available )?context|more system memory|kv cache",
    re.IGNORECASE,
)
_TEXTS: tuple[tuple[re.Pattern[str], ErrorKind], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"tim(ed|e)[ -]?out|deadline exceeded", ErrorKind.TIMEOUT),
        (r"rate.?limit|too many requests|quota|overloaded|\b429\b", ErrorKind.RATE_LIMIT),
        (r"connection (was )?(refused|reset|aborted|closed|lost|error)|cannot connect|network|unreachable|"
         r"name resolution|getaddrinfo|broken pipe|bad gateway|service unavailable|\bssl\b", ErrorKind.NETWORK),
        (r"permission|forbidden|unauthori[sz]ed|access denied|invalid api key|not allowed", ErrorKind.PERMISSION),
        (r"not found|no such|does not exist|unknown (message|channel|user|interaction|model)", ErrorKind.NOT_FOUND),
        (r"cancel|interrupted|shutting down", ErrorKind.INTERRUPTED),
        (r"invalid|malformed|validation|must be|expected", ErrorKind.VALIDATION),
    )
)  # fmt: skip

_WRAPPERS = frozenset(
    {"CommandInvokeError", "HybridCommandError", "ExtensionFailed", "APIConnectionError", "RetryError"}
)
"""What only says that something else went wrong inside."""
_GENERIC = {"ValueError": ErrorKind.VALIDATION, "TypeError": ErrorKind.VALIDATION}
_DEEPEST = 8
_READ = 2_000
"""Characters of a message that are looked at."""
_FRAMES = 16


def classify(exception: BaseException) -> ErrorKind:
    """The kind of failure; `unknown` where nothing tells, and for exceptions that raise when asked."""
    inner = _unwrap(exception)
    text = _text(inner)
    if _MEMORY.search(text):
        return ErrorKind.MEMORY

    for name in _names(inner):
        if (kind := _by_name(name)) is not None:
            return kind

    kind = _by_status(inner)
    if kind is None:
        kind = next((kind for pattern, kind in _TEXTS if pattern.search(text)), None)

    if kind is None:
        kind = next((_GENERIC[name] for name in _names(inner) if name in _GENERIC), ErrorKind.UNKNOWN)

    return kind


def fingerprint(exception: BaseException) -> str:
    """Twelve hexadecimal digits that are the same for the same type raised on the same way; made of names only."""
    inner = _unwrap(exception)
    names = deque((frame.tb_frame.f_code.co_qualname for frame in _frames(inner.__traceback__)), maxlen=_FRAMES)
    kind = type(inner)
    words = "\n".join([f"{kind.__module__}.{kind.__qualname__}", *names])

    return hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=6).hexdigest()


def _unwrap(exception: BaseException) -> BaseException:
    """What went wrong inside wrappers and groups; a bounded number of steps, as causes can form a circle."""
    for _ in range(_DEEPEST):
        inner: object = None
        if isinstance(exception, BaseExceptionGroup):
            inner = exception.exceptions[0]
        elif type(exception).__name__ in _WRAPPERS:
            inner = _attribute(exception, "original") or exception.__cause__

        if not isinstance(inner, BaseException):
            break

        exception = inner

    return exception


def _names(exception: BaseException) -> Iterator[str]:
    for kind in type(exception).__mro__:
        if kind.__module__ != "builtins" or kind.__name__ not in ("Exception", "BaseException", "object"):
            yield kind.__name__


def _by_name(name: str) -> ErrorKind | None:
    exact = _EXACT.get(name)
    return exact or next((kind for pattern, kind in _NAMES if pattern.search(name)), None)


def _by_status(exception: BaseException) -> ErrorKind | None:
    """By the HTTP status that aiohttp, discord.py, openai and ollama carry; 5xx is a service that was not there."""
    for name in ("status", "status_code", "code"):
        status = _attribute(exception, name)
        if type(status) is not int or not 400 <= status < 600:
            continue

        known = {401: ErrorKind.PERMISSION, 403: ErrorKind.PERMISSION, 404: ErrorKind.NOT_FOUND}
        known |= {408: ErrorKind.TIMEOUT, 410: ErrorKind.NOT_FOUND, 429: ErrorKind.RATE_LIMIT}
        known |= {504: ErrorKind.TIMEOUT, 524: ErrorKind.TIMEOUT, 529: ErrorKind.RATE_LIMIT}
        return known.get(status, ErrorKind.VALIDATION if status < 500 else ErrorKind.NETWORK)

    return None


def _attribute(exception: BaseException, name: str) -> object:
    try:
        found: object = getattr(exception, name, None)
    except Exception:
        # A property of a foreign exception may do anything.
        return None

    return found


def _text(exception: BaseException) -> str:
    try:
        return str(exception)[:_READ]
    except Exception:
        # Its `__str__` raises: then it has no text.
        return ""


def _frames(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next
