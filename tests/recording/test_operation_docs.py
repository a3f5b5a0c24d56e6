"""Every example of docs/instrument.md runs as it stands there, in the order of the page, and does what it says."""

from __future__ import annotations

import ast
import re
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from monitoring.model import ErrorKind, OperationDone
from monitoring.monitor import Monitor
from monitoring.recording.operation import Kept
from monitoring.settings import load_settings
from monitoring.window import Scope

PAGE = Path(__file__).parents[2] / "docs/instrument.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)


@pytest.fixture
async def monitor(tmp_path: Path) -> AsyncIterator[Monitor]:
    """A running monitor, as the page's bot has one."""
    it = Monitor(load_settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'store.sqlite3'}"))
    await it.start()
    yield it
    await it.close()


async def streamed(*parts: Any) -> AsyncIterator[Any]:
    """What a model client streams."""
    for part in parts:
        yield part


class Pipeline:
    """What the page takes for granted of the host: clients of models, a vector store, a channel."""

    def __init__(self, monitor: Monitor) -> None:
        self.sent: list[str] = []
        self.channel = SimpleNamespace(id=8, send=self.send)
        message = SimpleNamespace(id=9, guild=SimpleNamespace(id=7), channel=self.channel)
        completions = SimpleNamespace(create=self.create)
        self.names: dict[str, Any] = {
            "bot": SimpleNamespace(get_cog={"Greenroom": SimpleNamespace(monitor=monitor)}.get),
            "message": message,
            "build_prompt": self.give("prompt"),
            "ask_model": self.give("text"),
            "vector_store": SimpleNamespace(search=self.give([])),
            "guests_came": self.give(False),
            "synthesise": lambda text: None,
            "openai_client": SimpleNamespace(chat=SimpleNamespace(completions=completions)),
            "ollama_client": SimpleNamespace(chat=self.chat),
        }

    @staticmethod
    def give(value: Any) -> Any:
        """A coroutine function that gives this."""

        async def function(*_: Any) -> Any:
            return value

        return function

    async def send(self, text: str) -> None:
        self.sent.append(text)

    async def create(self, *, stream: bool, stream_options: dict[str, bool], **_: Any) -> AsyncIterator[Any]:
        """As openai streams: text in choices, and at the end the usage without any."""
        assert stream
        assert stream_options == {"include_usage": True}
        choice = SimpleNamespace(delta=SimpleNamespace(content="Hi"))
        usage = SimpleNamespace(prompt_tokens=12, completion_tokens=1)
        return streamed(SimpleNamespace(choices=[choice], usage=None), SimpleNamespace(choices=[], usage=usage))

    async def chat(self, *, stream: bool, **_: Any) -> AsyncIterator[Any]:
        """As ollama streams: the counts come with the last part."""
        assert stream
        last = {"message": {"content": ""}, "done": True, "prompt_eval_count": 20, "eval_count": 3}
        return streamed({"message": {"content": "Hi"}, "done": False}, last)


async def run(block: str, names: dict[str, Any]) -> None:
    """Run an example, which may await, among the names that those before it left."""
    code = compile(block, str(PAGE), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    waiting = eval(code, names)
    if waiting is not None:
        await waiting


async def test_the_page_runs_from_top_to_bottom(monitor: Monitor) -> None:
    """Nothing of it is refused, and it brings the figures that it promises."""
    names = Pipeline(monitor).names
    told = Kept()
    for block in BLOCKS:
        await run(block, names)
        kept = names.get("kept", told)

    assert kept.refused == told.refused == 0
    await monitor.recorder.flush()
    assert monitor.recorder.counts.total_dropped == 0
    performance = await monitor.performance(monitor.window("1h"), Scope(None))
    assert {"context_building", "llm_inference", "discord_send"} <= {part.name for part in performance.components}
    facts = monitor.instruments.service_facts
    assert dict(facts.of("rag"))["documents"] == "1,240"
    assert dict(facts.of("tts")) == {"engine": "Kokoro", "voice": "af_bella"}


async def test_streaming_examples_record_tokens_and_the_first_token(monitor: Monitor) -> None:
    """Of both kinds of clients."""
    names = Pipeline(monitor).names
    kept = Kept()
    names["instruments"] = type(monitor.instruments)(kept)
    for block in BLOCKS:
        if "async def ask_o" in block:
            await run(block, names)

    openai, ollama = (fact for fact in kept.seen if isinstance(fact, OperationDone))
    assert (openai.model, openai.prompt_tokens, openai.completion_tokens, openai.local) == ("gpt-4o-mini", 12, 1, False)
    assert (ollama.model, ollama.prompt_tokens, ollama.completion_tokens, ollama.local) == ("qwen3:8b", 20, 3, True)
    assert openai.first_token is not None
    assert ollama.first_token is not None


async def test_the_page_says_of_errors_what_happens(monitor: Monitor) -> None:
    """The example of an exception is recorded as a timeout, that of `fail` as a rate limit."""
    names = Pipeline(monitor).names
    kept = Kept()
    names["instruments"] = type(monitor.instruments)(kept)
    for block in BLOCKS:
        if "TimeoutError" in block or "call.fail" in block:
            await run(block, names)

    assert [fact.error for fact in kept.seen if isinstance(fact, OperationDone)] == [
        ErrorKind.RATE_LIMIT,
        ErrorKind.TIMEOUT,
    ]


def test_the_page_has_an_example_for_every_call() -> None:
    """Nothing that a host may call is missing on the page."""
    from monitoring.recording.bound import Bound
    from monitoring.recording.operation import Instruments, Operation
    from monitoring.recording.persona_instruments import PersonaInstruments, Scenario

    text = "\n".join(BLOCKS)
    ours = {"timed", "current", "over", "guild_id", "start", "lend", "interrupt", "sweep", "close", "under_way"}
    for kind in (Instruments, Operation, Bound, PersonaInstruments, Scenario):
        for name in vars(kind):
            if not name.startswith("_") and name not in ours:
                assert f".{name}(" in text or name in text, f"{kind.__name__}.{name} has no example"
