"""The pages about people, used through the real client: each with its picture and menu; and one's own figures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
import pytest_asyncio
from discord import app_commands
from discord.ext import commands

from monitoring.model import MINUTE, Told

from .conftest import House
from .test_commands import picture, use

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lively(house: House) -> AsyncIterator[House]:
    """Two people who talk with a persona, a host with commands of its own, and a scenario."""
    hook = house.sandbox.add_webhook(house.talk, "personas")
    for i in range(6):
        await house.sandbox.say(house.talk, house.people["member" if i % 2 else "viewer"], f"hello Scav number {i}?")
        await house.sandbox.persona_say(hook, "Scav", "cheeki breeki")

    @app_commands.command(name="weather", description="x")
    async def weather(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message("sunny")

    @commands.command(name="roll")
    async def roll(_: commands.Context[Any]) -> None:
        """Never used."""

    house.bot.tree.add_command(weather)
    house.bot.add_command(roll)
    now = house.clock.now()
    for what, value in (("scenario_started", None), ("scenario_completed", 900.0)):
        house.monitor.recorder.record(
            Told(what, now - MINUTE, "Scav", name="The heist", value=value, guild_id=house.ops)
        )

    await house.until("the persona", lambda: house.monitor.registry.names() == ["Scav"])
    await house.until("everything to be stored", lambda: not house.monitor.recorder.counts.total_buffered)
    yield house
    house.bot.tree.remove_command("weather")
    house.bot.remove_command("roll")


async def test_users_channels_and_scenarios(lively: House) -> None:
    """Two people, one channel, one scenario, each with its picture and a menu of windows."""
    users = await use(lively, "viewer", "stats users", {"window": "1h"})
    assert "**2** users: 2 new, 0 came again." in users["embeds"][0]["description"]
    assert picture(lively, users).startswith(b"\x89PNG")
    lively.clock.ahead += 11
    chosen = await lively.sandbox.select(lively.people["viewer"], users["id"], "mon:stats:users:window", ["30d"])
    assert "30\u00a0d to" in chosen.message["embeds"][0]["footer"]["text"]

    channels = await use(lively, "viewer", "stats channels", {"window": "1h"})
    assert channels["embeds"][0]["description"].startswith(f"<#{lively.talk}> **12**")
    assert picture(lively, channels)

    scenarios = await use(lively, "viewer", "stats scenarios", {"window": "1h"})
    assert scenarios["embeds"][0]["title"] == "The heist is begun most"
    assert picture(lively, scenarios)


async def test_conversations_are_counted_when_they_are_over(lively: House) -> None:
    """The one going on is none yet; a page without figures has its menu all the same."""
    message = await use(lively, "owner", "stats conversations", {"window": "24h"})

    assert message["embeds"][0]["title"]
    assert "mon:stats:conversations:window" in str(message["components"])


async def test_commands_that_nobody_used_are_named(lively: House) -> None:
    """The host's own, slash and prefix; not the monitor's."""
    message = await use(lively, "viewer", "stats commands", {"window": "24h"})
    unused = next(one for one in message["embeds"][0]["fields"] if one["name"].startswith("Never used"))

    assert unused["value"] == "`/weather` · `roll`"


@pytest.mark.parametrize("kind", ["users", "channels", "commands", "conversations", "scenarios"])
async def test_reports_about_people(lively: House, kind: str) -> None:
    """Drawn where there is something to draw."""
    message = await use(lively, "owner", "report", {"kind": kind, "window": "24h"})
    assert message["embeds"][0]["title"]


async def test_names_of_channels_are_for_those_who_may_see_them(lively: House) -> None:
    """A channel hidden from the viewer has no name in the picture's alt text; the owner of the bot sees all."""
    guild = lively.bot.get_guild(lively.ops)
    assert guild is not None
    channel = guild.get_channel(lively.talk)
    assert isinstance(channel, discord.TextChannel)
    shown = await use(lively, "viewer", "stats channels", {"window": "1h"})
    assert channel.name in shown["embeds"][0]["image"]["description"]

    channel._overwrites.insert(
        0, discord.abc._Overwrites({"id": lively.ops, "type": 0, "allow": "0", "deny": str(1 << 10)})
    )
    try:
        hidden = await use(lively, "viewer", "stats channels", {"window": "1h"})
        owner = await use(lively, "owner", "stats channels", {"window": "1h"})
    finally:
        channel._overwrites.pop(0)

    assert channel.name not in hidden["embeds"][0]["image"]["description"]
    assert channel.name in owner["embeds"][0]["image"]["description"]


async def test_everybody_sees_what_is_known_of_oneself(lively: House) -> None:
    """A member's own messages, shown to nobody else; who did nothing is told so."""
    answer = await lively.sandbox.command(lively.people["member"], lively.talk, "privacy me", {})
    found = {one["name"]: one["value"] for one in answer.message["embeds"][0]["fields"]}

    assert answer.ephemeral
    assert found["Messages"].startswith("**3**\n3 answered")
    assert found["Favourite persona"].startswith("**Scav**, met")
    stranger = await lively.sandbox.command(lively.people["operator"], lively.talk, "privacy me", {})
    assert stranger.message["embeds"][0]["title"] == "I know nothing of you"
