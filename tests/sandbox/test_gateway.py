"""The Gateway, as the real discord.py client meets it."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import pytest
import yarl

from monitoring.sandbox import Sandbox, intents

from .bots import Heard, Login, Place, QuickBot, QuickShardedBot, everyday


async def test_a_client_logs_in_and_sees_the_guild(place: Place, login: Login) -> None:
    """READY and GUILD_CREATE carry what discord.py reads of guild, channel, roles and the bot itself."""
    bot = await login()
    guild = bot.get_guild(place.guild)
    assert guild is not None
    assert bot.user is not None
    assert (guild.name, guild.member_count, guild.owner_id) == ("Green", 4, place.sandbox.owner_id)
    assert bot.application_id == place.sandbox.application_id
    channel = guild.get_channel(place.channel)
    assert isinstance(channel, discord.TextChannel)
    assert channel.permissions_for(guild.me).send_messages
    info = await bot.application_info()
    assert info.owner.id == place.sandbox.owner_id


async def test_a_wrong_token_is_refused(place: Place) -> None:
    """REST says 401 to a wrong token; the Gateway closes with 4004."""
    bot = QuickBot()
    with pytest.raises(discord.LoginFailure):
        await bot.start("wrong")

    await bot.close()
    assert place.sandbox.refused[-1].status == 401


async def test_the_gateway_closes_on_a_wrong_token(place: Place, login: Login) -> None:
    """A token that changes after the login is refused at identify."""
    bot = QuickBot()
    await bot.login(place.sandbox.token)
    place.sandbox.token = "another"
    with pytest.raises(discord.ConnectionClosed) as closed:
        await bot.connect(reconnect=False)

    assert closed.value.code == 4004
    await bot.close()


async def test_an_intent_that_was_not_given_closes_with_4014(place: Place) -> None:
    """The privileged intent must have been switched on for the application."""
    place.sandbox.intents_allowed = intents.ALL & ~intents.MESSAGE_CONTENT
    bot = QuickBot()
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await bot.start(place.sandbox.token)

    await bot.close()


async def test_messages_edits_reactions_and_deletions_arrive(place: Place, login: Login) -> None:
    """What people do reaches the bot as the events of discord.py."""
    bot, box = await login(), place.sandbox
    heard = Heard(bot, "message", "raw_message_edit", "raw_reaction_add", "raw_reaction_remove", "raw_message_delete")
    first = await box.say(place.channel, place.ana, "hello")
    message = (await heard.next())[0]
    assert isinstance(message, discord.Message)
    assert (message.id, message.content, message.author.id) == (first, "hello", place.ana)
    assert isinstance(message.author, discord.Member)

    await box.edit(place.channel, first, "hello there")
    edited = (await heard.next())[0]
    assert isinstance(edited, discord.RawMessageUpdateEvent)
    assert edited.data["content"] == "hello there"

    await box.react(place.channel, first, place.ben, "👍")
    added = (await heard.next())[0]
    assert isinstance(added, discord.RawReactionActionEvent)
    assert (added.user_id, str(added.emoji)) == (place.ben, "👍")
    await box.unreact(place.channel, first, place.ben, "👍")
    await heard.next()
    await box.delete(place.channel, first)
    gone = (await heard.next())[0]
    assert isinstance(gone, discord.RawMessageDeleteEvent)
    assert gone.message_id == first


async def test_replies_carry_what_they_answer(place: Place, login: Login) -> None:
    """A reply brings the message it refers to."""
    bot, box = await login(), place.sandbox
    heard = Heard(bot, "message")
    first = await box.say(place.channel, place.ana, "question")
    await box.say(place.channel, place.ben, "answer", reference=first)
    await heard.next()
    reply = (await heard.next())[0]
    assert isinstance(reply, discord.Message)
    assert reply.reference is not None
    assert isinstance(reply.reference.resolved, discord.Message)
    assert reply.reference.resolved.content == "question"


async def test_without_the_content_intent_text_is_empty(place: Place, login: Login) -> None:
    """Only own messages, private ones and those that mention the bot have text then."""
    bot, box = await login(QuickBot(everyday(content=False))), place.sandbox
    heard = Heard(bot, "message")
    await box.say(place.channel, place.ana, "secret")
    await box.say(place.channel, place.ana, f"hey <@{box.bot_user_id}>")
    await box.say_privately(place.ana, "in private")
    texts = [str(message.content) for _ in range(3) if isinstance(message := (await heard.next())[0], discord.Message)]
    assert texts == ["", f"hey <@{box.bot_user_id}>", "in private"]


async def test_intents_filter_events(place: Place, login: Login) -> None:
    """A client without the reactions intent hears no reaction."""
    wanted = discord.Intents(guilds=True, guild_messages=True)
    bot, box = await login(QuickBot(wanted)), place.sandbox
    heard = Heard(bot, "message", "raw_reaction_add")
    first = await box.say(place.channel, place.ana, "x")
    await box.react(place.channel, first, place.ana, "👍")
    second = await box.say(place.channel, place.ana, "y")
    messages = [(await heard.next())[0] for _ in range(2)]
    assert [message.id for message in messages if isinstance(message, discord.Message)] == [first, second]


async def test_a_webhook_shared_by_personas(place: Place, login: Login) -> None:
    """Personas of one webhook differ only by the author's name; the application that owns it is named."""
    bot, box = await login(), place.sandbox
    heard = Heard(bot, "message")
    hook = box.add_webhook(place.channel, "personas")
    foreign = box.add_webhook(place.channel, "other", application_id=4242)
    for name in ("Scav", "Prapor"):
        await box.persona_say(hook, name, f"I am {name}")

    await box.persona_say(foreign, "Scav", "I am not")
    messages = [message for _ in range(3) if isinstance(message := (await heard.next())[0], discord.Message)]
    assert [message.author.name for message in messages] == ["Scav", "Prapor", "Scav"]
    assert [message.application_id for message in messages] == [box.application_id, box.application_id, 4242]
    assert all(message.author.id == message.webhook_id for message in messages)
    assert not isinstance(messages[0].author, discord.Member)


