"""Kinds of failure: by the names that asyncio, aiohttp, discord.py, openai, anthropic, ollama and httpx really use."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import json
import socket
import ssl
import weakref
from email.message import Message
from http import HTTPStatus
from urllib.error import HTTPError, URLError

import aiohttp
import discord
import pytest
from discord import app_commands
from discord.ext import commands

from monitoring.model import ErrorKind
from monitoring.recording.failure import classify, fingerprint


def named(path: str, text: str = "", **fields: object) -> BaseException:
    """An exception whose types bear these names, the outermost first, as a library that is not installed would."""
    kind: type[BaseException] = Exception
    for name in reversed(path.split(".")):
        kind = type(name, (kind,), {})

    raised = kind(text)
    for field, value in fields.items():
        setattr(raised, field, value)

    return raised


class Answer:
    """As much of an HTTP response as discord.py's exceptions look at."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.reason = "reason"


class Answered:
    """A response as requests keeps it, which is false where it failed, and would read from the network if asked."""

    def __init__(self, status: int) -> None:
        self.status_code = status

    def __bool__(self) -> bool:
        return False

    @property
    def content(self) -> bytes:
        raise AssertionError("read from the network")


def from_aiohttp(status: int) -> aiohttp.ClientResponseError:
    """What `raise_for_status` raises."""
    return aiohttp.ClientResponseError(None, (), status=status)  # type: ignore[arg-type]


def invoked(original: Exception) -> commands.CommandInvokeError:
    """What discord.py makes of an exception in a command."""
    return commands.CommandInvokeError(original)


