"""Commands, buttons, menus and forms: a real client answers, a person sees."""

from __future__ import annotations

import asyncio
import io
import re
import struct

import discord
import pytest
from discord import app_commands, ui

from monitoring.sandbox import NotOffered

from .bots import Heard, Login, Place, QuickBot

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 640, 360) + b"\0" * 20


class AckButton(ui.DynamicItem[ui.Button[ui.View]], template=r"mon:incident:(?P<id>\d+):ack"):
    """A button that lives on: its state is in its id."""

    def __init__(self, number: int) -> None:
        super().__init__(ui.Button(label="Acknowledge", custom_id=f"mon:incident:{number}:ack"))
        self.number = number

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[ui.View], match: re.Match[str]
    ) -> AckButton:
        """The button again, from its id."""
        return cls(int(match["id"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Says who pressed."""
        await interaction.response.edit_message(content=f"{self.number} by {interaction.user.id}", view=None)


class NoteModal(ui.Modal, title="Note"):
    """A form with one field."""

    note: ui.TextInput[NoteModal] = ui.TextInput(label="What happened?", custom_id="note", max_length=50)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Repeats the note."""
        await interaction.response.send_message(f"noted: {self.note.value}", ephemeral=True)


def stats(bot: QuickBot) -> QuickBot:
    """Adds the group of commands the tests use."""
    group = app_commands.Group(name="stats", description="Figures")

    @group.command(name="persona", description="Figures of a persona")
    @app_commands.choices(window=[app_commands.Choice(name="one day", value="24h")])
    async def persona(
        interaction: discord.Interaction, persona: str, window: str = "24h", top: app_commands.Range[int, 1, 5] = 3
    ) -> None:
        await interaction.response.send_message(f"{persona} {window} {top}")

    @persona.autocomplete("persona")
    async def complete(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [
            app_commands.Choice(name=n, value=n.lower()) for n in ("Scav", "Prapor") if current.lower() in n.lower()
        ]

    @group.command(name="late", description="A chart after a while")
    async def late(interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        file = discord.File(io.BytesIO(PNG), "chart.png", description="a line going up")
        embed = discord.Embed(title="Chart").set_image(url="attachment://chart.png")
        await interaction.edit_original_response(embed=embed, attachments=[file])
        await interaction.followup.send("more", ephemeral=True)

    bot.tree.add_command(group)
    return bot


async def test_a_subcommand_with_options_is_answered(place: Place, login: Login) -> None:
    """Options arrive typed, choices by value, and the answer is what Discord would serve."""
    await login(stats(QuickBot()))
    box = place.sandbox
    options = {"persona": "Scav", "window": "one day", "top": 4}
    answer = await box.command(place.ana, place.channel, "stats persona", options)
    assert answer.error is None
    assert answer.message["content"] == "Scav 24h 4"
    assert answer.message["interaction_metadata"]["name"] == "stats persona"
    assert answer.message["type"] == 20
    assert not answer.ephemeral
    assert answer.first_ms is not None
    assert box.messages(place.channel)[-1]["id"] == answer.message["id"]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("stats nothing", {}),
        ("stats", {}),
        ("stats persona", {}),
        ("stats persona", {"persona": "x", "window": "2h"}),
        ("stats persona", {"persona": "x", "top": 9}),
        ("stats persona", {"persona": "x", "top": "many"}),
        ("stats persona", {"persona": "x", "colour": "red"}),
    ],
)
async def test_what_the_client_would_not_send_is_refused(
    place: Place, login: Login, name: str, options: dict[str, object]
) -> None:
    """Unknown commands and options, missing ones, and values out of range never reach the bot."""
    await login(stats(QuickBot()))
    answer = await place.sandbox.command(place.ana, place.channel, name, options)
    assert answer.error is not None
    assert answer.interaction_id == 0


async def test_autocomplete(place: Place, login: Login) -> None:
    """Choices come while typing; an option that does not complete is none."""
    await login(stats(QuickBot()))
    box = place.sandbox
    choices = await box.autocomplete(place.ana, place.channel, "stats persona", "persona", "sc")
    assert choices == [{"name": "Scav", "value": "scav"}]
    with pytest.raises(NotOffered):
        await box.autocomplete(place.ana, place.channel, "stats persona", "top", "1")


async def test_a_deferred_answer_with_a_picture_and_a_follow_up(place: Place, login: Login) -> None:
    """The placeholder becomes the answer; its picture is served with size and alt text; the follow-up is ephemeral."""
    await login(stats(QuickBot()))
    box = place.sandbox
    answer = await box.command(place.ana, place.channel, "stats late")
    image = answer.message["embeds"][0]["image"]
    assert (image["width"], image["height"], image["description"]) == (640, 360, "a line going up")
    assert answer.message["attachments"] == []
    assert box.files(answer.message) == {"chart.png": PNG}
    assert answer.message["flags"] & 128 == 0
    await box.until(lambda: len(box.messages(place.channel, place.ana)) == 2)
    more = box.messages(place.channel, place.ana)[-1]
    assert (more["content"], more["flags"] & 64) == ("more", 64)
    assert more["message_reference"]["message_id"] == answer.message["id"]
    assert len(box.messages(place.channel, place.ben)) == 1


async def test_default_permissions_hide_a_command(place: Place, login: Login) -> None:
    """Who lacks the permissions of a command is not offered it; a role changes that."""
    bot = QuickBot()

    @bot.tree.command(name="secret", description="For staff")
    @app_commands.default_permissions(manage_guild=True)
    async def secret(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(str(interaction.permissions.manage_guild), ephemeral=True)

    await login(bot)
    box = place.sandbox
    assert "not offered" in str((await box.command(place.ana, place.channel, "secret")).error)
    staff = box.add_role(place.guild, "staff", ["manage_guild"])
    box.add_member(place.guild, place.ana, [staff])
    answer = await box.command(place.ana, place.channel, "secret")
    assert (answer.message["content"], answer.ephemeral) == ("True", True)
    assert box.messages(place.channel) == []


async def test_commands_for_guilds_only_are_not_offered_in_private(place: Place, login: Login) -> None:
    """Contexts decide where a command is offered."""
    bot = QuickBot()

    @bot.tree.command(name="here", description="In guilds")
    @app_commands.guild_only()
    async def here(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("here")

    @bot.tree.command(name="anywhere", description="Everywhere")
    async def anywhere(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"guild {interaction.guild}")

    await login(bot)
    private = place.sandbox.direct_channel(place.ana)
    assert (await place.sandbox.command(place.ana, private, "here")).error is not None
    assert (await place.sandbox.command(place.ana, private, "anywhere")).message["content"] == "guild None"
    assert (await place.sandbox.command(place.ana, place.channel, "here")).message["content"] == "here"


async def test_a_button_from_before_the_start(place: Place, login: Login) -> None:
    """A DynamicItem answers for messages that an earlier process posted, by editing them."""
    first = await login()
    channel = first.get_channel(place.channel)
    assert isinstance(channel, discord.TextChannel)
    view = ui.View(timeout=None)
    view.add_item(AckButton(7))
    message = await channel.send("open", view=view)
    await first.close()

    second = QuickBot()
    second.add_dynamic_items(AckButton)
    await login(second)
    answer = await place.sandbox.click(place.ana, message.id, "mon:incident:7:ack")
    assert answer.message["id"] == str(message.id)
    assert answer.message["content"] == f"7 by {place.ana}"
    assert answer.message["components"] == []
    gone = await place.sandbox.click(place.ana, message.id, "mon:incident:7:ack")
    assert gone.error is not None


async def test_menus_disabled_buttons_and_forms(place: Place, login: Login) -> None:
    """A menu brings its values; a disabled button cannot be pressed; a form opens, is filled in and answered."""
    bot = await login()
    box = place.sandbox
    view = ui.View(timeout=None)
    menu: ui.Select[ui.View] = ui.Select(
        custom_id="menu", options=[discord.SelectOption(label="LLM", value="llm"), discord.SelectOption(label="TTS")]
    )
    people: ui.UserSelect[ui.View] = ui.UserSelect(custom_id="people")
    form: ui.Button[ui.View] = ui.Button(label="Note", custom_id="form")

    async def chose(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"chose {menu.values[0]}", ephemeral=True)

    async def picked(interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"picked {people.values[0].id}")

    async def opened(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(NoteModal())

    menu.callback, people.callback, form.callback = chose, picked, opened  # type: ignore[method-assign]
    for item in (menu, people, form, ui.Button(label="Off", custom_id="off", disabled=True)):
        view.add_item(item)

    channel = bot.get_channel(place.channel)
    assert isinstance(channel, discord.TextChannel)
    message = await channel.send("panel", view=view)

    answer = await box.select(place.ana, message.id, "menu", ["llm"])
    assert (answer.message["content"], answer.ephemeral) == ("chose llm", True)
    assert (await box.select(place.ana, message.id, "menu", ["nope"])).error is not None
    answer = await box.select(place.ana, message.id, "people", [place.ben])
    assert answer.message["content"] == f"picked {place.ben}"
    assert "disabled" in str((await box.click(place.ana, message.id, "off")).error)

    asked = await box.click(place.ana, message.id, "form")
    assert asked.modal is not None
    assert asked.modal["title"] == "Note"
    assert (await box.submit_modal(place.ben, asked, {"note": "x"})).error is not None
    assert (await box.submit_modal(place.ana, asked, {"note": "y" * 51})).error is not None
    answer = await box.submit_modal(place.ana, asked, {"note": "the model hung"})
    assert answer.message["content"] == "noted: the model hung"


async def test_an_answer_after_three_seconds_is_unknown(place: Place, login: Login) -> None:
    """The first answer must come within 3 s; the second one is refused."""
    bot = QuickBot()
    errors: asyncio.Queue[int] = asyncio.Queue()

    @bot.tree.command(name="slow", description="Too late")
    async def slow(interaction: discord.Interaction) -> None:
        place.now[0] += 3.1
        try:
            await interaction.response.defer()
        except discord.NotFound as error:
            errors.put_nowait(error.code)

    @bot.tree.command(name="twice", description="Answers twice")
    async def twice(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("one")
        interaction.response._response_type = None
        try:
            await interaction.response.send_message("two")
        except discord.HTTPException as error:
            errors.put_nowait(error.code)

    await login(bot)
    box = place.sandbox
    late = await box.command(place.ana, place.channel, "slow", timeout=0.2)
    assert late.error == "The application did not respond"
    await box.command(place.ana, place.channel, "twice")
    async with asyncio.timeout(2):
        assert [await errors.get(), await errors.get()] == [10062, 40060]


async def test_a_token_lives_fifteen_minutes(place: Place, login: Login) -> None:
    """A follow-up after that is refused."""
    bot = QuickBot()
    kept: list[discord.Interaction] = []

    @bot.tree.command(name="keep", description="Keeps the interaction")
    async def keep(interaction: discord.Interaction) -> None:
        kept.append(interaction)
        await interaction.response.send_message("ok")

    await login(bot)
    await place.sandbox.command(place.ana, place.channel, "keep")
    place.now[0] += 15 * 60 + 1
    with pytest.raises(discord.HTTPException) as refused:
        await kept[0].followup.send("late")

    assert refused.value.code == 50027


async def test_users_channels_and_roles_as_options(place: Place, login: Login) -> None:
    """What a person chooses arrives resolved, as members, channels and roles."""
    bot = QuickBot()

    @bot.tree.command(name="who", description="Shows what came")
    async def who(interaction: discord.Interaction, user: discord.Member, where: discord.TextChannel) -> None:
        await interaction.response.send_message(f"{user.id} {where.id} {where.name}")

    await login(bot)
    given = {"user": place.ben, "where": place.channel}
    answer = await place.sandbox.command(place.ana, place.channel, "who", given)
    assert answer.message["content"] == f"{place.ben} {place.channel} general"


async def test_ephemeral_answers_look_like_private_messages_to_the_bot(place: Place, login: Login) -> None:
    """The bot's own ephemeral messages arrive without a guild; the channel's history does not have them."""
    bot = QuickBot()

    @bot.tree.command(name="hush", description="Ephemeral")
    async def hush(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("hush", ephemeral=True)

    await login(bot)
    heard = Heard(bot, "message")
    answer = await place.sandbox.command(place.ana, place.channel, "hush")
    seen = (await heard.next())[0]
    assert isinstance(seen, discord.Message)
    assert (seen.content, seen.guild) == ("hush", None)
    channel = bot.get_channel(place.channel)
    assert isinstance(channel, discord.TextChannel)
    assert [message async for message in channel.history()] == []
    with pytest.raises(discord.NotFound):
        await channel.fetch_message(int(answer.message["id"]))
