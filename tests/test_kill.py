"""Killed, started again, told to go: nothing shown or stored is lost, nothing is told twice (F1, F5, F8, F17)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from monitoring.interfaces import SystemClock
from monitoring.sandbox import Sandbox
from monitoring.sandbox.llm_service import LocalModel
from monitoring.store.sqlite import SQLiteStore
from tests.conftest import until
from tests.host.bot_process import BotProcess, bot_process, connection
from tests.kill.deprived import waited

pytestmark = pytest.mark.asyncio(loop_scope="module")

JUDGED_WITHIN = 11.0
"""Seconds until every rule was judged once more: every 10 s, with a second to spare."""


@dataclass(slots=True)
class Town:
    """A guild with a bot that is killed, and what was said in it: message id → monotonic seconds."""

    sandbox: Sandbox
    folder: Path
    guild: int
    ops: int
    talk: int
    hook: int
    model: LocalModel
    said: dict[int, float] = field(default_factory=dict)

    @property
    def store(self) -> Path:
        """The store's file."""
        return self.folder / "store.sqlite3"

    def settings(self) -> dict[str, object]:
        """Everything short, so that the incident opens as soon as rules are judged."""
        sandbox = self.sandbox
        return connection(sandbox.api_url, sandbox.gateway_url, sandbox.token, self.store) | {
            "ALERT_DISCORD_CHANNEL_ID": self.ops,
            "ALERT_GRACE_SECONDS": 0,
            "ALERT_INTERVAL_SECONDS": 1,
            "ALERT_WINDOW_SECONDS": 30,
            "ALERT_FOR_SECONDS": 0,
            "PERFORMANCE_ALERT_COOLDOWN": 0,
            "PROBE_HTTP": f"llm={self.model.health_url}",
            "PROBE_INTERVAL_SECONDS": 1,
            # The machine that runs the tests may be as busy as it likes.
            "ALERT_CPU_PERCENT": 100,
            "ALERT_MEMORY_PERCENT": 100,
            "ALERT_DISK_PERCENT": 100,
        }

    async def speak(self) -> None:
        """A question and an answer."""
        asked = await self.sandbox.say(self.talk, self.sandbox.owner_id, "Scav, are you there?")
        spoken = await self.sandbox.persona_say(self.hook, "Scav", "cheeki breeki", reference=asked)
        self.said |= dict.fromkeys((asked, spoken), time.monotonic())

    async def chat(self) -> None:
        """Questions and answers for ever."""
        while True:
            await self.speak()
            await asyncio.sleep(0.05)

    def cards(self) -> list[dict[str, Any]]:
        """The messages of incidents about the model."""
        found = self.sandbox.messages(self.ops)
        return [one for one in found if one["components"] and "llm" in one["embeds"][0]["title"]]

    async def stored(self) -> set[int]:
        """The ids of all messages in the store, which no bot has open now."""
        store = SQLiteStore(self.store, clock=SystemClock(), zone="UTC", raw_days=7)
        await store.open()
        try:
            return {row.id for row in await store.messages(0, 2**45)}
        finally:
            await store.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """The place, with a model that answers 503."""
    sandbox, model = Sandbox(), LocalModel()
    await sandbox.start()
    await model.start()
    model.fail()
    guild = sandbox.add_guild("Town")
    ops, talk = sandbox.add_channel(guild, "bot-ops"), sandbox.add_channel(guild, "general")
    yield Town(sandbox, tmp_path_factory.mktemp("town"), guild, ops, talk, sandbox.add_webhook(talk, "personas"), model)
    await model.close()
    await sandbox.close()


async def test_f1_f8_f17_killed_restarted_and_told_to_go(town: Town) -> None:
    """One life: an incident opens, SIGKILL, a new start, its button, and SIGTERM."""
    async with bot_process(town.folder, town.settings(), anew=True) as bot:
        killed = await _killed_with_an_incident_open(town, bot)

    early = {number for number, at in town.said.items() if at < killed - 1}
    assert len(early) > 50
    stored = await town.stored()
    assert early <= stored, f"{len(early - stored)} of {len(early)} recorded over 1 s before the kill are lost"

    began = time.monotonic()
    async with bot_process(town.folder, town.settings(), anew=True) as bot:
        await until(f"the bot that said {bot.said}", lambda: town.sandbox.gateway.connected, 10)
        busy = waited(process=bot.process.pid)
        assert time.monotonic() - began - busy < 3, f"recording again within 3 s of the start, {busy:.1f} s elsewhere"
        await town.speak()
        again = set(list(town.said)[-2:])
        await _told_once_and_its_button_works(town, bot)
        await _told_to_go(town, bot)

    stored = await town.stored()
    assert again <= stored, "it recorded again"
    assert set(list(town.said)[-20:]) <= stored, "SIGTERM loses nothing"


async def _killed_with_an_incident_open(town: Town, bot: BotProcess) -> float:
    """Traffic until the incident is told, a moment longer, then SIGKILL in the middle of it; when that was."""
    await town.sandbox.connected(10)
    chatting = asyncio.create_task(town.chat())
    try:
        await until("the incident", town.cards, JUDGED_WITHIN + 5)
        await asyncio.sleep(0.3)
        bot.process.kill()
        killed = time.monotonic()
    finally:
        chatting.cancel()
        await asyncio.wait({chatting})

    assert await bot.end(5) == -9
    return killed


async def _told_once_and_its_button_works(town: Town, bot: BotProcess) -> None:
    """The old message is the incident's message still; after rules were judged anew there is no second one."""
    judged = asyncio.create_task(asyncio.sleep(JUDGED_WITHIN))
    (card,) = town.cards()
    button = card["components"][0]["components"][0]
    assert button["label"] == "Acknowledge"
    answer = await town.sandbox.click(town.sandbox.owner_id, card["id"], button["custom_id"])
    assert answer.error is None, bot.said
    assert town.cards()[0]["components"][0]["components"][0]["label"] == "Acknowledged"
    assert "has it since" in town.cards()[0]["embeds"][0]["description"]

    await judged
    (now,) = town.cards()
    assert now["id"] == card["id"]
    assert now["embeds"][0]["title"].startswith("👤 Acknowledged")


async def _told_to_go(town: Town, bot: BotProcess) -> None:
    """SIGTERM right after traffic: gone within 5 s, and content."""
    for _ in range(10):
        await town.speak()

    # The Gateway is in order: who has answered this has heard all that was said before.
    answer = await town.sandbox.command(town.sandbox.owner_id, town.talk, "alerts active")
    assert "llm" in str(answer.message["embeds"][0])
    bot.process.terminate()
    assert await bot.end(5) == 0, bot.said
    assert "Traceback" not in bot.said
