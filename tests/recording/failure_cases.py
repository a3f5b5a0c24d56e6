"""One exception for each row of docs/failures.md, made as its library makes it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import errno
import json
import socket
import sqlite3
import ssl
import subprocess
from typing import Any

import aiohttp
import anthropic
import asyncpg
import discord
import httpx
import httpx2
import ollama
import openai
import pydantic
import redis
import tenacity
from aiohttp.client_reqrep import ConnectionKey
from discord import app_commands
from discord.ext import commands
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

OPENAI, ANTHROPIC = openai.OpenAI(api_key="x"), anthropic.Anthropic(api_key="x")
"""Made once: each client reads all certificates of the machine."""
ASKED = httpx2.Request("POST", "https://api.example/v1/chat/completions")
INFO = aiohttp.RequestInfo(
    URL("https://api.example"), "GET", CIMultiDictProxy(CIMultiDict()), URL("https://api.example")
)
PLAINLY = httpx.Request("POST", "https://api.example/v1/chat/completions")


class Answer:
    """As much of an aiohttp response as discord.py's exceptions look at."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.reason = "reason"


class Reply(pydantic.BaseModel):
    """What a bot expects a model to answer."""

    text: str


def caught(call: Any, *args: Any, **named: Any) -> BaseException:
    """What a call raises."""
    try:
        call(*args, **named)
    except BaseException as raised:
        return raised

    raise AssertionError(f"{call} raised nothing")


def chained(outer: BaseException, inner: BaseException) -> BaseException:
    """`raise outer from inner`."""

    def both() -> None:
        raise outer from inner

    return caught(both)


def of_openai(status: int, code: str | None = None, message: str = "It failed.") -> BaseException:
    """What the client makes of an answer of this status."""
    body = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}
    response = httpx2.Response(status, request=ASKED, json=body)
    return OPENAI._make_status_error_from_response(response)


def of_anthropic(status: int, type_: str, message: str = "It failed.") -> BaseException:
    """What the client makes of an answer of this status."""
    body = {"type": "error", "error": {"type": type_, "message": message}}
    response = httpx2.Response(status, request=ASKED, json=body)
    return ANTHROPIC._make_status_error_from_response(response)


def of_httpx(status: int, text: str = "") -> BaseException:
    """What `raise_for_status` raises."""
    return caught(httpx.Response(status, request=PLAINLY, text=text).raise_for_status)


def of_aiohttp(status: int) -> aiohttp.ClientResponseError:
    """What `raise_for_status` raises."""
    return aiohttp.ClientResponseError(INFO, (), status=status, message="It failed")


def of_discord(status: int, code: int = 0, kind: type[discord.HTTPException] = discord.HTTPException) -> BaseException:
    """What discord.py raises for an answer of the REST API."""
    return kind(Answer(status), {"code": code, "message": "It failed"})  # type: ignore[arg-type]


def of_sqlite(sql: str) -> BaseException:
    """What SQLite says to it."""
    db = sqlite3.connect(":memory:")
    try:
        return caught(db.executescript, sql)
    finally:
        db.close()


def locked() -> BaseException:
    """What a second writer hears."""
    first = sqlite3.connect("file:locked?mode=memory&cache=shared", uri=True, isolation_level=None)
    second = sqlite3.connect("file:locked?mode=memory&cache=shared", uri=True, isolation_level=None, timeout=0)
    try:
        first.execute("CREATE TABLE x (y)")
        first.execute("BEGIN IMMEDIATE")
        return caught(second.execute, "INSERT INTO x VALUES (1)")
    finally:
        first.close()
        second.close()


def tried(raised: Exception) -> BaseException:
    """What tenacity raises after the last try."""

    def always() -> None:
        raise raised

    return caught(tenacity.Retrying(stop=tenacity.stop_after_attempt(2)), always)


def throttled(code: str, status: int, message: str = "It failed") -> BaseException:
    """What botocore raises, whose types are all `ClientError`."""
    raised = type("ClientError", (Exception,), {"__module__": "botocore.exceptions"})(message)
    raised.response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return raised


def connector(kind: type[aiohttp.ClientConnectorError], raised: OSError) -> BaseException:
    """What aiohttp raises when it cannot connect."""
    key = ConnectionKey("api.example", 443, True, True, None, None, None)  # type: ignore[call-arg]
    return kind(key, raised)


LONG = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9120 tokens."
REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")

