"""What happens in Discord becomes facts: from the real client, over the real gateway of the stand-in."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, TypeVar

import discord
import pytest
import pytest_asyncio
from discord.ext import commands

from cogs.listeners import Listeners
from monitoring.model import (
    CommandRan,
    ErrorKind,
    Happening,
    MessageDeleted,
    MessageEdited,
    MessageSeen,
    ReactionSeen,
    Sample,
)

from .conftest import House, at_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
Fact = TypeVar("Fact")


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def nothing_yet(house: House) -> AsyncIterator[None]:
    """Each test begins with no facts."""
    house.facts.clear()
    yield


async def heard(house: House, kind: type[Fact], test: Any = lambda fact: True) -> Fact:
    """The first fact of this kind that the test says yes to."""

    def found() -> list[Any]:
        return [fact for fact in house.facts if isinstance(fact, kind) and test(fact)]

    await house.until(kind.__name__, found)
    return found()[0]


async def test_everything_heard_is_an_event_that_discord_py_sends(house: House) -> None:
    """Nothing listens to what never comes, or waits for it."""
    package = Path(discord.__file__).parent
    source = "\n".join(path.read_text() for path in package.rglob("*.py"))
    sent = set(re.findall(r"dispatch\(\s*'(\w+)'", source))
    listeners: Any = house.bot.get_cog("Greenroom listeners")

    for name in [name.removeprefix("on_") for name, _ in Listeners.__cog_listeners__] + [*listeners._hearing._waiting]:
        assert name in sent, name

    assert len(listeners._hearing._waiting) == 9


async def test_no_listener_silences_the_hosts_own_error_printing() -> None:
    """discord.py prints failed commands only while nobody listens to command_error."""
    assert "on_command_error" not in [name for name, _ in Listeners.__cog_listeners__]


async def test_a_message_is_heard_in_the_call_that_tells_of_it(house: House) -> None:
    """No turn of the loop later, when a host or an edit could have changed it."""
    sent = await house.sandbox.say(house.talk, house.people["member"], "first")
    await heard(house, MessageSeen, lambda f: f.message_id == int(sent))
    data = dict(house.sandbox.message(sent)) | {"id": str(int(sent) + 1), "guild_id": str(house.ops)}
    house.bot._connection.parse_message_create(data)  # type: ignore[arg-type]  # as the gateway brought it

    assert [fact for fact in house.facts if getattr(fact, "message_id", 0) == int(sent) + 1]


async def test_hearing_goes_on_where_a_host_ended_all_tasks(house: House) -> None:
    """Within a second: a host that cleans up after itself may cancel what is not its own."""
    listeners: Any = house.bot.get_cog("Greenroom listeners")
    for waiting in listeners._hearing._waiting.values():
        waiting.cancel()

    await house.until("the end", lambda: all(one.done() for one in listeners._hearing._waiting.values()))
    listeners._hearing.begin()
    listeners._hearing.begin()
    sent = await house.sandbox.say(house.talk, house.people["member"], "still here")
    await heard(house, MessageSeen, lambda f: f.message_id == int(sent))

    assert len([fact for fact in house.facts if getattr(fact, "message_id", 0) == int(sent)]) == 1


async def test_own_notices_in_the_ops_channel_are_no_persona(house: House) -> None:
    """What the account says there is the monitor's; elsewhere it may be a persona's."""
    ops = house.bot.get_channel(house.monitor.ops_channel_id or 0)
    talk = house.bot.get_channel(house.talk)
    assert isinstance(ops, discord.TextChannel)
    assert isinstance(talk, discord.TextChannel)
    notice = await ops.send("Incident 1 is over.")
    words = await talk.send("Good evening.")
    await heard(house, MessageSeen, lambda f: f.message_id == words.id)
    assert not [f for f in house.facts if isinstance(f, MessageSeen) and f.message_id == notice.id]


async def test_a_message_of_a_user(house: House) -> None:
    """Times are Discord's own; mentions and replies are told apart."""
    member = house.people["member"]
    sent = await house.sandbox.say(house.talk, member, f"hello <@{house.bot.user.id if house.bot.user else 0}>")
    fact = await heard(house, MessageSeen, lambda f: f.message_id == int(sent))

    assert (fact.guild_id, fact.channel_id, fact.author_id) == (house.ops, house.talk, member)
    assert fact.at == at_of(int(sent))
    assert fact.content.startswith("hello")
    assert house.bot.user is not None
    assert fact.mention_ids == (house.bot.user.id,)
    assert not fact.bot
    assert not fact.own


async def test_a_persona_of_a_webhook(house: House) -> None:
    """Its name is the author's, its application the webhook's owner."""
    hook = house.sandbox.add_webhook(house.talk, "personas")
    sent = await house.sandbox.persona_say(hook, "Scav", "cheeki breeki")
    fact = await heard(house, MessageSeen, lambda f: f.message_id == int(sent))

    assert fact.author_name == "Scav"
    assert fact.webhook_id == hook
    assert fact.application_id == house.bot.application_id


