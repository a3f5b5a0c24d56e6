"""What changes between a message and the flush changes nothing of what is recorded: over the real gateway."""

from __future__ import annotations

from typing import Any

import pytest

from monitoring.model import MessageSeen, ReactionSeen, Seen
from monitoring.recording.unread import Unread, read

from .conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def waiting(house: House, message: dict[str, Any]) -> Unread:
    """A message as it waits for the flush, as discord.py and our listener make it."""
    kept: list[Any] = []
    listeners: Any = house.bot.get_cog("Greenroom listeners")
    record, listeners._record = listeners._record, kept.append
    state: Any = house.bot._connection
    try:
        state.parse_message_create(message | {"guild_id": str(house.ops)})
        await house.until("the message", lambda: kept)
    finally:
        listeners._record = record

    assert type(kept[0]) is Unread
    return kept[0]


def fact(unread: Unread) -> MessageSeen:
    """What the recorder makes of it."""
    seen = read(unread)
    assert type(seen) is MessageSeen
    return seen


async def said(house: House, text: str) -> dict[str, Any]:
    """A message as the gateway sends it, with an id of its own."""
    sent = await house.sandbox.say(house.talk, house.people["member"], text)
    await house.until("it", lambda: [f for f in house.facts if getattr(f, "message_id", 0) == int(sent)])
    return dict(house.sandbox.message(sent)) | {"id": str(int(sent) + 1)}


async def test_an_edit_before_the_flush_leaves_the_first_text_and_its_mentions(house: House) -> None:
    """discord.py changes the cached message in place."""
    viewer, manager = house.people["viewer"], house.people["manager"]
    message = await said(house, f"hello <@{viewer}>")
    unread = await waiting(house, message)
    before = fact(unread)
    other = await said(house, f"bye <@{manager}>")
    later = {key: other[key] for key in ("content", "mentions")} | {"edited_timestamp": "2026-03-11T13:00:00+00:00"}
    state: Any = house.bot._connection
    state.parse_message_update(message | later | {"guild_id": str(house.ops)})

    assert unread.thing.content.startswith("bye")
    assert fact(unread) == before
    assert before.content == f"hello <@{viewer}>"
    assert before.mention_ids == (viewer,)
    assert before.mention_names == ("viewer",)


async def test_an_account_renamed_before_the_flush_keeps_the_name_it_wrote_under(house: House) -> None:
    """A bot may change its nickname from one persona to the next."""
    guild: Any = house.bot.get_guild(house.ops)
    me, before = guild.me, guild.me.nick
    message = await said(house, "I am here")
    author = {"id": str(me.id), "username": me.name, "discriminator": "0", "avatar": None, "bot": True}
    try:
        me.nick = "Nyx"
        unread = await waiting(house, message | {"author": author, "member": {"roles": [], "nick": "Nyx"}})
        me.nick = "Scav"
        assert fact(unread).author_name == "Nyx"
        assert fact(unread).own
    finally:
        me.nick = before


async def test_the_own_account_is_known_while_discord_py_connects_anew(house: House) -> None:
    """It forgets for a moment who it is."""
    state: Any = house.bot._connection
    me = state.user
    message = await said(house, "mine")
    author = {"id": str(me.id), "username": me.name, "discriminator": "0", "avatar": None, "bot": True}
    unread = await waiting(house, message | {"author": author})
    before = fact(unread)
    state.user = None
    try:
        assert fact(unread) == before
    finally:
        state.user = me

    assert before.own


async def test_a_reaction_has_the_time_of_its_arrival(house: House) -> None:
    """However late it is read."""
    listeners: Any = house.bot.get_cog("Greenroom listeners")
    kept: list[Any] = []
    record, listeners._record = listeners._record, kept.append
    try:
        sent = int(await house.sandbox.say(house.talk, house.people["member"], "nice"))
        await house.sandbox.react(house.talk, sent, house.people["viewer"], "👍")
        await house.until("it", lambda: [one for one in kept if one.more and not isinstance(one.more, list)])
    finally:
        listeners._record = record

    now = house.clock.now()
    seen: Seen | Any = read(kept[-1])
    assert type(seen) is ReactionSeen
    assert (seen.user_id, seen.emoji, seen.added) == (house.people["viewer"], "👍", True)
    assert kept[-1].more == seen.at <= now