CASES: dict[str, BaseException] = {
    # Python
    "TimeoutError": TimeoutError(),
    "asyncio.CancelledError": asyncio.CancelledError(),
    "asyncio.IncompleteReadError": asyncio.IncompleteReadError(b"", 4),
    "asyncio.QueueFull": asyncio.QueueFull(),
    "concurrent.futures.BrokenExecutor": concurrent.futures.BrokenExecutor(),
    "subprocess.TimeoutExpired": subprocess.TimeoutExpired(["ffmpeg"], 5),
    "KeyboardInterrupt": KeyboardInterrupt(),
    "SystemExit": SystemExit(1),
    "MemoryError": MemoryError(),
    "RecursionError": RecursionError("maximum recursion depth exceeded"),
    "ConnectionRefusedError": REFUSED,
    "ConnectionResetError": ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
    "BrokenPipeError": BrokenPipeError(errno.EPIPE, "Broken pipe"),
    "socket.gaierror": socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
    "ssl.SSLCertVerificationError": ssl.SSLCertVerificationError(1, "certificate verify failed"),
    "OSError: no space left": OSError(errno.ENOSPC, "No space left on device"),
    "OSError: too many open files": OSError(errno.EMFILE, "Too many open files"),
    "OSError: host unreachable": OSError(errno.EHOSTUNREACH, "No route to host"),
    "OSError: read-only file system": OSError(errno.EROFS, "Read-only file system"),
    "PermissionError": PermissionError(errno.EACCES, "Permission denied"),
    "FileNotFoundError": FileNotFoundError(errno.ENOENT, "No such file or directory"),
    "json.JSONDecodeError": caught(json.loads, "<html>"),
    "UnicodeDecodeError": caught(b"\xff".decode),
    "ValueError": ValueError("bad"),
    "TypeError": TypeError("f() got an unexpected keyword argument 'timeout'"),
    "KeyError": KeyError("choices"),
    "AttributeError": AttributeError("module 'discord' has no attribute 'Forbidden'"),
    "RuntimeError": RuntimeError("An unexpected error occurred"),
    "RuntimeError: CUDA out of memory": RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    "RuntimeError: a status in its text": RuntimeError("Ollama error 503: try again"),
    "RuntimeError: session is closed": RuntimeError("Session is closed"),
    "pydantic.ValidationError": caught(Reply.model_validate_json, '{"text": 1}'),
    # chains
    "raised from TimeoutError": chained(RuntimeError("The model gave no answer"), TimeoutError()),
    "raised from aiohttp's 429": chained(ValueError("No answer"), of_aiohttp(429)),
    "ExceptionGroup of a KeyError and a MemoryError": ExceptionGroup("all", [KeyError("x"), MemoryError()]),
    "tenacity.RetryError after TimeoutError": tried(TimeoutError()),
    # aiohttp
    "aiohttp.ServerTimeoutError": aiohttp.ServerTimeoutError(),
    "aiohttp.ConnectionTimeoutError": aiohttp.ConnectionTimeoutError(),
    "aiohttp.SocketTimeoutError": aiohttp.SocketTimeoutError(),
    "aiohttp.ServerDisconnectedError": aiohttp.ServerDisconnectedError(),
    "aiohttp.ClientConnectorError": connector(aiohttp.ClientConnectorError, REFUSED),
    "aiohttp.ClientConnectorDNSError": connector(aiohttp.ClientConnectorDNSError, socket.gaierror(-2, "unknown")),
    "aiohttp.ClientConnectorCertificateError": connector(
        aiohttp.ClientConnectorCertificateError,  # type: ignore[arg-type]
        ssl.SSLCertVerificationError(1, "expired"),
    ),
    "aiohttp.ClientPayloadError": aiohttp.ClientPayloadError("Response payload is not completed"),
    "aiohttp.ClientResponseError 401": of_aiohttp(401),
    "aiohttp.ClientResponseError 404": of_aiohttp(404),
    "aiohttp.ClientResponseError 408": of_aiohttp(408),
    "aiohttp.ClientResponseError 413": of_aiohttp(413),
    "aiohttp.ClientResponseError 422": of_aiohttp(422),
    "aiohttp.ClientResponseError 429": of_aiohttp(429),
    "aiohttp.ClientResponseError 503": of_aiohttp(503),
    "aiohttp.ClientResponseError 504": of_aiohttp(504),
    "aiohttp.ContentTypeError": aiohttp.ContentTypeError(INFO, (), status=200, message="unexpected mimetype"),
    "aiohttp.ContentTypeError 502": aiohttp.ContentTypeError(INFO, (), status=502, message="unexpected mimetype"),
    "aiohttp.WSServerHandshakeError 401": aiohttp.WSServerHandshakeError(INFO, (), status=401),
    "aiohttp.InvalidURL": aiohttp.InvalidURL("x"),
    # httpx
    "httpx.ConnectTimeout": httpx.ConnectTimeout("", request=PLAINLY),
    "httpx.ReadTimeout": httpx.ReadTimeout("", request=PLAINLY),
    "httpx.PoolTimeout": httpx.PoolTimeout("", request=PLAINLY),
    "httpx.ConnectError": chained(httpx.ConnectError("All connection attempts failed"), REFUSED),
    "httpx.ReadError": httpx.ReadError("", request=PLAINLY),
    "httpx.RemoteProtocolError": httpx.RemoteProtocolError("Server disconnected without sending a response."),
    "httpx.LocalProtocolError": httpx.LocalProtocolError("Illegal header value b'Bearer '"),
    "httpx.UnsupportedProtocol": httpx.UnsupportedProtocol("Request URL is missing an 'http://' protocol."),
    "httpx.DecodingError": httpx.DecodingError("", request=PLAINLY),
    "httpx.HTTPStatusError 400": of_httpx(400),
    "httpx.HTTPStatusError 400: context_length_exceeded": of_httpx(400, '{"code": "context_length_exceeded"}'),
    "httpx.HTTPStatusError 403": of_httpx(403),
    "httpx.HTTPStatusError 404": of_httpx(404),
    "httpx.HTTPStatusError 429": of_httpx(429),
    "httpx.HTTPStatusError 500": of_httpx(500),
    "httpx.HTTPStatusError 504": of_httpx(504),
    "RuntimeError: client has been closed": RuntimeError("Cannot send a request, as the client has been closed."),
}


