"""The words by which failures are known: names of exception types, HTTP statuses, errnos, and what libraries say.

Of the standard library, aiohttp, httpx, discord.py, openai, anthropic, ollama, google, litellm, botocore, asyncpg,
redis and tenacity; none of them is imported. `docs/failures.md` lists what becomes of each.
"""

from __future__ import annotations

import errno
import re

from monitoring.model import ErrorKind

EXACT: dict[str, ErrorKind] = {
    name: kind
    for kind, names in {
        ErrorKind.INTERRUPTED: "CancelledError KeyboardInterrupt SystemExit GeneratorExit BrokenExecutor "
        "BrokenProcessPool BrokenThreadPool DeadlockDetectedError SerializationError ClientClosedRequestError "
        "WatchError",
        ErrorKind.RATE_LIMIT: "RateLimited CommandOnCooldown MaxConcurrencyReached OverloadedError ResourceExhausted "
        "SlowDown QueueFull TooManyConnectionsError MaxConnectionsError PaymentRequiredError BudgetExceededError",
        ErrorKind.MEMORY: "MemoryError RecursionError LengthFinishReasonError DiskFullError",
        ErrorKind.PERMISSION: "CheckFailure CheckAnyFailure NotOwner NoPrivateMessage PrivateMessageOnly "
        "PrivilegedIntentsRequired LoginFailure MissingRole MissingAnyRole BotMissingRole BotMissingAnyRole "
        "NSFWChannelRequired DisabledCommand ContentFilterFinishReasonError ContentPolicyViolationError OAuthError "
        "InsufficientPrivilegeError InvalidAuthorizationSpecificationError ReadOnlyError ReadOnlySQLTransactionError "
        "CredentialsError InvalidSignatureException UnrecognizedClientException ExpiredTokenException",
        ErrorKind.NOT_FOUND: "CommandNotFound FileNotFoundError ModelNotFoundError NoEntryPointError NoSuchProcess "
        "ExtensionNotLoaded OpusNotLoaded UndefinedTableError UndefinedColumnError UndefinedFunctionError "
        "InvalidCatalogNameError NoScriptError",
        ErrorKind.NETWORK: "ConnectionClosed GatewayNotFound DiscordServerError InternalServerError gaierror herror "
        "IncompleteReadError BrokenPipeError RemoteProtocolError ServerDisconnectedError ClientPayloadError "
        "ClientOSError EndOfStream ClosedResourceError BrokenResourceError WSServerHandshakeError ServerError "
        "ServiceUnavailableError BadGatewayError URLError ProtocolError TransportError TooManyRedirects "
        "AdminShutdownError CrashShutdownError ClusterDownError ServerFingerprintMismatch ConnectionDoesNotExistError",
        ErrorKind.VALIDATION: "UserInputError MissingRequiredArgument TooManyArguments ArgumentParsingError "
        "InteractionResponded ContentTypeError JSONDecodeError UnicodeDecodeError UnicodeEncodeError ConflictError "
        "RequestTooLargeError ContentTooLargeError LocalProtocolError UnsupportedProtocol NonHttpUrlClientError "
        "CommandAlreadyRegistered CommandRegistrationError CommandLimitReached CommandSignatureMismatch "
        "MissingApplicationID IntegrityError DataError SyntaxOrAccessError PreconditionFailedError",
    }.items()
    for name in names.split()
}
"""Names that the patterns below would miss or misread."""

