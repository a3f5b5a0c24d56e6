"""The page's own API: what it is told, what it may do, and who may use it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands, ui

from .bots import Login, Place, QuickBot

JSON = dict[str, Any]


@pytest.fixture
async def page(place: Place) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser's side of the page."""
    async with aiohttp.ClientSession(yarl.URL(place.sandbox.page_url)) as session:
        yield session


class Form(ui.Modal, title="Form"):
    """A form with one field."""

    word: ui.TextInput[Form] = ui.TextInput(label="Word", custom_id="word")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Repeats it, for the presser alone."""
        await interaction.response.send_message(f"word: {self.word.value}", ephemeral=True)


def echo_bot() -> QuickBot:
    """A bot with one command that completes, opens a form or answers with a button."""
    bot = QuickBot()

    @bot.tree.command(name="echo", description="Repeats")
    async def echo(interaction: discord.Interaction, text: str) -> None:
        if text == "form":
            await interaction.response.send_modal(Form())
        else:
            view = ui.View(timeout=None)
            view.add_item(ui.Button(label="Go", custom_id="go"))
            await interaction.response.send_message(text, view=view)

    @echo.autocomplete("text")
    async def complete(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=current + "!", value=current)]

    @bot.event
    async def on_interaction(interaction: discord.Interaction) -> None:
        if interaction.type is discord.InteractionType.component:
            await interaction.response.edit_message(content="pressed")

    return bot


async def act(page: aiohttp.ClientSession, deed: str, /, **body: Any) -> Any:
    """One thing a person does on the page."""
    async with page.post(f"/page-api/{deed}", json=body) as response:
        return await response.json()


async def test_the_world_and_the_messages(place: Place, login: Login, page: aiohttp.ClientSession) -> None:
    """The page is told guilds, channels, people and commands; messages oldest first."""
    await login(echo_bot())
    async with page.get("/page-api/world") as response:
        world = await response.json()

    assert world["bot"]["id"] == str(place.sandbox.bot_user_id)
    assert [guild["name"] for guild in world["guilds"]] == ["Green"]
    assert world["guilds"][0]["channels"][0]["id"] == str(place.channel)
    assert {user["name"] for user in world["users"]} == {"Owner", "Ana", "Ben"}
    assert [command["name"] for command in world["commands"]] == ["echo"]
    assert world["commands"][0]["options"][0]["autocomplete"]
    channel, ana = str(place.channel), str(place.ana)
    for text in ("one", "two", "three"):
        assert await act(page, "say", channel=channel, user=ana, content=text) == {"ok": True}

    async with page.get("/page-api/messages", params={"channel": channel, "limit": 2, "as": ana}) as response:
        assert [message["content"] for message in await response.json()] == ["two", "three"]


async def test_a_person_uses_the_page(place: Place, login: Login, page: aiohttp.ClientSession) -> None:
    """Commands, completion, buttons, reactions and forms work from the page; answers come as events."""
    await login(echo_bot())
    at: JSON = {"channel": str(place.channel), "user": str(place.ana)}
    async with (
        page.ws_connect(f"/page-api/events?as={place.ana}") as mine,
        page.ws_connect(f"/page-api/events?as={place.ben}") as his,
    ):
        choices = await act(page, "autocomplete", **at, name="echo", option="text", text="a", options={})
        assert choices == [{"name": "a!", "value": "a"}]
        assert await act(page, "command", **at, name="echo", options={"text": "hi"}) == {"ok": True}
        created = await _next(mine)
        assert (created["t"], created["d"]["content"]) == ("MESSAGE_CREATE", "hi")
        message = {"message": created["d"]["id"], "user": at["user"]}
        assert await act(page, "click", **message, custom_id="go") == {"ok": True}
        assert (await _next(mine))["d"]["content"] == "pressed"
        await act(page, "react", **at, message=created["d"]["id"], emoji="👍")
        assert (await _next(mine))["t"] == "MESSAGE_REACTION_ADD"
        assert "error" in await act(page, "command", **at, name="nothing", options={})

        await act(page, "command", **at, name="echo", options={"text": "form"})
        modal = await _next(mine)
        assert (modal["t"], modal["d"]["title"]) == ("MODAL", "Form")
        sent = {"interaction": modal["d"]["interaction"], "user": at["user"], "values": {"word": "x"}}
        assert await act(page, "modal", **sent) == {"ok": True}
        assert (await _next(mine))["d"]["content"] == "word: x"
        assert [(await _next(his))["t"] for _ in range(3)][-1] == "MESSAGE_REACTION_ADD"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(his.receive(), 0.05)


async def _next(socket: aiohttp.ClientWebSocketResponse) -> JSON:
    """The next event of a page."""
    async with asyncio.timeout(5):
        event: JSON = await socket.receive_json()
        return event


async def test_other_sites_and_hosts_may_not(place: Place, page: aiohttp.ClientSession) -> None:
    """A foreign Host header (DNS rebinding) or Origin is turned away; so is a path out of the page's folder."""
    async with page.get("/page-api/world", headers={"Host": "evil.example"}) as response:
        assert response.status == 403

    async with page.post("/page-api/say", json={}, headers={"Origin": "http://evil.example"}) as response:
        assert response.status == 403

    async with page.post("/page-api/say", json={"channel": "1", "user": "1", "content": "x"}) as response:
        assert response.status == 404

    async with page.post("/page-api/say", json={}) as response:
        assert response.status == 400

    async with page.get(yarl.URL("/page/..%2fserver.py", encoded=True)) as response:
        assert response.status == 404