def _discord() -> dict[str, BaseException]:
    invoked = commands.CommandInvokeError
    return {
        "discord.Forbidden 50013": of_discord(403, 50013, discord.Forbidden),
        "discord.NotFound 10062": of_discord(404, 10062, discord.NotFound),
        "discord.HTTPException 400": of_discord(400, 50035),
        "discord.HTTPException 429": of_discord(429),
        "discord.HTTPException 413": of_discord(413, 40005),
        "discord.DiscordServerError 503": of_discord(503, 0, discord.DiscordServerError),
        "discord.RateLimited": discord.RateLimited(3.0),
        "discord.LoginFailure": discord.LoginFailure("Improper token has been passed."),
        "discord.PrivilegedIntentsRequired": discord.PrivilegedIntentsRequired(None),
        "discord.GatewayNotFound": discord.GatewayNotFound(),
        "discord.ConnectionClosed 1006": discord.ConnectionClosed(Socket(1006), shard_id=None),  # type: ignore[arg-type]
        "discord.ConnectionClosed 4004": discord.ConnectionClosed(Socket(4004), shard_id=None),  # type: ignore[arg-type]
        "discord.InteractionResponded": discord.InteractionResponded(Asked()),  # type: ignore[arg-type]
        "discord.opus.OpusNotLoaded": discord.opus.OpusNotLoaded(),
        "commands.CommandNotFound": commands.CommandNotFound("x"),
        "commands.MemberNotFound": commands.MemberNotFound("x"),
        "commands.MissingPermissions": commands.MissingPermissions(["ban_members"]),
        "commands.BotMissingPermissions": commands.BotMissingPermissions(["ban_members"]),
        "commands.NotOwner": commands.NotOwner(),
        "commands.DisabledCommand": commands.DisabledCommand("x"),
        "commands.BadArgument": commands.BadArgument("x"),
        "commands.CommandOnCooldown": commands.CommandOnCooldown(
            commands.Cooldown(1, 1), 1.0, commands.BucketType.user
        ),
        "commands.MaxConcurrencyReached": commands.MaxConcurrencyReached(1, commands.BucketType.user),
        "commands.CommandInvokeError of KeyError": invoked(KeyError("x")),
        "commands.CommandInvokeError of discord.Forbidden": invoked(of_discord(403, 50013, discord.Forbidden)),  # type: ignore[arg-type]
        "commands.HybridCommandError of TimeoutError": commands.HybridCommandError(
            app_commands.CommandInvokeError(Command(), TimeoutError())  # type: ignore[arg-type]
        ),
        "commands.ExtensionFailed of ModuleNotFoundError": commands.ExtensionFailed("x", ModuleNotFoundError("y")),
        "app_commands.MissingPermissions": app_commands.MissingPermissions(["ban_members"]),
        "app_commands.CommandOnCooldown": app_commands.CommandOnCooldown(app_commands.Cooldown(1, 1), 1.0),
        "app_commands.TransformerError": app_commands.TransformerError(
            "x", discord.AppCommandOptionType.string, Transformer()
        ),
        "app_commands.TransformerError from discord.HTTPException 503": chained(
            app_commands.TransformerError("x", discord.AppCommandOptionType.string, Transformer()), of_discord(503)
        ),
        "app_commands.CommandNotFound": app_commands.CommandNotFound("x", []),
        "app_commands.CommandSignatureMismatch": app_commands.CommandSignatureMismatch(Command()),  # type: ignore[arg-type]
    }


