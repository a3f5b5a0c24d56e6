"""`/privacy` and `/monitoring forget` through the real client: data seen, taken away, deleted, kept out."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from cogs._embeds import REFUSAL
from cogs._privacy_pages import DeleteSure
from cogs._views import view
from monitoring.model import DAY
from monitoring.sandbox import Answer
from monitoring.sandbox.world import World
from tests.conftest import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

OPS_GUILD = 0


def shown(answer: Answer) -> dict[str, Any]:
    """The embed of an answer that only the one who asked may see."""
    assert answer.ephemeral
    (embed,) = answer.message["embeds"]
    return dict(embed)


def buttons(answer: Answer) -> dict[str, str]:
    """Custom ids by label."""
    return {one["label"]: one["custom_id"] for row in answer.message.get("components", ()) for one in row["components"]}


def hashes(stage: Stage) -> set[str]:
    """Every hash of a person in the store."""
    with closing(sqlite3.connect(stage.monitor.store.path)) as db:
        return {text for (text,) in db.execute("SELECT hash FROM person")}


async def talk(stage: Stage, world: World, user: int, text: str = "scav, how are you?") -> int:
    """Somebody writes to a persona and reacts to its answer; it is recorded."""
    channel = world.guilds[0].channels[0]
    asked = await stage.sandbox.say(channel.id, user, text)
    answer = await stage.sandbox.persona_say(channel.webhook_id, "scav", f"fine, <@{user}>", reference=asked)
    await stage.sandbox.react(channel.id, answer, user, "👍")
    # Delivered in order: what is asked for now is heard after it.
    await stage.command(world.owner_id, world.ops_channel.id, "health")
    await stage.monitor.recorder.flush()
    return asked


async def press(stage: Stage, user: int, answer: Answer, label: str) -> Answer:
    """Press a button below an answer."""
    return await stage.sandbox.click(user, int(answer.message["id"]), buttons(answer)[label])


async def test_export_has_every_row_and_only_of_the_one_who_asks(stage: Stage, world: World) -> None:
    """A file, seen by the one who asked only; ids as texts, and said that the own one is a keyed hash."""
    me, other = world.people[5].id, world.people[6].id
    asked, foreign = await talk(stage, world, me), await talk(stage, world, other)
    answer = await stage.command(me, world.guilds[0].channels[0].id, "privacy export")
    embed = shown(answer)

    assert embed["title"].startswith("Everything stored about you: ")
    stored_as = stage.monitor.user_hash.of(me)
    assert "keyed hash" in embed["description"]
    assert stored_as in embed["description"]
    ((name, content),) = stage.sandbox.files(answer.message).items()
    told = json.loads(content)
    assert name.startswith("about-you-")
    assert name.endswith(".json")
    assert [row["id"] for row in told["messages"]] == [str(asked)]
    assert told["counted"]["messages"] == 1
    assert told["counted"]["named_by"] == 1
    assert {row["persona"] for row in told["presences"]} == {"", "scav"}
    assert told["stored_as"] == stored_as
    assert told["opted_out"] is False
    for absent in (str(me), str(foreign), stage.monitor.user_hash.of(other), "how are you"):
        assert absent not in content.decode()


async def test_delete_asks_first_and_says_what_it_did(stage: Stage, world: World) -> None:
    """Counts, until when backups have it; and to ask about oneself brings nothing back."""
    me = world.people[7].id
    await talk(stage, world, me)
    channel = world.guilds[0].channels[0].id
    answer = await stage.command(me, channel, "privacy delete")
    assert shown(answer)["title"] == "Delete your data?"
    kept = await press(stage, me, answer, "Keep it")
    assert shown(kept)["title"] == "Nothing was deleted"
    assert stage.monitor.user_hash.of(me) in hashes(stage)

    answer = await stage.command(me, channel, "privacy delete")
    done = await press(stage, me, answer, "Delete it all")

    embed = shown(done)
    # Written just before a full hour, the reaction comes in the next one.
    assert embed["title"] in ("Deleted: 1 message, 1 hour", "Deleted: 1 message, 2 hours")
    assert "Gone from the store and its log now, from the backups by <t:" in embed["description"]
    until = stage.clock.now() + 7 * DAY
    assert abs(int(embed["description"].split("<t:")[1].split(":")[0]) - until / 1000) < 30
    again = await stage.command(me, channel, "privacy me")
    assert shown(again)["title"] == "I know nothing of you"
    await stage.monitor.recorder.flush()
    assert stage.monitor.user_hash.of(me) not in hashes(stage)
    assert shown(await stage.command(me, channel, "privacy delete"))["title"] == "Nothing is stored about you"


async def test_a_button_of_somebody_else_does_nothing(stage: Stage, world: World) -> None:
    """Even a copy of it in a message of all."""
    me, other = world.people[8].id, world.people[9].id
    await talk(stage, world, me)
    channel = world.guilds[0].channels[0].id
    answer = await stage.command(me, channel, "privacy delete")
    custom_id = buttons(answer)["Delete it all"]
    copy = view(DeleteSure(custom_id, label="Press me"))
    message = await stage.bot.get_partial_messageable(channel).send("x", view=copy)
    pressed = await stage.sandbox.click(other, message.id, custom_id)

    assert (pressed.message["content"], pressed.ephemeral) == (REFUSAL, True)
    assert stage.monitor.user_hash.of(me) in hashes(stage)


async def test_opting_out_holds_at_once_and_after_a_deletion(stage: Stage, world: World) -> None:
    """No row, no hour, no vote, nobody active; sums go on. What was there before stays until it is deleted."""
    me, channel = world.people[10].id, world.guilds[0].channels[0].id
    before = await talk(stage, world, me)
    user = stage.monitor.user_hash.of(me)
    answer = await stage.command(me, channel, "privacy opt-out")
    assert shown(answer)["title"] == "Nothing of you is recorded from now on"
    active = stage.monitor.conversations.active_now(stage.clock.now())
    sums = await messages_of_users(stage)

    await talk(stage, world, me, "and now, scav?")

    assert await messages_of_users(stage) == sums + 1
    assert stage.monitor.conversations.active_now(stage.clock.now()) == active
    rows = await stage.monitor.privacy.rows(me)
    assert [row["id"] for row in rows.messages] == [before]
    assert len(rows.named_by) == 1
    gone = await press(stage, me, answer, "Delete that too")
    assert "Nothing is recorded of you any more." in shown(gone)["description"]
    await talk(stage, world, me, "still there, scav?")
    assert user not in hashes(stage)
    assert shown(await stage.command(me, channel, "privacy opt-out"))["title"] == "You had opted out already"


async def messages_of_users(stage: Stage) -> int:
    """How many messages of users are counted in all."""
    now = stage.clock.now()
    found = await stage.monitor.store.series("message", now - DAY, now + DAY, 0, by=["author"])
    return found.total(lambda labels: labels[0])["user"].count


async def test_opting_in_counts_again(stage: Stage, world: World) -> None:
    """From that moment."""
    me, channel = world.people[11].id, world.guilds[0].channels[0].id
    await stage.command(me, channel, "privacy opt-out")
    await talk(stage, world, me)
    assert shown(await stage.command(me, channel, "privacy opt-in"))["title"] == "You are counted again"
    asked = await talk(stage, world, me)

    assert [row["id"] for row in (await stage.monitor.privacy.rows(me)).messages] == [asked]


async def test_to_ask_again_and_again_takes_a_pause(stage: Stage, world: World) -> None:
    """Six times in half a minute, whatever is asked."""
    me, channel = world.people[12].id, world.guilds[0].channels[0].id
    for _ in range(6):
        shown(await stage.sandbox.command(me, channel, "privacy me"))

    refused = await stage.sandbox.command(me, channel, "privacy export")
    assert refused.message["content"].startswith("That was a lot at once. Try again in ")
    assert refused.ephemeral
    stage.clock.ahead += 31
    shown(await stage.sandbox.command(me, channel, "privacy me"))


@pytest.mark.parametrize("way", ["user", "id"])
async def test_owners_forget_somebody_without_the_audit_knowing_whom(stage: Stage, world: World, way: str) -> None:
    """Also one who left, by id."""
    whom = world.people[13].id
    await talk(stage, world, whom)
    options = {way: str(whom)}
    answer = await stage.command(world.owner_id, world.ops_channel.id, "monitoring forget", options)
    assert shown(answer)["title"] == "Delete this person's data?"
    done = await press(stage, world.owner_id, answer, "Delete it all")

    assert shown(done)["title"].startswith("Deleted: 1 message")
    assert stage.monitor.user_hash.of(whom) not in hashes(stage)
    newest = (await stage.monitor.audit.newest(1))[0]
    assert newest.what == "forget"
    # Where the hour turned between two tests, they were there in two.
    assert re.fullmatch(r"Deleted what was stored about one person: 1 message, [12] hours?, 1 mention\.", newest.text)
    with closing(sqlite3.connect(stage.monitor.store.path)) as db:
        assert not [body for (body,) in db.execute("SELECT body FROM document") if str(whom) in body]


async def test_forget_wants_an_id_that_is_one(stage: Stage, world: World) -> None:
    """And says where to find it."""
    answer = await stage.command(world.owner_id, world.ops_channel.id, "monitoring forget", {"id": "olivia"})
    assert shown(answer)["title"] == "Whose data?"