K = ErrorKind
TABLE: list[tuple[BaseException, ErrorKind]] = [
    (TimeoutError(), K.TIMEOUT),
    (asyncio.CancelledError(), K.INTERRUPTED),
    (concurrent.futures.CancelledError(), K.INTERRUPTED),
    (KeyboardInterrupt(), K.INTERRUPTED),
    (SystemExit(1), K.INTERRUPTED),
    (GeneratorExit(), K.INTERRUPTED),
    (InterruptedError(), K.INTERRUPTED),
    (MemoryError(), K.MEMORY),
    (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"), K.MEMORY),
    (ConnectionRefusedError(), K.NETWORK),
    (ConnectionResetError(), K.NETWORK),
    (BrokenPipeError(), K.NETWORK),
    (socket.gaierror(-2, "Name or service not known"), K.NETWORK),
    (ssl.SSLError("handshake failure"), K.NETWORK),
    (asyncio.IncompleteReadError(b"", 4), K.NETWORK),
    (PermissionError(), K.PERMISSION),
    (FileNotFoundError(), K.NOT_FOUND),
    (ValueError("bad"), K.VALIDATION),
    (TypeError("bad"), K.VALIDATION),
    (json.JSONDecodeError("x", "y", 0), K.VALIDATION),
    (UnicodeDecodeError("utf-8", b"x", 0, 1, "y"), K.VALIDATION),
    (OSError("Connection refused"), K.NETWORK),
    (KeyError("x"), K.UNKNOWN),
    (Exception(), K.UNKNOWN),
    (RuntimeError("Read timed out"), K.TIMEOUT),
    (aiohttp.ServerTimeoutError(), K.TIMEOUT),
    (aiohttp.ServerDisconnectedError(), K.NETWORK),
    (aiohttp.ClientPayloadError(), K.NETWORK),
    (aiohttp.ClientConnectionError(), K.NETWORK),
    (aiohttp.InvalidURL("x"), K.VALIDATION),
    (from_aiohttp(429), K.RATE_LIMIT),
    (from_aiohttp(401), K.PERMISSION),
    (from_aiohttp(404), K.NOT_FOUND),
    (from_aiohttp(422), K.VALIDATION),
    (from_aiohttp(504), K.TIMEOUT),
    (from_aiohttp(503), K.NETWORK),
    (discord.Forbidden(Answer(403), "Missing Access"), K.PERMISSION),  # type: ignore[arg-type]
    (discord.NotFound(Answer(404), "Unknown Message"), K.NOT_FOUND),  # type: ignore[arg-type]
    (discord.HTTPException(Answer(429), "slow down"), K.RATE_LIMIT),  # type: ignore[arg-type]
    (discord.HTTPException(Answer(400), "Invalid Form Body"), K.VALIDATION),  # type: ignore[arg-type]
    (discord.DiscordServerError(Answer(503), "x"), K.NETWORK),  # type: ignore[arg-type]
    (discord.RateLimited(3.0), K.RATE_LIMIT),
    (discord.LoginFailure("Improper token has been passed."), K.PERMISSION),
    (discord.GatewayNotFound(), K.NETWORK),
    (commands.CommandNotFound("x"), K.NOT_FOUND),
    (commands.MemberNotFound("x"), K.NOT_FOUND),
    (commands.MissingPermissions(["ban_members"]), K.PERMISSION),
    (commands.BotMissingPermissions(["ban_members"]), K.PERMISSION),
    (commands.NotOwner(), K.PERMISSION),
    (commands.CheckFailure(), K.PERMISSION),
    (commands.BadArgument("x"), K.VALIDATION),
    (commands.MaxConcurrencyReached(1, commands.BucketType.user), K.RATE_LIMIT),
    (app_commands.MissingRole("x"), K.PERMISSION),
    (app_commands.CommandOnCooldown(app_commands.Cooldown(1, 1), 1.0), K.RATE_LIMIT),
    (invoked(TimeoutError()), K.TIMEOUT),
    (invoked(invoked(MemoryError())), K.MEMORY),
    (ExceptionGroup("all", [ExceptionGroup("some", [TimeoutError()])]), K.TIMEOUT),
    (named("APITimeoutError.APIConnectionError.APIError.OpenAIError"), K.TIMEOUT),
    (named("APIConnectionError.APIError.OpenAIError", "Connection error."), K.NETWORK),
    (named("RateLimitError.APIStatusError.APIError", "insufficient_quota", status_code=429), K.RATE_LIMIT),
    (named("AuthenticationError.APIStatusError", status_code=401), K.PERMISSION),
    (named("PermissionDeniedError.APIStatusError", status_code=403), K.PERMISSION),
    (named("NotFoundError.APIStatusError", status_code=404), K.NOT_FOUND),
    (named("BadRequestError.APIStatusError", "Invalid value", status_code=400), K.VALIDATION),
    (named("BadRequestError.APIStatusError", "maximum context length is 8192 tokens", status_code=400), K.MEMORY),
    (named("BadRequestError.APIStatusError", "prompt is too long: 210000 tokens", status_code=400), K.MEMORY),
    (named("UnprocessableEntityError.APIStatusError", status_code=422), K.VALIDATION),
    (named("InternalServerError.APIStatusError", status_code=500), K.NETWORK),
    (named("OverloadedError.APIStatusError", status_code=529), K.RATE_LIMIT),
    (named("APIStatusError.APIError", "Overloaded", status_code=529), K.RATE_LIMIT),
    (named("ResponseError", "model 'llama3' not found", status_code=404), K.NOT_FOUND),
    (named("ResponseError", "model requires more system memory (9.1 GiB)", status_code=500), K.MEMORY),
    (named("ReadTimeout.TimeoutException.TransportError"), K.TIMEOUT),
    (named("ConnectError.NetworkError.TransportError"), K.NETWORK),
    (named("RemoteProtocolError.ProtocolError"), K.NETWORK),
    (named("ResourceExhausted.TooManyRequests.ClientError"), K.RATE_LIMIT),
    (named("DeadlineExceeded.GatewayTimeout"), K.TIMEOUT),
    (named("ValidationError.ValueError"), K.VALIDATION),
    (named("OperationalError.DatabaseError", "no such table: x"), K.NOT_FOUND),
    # openai before 1.0, litellm, google, grpc, torch, requests, websockets, anyio, and clients that only bear a status
    (named("InvalidRequestError.OpenAIError", "maximum context length is 4097", http_status=400), K.MEMORY),
    (named("InvalidRequestError.OpenAIError", "Unrecognized argument", http_status=400), K.VALIDATION),
    (named("ServiceUnavailableError.OpenAIError", "The server is overloaded", http_status=503), K.RATE_LIMIT),
    (named("Timeout.OpenAIError", "Request timed out"), K.TIMEOUT),
    (named("ContextWindowExceededError.BadRequestError.APIStatusError", status_code=400), K.MEMORY),
    (named("ContentPolicyViolationError.BadRequestError", status_code=400), K.PERMISSION),
    (named("BudgetExceededError"), K.RATE_LIMIT),
    (named("BadGatewayError.APIStatusError", status_code=502), K.NETWORK),
    (named("ClientError.APIError", "429 RESOURCE_EXHAUSTED.", code=429, status="RESOURCE_EXHAUSTED"), K.RATE_LIMIT),
    (named("ClientError.APIError", "API key not valid.", code=400, status="INVALID_ARGUMENT"), K.PERMISSION),
    (named("InvalidArgument.BadRequest.ClientError", code=HTTPStatus.BAD_REQUEST), K.VALIDATION),
    (
        named("ServiceUnavailable.ServerError", "The model is overloaded.", code=HTTPStatus.SERVICE_UNAVAILABLE),
        K.RATE_LIMIT,
    ),
    (named("AioRpcError.RpcError", "status = StatusCode.UNAVAILABLE", code=lambda: 14), K.NETWORK),
    (named("AioRpcError.RpcError", "status = StatusCode.DEADLINE_EXCEEDED", code=lambda: 4), K.TIMEOUT),
    (named("OutOfMemoryError.RuntimeError", "CUDA out of memory."), K.MEMORY),
    (named("AcceleratorError.RuntimeError", "CUBLAS_STATUS_ALLOC_FAILED"), K.MEMORY),
    (ValueError("Requested tokens (5000) exceed context window of 4096"), K.MEMORY),
    (TypeError("Could not resolve authentication method. Expected either api_key or auth_token"), K.PERMISSION),
    (named("HTTPError.RequestException.OSError", "500 Server Error", response=Answered(500)), K.NETWORK),
    (named("ConnectTimeout.ConnectionError.Timeout.RequestException"), K.TIMEOUT),
    (named("ReadTimeout.Timeout.RequestException"), K.TIMEOUT),
    (named("ConnectionClosedError.ConnectionClosed.WebSocketException"), K.NETWORK),
    (named("ClosedResourceError"), K.NETWORK),
    (named("ApiError", "quota_exceeded", status_code=401), K.RATE_LIMIT),
    (named("UnexpectedResponse.ApiException", status_code=404), K.NOT_FOUND),
    (HTTPError("http://x.example", 503, "Service Unavailable", Message(), None), K.NETWORK),
    (URLError(ConnectionRefusedError(111, "Connection refused")), K.NETWORK),
    (ModuleNotFoundError("No module named 'nacl'"), K.NOT_FOUND),
    (NotImplementedError("rate limit"), K.UNKNOWN),
    (AssertionError("timed out"), K.UNKNOWN),
    (ZeroDivisionError(), K.UNKNOWN),
    (StopAsyncIteration(), K.UNKNOWN),
    (EOFError(), K.UNKNOWN),
]


@pytest.mark.parametrize(("raised", "kind"), TABLE, ids=lambda value: type(value).__name__)
def test_the_kind_is_found(raised, kind):
    """Each is what a person would call it."""
    assert classify(raised) is kind


def test_f17_exceptions_that_raise_when_asked_are_unknown():
    """Neither text nor attributes can hurt; a circle of causes ends."""

    class CommandInvokeError(Exception):
        original = property(lambda self: 1 / 0)
        status = property(lambda self: 1 / 0)

        def __str__(self) -> str:
            raise RuntimeError

    hostile = CommandInvokeError()
    hostile.__cause__ = hostile
    assert classify(hostile) is ErrorKind.UNKNOWN
    assert len(fingerprint(hostile)) == 12


def test_f17_what_an_exception_keeps_may_raise_too():
    """A response or a last try whose attributes raise."""

    class Trap:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError(name)

    for hostile in (named("BadRequestError", response=Trap()), named("RetryError", last_attempt=Trap())):
        assert classify(hostile) in (ErrorKind.UNKNOWN, ErrorKind.VALIDATION)
        assert len(fingerprint(hostile)) == 12


def test_f17_circles_and_long_ways_end():
    """Causes, contexts, wrappers and groups may form circles, and may go on for long."""
    first, second = RuntimeError("a"), RuntimeError("b")
    first.__cause__, second.__cause__ = second, first
    assert classify(first) is ErrorKind.UNKNOWN

    third, fourth = RuntimeError("a"), RuntimeError("b")
    third.__context__, fourth.__context__ = fourth, third
    assert classify(third) is ErrorKind.UNKNOWN

    wrapper = invoked(ValueError("x"))
    wrapper.original = wrapper
    assert classify(wrapper) is ErrorKind.UNKNOWN
    assert len(fingerprint(wrapper)) == 12

    long: Exception = TimeoutError()
    for _ in range(10_000):
        outer = RuntimeError("again")
        outer.__cause__ = long
        long = outer

    assert classify(long) is ErrorKind.UNKNOWN

    deep: Exception = ExceptionGroup("g", [TimeoutError()])
    for _ in range(200):
        deep = ExceptionGroup("g", [deep, *(KeyError(n) for n in range(50))])

    assert classify(deep) in (ErrorKind.TIMEOUT, ErrorKind.UNKNOWN)
    assert classify(RuntimeError("x" * 10_000_000)) is ErrorKind.UNKNOWN


def test_what_an_exception_was_raised_from_counts_before_a_guess():
    """An explicit cause before the text; what was only being handled after it."""

    def raised(outer: Exception, inner: Exception, *, from_it: bool) -> BaseException:
        try:
            try:
                raise inner
            except Exception as error:
                if from_it:
                    raise outer from error

                raise outer  # noqa: B904
        except Exception as error:
            return error

    assert classify(raised(RuntimeError("invalid answer"), TimeoutError(), from_it=True)) is K.TIMEOUT
    assert classify(raised(RuntimeError("invalid answer"), TimeoutError(), from_it=False)) is K.VALIDATION
    assert classify(raised(RuntimeError("no answer"), TimeoutError(), from_it=False)) is K.TIMEOUT
    assert classify(raised(PermissionError(), TimeoutError(), from_it=True)) is K.PERMISSION
    assert classify(raised(ValueError("timeout must be positive"), KeyError("x"), from_it=False)) is K.VALIDATION
    assert classify(invoked(raised(RuntimeError("no answer"), TimeoutError(), from_it=False))) is K.TIMEOUT  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("LLM request failed: HTTP 429", K.RATE_LIMIT),
        ("Ollama error: 500 something", K.NETWORK),
        ("status=504", K.TIMEOUT),
        ("error 404: model", K.NOT_FOUND),
        ("503 from upstream", K.NETWORK),
        ("took 429 ms", K.UNKNOWN),
        ("error 4041", K.UNKNOWN),
        ("Session is closed", K.INTERRUPTED),
        ("Event loop is closed", K.INTERRUPTED),
        ("Something unexpected happened", K.UNKNOWN),
    ],
)
def test_what_hosts_write_into_their_own_exceptions_is_read(text, kind):
    """A status in words, or nothing that tells."""
    assert classify(RuntimeError(text)) is kind
    assert classify(KeyError(text)) is ErrorKind.UNKNOWN