class Socket:
    """As much of a closed WebSocket as discord.py looks at."""

    def __init__(self, code: int) -> None:
        self.close_code = code


class Asked:
    """An interaction, of which the exception only keeps a reference."""


class Command:
    """A slash command, of which the exceptions only read the name."""

    name = "ask"
    qualified_name = "ask"
    _guild_ids = None


class Transformer(app_commands.Transformer):
    """Turns an option into what the command takes."""


def _models() -> dict[str, BaseException]:
    stream = {"message": "The server had an error while processing your request", "type": "server_error", "code": None}
    return {
        "openai.APITimeoutError": openai.APITimeoutError(ASKED),
        "openai.APIConnectionError": openai.APIConnectionError(request=ASKED),
        "openai.APIConnectionError from httpx.RemoteProtocolError": chained(
            openai.APIConnectionError(request=ASKED), httpx2.RemoteProtocolError("Server disconnected")
        ),
        "openai.BadRequestError": of_openai(400, message="Invalid value for temperature"),
        "openai.BadRequestError context_length_exceeded": of_openai(400, "context_length_exceeded", LONG),
        "openai.BadRequestError content_policy_violation": of_openai(400, "content_policy_violation"),
        "openai.AuthenticationError": of_openai(401, "invalid_api_key"),
        "openai.PermissionDeniedError": of_openai(403, "unsupported_country_region_territory"),
        "openai.NotFoundError model_not_found": of_openai(404, "model_not_found"),
        "openai.ConflictError": of_openai(409),
        "openai.APIStatusError 408": of_openai(408),
        "openai.UnprocessableEntityError": of_openai(422),
        "openai.RateLimitError": of_openai(429, "rate_limit_exceeded"),
        "openai.RateLimitError insufficient_quota": of_openai(429, "insufficient_quota"),
        "openai.InternalServerError 500": of_openai(500),
        "openai.InternalServerError 503 overloaded": of_openai(503, message="The engine is currently overloaded"),
        "openai.InternalServerError 504": of_openai(504),
        "openai.APIError in a stream": openai.APIError(stream["message"] or "", ASKED, body=stream),
        "openai.APIResponseValidationError": openai.APIResponseValidationError(
            httpx2.Response(200, request=ASKED), None
        ),
        "openai.LengthFinishReasonError": openai.LengthFinishReasonError(completion=Completion()),  # type: ignore[arg-type]
        "openai.ContentFilterFinishReasonError": openai.ContentFilterFinishReasonError(),
        "openai.OpenAIError without a key": caught(openai.OpenAI, api_key=None, _enforce_credentials=True),
        "anthropic.APITimeoutError": anthropic.APITimeoutError(ASKED),
        "anthropic.APIConnectionError": anthropic.APIConnectionError(request=ASKED),
        "anthropic.BadRequestError": of_anthropic(400, "invalid_request_error", "max_tokens: Field required"),
        "anthropic.BadRequestError prompt is too long": of_anthropic(
            400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"
        ),
        "anthropic.BadRequestError credit balance": of_anthropic(
            400, "invalid_request_error", "Your credit balance is too low to access the API."
        ),
        "anthropic.AuthenticationError": of_anthropic(401, "authentication_error"),
        "anthropic.PaymentRequiredError": of_anthropic(402, "billing_error"),
        "anthropic.PermissionDeniedError": of_anthropic(403, "permission_error"),
        "anthropic.NotFoundError": of_anthropic(404, "not_found_error", "model: claude-x"),
        "anthropic.ContentTooLargeError": of_anthropic(413, "request_too_large"),
        "anthropic.RateLimitError": of_anthropic(429, "rate_limit_error"),
        "anthropic.InternalServerError": of_anthropic(500, "api_error"),
        "anthropic.GatewayTimeoutError": of_anthropic(504, "timeout_error"),
        "anthropic.OverloadedError": of_anthropic(529, "overloaded_error", "Overloaded"),
        "anthropic.APIStatusError overloaded in a stream": of_anthropic(200, "overloaded_error", "Overloaded"),
        "ollama.ResponseError 404": ollama.ResponseError('{"error": "model \'x\' not found"}', 404),
        "ollama.ResponseError 400": ollama.ResponseError('{"error": "invalid format"}', 400),
        "ollama.ResponseError 500": ollama.ResponseError("llama runner process has terminated", 500),
        "ollama.ResponseError more system memory": ollama.ResponseError(
            "model requires more system memory (9.1 GiB) than is available", 500
        ),
        "ollama.ResponseError in a stream": ollama.ResponseError("an error was encountered: out of memory"),
        "ollama.RequestError": ollama.RequestError("must provide a model"),
        "ConnectionError of ollama": ConnectionError("Failed to connect to Ollama."),
        "botocore ClientError ThrottlingException": throttled("ThrottlingException", 400),
        "botocore ClientError AccessDeniedException": throttled("AccessDeniedException", 403),
        "botocore ClientError ValidationException, input too long": throttled(
            "ValidationException", 400, "Input is too long for requested model."
        ),
    }


