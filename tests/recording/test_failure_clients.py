"""What the real clients raise against a server that fails in every way, and what becomes of it.

They are imported where they are used: it takes two seconds, which every process of tests would pay for collecting.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
import httpx
import pytest
from aiohttp import web

from monitoring.model import ErrorKind
from monitoring.recording.failure import classify, fingerprint
from monitoring.recording.redact import detail_of

K = ErrorKind
LONG = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9120 tokens."
SECRET = "sk-proj-abcdefABCDEF0123456789"
PATIENT, IMPATIENT = 20.0, 0.2
"""Seconds that the clients wait. They do without certificates, which take longer to load than all of this."""
SAID = [{"role": "user", "content": "hello"}]


@dataclass
class Failing:
    """A server that answers every request as it is told, or not until `over`; nobody listens on `refusing`."""

    url: str = ""
    refusing: str = ""
    status: int = 200
    body: dict[str, object] = field(default_factory=dict)
    how: str = "answer"
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """As told: an answer, none for long, or a line that breaks."""
        if self.how == "silent":
            await self.over.wait()

        if self.how == "broken":
            assert request.transport is not None
            request.transport.abort()

        if self.how == "html":
            return web.Response(status=self.status, text="<html>Bad gateway</html>", content_type="text/html")

        return web.json_response(self.body, status=self.status)


@pytest.fixture
async def failing() -> AsyncIterator[Failing]:
    """The server, listening."""
    server = Failing()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        server.refusing = f"http://127.0.0.1:{unheard.getsockname()[1]}"
        yield server

    server.over.set()
    await runner.cleanup()


async def ask_openai(url: str, limit: float = PATIENT) -> None:
    """A completion through the client of OpenAI."""
    import openai

    plain = openai.DefaultAsyncHttpxClient(verify=False)
    async with openai.AsyncOpenAI(
        api_key=SECRET, base_url=url, max_retries=0, timeout=limit, http_client=plain
    ) as client:
        await client.chat.completions.create(model="m", messages=SAID)  # type: ignore[arg-type]


async def ask_anthropic(url: str, limit: float = PATIENT) -> None:
    """A message through the client of Anthropic."""
    import anthropic

    plain = anthropic.DefaultAsyncHttpxClient(verify=False)
    async with anthropic.AsyncAnthropic(
        api_key=SECRET, base_url=url, max_retries=0, timeout=limit, http_client=plain
    ) as client:
        await client.messages.create(model="m", max_tokens=9, messages=SAID)  # type: ignore[arg-type]


async def ask_ollama(url: str, limit: float = PATIENT) -> None:
    """A chat through the client of Ollama."""
    import ollama

    client = ollama.AsyncClient(url, timeout=limit, verify=False)
    try:
        await client.chat(model="m", messages=SAID)
    finally:
        await client._client.aclose()


async def ask_httpx(url: str, limit: float = PATIENT) -> None:
    """A plain request through httpx."""
    async with httpx.AsyncClient(timeout=limit, verify=False) as client:
        (await client.post(url, json={})).raise_for_status().json()


async def ask_aiohttp(url: str, limit: float = PATIENT) -> None:
    """A plain request through aiohttp."""
    total = aiohttp.ClientTimeout(limit)
    async with aiohttp.ClientSession(timeout=total) as session, session.post(url, json={}) as response:
        response.raise_for_status()
        await response.json()


ASKING: dict[str, Callable[..., Awaitable[None]]] = {
    "openai": ask_openai,
    "anthropic": ask_anthropic,
    "ollama": ask_ollama,
    "httpx": ask_httpx,
    "aiohttp": ask_aiohttp,
}
PROVIDERS = ("openai", "anthropic", "ollama")
READERS = (*PROVIDERS, "httpx")


async def failure(client: str, url: str, limit: float = PATIENT) -> BaseException:
    """What asking through this client raises."""
    try:
        await ASKING[client](url, limit)
    except Exception as raised:
        return raised

    raise AssertionError(f"{client} raised nothing")


def body(client: str, message: str, code: str) -> dict[str, object]:
    """An answer as this client's service words it."""
    if client == "ollama":
        return {"error": message}

    return {"type": "error", "error": {"type": code, "code": code, "message": message}}