async def test_a_dropped_socket_resumes_and_misses_nothing(place: Place, login: Login) -> None:
    """After a cut connection the client resumes and is told what it missed."""
    bot, box = await login(), place.sandbox
    heard = Heard(bot, "message")
    resumed = Heard(bot, "resumed")
    await box.drop_gateway()
    missed = await box.say(place.channel, place.ana, "while you were away")
    await resumed.next()
    message = (await heard.next())[0]
    assert isinstance(message, discord.Message)
    assert message.id == missed
    assert (box.gateway.identified, box.gateway.resumed) == (1, 1)


async def test_a_forgotten_session_identifies_anew(place: Place, login: Login) -> None:
    """INVALID_SESSION makes the client start over; it hears again."""
    bot, box = await login(), place.sandbox
    ready = Heard(bot, "ready")
    box.gateway.drop(forget=True)
    await ready.next()
    heard = Heard(bot, "message")
    await box.say(place.channel, place.ana, "again")
    await heard.next()
    assert box.gateway.identified == 2


async def test_reconnect_on_request(place: Place, login: Login) -> None:
    """RECONNECT makes the client resume."""
    bot = await login()
    resumed = Heard(bot, "resumed")
    place.sandbox.gateway.ask_to_reconnect()
    await resumed.next()


async def test_two_shards_share_the_guilds(place: Place, login: Login) -> None:
    """An AutoShardedBot hears each guild on the shard that Discord's formula gives it."""
    box = place.sandbox
    other = box.add_guild("Second", box.owner_id)
    channel = box.add_channel(other, "elsewhere")
    box.add_member(other, place.ana)
    bot = QuickShardedBot()
    await login(bot)
    heard = Heard(bot, "message")
    await box.say(place.channel, place.ana, "one")
    await box.say(channel, place.ana, "two")
    messages = [message for _ in range(2) if isinstance(message := (await heard.next())[0], discord.Message)]
    assert {message.guild.id for message in messages if message.guild} == {place.guild, other}
    assert {guild.shard_id for guild in bot.guilds} == {(g.id >> 22) % 2 for g in bot.guilds}