PATTERNS: tuple[tuple[re.Pattern[str], ErrorKind], ...] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"Time(d)?_?[Oo]ut|DeadlineExceeded", ErrorKind.TIMEOUT),
        (r"Rate_?Limit|TooManyRequests|Throttl|Cooldown|Quota|LimitReached|Overloaded", ErrorKind.RATE_LIMIT),
        (r"OutOfMemory|MemoryError|Context(Length|Window|Overflow|Size)|TokenLimit", ErrorKind.MEMORY),
        (r"Cancel|Interrupt|Aborted", ErrorKind.INTERRUPTED),
        (r"Permission|Forbidden|Unauthori[sz]ed|Authenticat|Authorization|AccessDenied|"
         r"(Invalid|Bad|Expired|Missing)(Api)?(Key|Token|Password|Credential)", ErrorKind.PERMISSION),
        (r"NotFound|DoesNotExist|NoSuch", ErrorKind.NOT_FOUND),
        (r"Connect|Network|Socket|SSL|TLS|DNS|Disconnect|Unreachable|Unavailable", ErrorKind.NETWORK),
        (r"Validation|Invalid|BadRequest|BadArgument|Pars(e|ing)|Decod|Unprocessable|Schema|Violation",
         ErrorKind.VALIDATION),
    )
)  # fmt: skip
"""What names have in common, the most telling first."""

WRAPPERS = frozenset(
    {"CommandInvokeError", "HybridCommandError", "ExtensionFailed", "APIConnectionError", "RetryError",
     "ConversionError", "TransformerError"}
)  # fmt: skip
"""What only says that something else went wrong inside."""

FALLBACK: dict[str, ErrorKind] = {
    "ValueError": ErrorKind.VALIDATION,
    "TypeError": ErrorKind.VALIDATION,
    "ConversionError": ErrorKind.VALIDATION,
    "TransformerError": ErrorKind.VALIDATION,
    "APIConnectionError": ErrorKind.NETWORK,
    "QueryCanceledError": ErrorKind.INTERRUPTED,
    "LockNotAvailableError": ErrorKind.TIMEOUT,
    "LockError": ErrorKind.TIMEOUT,
}
"""What these names mean where nothing inside, no status and no text says more."""

MUTE = frozenset(
    {"AttributeError", "NameError", "LookupError", "SyntaxError", "AssertionError", "ImportError",
     "NotImplementedError", "ArithmeticError"}
)  # fmt: skip
"""Faults of the code: what they say names its parts, not what happened."""
FAULTS = MUTE | {"ValueError", "TypeError"}
"""These too say more about the code (`unexpected keyword argument 'timeout'`), unless they say it unmistakably."""

_TELLING: tuple[tuple[ErrorKind, str], ...] = (
    (
        ErrorKind.MEMORY,
        "out of memory|context length|context_length|context window|context_window|context size|context_size|"
        "context overflow|context limit|maximum context|exceed context|exceeds context|available context|"
        "prompt is too long|input is too long|too many tokens|too many input tokens|reduce the length of the|"
        "more system memory|cannot allocate memory|unable to allocate|insufficient memory|alloc_failed|kv cache|"
        "oom command not allowed|no space left|disk is full|too many open files",
    ),
    (
        ErrorKind.RATE_LIMIT,
        "rate limit|rate_limit|ratelimit|too many requests|quota exceeded|quota_exceeded|exceeded your current quota|"
        "insufficient_quota|credit balance|billing_hard_limit|spend limit|overloaded|resource_exhausted|throttl",
    ),
    (
        ErrorKind.PERMISSION,
        "content_policy|content policy|content_filter|content filter|content management policy|responsibleaipolicy|"
        "safety system|safety settings|blocked by safety|api key not valid|invalid api key|invalid_api_key|"
        "incorrect api key|authentication_error|permission_error|could not resolve authentication",
    ),
    (ErrorKind.NOT_FOUND, "model_not_found|model not found|not_found_error|model does not exist"),
)
_HINTING: tuple[tuple[ErrorKind, str], ...] = (
    (
        ErrorKind.TIMEOUT,
        "timed out|timeout|time out|timed-out|deadline exceeded|deadline_exceeded|took too long|is locked|sqlite_busy|"
        "within the time",
    ),
    (ErrorKind.RATE_LIMIT, "quota|usage limit"),
    (
        ErrorKind.NETWORK,
        "connection refused|connection reset|connection aborted|connection closed|connection was closed|"
        "connection lost|connection error|cannot connect|can't connect|could not connect|failed to connect|network|"
        "unreachable|name resolution|getaddrinfo|name or service not known|nodename nor servname|broken pipe|"
        "bad gateway|service unavailable|statuscode.unavailable|certificate verify|ssl:|[ssl|server disconnected|"
        "internal server error|server_error|server had an error|api_error",
    ),
    (
        ErrorKind.PERMISSION,
        "permission|forbidden|unauthorized|unauthorised|access denied|api key|api_key|authentication|not allowed|"
        "readonly database",
    ),
    (
        ErrorKind.NOT_FOUND,
        "not found|no such|does not exist|unknown message|unknown channel|unknown user|unknown interaction|"
        "unknown model|unable to open database",
    ),
    (
        ErrorKind.INTERRUPTED,
        "cancel|interrupted|shutting down|event loop is closed|session is closed|client has been closed",
    ),
    (
        ErrorKind.VALIDATION,
        "invalid|malformed|validation|must be|must not|must provide| expected |unsupported|not supported|"
        "syntax error|wrongtype",
    ),
)

