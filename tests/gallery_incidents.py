"""An incident's message in every stage, as the stand-in for Discord shows the story that the tests tell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import discord

from cogs._answer import drawn
from cogs._incident_embed import ping_text
from cogs._incident_pages import card_reply
from cogs._posting import Channels, Post
from monitoring.monitor import Monitor
from monitoring.sandbox import Sandbox
from monitoring.settings import load_settings
from tests.cogs import story, story_alerts
from tests.conftest import pointed_at

STAGES = {
    "open": "open: the limit in its chart, the likely cause, what to do",
    "open-critical": "critical: the one message that pings, and only configured roles",
    "acknowledged": "acknowledged: who has it",
    "silenced": "silenced: by whom and until when",
    "recovering": "recovering: why it is better, and when it resolves if it stays so",
    "resolved": "resolved: how long, how bad, why it is back",
    "flapping": "flapping: said once, with a limit that would have kept still",
    "grouped": "several at once, in one message",
    "cause-with-symptoms": "a cause, with the alerts that are quiet because of it",
    "quiet-because-of-another": "quiet because of another",
    "no-data": "no data: neither well nor broken",
}
"""Names of the stages, and what is seen there."""
PINGING = ("open-critical", "grouped", "cause-with-symptoms")


class Stage:
    """A stand-in for Discord whose clock stands where the story is."""

    def __init__(self) -> None:
        self.at = story.at("13:00")
        self.sandbox = Sandbox(clock=lambda: self.at / 1000)

    async def posted(self) -> AsyncIterator[tuple[str, int]]:
        """Every stage in a channel of its own, by name."""
        owner = self.sandbox.add_user("boss")
        guild = self.sandbox.add_guild("Ops", owner)
        role = self.sandbox.add_role(guild, "Bot Ops")
        with TemporaryDirectory(prefix="greenroom-gallery-") as folder:
            settings = load_settings(_env_file=None, database_url=f"sqlite:///{Path(folder) / 'store.sqlite3'}")
            monitor = Monitor(settings)
            client = discord.Client(intents=discord.Intents.default())
            async with client:
                await client.login(self.sandbox.token)
                connected = asyncio.create_task(client.connect())
                await client.wait_until_ready()
                for number, (name, card) in enumerate(story_alerts.stages().items()):
                    self.at = card.at
                    picture = None if card.members else await drawn(monitor, "incident", card)
                    pings = name in PINGING
                    post = Post(card_reply(card, picture), ping_text(card) if pings else "", nonce=f"stage {number}")
                    channel = self.sandbox.add_channel(guild, name)
                    await Channels(client).send(channel, replace(post, roles=(role,)) if pings else post)
                    yield name, channel

            await asyncio.wait({connected})
            await monitor.drawing.close()


async def taken(browser: Any, width: int, save: Callable[[bytes, str], None]) -> None:
    """A picture of every stage, as wide as a desktop or a phone would show it."""
    stage = Stage()
    await stage.sandbox.start()
    context = await browser.new_context(
        viewport={"width": width, "height": 1100}, device_scale_factor=1.5, timezone_id=story.BERLIN, locale="en-GB"
    )
    page = await context.new_page()
    with pointed_at(stage.sandbox):
        async for name, channel in stage.posted():
            if name in STAGES:
                await page.clock.set_fixed_time(stage.at / 1000 + 5)
                await page.goto(f"{stage.sandbox.page_url}?channel={channel}")
                await page.wait_for_selector(".message")
                await page.wait_for_timeout(400)
                save(await page.locator(".message").last.screenshot(), name)

    await context.close()
    await stage.sandbox.close()