async def test_private_messages_are_not_recorded(house: House) -> None:
    """Guild messages only."""
    await house.sandbox.say_privately(house.people["member"], "psst")
    after = await house.sandbox.say(house.talk, house.people["member"], "after")
    await heard(house, MessageSeen, lambda f: f.message_id == int(after))

    assert not [fact for fact in house.facts if isinstance(fact, MessageSeen) and fact.content == "psst"]


async def test_a_placeholder_edited_at_once_is_seen_with_its_first_text(house: House) -> None:
    """Message and edit in one turn of the loop: discord.py changes the message before any listener runs."""
    state: Any = house.bot._connection
    hook = house.sandbox.add_webhook(house.talk, "quick")
    sent = await house.sandbox.persona_say(hook, "Toad", "model text")
    await heard(house, MessageSeen, lambda f: f.message_id == int(sent))
    data = dict(house.sandbox.message(sent)) | {"id": str(int(sent) + 1), "guild_id": str(house.ops)}
    later = {"content": "the answer", "edited_timestamp": "2026-03-11T13:00:00+00:00"}
    state.parse_message_create(data | {"content": "*typing...*"})
    state.parse_message_update(data | later)
    edit = await heard(house, MessageEdited, lambda f: f.message_id == int(sent) + 1)
    both = [f for f in house.facts if getattr(f, "message_id", 0) == int(sent) + 1]

    assert [type(fact) for fact in both] == [MessageSeen, MessageEdited]
    assert isinstance(both[0], MessageSeen)
    assert both[0].content == "*typing...*"
    assert edit.content == "the answer"
    assert edit.at == 1_773_234_000_000


async def test_edits_and_deletions(house: House) -> None:
    """Single ones and many at once, whether cached or not."""
    member = house.people["member"]
    sent = [int(await house.sandbox.say(house.talk, member, f"m{i}")) for i in range(4)]
    await house.sandbox.edit(house.talk, sent[0], "changed")
    assert (await heard(house, MessageEdited)).content == "changed"

    await house.sandbox.delete(house.talk, sent[1])
    assert (await heard(house, MessageDeleted)).message_id == sent[1]

    await house.sandbox.delete_bulk(house.talk, sent[2:])
    await heard(house, MessageDeleted, lambda f: f.message_id == sent[3])
    assert len([fact for fact in house.facts if isinstance(fact, MessageDeleted)]) == 3


async def test_reactions_given_and_taken_back(house: House) -> None:
    """By whom, with what."""
    sent = int(await house.sandbox.say(house.talk, house.people["member"], "nice"))
    await house.sandbox.react(house.talk, sent, house.people["viewer"], "👍")
    await house.sandbox.unreact(house.talk, sent, house.people["viewer"], "👍")
    given = await heard(house, ReactionSeen, lambda f: f.added)
    taken = await heard(house, ReactionSeen, lambda f: not f.added)

    assert (given.emoji, given.message_id, given.user_id) == ("👍", sent, house.people["viewer"])
    assert (taken.emoji, taken.message_id) == ("👍", sent)


async def test_reactions_that_a_moderator_clears(house: House) -> None:
    """All of a message's, or those of one emoji: everybody's."""
    sent = int(await house.sandbox.say(house.talk, house.people["member"], "nice again"))
    await house.sandbox.react(house.talk, sent, house.people["viewer"], "👍")
    message = house.bot.get_partial_messageable(house.talk).get_partial_message(sent)
    await message.clear_reaction("👍")
    one = await heard(house, ReactionSeen, lambda f: f.everybody)
    await house.sandbox.react(house.talk, sent, house.people["viewer"], "🎉")
    await message.clear_reactions()
    every = await heard(house, ReactionSeen, lambda f: f.everybody and not f.emoji)
    assert (one.emoji, one.message_id, one.user_id) == ("👍", sent, 0)
    assert (every.message_id, every.guild_id) == (sent, house.ops)


async def test_slash_commands_with_duration(house: House) -> None:
    """From the interaction to its end."""
    await house.sandbox.command(house.people["manager"], house.talk, "health")
    fact = await heard(house, CommandRan)

    assert (fact.name, fact.kind, fact.guild_id, fact.error) == ("health", "slash", house.ops, None)
    assert 0 <= fact.duration < 5