Words = tuple[tuple[str, ErrorKind], ...]


def _flat(table: tuple[tuple[ErrorKind, str], ...]) -> Words:
    return tuple((word, kind) for kind, words in table for word in words.split("|"))


TELLING: Words = _flat(_TELLING)
"""What is said nowhere but in one kind of failure: it counts for more than an HTTP status."""
HINTING: Words = _flat(_HINTING)
"""What is believed only where nothing else tells."""

STATUS: dict[int, ErrorKind] = {
    401: ErrorKind.PERMISSION,
    402: ErrorKind.RATE_LIMIT,
    403: ErrorKind.PERMISSION,
    404: ErrorKind.NOT_FOUND,
    407: ErrorKind.PERMISSION,
    408: ErrorKind.TIMEOUT,
    410: ErrorKind.NOT_FOUND,
    425: ErrorKind.NETWORK,
    429: ErrorKind.RATE_LIMIT,
    451: ErrorKind.PERMISSION,
    499: ErrorKind.INTERRUPTED,
    501: ErrorKind.VALIDATION,
    504: ErrorKind.TIMEOUT,
    507: ErrorKind.MEMORY,
    522: ErrorKind.TIMEOUT,
    524: ErrorKind.TIMEOUT,
    529: ErrorKind.RATE_LIMIT,
    4004: ErrorKind.PERMISSION,
    4013: ErrorKind.VALIDATION,
    4014: ErrorKind.PERMISSION,
}
"""HTTP statuses that are no plain rejection (4xx) or absence of the service (5xx); from 4000 on Discord's gateway."""

ERRNO: dict[int, ErrorKind] = {
    number: kind
    for kind, names in {
        ErrorKind.MEMORY: "ENOMEM ENOSPC EDQUOT EMFILE ENFILE",
        ErrorKind.NETWORK: "ECONNREFUSED ECONNRESET ECONNABORTED ENETUNREACH EHOSTUNREACH EHOSTDOWN ENETDOWN EPIPE "
        "ENOTCONN ESHUTDOWN EADDRINUSE EADDRNOTAVAIL",
        ErrorKind.TIMEOUT: "ETIMEDOUT",
        ErrorKind.PERMISSION: "EACCES EPERM EROFS",
        ErrorKind.NOT_FOUND: "ENOENT ENXIO ENODEV",
        ErrorKind.INTERRUPTED: "EINTR ECANCELED",
    }.items()
    for name in names.split()
    if (number := getattr(errno, name, None)) is not None
}
"""Of an OSError whose type says nothing."""

IN_TEXT = re.compile(r"(?:\b(?:http|https|status|code|error)\b[\s:=(#]{0,4}(?:code[\s:=]{0,3})?|^\W?)([45]\d\d)\b")
"""An HTTP status that a host wrote into its own exception, in lower case: "ollama error 503", "http status: 429"."""
