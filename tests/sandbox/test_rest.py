"""REST, as the real discord.py client uses it: messages, history, webhooks, rate limits, faults."""

from __future__ import annotations

import io

import aiohttp
import discord
import pytest

from monitoring.sandbox import Sandbox, intents

from .bots import Heard, Login, Place, QuickBot


async def text_channel(login: Login, place: Place) -> discord.TextChannel:
    """The channel as a logged-in client sees it."""
    channel = (await login()).get_channel(place.channel)
    assert isinstance(channel, discord.TextChannel)
    return channel


async def test_a_message_is_posted_read_edited_and_deleted(place: Place, login: Login) -> None:
    """The whole life of a message of the bot."""
    channel, box = await text_channel(login, place), place.sandbox
    message = await channel.send("first", silent=True, embed=discord.Embed(title="T").add_field(name="a", value="b"))
    assert message.flags.suppress_notifications
    read = await channel.fetch_message(message.id)
    assert (read.content, read.embeds[0].fields[0].value) == ("first", "b")
    await message.edit(content="second", embed=None)
    assert box.message(message.id)["content"] == "second"
    assert box.message(message.id)["embeds"] == []
    assert box.message(message.id)["edited_timestamp"] is not None
    await message.delete()
    with pytest.raises(discord.NotFound) as gone:
        await channel.fetch_message(message.id)

    assert gone.value.code == 10008
    assert box.messages(place.channel) == []


async def test_history_is_read_in_pages(place: Place, login: Login) -> None:
    """before, after, around and limit give what Discord gives, in its order; remembered messages keep their time."""
    channel, box = await text_channel(login, place), place.sandbox
    start = box.state.ids.now_ms() - 86_400_000
    ids = [box.remember(place.channel, place.ana, str(n), start + n * 1000) for n in range(250)]
    everything = [message async for message in channel.history(limit=None)]
    assert [message.id for message in everything] == ids[::-1]
    assert round(everything[-1].created_at.timestamp() * 1000) == start
    later = [m.id async for m in channel.history(limit=5, after=discord.Object(ids[9]), oldest_first=True)]
    assert later == ids[10:15]
    near = [m.id async for m in channel.history(limit=5, around=discord.Object(ids[100]))]
    assert near == ids[98:103][::-1] or near == ids[98:103]


async def test_files_come_back_as_they_were_sent(place: Place, login: Login) -> None:
    """An attachment is served from the same server, described and named as Discord would."""
    channel, box = await text_channel(login, place), place.sandbox
    message = await channel.send(file=discord.File(io.BytesIO(b"a,b\n"), "my figures.csv", description="a table"))
    attachment = message.attachments[0]
    assert (attachment.filename, attachment.size, attachment.description) == ("my_figures.csv", 4, "a table")
    assert await attachment.read() == b"a,b\n"
    assert box.files(message.id) == {"my_figures.csv": b"a,b\n"}
    edited = await message.edit(attachments=[discord.File(io.BytesIO(b"x"), "other.txt")])
    assert [a.filename for a in edited.attachments] == ["other.txt"]


async def test_a_picture_stays_when_only_text_is_edited(place: Place, login: Login) -> None:
    """An edit that names no attachments keeps the picture of the embed."""
    channel, box = await text_channel(login, place), place.sandbox
    file = discord.File(io.BytesIO(b"GIF89a\x10\0\x08\0"), "c.gif")
    message = await channel.send(embed=discord.Embed(title="T").set_image(url="attachment://c.gif"), file=file)
    await message.edit(content="now with text")
    assert message.embeds[0].image.url == box.message(message.id)["embeds"][0]["image"]["url"]
    again = discord.Embed(title="U").set_image(url="attachment://c.gif")
    await message.edit(embed=again)
    assert box.message(message.id)["embeds"][0]["image"]["width"] == 16
    assert list(box.files(message.id)) == ["c.gif"]


async def test_the_same_nonce_posts_once(place: Place, login: Login) -> None:
    """A repeated post with the same nonce gives back the message of the first; after minutes it is a new one."""
    channel, box = await text_channel(login, place), place.sandbox
    first = await channel.send("alarm", nonce="abc")
    second = await channel.send("alarm", nonce="abc")
    assert first.id == second.id
    assert len(box.messages(place.channel)) == 1
    place.now[0] += 600
    assert (await channel.send("alarm", nonce="abc")).id != first.id


