"""The real clients of OpenAI, Anthropic and Ollama, instrumented by the real libraries, against a real server.

They are imported where they are used: it takes two seconds, which every process of tests would pay for collecting.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

from monitoring.model import ErrorKind, OperationDone

from .model_server import ANTHROPIC_MODEL, CANARY, OLLAMA_MODEL, OPENAI_MODEL, Models, models
from .spanning import Tracing, left_as_found, served

pytestmark = [
    # A model of OpenLLMetry's is written in the old way of pydantic.
    pytest.mark.filterwarnings("ignore:Support for class-based `config`:DeprecationWarning"),
]

INSTRUMENTORS = {
    "openai_v2": ("openai_v2", "OpenAIInstrumentor"),
    "openai": ("openai", "OpenAIInstrumentor"),
    "anthropic": ("anthropic", "AnthropicInstrumentor"),
    "ollama": ("ollama", "OllamaInstrumentor"),
}
SAID: Any = [{"role": "user", "content": CANARY}]
PATIENT, IMPATIENT = 20.0, 0.2
"""Seconds that clients wait."""


@pytest.fixture
async def server() -> AsyncIterator[Models]:
    """The services, at one address."""
    async with models() as listening:
        yield listening


@pytest.fixture
def bot() -> Iterator[Tracing]:
    """A bot whose spans are taken."""
    with served(Tracing()) as tracing:
        yield tracing


@pytest.fixture
def instrument(bot: Tracing) -> Iterator[Callable[[str], None]]:
    """Switches an instrumentation on, until the test is over."""
    on: list[Any] = []

    def switch(name: str) -> None:
        module, kind = INSTRUMENTORS[name]
        instrumentor = getattr(import_module(f"opentelemetry.instrumentation.{module}"), kind)()
        instrumentor.instrument(tracer_provider=bot.provider)
        on.append(instrumentor)

    with left_as_found():
        yield switch
        for instrumentor in reversed(on):
            instrumentor.uninstrument()


async def ask_openai(url: str, stream: bool = False, limit: float = PATIENT) -> None:
    """A completion through the client of OpenAI."""
    import openai

    plain = openai.DefaultAsyncHttpxClient(verify=False)
    async with openai.AsyncOpenAI(api_key="k", base_url=url, max_retries=0, timeout=limit, http_client=plain) as client:
        if not stream:
            await client.chat.completions.create(model="gpt-4o-mini", messages=SAID)
            return

        pieces = await client.chat.completions.create(
            model="gpt-4o-mini", messages=SAID, stream=True, stream_options={"include_usage": True}
        )
        async for _ in pieces:
            pass


async def ask_anthropic(url: str, stream: bool = False, limit: float = PATIENT) -> None:
    """A message through the client of Anthropic."""
    import anthropic

    plain = anthropic.DefaultAsyncHttpxClient(verify=False)
    async with anthropic.AsyncAnthropic(
        api_key="k", base_url=url, max_retries=0, timeout=limit, http_client=plain
    ) as client:
        if not stream:
            await client.messages.create(model=ANTHROPIC_MODEL, max_tokens=9, messages=SAID)
            return

        async for _ in await client.messages.create(model=ANTHROPIC_MODEL, max_tokens=9, messages=SAID, stream=True):
            pass


async def ask_ollama(url: str, stream: bool = False, limit: float = PATIENT) -> None:
    """A chat through the client of Ollama."""
    import ollama

    client = ollama.AsyncClient(url, timeout=limit, verify=False)
    try:
        if not stream:
            await client.chat(model=OLLAMA_MODEL, messages=SAID)
            return

        async for _ in await client.chat(model=OLLAMA_MODEL, messages=SAID, stream=True):
            pass
    finally:
        await client._client.aclose()


Asking = Callable[..., Awaitable[None]]
CLIENTS: dict[str, tuple[Asking, str]] = {
    "openai_v2": (ask_openai, OPENAI_MODEL),
    "openai": (ask_openai, OPENAI_MODEL),
    "anthropic": (ask_anthropic, ANTHROPIC_MODEL),
    "ollama": (ask_ollama, OLLAMA_MODEL),
}


async def answered(bot: Tracing, ask: Awaitable[None]) -> OperationDone:
    """The one call that a response of Luna consists of."""
    with bot.instruments.response("Luna", 7, 8, 9):
        await ask

    call, response = bot.seen
    assert (call.service, call.operation) == ("llm", "llm_inference")
    assert (call.persona, call.guild_id, call.message_id) == ("Luna", 7, 9)
    assert call.response_id == response.response_id
    assert call.duration <= response.duration + 0.01
    assert CANARY not in repr(bot.seen)
    assert bot.notebook.refused == 0
    return call  # type: ignore[no-any-return]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("name", CLIENTS)
async def test_a_call_is_an_operation_of_its_response(server, bot, instrument, name, stream):
    """With the model that answered and what it used, whole and streamed."""
    instrument(name)
    ask, model = CLIENTS[name]
    call = await answered(bot, ask(server.url, stream))
    assert (call.model, call.error) == (model, None)
    assert (call.prompt_tokens, call.completion_tokens) == (12, 3)
    assert call.cached_tokens == {"openai": 8, "anthropic": 8}.get(name, 0)
    assert call.local is (name == "ollama")
    # The only one of them that notes the pieces of a stream.
    assert (call.first_token is not None) is (name == "openai" and stream)


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_failing_call_is_a_failure_of_its_kind(server, bot, instrument, name):
    """And the client's exception passes."""
    import anthropic
    import ollama
    import openai

    instrument(name)
    server.status = 429
    with pytest.raises((openai.RateLimitError, anthropic.RateLimitError, ollama.ResponseError)):
        await CLIENTS[name][0](server.url)

    (call,) = bot.seen
    assert call.error is ErrorKind.RATE_LIMIT
    assert len(call.fingerprint) == 12
    assert call.detail == ""


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_call_that_takes_too_long_is_a_timeout(server, bot, instrument, name):
    """By the client's own limit."""
    import anthropic
    import httpx
    import openai

    instrument(name)
    server.silent = True
    with pytest.raises((openai.APITimeoutError, anthropic.APITimeoutError, httpx.TimeoutException)):
        await CLIENTS[name][0](server.url, limit=IMPATIENT)

    assert [one.error for one in bot.seen] == [ErrorKind.TIMEOUT]


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_call_that_is_cancelled_is_interrupted(server, bot, instrument, name):
    """At once, or at the latest when the bot stops: no instrumentation notes it."""
    instrument(name)
    server.silent = True
    asking = asyncio.ensure_future(CLIENTS[name][0](server.url))
    await server.reached.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    bot.instruments.close()
    assert [one.error for one in bot.seen] == [ErrorKind.INTERRUPTED]


