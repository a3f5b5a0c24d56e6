"""What Discord refuses, the sandbox refuses: with the same code, at the same place in the body."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands

from monitoring.sandbox import Sandbox

from .bots import Login, Place, QuickBot

JSON = dict[str, Any]


async def post(box: Sandbox, path: str, body: JSON | list[JSON] | str, method: str = "POST") -> tuple[int, JSON]:
    """Sends a body past discord.py, which would not send all of these; gives status and answer."""
    headers = {"Authorization": f"Bot {box.token}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers) as session:
        data = body if isinstance(body, str) else discord.utils._to_json(body)
        async with session.request(method, box.api_url + path, data=data) as response:
            return response.status, await response.json() if response.status != 204 else {}


def places(errors: JSON, path: str = "") -> list[str]:
    """The places in a body at which errors were named, such as embeds.0.title."""
    found = []
    for key, inner in errors.items():
        if key == "_errors":
            found.append(path.strip("."))
        else:
            found += places(inner, f"{path}.{key}")

    return found


def row(*components: JSON) -> JSON:
    """A row of components."""
    return {"type": 1, "components": list(components)}


def button(custom_id: str = "a", **more: Any) -> JSON:
    """A button."""
    return {"type": 2, "style": 1, "label": "Go", "custom_id": custom_id} | more


def menu(options: int = 1, **more: Any) -> JSON:
    """A menu with some options."""
    entries = [{"label": f"o{n}", "value": f"v{n}"} for n in range(options)]
    return {"type": 3, "custom_id": "m", "options": entries} | more


@pytest.mark.parametrize(
    ("body", "place_named"),
    [
        ({"content": "x" * 2001}, "content"),
        ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title"),
        ({"embeds": [{"description": "x" * 4097}]}, "embeds.0.description"),
        ({"embeds": [{"title": "x", "footer": {"text": "x" * 2049}}]}, "embeds.0.footer.text"),
        ({"embeds": [{"title": "x", "author": {"name": "x" * 257}}]}, "embeds.0.author.name"),
        ({"embeds": [{"fields": [{"name": "a", "value": "b"}] * 26}]}, "embeds.0.fields"),
        ({"embeds": [{"fields": [{"name": "x" * 257, "value": "b"}]}]}, "embeds.0.fields.0.name"),
        ({"embeds": [{"fields": [{"name": "a", "value": "x" * 1025}]}]}, "embeds.0.fields.0.value"),
        ({"embeds": [{"fields": [{"name": "a", "value": " "}]}]}, "embeds.0.fields.0.value"),
        ({"embeds": [{"fields": [{"name": "", "value": "b"}]}]}, "embeds.0.fields.0.name"),
        ({"embeds": [{"title": "x"}] * 11}, "embeds"),
        ({"embeds": [{"description": "x" * 3001}] * 2}, "embeds"),
        ({"embeds": [{"title": "x", "image": {"url": "attachment://none.png"}}]}, "embeds.0.image.url"),
        ({"embeds": [{"title": "x", "url": "javascript:1"}]}, "embeds.0.url"),
        ({"embeds": [{"title": "x", "color": 1 << 24}]}, "embeds.0.color"),
        ({"content": "x", "nonce": "n" * 26}, "nonce"),
        ({"content": "x", "message_reference": {"message_id": "5"}}, "message_reference"),
        ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, "allowed_mentions"),
        ({"components": [row(button())] * 6}, "components"),
        ({"components": [row(*(button(str(n)) for n in range(6)))]}, "components.0.components"),
        ({"components": [row(button(), button())]}, "components"),
        ({"components": [row(button(label="x" * 81))]}, "components.0.components.0.label"),
        ({"components": [row(button("x" * 101))]}, "components.0.components.0.custom_id"),
        ({"components": [row(button(style=5))]}, "components.0.components.0"),
        ({"components": [row(menu(26))]}, "components.0.components.0.options"),
        ({"components": [row(menu(placeholder="x" * 151))]}, "components.0.components.0.placeholder"),
        ({"components": [row(menu(), button())]}, "components.0.components"),
        ({"components": [row()]}, "components.0.components"),
        ({"components": [{"type": 10, "content": "text"}]}, "components.0.type"),
        ({"flags": 1 << 15, "content": "x", "components": [{"type": 10, "content": "text"}]}, "content"),
    ],
)
async def test_messages_over_a_limit(place: Place, body: JSON, place_named: str) -> None:
    """Each limit is refused with 50035 and the place."""
    status, answer = await post(place.sandbox, f"/channels/{place.channel}/messages", body)
    assert (status, answer["code"], answer["message"]) == (400, 50035, "Invalid Form Body")
    assert place_named in places(answer["errors"])
    assert place.sandbox.messages(place.channel) == []
    assert place.sandbox.refused[-1].code == 50035


@pytest.mark.parametrize(
    "body",
    [
        {"content": "x" * 2000},
        {"embeds": [{"description": "x" * 4096}, {"description": "x" * 1904}]},
        {"embeds": [{"fields": [{"name": "x" * 256, "value": "y"}] * 20}]},
        {"components": [row(*(button(f"{r}-{n}") for n in range(5))) for r in range(5)]},
        {"components": [row(menu(25, placeholder="x" * 150, max_values=25))]},
        {"flags": 1 << 15, "components": [{"type": 17, "components": [{"type": 10, "content": "text"}]}]},
    ],
)
async def test_messages_at_a_limit_pass(place: Place, body: JSON) -> None:
    """What is just within a limit is taken."""
    status, _ = await post(place.sandbox, f"/channels/{place.channel}/messages", body)
    assert status == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"content": "  "}, 50006),
        ({}, 50006),
        ('{"content": NaN}', 50109),
        ('{"content": ', 50109),
        ("[]", 50109),
    ],
)
async def test_empty_and_broken_bodies(place: Place, body: JSON | str, code: int) -> None:
    """An empty message and a body that is no JSON (NaN is none) have codes of their own."""
    status, answer = await post(place.sandbox, f"/channels/{place.channel}/messages", body)
    assert (status, answer["code"]) == (400, code)


async def test_a_file_over_ten_mebibytes(place: Place) -> None:
    """413 with 40005."""
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("files[0]", io.BytesIO(bytes(10 * 1024 * 1024 + 1)), filename="big.bin")
    headers = {"Authorization": f"Bot {place.sandbox.token}"}
    url = f"{place.sandbox.api_url}/channels/{place.channel}/messages"
    async with aiohttp.ClientSession(headers=headers) as session, session.post(url, data=form) as response:
        assert (response.status, (await response.json())["code"]) == (413, 40005)


async def test_permissions_and_places(place: Place) -> None:
    """What the bot may not see, may not do, and what is not there are three different refusals."""
    box = place.sandbox
    path = f"/channels/{place.channel}/messages"
    box.overwrite(place.channel, box.bot_user_id, deny=["embed_links"])
    assert (await post(box, path, {"embeds": [{"title": "x"}]}))[1]["code"] == 50013
    box.overwrite(place.channel, box.bot_user_id, deny=["send_messages"])
    assert (await post(box, path, {"content": "x"}))[1]["code"] == 50013
    box.overwrite(place.channel, box.bot_user_id, deny=["view_channel"])
    assert (await post(box, path, {"content": "x"}))[1]["code"] == 50001
    assert (await post(box, "/channels/1/messages", {"content": "x"}))[1]["code"] == 10003
    assert (await post(box, "/nowhere", {}))[0] == 404
    box.token = "changed"
    async with aiohttp.ClientSession() as session, session.get(box.api_url + "/users/@me") as response:
        assert response.status == 401


async def test_messages_of_others_cannot_be_edited(place: Place, login: Login) -> None:
    """50005."""
    message = await place.sandbox.say(place.channel, place.ana, "mine")
    path = f"/channels/{place.channel}/messages/{message}"
    assert (await post(place.sandbox, path, {"content": "yours"}, "PATCH"))[1]["code"] == 50005


@pytest.mark.parametrize("name", ["x" * 81, "my discord hook", "Clyde"])
async def test_names_of_webhooks(place: Place, name: str) -> None:
    """Too long ones and Discord's own names are refused, when made and when used."""
    box = place.sandbox
    assert (await post(box, f"/channels/{place.channel}/webhooks", {"name": name}))[1]["code"] == 50035
    path = box.webhook_url(box.add_webhook(place.channel, "ok")).removeprefix(box.api_url)
    assert (await post(box, path, {"content": "x", "username": name}))[1]["code"] == 50035
    assert (await post(box, path + "x", {"content": "x"}))[1]["code"] == 50027


