"""The examples of docs/otel.md run as they stand there, in the order of the page, and do what it says."""

from __future__ import annotations

import ast
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.util._once import Once

from monitoring.monitor import Monitor
from monitoring.settings import load_settings
from monitoring.window import Scope

from .model_server import OPENAI_MODEL, Models, models
from .spanning import left_as_found

PAGE = Path(__file__).parents[2] / "docs/otel.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`:DeprecationWarning")


@pytest.fixture
async def server() -> AsyncIterator[Models]:
    """Where the page's client asks."""
    async with models() as listening:
        yield listening


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process in which nobody set up OpenTelemetry yet; afterwards it is as before."""
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
    monkeypatch.setattr(trace, "_TRACER_PROVIDER_SET_ONCE", Once())
    with left_as_found():
        yield
        from opentelemetry.instrumentation.openai import OpenAIInstrumentor

        OpenAIInstrumentor().uninstrument()


async def test_the_page_runs_from_top_to_bottom(tmp_path: Path, server: Models, process: None) -> None:
    """A call of the instrumented client is one of Luna's response, with its tokens."""
    import openai  # takes long to import, and every process of tests would for collecting

    monitor = Monitor(load_settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'store.sqlite3'}"))
    await monitor.start()
    async with openai.AsyncOpenAI(api_key="k", base_url=server.url, max_retries=0) as client:
        names: dict[str, Any] = {
            "bot": SimpleNamespace(get_cog={"Greenroom": SimpleNamespace(monitor=monitor)}.get),
            "message": SimpleNamespace(id=9, guild=SimpleNamespace(id=7)),
            "openai_client": client,
            "prompt": [{"role": "user", "content": "Hi"}],
        }
        for block in BLOCKS:
            waiting = eval(compile(block, str(PAGE), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
            if waiting is not None:
                await waiting

    names["provider"].shutdown()
    await monitor.recorder.flush()
    page = await monitor.llm.models(monitor.window("1h"), Scope(None))
    assert [(row.name, row.used.prompt, row.used.completion) for row in page.rows] == [(OPENAI_MODEL, 12, 3)]
    performance = await monitor.performance(monitor.window("1h"), Scope(None))
    assert "llm_inference" in {part.name for part in performance.components}
    await monitor.close()


def test_the_page_names_every_kind_of_work() -> None:
    """Services and operations that spans become."""
    from monitoring.recording.otel_reading import _WORK

    text = PAGE.read_text()
    assert all(f"`{word}`" in text for work in _WORK.values() for word in work if word)
