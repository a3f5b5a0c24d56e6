"""Spans through the whole Monitor: one line or one setting, gone with it, and nothing of what was said is left."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Status, StatusCode

from monitoring.errors import MonitoringError
from monitoring.monitor import Monitor
from monitoring.recording.spans import MISSING, WAITING
from monitoring.settings import load_settings
from monitoring.window import Scope

from .spanning import CHAT
from .test_otel_reading import CANARY, CONTENT


def a_monitor(folder: Path, **settings: Any) -> Monitor:
    """One with a store in this folder."""
    path = f"sqlite:///{folder / 'store.sqlite3'}"
    return Monitor(load_settings(_env_file=None, database_url=path, **settings))


@pytest.fixture
def provider() -> TracerProvider:
    """The host's own, which knows nothing of us yet."""
    return TracerProvider(shutdown_on_exit=False)


def chat(provider: TracerProvider, **more: Any) -> None:
    """A call that uses twelve tokens."""
    usage = {"gen_ai.usage.input_tokens": 12, "gen_ai.response.model": "gpt-4o-mini"}
    provider.get_tracer("a.host").start_span("chat", attributes=CHAT | usage | more).end()


async def calls(monitor: Monitor) -> int:
    """How many calls of models were recorded in the last hour."""
    await monitor.recorder.flush()
    return (await monitor.llm.models(monitor.window("1h"), Scope(None))).n


def written(folder: Path) -> bytes:
    """All bytes of all files that are there."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_one_line_is_enough(tmp_path: Path, provider: TracerProvider) -> None:
    """What the host adds to its provider records, with the persona of the response."""
    monitor = a_monitor(tmp_path)
    await monitor.start()
    provider.add_span_processor(monitor.spans.processor())
    with monitor.instruments.response("Luna", guild_id=7):
        chat(provider)

    assert await calls(monitor) == 1
    await monitor.close()
    chat(provider)


async def test_reloading_goes_on_with_the_processor_that_is_there(tmp_path: Path, provider: TracerProvider) -> None:
    """The host's line ran once; after unloading nothing is recorded, after loading again everything is."""
    first = a_monitor(tmp_path)
    await first.start()
    provider.add_span_processor(first.spans.processor())
    await first.close()
    chat(provider)
    for times in range(1, 4):
        again = a_monitor(tmp_path)
        await again.start()
        chat(provider)
        assert await calls(again) == times
        await again.close()

    assert len(provider._active_span_processor._span_processors) == 1


async def test_the_setting_takes_the_global_provider_once_there_is_one(
    tmp_path: Path, provider: TracerProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then it says what it waits for; a second Monitor adds nothing."""
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
    monkeypatch.delenv("OTEL_PYTHON_TRACER_PROVIDER", raising=False)
    monitor = a_monitor(tmp_path, otel_spans=True)
    await monitor.start()
    await monitor.spans.look()
    assert monitor.problems.count(WAITING) == 1
    await monitor.spans.look()
    assert monitor.problems.count(WAITING) == 1
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    await monitor.spans.look()
    assert WAITING not in monitor.problems
    chat(provider)
    assert await calls(monitor) == 1
    await monitor.close()

    again = a_monitor(tmp_path, otel_spans=True)
    await again.start()
    await again.spans.look()
    chat(provider)
    assert await calls(again) == 2
    await again.close()
    assert len(provider._active_span_processor._span_processors) == 1


async def test_without_opentelemetry_it_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And everything else runs."""
    monkeypatch.setitem(sys.modules, "monitoring.recording.otel", None)
    monitor = a_monitor(tmp_path, otel_spans=True)
    await monitor.start()
    await monitor.spans.look()
    assert MISSING in monitor.problems
    with pytest.raises(MonitoringError, match=r"greenroom\[otel\]"):
        monitor.spans.processor()

    await monitor.close()


async def test_nothing_that_was_said_is_left_anywhere(
    tmp_path: Path, provider: TracerProvider, caplog: pytest.LogCaptureFixture
) -> None:
    """Of spans full of prompts, answers, arguments and what exceptions said: not in the store, not in its log."""
    caplog.set_level(logging.DEBUG)
    monitor = a_monitor(tmp_path)
    await monitor.start()
    provider.add_span_processor(monitor.spans.processor())
    content = dict.fromkeys(CONTENT, CANARY)
    for failing in (False, True):
        with monitor.instruments.response("Luna", guild_id=7):
            span = provider.get_tracer(CANARY).start_span(CANARY, attributes=CHAT | content)
            span.add_event("gen_ai.content.completion.chunk", content)
            span.set_attribute("gen_ai.usage.input_tokens", 12)
            if failing:
                span.record_exception(RuntimeError(CANARY))
                span.set_status(Status(StatusCode.ERROR, CANARY))

            span.end()

    assert await calls(monitor) == 2
    await monitor.close()
    assert written(tmp_path)
    assert CANARY.encode() not in written(tmp_path)
    assert CANARY not in caplog.text