async def test_two_instrumentations_of_one_client_count_once(server, bot, instrument):
    """OpenTelemetry's own and OpenLLMetry's are both on."""
    instrument("openai_v2")
    instrument("openai")
    call = await answered(bot, ask_openai(server.url))
    assert (call.prompt_tokens, call.completion_tokens) == (12, 3)


async def test_the_hosts_own_operation_around_is_told_what_it_did_not_say(server, bot, instrument):
    """Tokens, model and first token come from the instrumented client."""
    instrument("openai")

    async def ask() -> None:
        async with bot.instruments.operation("llm", "llm_inference"):
            await ask_openai(server.url, stream=True)

    call = await answered(bot, ask())
    assert (call.model, call.prompt_tokens, call.cached_tokens) == (OPENAI_MODEL, 12, 8)
    assert call.first_token is not None


@pytest.mark.parametrize("name", ["openai_v2", "openai"])
async def test_an_embedding_is_a_part_of_its_own(server, bot, instrument, name):
    """With its tokens."""
    import openai

    instrument(name)
    async with openai.AsyncOpenAI(api_key="k", base_url=server.url, max_retries=0) as client:
        await client.embeddings.create(model="text-embedding-3-small", input=CANARY)

    assert [(one.service, one.operation, one.prompt_tokens) for one in bot.seen] == [("rag", "embedding", 5)]
    assert CANARY not in repr(bot.seen)