async def test_guilds_members_and_voice(place: Place, login: Login) -> None:
    """Joining and leaving of guilds and voice channels is told; members with the privileged intent."""
    wanted = discord.Intents.default() | discord.Intents(members=True)
    bot, box = await login(QuickBot(wanted)), place.sandbox
    heard = Heard(bot, "member_join", "member_remove", "voice_state_update", "guild_join", "guild_remove")
    carl = box.add_user("Carl")
    box.add_member(place.guild, carl)
    member = (await heard.next())[0]
    assert isinstance(member, discord.Member)
    assert member.id == carl
    talk = box.add_channel(place.guild, "talk", "voice")
    box.voice(place.guild, carl, talk)
    _, before, after = await heard.next()
    assert isinstance(before, discord.VoiceState)
    assert isinstance(after, discord.VoiceState)
    assert before.channel is None
    assert after.channel is not None
    assert after.channel.id == talk
    box.remove_member(place.guild, carl)
    await heard.next()
    guild = box.add_guild("Third")
    assert isinstance(joined := (await heard.next())[0], discord.Guild)
    assert joined.id == guild
    box.leave_guild(guild)
    assert isinstance(left := (await heard.next())[0], discord.Guild)
    assert left.id == guild


async def test_members_can_be_asked_for(place: Place, login: Login) -> None:
    """REQUEST_GUILD_MEMBERS is answered in a chunk with the same nonce."""
    bot = await login()
    guild = bot.get_guild(place.guild)
    assert guild is not None
    found = await guild.query_members("an")
    assert [member.id for member in found] == [place.ana]


async def test_refused_connections_end_when_called_off(place: Place) -> None:
    """While connections are cut a login fails; after `accept` it works."""
    place.sandbox.faults.refuse()
    bot = QuickBot()
    with pytest.raises((aiohttp.ClientError, OSError)):
        await bot.login(place.sandbox.token)

    await bot.close()
    place.sandbox.faults.accept()
    again = QuickBot()
    await again.login(place.sandbox.token)
    await again.close()


async def test_a_frozen_gateway_is_silent_until_it_thaws(place: Place, login: Login) -> None:
    """A zombie connection stays open and brings nothing; what was held back comes later."""
    bot, box = await login(), place.sandbox
    heard = Heard(bot, "message")
    box.faults.freeze_gateway()
    await box.say(place.channel, place.ana, "held back")
    await bot.fetch_channel(place.channel)
    assert heard.empty()
    box.faults.thaw_gateway()
    await heard.next()


async def test_hidden_channels_are_not_heard(place: Place, login: Login) -> None:
    """A channel the bot may not see sends it nothing, and REST says Missing Access."""
    bot, box = await login(), place.sandbox
    secret = box.add_channel(place.guild, "secret")
    box.overwrite(secret, box.bot_user_id, deny=["view_channel"])
    heard = Heard(bot, "message")
    await box.say(secret, place.ana, "psst")
    shown = await box.say(place.channel, place.ana, "loud")
    message = (await heard.next())[0]
    assert isinstance(message, discord.Message)
    assert message.id == shown
    with pytest.raises(discord.Forbidden) as refused:
        await bot.fetch_channel(secret)

    assert refused.value.code == 50001


async def test_a_port_may_be_chosen_and_the_address_is_local() -> None:
    """Port 0 picks one; everything is on the loopback address."""
    async with asyncio.timeout(5):
        box = Sandbox()
        await box.start()
        assert yarl.URL(box.api_url).host == "127.0.0.1"
        assert yarl.URL(box.gateway_url).port == yarl.URL(box.page_url).port
        await box.close()
