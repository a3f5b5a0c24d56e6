"""What docs/host.md shows of a host's code runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from monitoring.sandbox import Sandbox

from .test_loading import made, online

pytestmark = pytest.mark.asyncio(loop_scope="module")
PAGE = Path(__file__).parent.parent.parent / "docs" / "host.md"


async def test_every_piece_of_code_on_the_page_runs(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plain client, a pipeline, an error handler and a probe of the host's: what they tell is recorded."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/client.sqlite3")
    house = made(sandbox, tmp_path)
    await house.monitor.start()
    async with online(sandbox, house.bot) as bot:
        await bot.load_extension("cogs")
        known: dict[str, Any] = {"bot": bot, "discord": discord, "tts_engine": SimpleNamespace(is_ready=lambda: True)}
        known |= {"build": _built, "stream": _streamed, "send": _sent}
        for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
            exec(code, known)

        place = SimpleNamespace(id=house.ops)
        message = SimpleNamespace(guild=place, channel=SimpleNamespace(id=house.talk), id=7)
        await known["answer"](message, SimpleNamespace(name="Scav"))
        await house.monitor.recorder.flush()
        window = house.monitor.window("1h")
        value = await house.monitor.store.series("operation", window.start, window.end + 60_000, 0)
        assert value.total(lambda _: True)[True].count == 4
        assert "tts" in house.monitor.service_names()
        await bot.unload_extension("cogs")

    await house.monitor.close()
    async with known["MyClient"](intents=discord.Intents.default()) as client:
        await client.login(sandbox.token)
        client.monitor.instruments.record_operation("tts", "speech", 0.4)
        await client.monitor.recorder.flush()
        assert client.monitor.recorder.counts.stored["success"] == 1


async def _built(message: Any) -> str:
    return "a prompt"


async def _streamed(prompt: str) -> Any:
    for token in ("a", "b"):
        yield token


async def _sent(persona: Any, text: str) -> None:
    """Nothing more is needed of it."""