async def test_a_post_whose_answer_was_lost(place: Place, login: Login) -> None:
    """A fault after the work leaves a message behind and an error in the client's hand."""
    channel, box = await text_channel(login, place), place.sandbox
    box.faults.status(503, "/messages", after=True)
    with pytest.raises(discord.DiscordServerError):
        await channel.send("once", nonce="n1")

    await channel.send("once", nonce="n1")
    assert [message["content"] for message in box.messages(place.channel)] == ["once"]


async def test_a_cut_connection_and_an_emptied_message(place: Place, login: Login) -> None:
    """A connection cut after the work leaves the message; an edit that leaves nothing of a message is refused."""
    channel, box = await text_channel(login, place), place.sandbox
    box.faults.cut("/messages$", after=True)
    with pytest.raises(aiohttp.ClientError):
        await channel.send("there")

    message = await channel.fetch_message(int(box.messages(place.channel)[0]["id"]))
    with pytest.raises(discord.HTTPException) as refused:
        await message.edit(content="")

    assert refused.value.code == 50006
    assert box.message(message.id)["content"] == "there"


async def test_who_is_pinged(place: Place, login: Login) -> None:
    """Allowed mentions decide; roles ping when they may be; an embed or an edit pings nobody."""
    channel, box = await text_channel(login, place), place.sandbox
    role = box.add_role(place.guild, "ops")
    text = f"<@{place.ana}> <@&{role}> @everyone"
    await channel.send(text, allowed_mentions=discord.AllowedMentions.none())
    await channel.send(embed=discord.Embed(description=text))
    assert box.pings == []
    only_role = discord.AllowedMentions(everyone=False, users=False, roles=[discord.Object(role)])
    message = await channel.send(text, allowed_mentions=only_role, silent=True)
    ping = box.pings[-1]
    assert (ping.users, ping.roles, ping.everyone, ping.silent) == ((), (role,), False, True)
    await message.edit(content=text + "!")
    assert len(box.pings) == 1
    await message.reply("me", mention_author=False)
    assert len(box.pings) == 1


async def test_reactions_pins_typing_and_bulk_deletion(place: Place, login: Login) -> None:
    """The smaller things one does with messages."""
    channel, box = await text_channel(login, place), place.sandbox
    message = await channel.send("x")
    await message.add_reaction("👍")
    await box.react(place.channel, message.id, place.ana, "👍")
    read = await channel.fetch_message(message.id)
    assert (read.reactions[0].count, read.reactions[0].me) == (2, True)
    assert {user.id async for user in read.reactions[0].users()} == {box.bot_user_id, place.ana}
    await message.clear_reactions()
    await message.pin()
    assert [pin.id async for pin in channel.pins()] == [message.id]
    await channel.typing()
    others = [await channel.send(str(n)) for n in range(2)]
    await channel.delete_messages(others)
    assert len(box.messages(place.channel)) == 1


async def test_webhooks_are_made_found_and_used(place: Place, login: Login) -> None:
    """A webhook of the bot posts under several names, with and without waiting, and edits what it posted."""
    channel, box = await text_channel(login, place), place.sandbox
    hook = await channel.create_webhook(name="personas")
    box.add_webhook(place.channel, "foreign", application_id=99)
    found = await channel.webhooks()
    assert {webhook.name for webhook in found} == {"personas", "foreign"}
    assert {webhook.name for webhook in found if webhook.token} == {"personas"}
    assert len(await channel.guild.webhooks()) == 2
    message = await hook.send("hi", username="Scav", wait=True)
    await hook.send("ho", username="Prapor")
    await hook.edit_message(message.id, content="hi!")
    served = box.messages(place.channel)
    assert [(m["author"]["username"], m["content"]) for m in served] == [("Scav", "hi!"), ("Prapor", "ho")]
    assert served[0]["application_id"] == str(box.application_id)
    await hook.delete_message(message.id)
    await hook.delete()
    with pytest.raises(discord.NotFound):
        await hook.send("gone")