class Completion:
    """A completion without its usage."""

    usage = None


def _stores() -> dict[str, BaseException]:
    return {
        "sqlite3.OperationalError: database table is locked": locked(),
        "sqlite3.OperationalError: no such table": of_sqlite("SELECT * FROM nowhere"),
        "sqlite3.OperationalError: database or disk is full": of_sqlite(
            "PRAGMA max_page_count=2; CREATE TABLE a (b); INSERT INTO a VALUES (zeroblob(90000));"
        ),
        "sqlite3.OperationalError: unable to open": caught(sqlite3.connect, "/nowhere/at/all/x.db"),
        "sqlite3.OperationalError: syntax": of_sqlite("SELEKT 1"),
        "sqlite3.IntegrityError": of_sqlite("CREATE TABLE a (b UNIQUE); INSERT INTO a VALUES (1), (1);"),
        "asyncpg.UniqueViolationError": asyncpg.UniqueViolationError("duplicate key"),
        "asyncpg.UndefinedTableError": asyncpg.UndefinedTableError("relation does not exist"),
        "asyncpg.InvalidPasswordError": asyncpg.InvalidPasswordError("password authentication failed"),
        "asyncpg.InsufficientPrivilegeError": asyncpg.InsufficientPrivilegeError("permission denied for table"),
        "asyncpg.TooManyConnectionsError": asyncpg.TooManyConnectionsError("sorry, too many clients already"),
        "asyncpg.QueryCanceledError, statement timeout": asyncpg.QueryCanceledError(
            "canceling statement due to statement timeout"
        ),
        "asyncpg.QueryCanceledError": asyncpg.QueryCanceledError("canceling statement due to user request"),
        "asyncpg.DeadlockDetectedError": asyncpg.DeadlockDetectedError("deadlock detected"),
        "asyncpg.ConnectionDoesNotExistError": asyncpg.ConnectionDoesNotExistError("connection was closed"),
        "asyncpg.CannotConnectNowError": asyncpg.CannotConnectNowError("the database system is starting up"),
        "asyncpg.DiskFullError": asyncpg.DiskFullError("could not extend file"),
        "redis.ConnectionError": redis.ConnectionError("Error 111 connecting to localhost:6379. Connection refused."),
        "redis.TimeoutError": redis.TimeoutError("Timeout reading from socket"),
        "redis.AuthenticationError": redis.AuthenticationError("invalid username-password pair"),
        "redis.OutOfMemoryError": redis.exceptions.OutOfMemoryError("command not allowed when used memory > maxmemory"),
        "redis.ReadOnlyError": redis.ReadOnlyError("You can't write against a read only replica."),
        "redis.BusyLoadingError": redis.BusyLoadingError("Redis is loading the dataset in memory"),
        "redis.ResponseError": redis.ResponseError("WRONGTYPE Operation against a key"),
    }


CASES |= _discord() | _models() | _stores()