async def test_prefix_commands_and_their_failures(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """The host's own printing of the error stays; the kind of failure is known."""

    @commands.command()
    async def greet(context: commands.Context[Any]) -> None:
        if context.message.content.endswith("badly"):
            raise TimeoutError("too slow")

    house.bot.add_command(greet)
    try:
        await house.sandbox.say(house.talk, house.people["member"], "!greet")
        well = await heard(house, CommandRan, lambda f: f.error is None)
        with caplog.at_level(logging.ERROR):
            await house.sandbox.say(house.talk, house.people["member"], "!greet badly")
            badly = await heard(house, CommandRan, lambda f: f.error is not None)
        listeners: Any = house.bot.get_cog("Greenroom listeners")
        await house.until("the begin of it", lambda: listeners._running._over)
        listeners._running.sweep()
    finally:
        house.bot.remove_command("greet")

    assert len([fact for fact in house.facts if isinstance(fact, CommandRan)]) == 2, "each is one command"
    assert (well.name, well.kind) == ("greet", "prefix")
    assert badly.error is ErrorKind.TIMEOUT
    assert "Ignoring exception in command greet" in caplog.text


async def test_guilds_coming_and_going(house: House) -> None:
    """Counted with their ids."""
    guild = house.sandbox.add_guild("New", house.people["member"])
    joined = await heard(house, Happening, lambda f: f.event == "guild_join")
    house.sandbox.leave_guild(guild)
    left = await heard(house, Happening, lambda f: f.event == "guild_remove")

    assert joined.guild_id == left.guild_id == guild


async def test_the_gateway_lost_and_found(house: House) -> None:
    """A disconnect and what follows are counted; the probe says so in between."""
    await house.sandbox.drop_gateway()
    await heard(house, Happening, lambda f: f.event == "gateway_disconnect")
    await heard(house, Happening, lambda f: f.event in ("gateway_resume", "gateway_connect"))


async def test_the_gateways_latency_is_read(house: House) -> None:
    """In seconds, once the first heartbeat was answered."""
    from cogs._gateway import GatewayProbe, latency

    await house.until("a heartbeat", lambda: latency(house.bot) is not None)
    result = await GatewayProbe(house.bot, house.clock, critical=True).ask()

    assert result.health == "healthy"
    assert result.response_time is not None
    assert not [fact for fact in house.facts if isinstance(fact, Sample) and fact.value < 0]


async def test_what_fails_in_a_listener_never_reaches_the_host(house: House) -> None:
    """The host's on_error hears nothing."""
    listeners: Any = house.bot.get_cog("Greenroom listeners")
    for heard_of in listeners._hearing._tests.values():
        assert heard_of(object()) is False
        assert heard_of() is False


async def test_an_edited_message_that_is_told_anew_is_taken_as_it_is(house: House) -> None:
    """As after a resume, with no edit to follow."""
    sent = await house.sandbox.say(house.talk, house.people["member"], "first")
    await heard(house, MessageSeen, lambda f: f.message_id == int(sent))
    data = dict(house.sandbox.message(sent)) | {"id": str(int(sent) + 1), "guild_id": str(house.ops)}
    state: Any = house.bot._connection
    state.parse_message_create(data | {"edited_timestamp": "2026-03-11T13:00:00+00:00", "content": "told anew"})

    assert (await heard(house, MessageSeen, lambda f: f.message_id == int(sent) + 1)).content == "told anew"


async def test_a_hybrid_command_used_with_a_slash_is_one_command(house: House) -> None:
    """discord.py tells of it twice: as a prefix command and as a slash command. Its failure has its kind."""

    @commands.hybrid_command(name="both")
    async def both(context: commands.Context[Any], how: str) -> None:
        if how == "badly":
            raise TimeoutError("too slow")

        await context.send("here")

    house.bot.add_command(both)
    payload: Any = house.bot.tree.get_command("both").to_dict(house.bot.tree)  # type: ignore[union-attr]
    await house.bot.http.upsert_global_command(house.bot.application_id or 0, payload)
    try:
        await house.sandbox.command(house.people["manager"], house.talk, "both", {"how": "well"})
        await heard(house, CommandRan)
        await house.sandbox.command(house.people["manager"], house.talk, "both", {"how": "badly"}, timeout=0.2)
        await heard(house, CommandRan, lambda f: f.error is not None)
        house.bot.get_cog("Greenroom listeners")._running.sweep()  # type: ignore[union-attr]
    finally:
        house.bot.remove_command("both")

    ran = [(fact.kind, fact.error) for fact in house.facts if isinstance(fact, CommandRan)]
    assert ran == [("slash", None), ("slash", ErrorKind.TIMEOUT)]


async def test_an_answer_faster_than_its_note_is_no_latency(house: House) -> None:
    """discord.py may measure it against the heartbeat before: then it is as long as the interval between two."""
    from cogs._gateway import latency

    await house.until("a heartbeat", lambda: latency(house.bot) is not None)
    keeper = house.bot.ws._keep_alive
    assert keeper is not None
    measured = keeper.latency
    try:
        keeper.latency = keeper.interval + 0.05
        assert latency(house.bot) is None
        keeper.latency = 0.31
        assert latency(house.bot) == 0.31
    finally:
        keeper.latency = measured