@pytest.mark.parametrize("client", ASKING)
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, K.VALIDATION),
        (401, K.PERMISSION),
        (403, K.PERMISSION),
        (404, K.NOT_FOUND),
        (408, K.TIMEOUT),
        (413, K.VALIDATION),
        (422, K.VALIDATION),
        (429, K.RATE_LIMIT),
        (500, K.NETWORK),
        (502, K.NETWORK),
        (503, K.NETWORK),
        (504, K.TIMEOUT),
        (529, K.RATE_LIMIT),
    ],
)
async def test_each_status_is_known_through_each_client(failing, client, status, kind):
    """Whatever type it becomes on its way."""
    failing.status, failing.body = status, body(client, "It failed.", "some_code")
    raised = await failure(client, failing.url)
    assert classify(raised) is kind
    assert SECRET not in detail_of(raised)


@pytest.mark.parametrize("client", READERS)
@pytest.mark.parametrize(
    ("status", "message", "code", "kind"),
    [
        (400, LONG, "context_length_exceeded", K.MEMORY),
        (400, "prompt is too long: 210000 tokens > 200000 maximum", "invalid_request_error", K.MEMORY),
        (500, "CUDA error: out of memory", "server_error", K.MEMORY),
        (500, "model requires more system memory (9.1 GiB) than is available", "server_error", K.MEMORY),
        (429, "You exceeded your current quota", "insufficient_quota", K.RATE_LIMIT),
        (400, "Your credit balance is too low", "invalid_request_error", K.RATE_LIMIT),
        (503, "The model is overloaded", "overloaded_error", K.RATE_LIMIT),
        (400, "Rejected by our content policy", "content_policy_violation", K.PERMISSION),
        (404, "model 'm' not found", "model_not_found", K.NOT_FOUND),
    ],
)
async def test_what_an_answer_says_counts_for_more_than_its_status(failing, client, status, message, code, kind):
    """Through the clients that keep what the answer said."""
    failing.status, failing.body = status, body(client, message, code)
    assert classify(await failure(client, failing.url)) is kind


@pytest.mark.parametrize("client", ASKING)
async def test_nobody_listening_is_the_network(failing, client):
    """The connection is refused."""
    assert classify(await failure(client, failing.refusing)) is K.NETWORK


@pytest.mark.parametrize("client", ASKING)
async def test_an_answer_that_does_not_come_is_a_timeout(failing, client):
    """The client gives up after its own limit."""
    failing.how = "silent"
    assert classify(await failure(client, failing.url, IMPATIENT)) is K.TIMEOUT


@pytest.mark.parametrize("client", ASKING)
async def test_a_line_that_breaks_is_the_network(failing, client):
    """The server hangs up without an answer."""
    failing.how = "broken"
    assert classify(await failure(client, failing.url)) is K.NETWORK


@pytest.mark.parametrize("client", ASKING)
async def test_a_page_of_a_proxy_is_the_network(failing, client):
    """502 with HTML instead of JSON."""
    failing.how, failing.status = "html", 502
    assert classify(await failure(client, failing.url)) is K.NETWORK


@pytest.mark.parametrize("client", ["httpx", "aiohttp"])
async def test_an_answer_that_is_no_json_is_not_valid(failing, client):
    """A page where JSON was expected."""
    failing.how = "html"
    assert classify(await failure(client, failing.url)) is K.VALIDATION


@pytest.mark.parametrize("client", ASKING)
async def test_a_cancelled_request_is_interrupted(failing, client):
    """As when a bot shuts down."""
    failing.how = "silent"
    asking = asyncio.ensure_future(ASKING[client](failing.url))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError) as raised:
        await asking

    assert classify(raised.value) is K.INTERRUPTED


@pytest.mark.parametrize("client", ASKING)
async def test_the_same_failure_has_the_same_fingerprint(failing, client):
    """Though text and ids differ; another status has another."""
    prints = []
    for status, text in ((429, "user 1180000000000000001"), (429, "another"), (404, "another")):
        failing.status, failing.body = status, body(client, text, "x")
        prints.append(fingerprint(await failure(client, failing.url)))

    assert prints[0] == prints[1]
    assert prints[0] != prints[2]


@pytest.mark.parametrize("client", ["openai", "anthropic"])
async def test_a_limit_around_the_client_is_a_timeout(failing, client):
    """`asyncio.timeout` turns its own cancellation into a TimeoutError."""
    failing.how = "silent"
    with pytest.raises(TimeoutError) as raised:
        async with asyncio.timeout(0.05):
            await ASKING[client](failing.url)

    assert classify(raised.value) is K.TIMEOUT