def command(**more: Any) -> JSON:
    """A command, right unless changed."""
    return {"name": "stats", "description": "Figures"} | more


def option(**more: Any) -> JSON:
    """An option, right unless changed."""
    return {"type": 3, "name": "persona", "description": "Which"} | more


@pytest.mark.parametrize(
    ("definition", "place_named"),
    [
        (command(name="Stats"), "0.name"),
        (command(name="two words"), "0.name"),
        (command(name="x" * 33), "0.name"),
        (command(description=""), "0.description"),
        (command(description="x" * 101), "0.description"),
        (command(options=[option(name=f"o{n}") for n in range(26)]), "0.options"),
        (command(options=[option(), option()]), "0.options.1"),
        (command(options=[option(), option(name="b", required=True)]), "0.options.1"),
        (command(options=[option(choices=[{"name": str(n), "value": "v"} for n in range(26)])]), "0.options.0.choices"),
        (command(options=[option(choices=[{"name": "a", "value": 1}])]), "0.options.0.choices.0.value"),
        (
            command(options=[option(choices=[{"name": "a", "value": "1"}], autocomplete=True)]),
            "0.options.0.autocomplete",
        ),
        (command(options=[option(type=1), option(name="b")]), "0.options"),
        (command(options=[option(type=1, options=[option(type=1)])]), "0.options.0.options.0.type"),
        (command(options=[option(type=12)]), "0.options.0.type"),
        (
            command(options=[
                option(name=f"o{o}", choices=[{"name": f"{n:050}", "value": f"{n:050}"} for n in range(25)])
                for o in range(4)
            ]),
            "0",
        ),
    ],
)  # fmt: skip
async def test_wrong_commands(place: Place, definition: JSON, place_named: str) -> None:
    """A bulk overwrite with one wrong definition changes nothing and names the place."""
    box = place.sandbox
    status, answer = await post(box, f"/applications/{box.application_id}/commands", [definition], "PUT")
    assert (status, answer["code"]) == (400, 50035)
    assert place_named in places(answer["errors"])
    assert box.commands.everything() == []