async def test_rate_limits_are_waited_out(place: Place, login: Login) -> None:
    """A 429 with Discord's headers is honoured by the client, and the message arrives once."""
    channel, box = await text_channel(login, place), place.sandbox
    box.faults.rate_limit(r"/channels/\d+/messages$", 0.05)
    await channel.send("patience")
    assert box.requests["POST /channels/{channel_id}/messages"] == 2
    box.faults.rate_limit("/channels", 0.05, everywhere=True)
    await channel.send("more patience")
    assert len(box.messages(place.channel)) == 2


async def test_a_bucket_runs_empty(place: Place) -> None:
    """Limit, remaining and reset are told; the request too many gets 429 with the time to wait."""
    box = place.sandbox
    box.limits.set("GET", "/users/@me", 2, 5.0)
    headers = {"Authorization": f"Bot {box.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        left = []
        for _ in range(3):
            async with session.get(box.api_url + "/users/@me") as response:
                left.append((response.status, response.headers["X-RateLimit-Remaining"]))
                assert response.headers["Content-Type"] == "application/json"
                body = await response.json()

    assert left == [(200, "1"), (200, "0"), (429, "0")]
    assert body == {
        "message": "You are being rate limited.", "retry_after": pytest.approx(5.0, abs=0.5), "global": False
    }  # fmt: skip


async def test_commands_keep_their_ids_when_synced_again(place: Place, login: Login) -> None:
    """A bulk overwrite keeps what has the same name; guild commands stand beside global ones."""
    bot = QuickBot()

    @bot.tree.command(name="one", description="One")
    async def one(interaction: discord.Interaction) -> None:
        """Nothing."""

    await login(bot, sync=False)
    first = await bot.tree.sync()
    assert first[0].id == (await bot.tree.sync())[0].id
    bot.tree.copy_global_to(guild=discord.Object(place.guild))
    assert (await bot.tree.sync(guild=discord.Object(place.guild)))[0].guild_id == place.guild
    assert [command.name for command in await bot.tree.fetch_commands()] == ["one"]
    await first[0].delete()
    assert await bot.tree.fetch_commands() == []
    assert [c["name"] for c in place.sandbox.commands.offered(place.guild)] == ["one"]


async def test_members_roles_guilds_and_threads(place: Place, login: Login) -> None:
    """What a client fetches of a guild."""
    bot = await login()
    guild = await bot.fetch_guild(place.guild)
    assert guild.name == "Green"
    assert (await guild.fetch_member(place.ana)).display_name == "Ana"
    with pytest.raises(discord.NotFound) as gone:
        await guild.fetch_member(1)

    assert gone.value.code == 10013
    assert {role.name for role in await guild.fetch_roles()} == {"@everyone", "Greenroom"}
    assert [channel.name for channel in await guild.fetch_channels()] == ["general"]
    cached = bot.get_channel(place.channel)
    assert isinstance(cached, discord.TextChannel)
    heard = Heard(bot, "message")
    thread = await cached.create_thread(name="incident", type=discord.ChannelType.public_thread)
    await thread.send("inside")
    assert isinstance(message := (await heard.next())[0], discord.Message)
    assert message.channel.id == thread.id
    user = await bot.fetch_user(place.ana)
    await user.send("privately")
    assert isinstance(private := (await heard.next())[0], discord.Message)
    assert private.guild is None


async def test_history_has_no_text_for_an_application_without_the_intent(place: Place, login: Login) -> None:
    """Message content is a right of the application, over REST too."""
    place.sandbox.intents_allowed = intents.ALL & ~intents.MESSAGE_CONTENT
    place.sandbox.remember(place.channel, place.ana, "secret", place.sandbox.state.ids.now_ms())
    bot = QuickBot(discord.Intents.default())
    await login(bot)
    channel = bot.get_channel(place.channel)
    assert isinstance(channel, discord.TextChannel)
    await channel.send("own")
    assert [message.content async for message in channel.history()] == ["own", ""]


async def test_memory_is_bounded() -> None:
    """Of a full channel the oldest messages go, of the files the oldest."""
    box = Sandbox(messages_per_channel=3)
    guild = box.add_guild("G")
    channel = box.add_channel(guild, "c")
    for n in range(5):
        box.remember(channel, box.owner_id, str(n), 1_700_000_000_000 + n)

    assert [message["content"] for message in box.messages(channel)] == ["2", "3", "4"]