def test_types_of_reloaded_code_are_let_go():
    """What was worked out of a type does not keep it alive."""
    kind = type("OfAnExtension", (Exception,), {})
    assert classify(kind("x")) is ErrorKind.UNKNOWN
    gone = weakref.ref(kind)
    del kind
    gc.collect()
    assert gone() is None


def test_a_recursion_has_one_fingerprint_at_any_depth():
    """How deep it was changes nothing."""

    def down(depth: int) -> None:
        if depth == 0:
            raise ValueError("bottom")

        down(depth - 1)

    prints = set()
    for depth in (1, 5, 200):
        with pytest.raises(ValueError, match="bottom") as raised:
            down(depth)

        prints.add(fingerprint(raised.value))

    assert len(prints) == 1


def test_the_fingerprint_tells_where_it_was_raised_and_nothing_of_the_text():
    """The same way gives the same digits whatever the text; another way or type gives others."""

    def caught(kind: type[Exception], text: str, deeper: bool) -> Exception:
        def inner() -> None:
            raise kind(text)

        try:
            if deeper:
                inner()

            raise kind(text)
        except Exception as error:
            return error

    first = fingerprint(caught(ValueError, "user 123 said hello", True))
    assert first == fingerprint(caught(ValueError, "something else", True))
    assert first != fingerprint(caught(ValueError, "user 123 said hello", False))
    assert first != fingerprint(caught(KeyError, "user 123 said hello", True))