async def test_more_commands_than_a_hundred_and_twins(place: Place) -> None:
    """100 slash commands are the most, and no two may have one name."""
    box = place.sandbox
    path = f"/applications/{box.application_id}/commands"
    many = [command(name=f"c{n}") for n in range(101)]
    assert (await post(box, path, many, "PUT"))[1]["code"] == 30032
    assert (await post(box, path, many[:100], "PUT"))[0] == 200
    assert (await post(box, path, command(name="one-more")))[1]["code"] == 30032
    assert (await post(box, path, [command(), command()], "PUT"))[1]["code"] == 50035
    assert (await post(box, path, [command(type=2, name="Look at")], "PUT"))[0] == 200


async def test_autocomplete_and_modals_over_their_limits(place: Place, login: Login) -> None:
    """26 choices and a modal without fields are refused; the person then sees that nothing came."""
    bot = QuickBot()

    @bot.tree.command(name="pick", description="Completes")
    async def pick(interaction: discord.Interaction, what: str) -> None:
        await interaction.response.send_modal(discord.ui.Modal(title="Empty"))

    @pick.autocomplete("what")
    async def complete(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=str(n), value=str(n)) for n in range(26)]

    @bot.tree.error
    async def quiet(interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
        """The refusal is what the test is about."""

    await login(bot)
    box = place.sandbox
    assert await box.autocomplete(place.ana, place.channel, "pick", "what", "", timeout=0.2) == []
    assert places(box.refused[-1].errors or {}) == ["data.choices"]
    answer = await box.command(place.ana, place.channel, "pick", {"what": "x"}, timeout=0.2)
    assert answer.error is not None
    assert "components" in places(box.refused[-1].errors or {})
