"""`/monitoring`: from nothing to a working ops channel with menus, remembered, changeable, and written down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from cogs._embeds import REFUSAL
from monitoring.monitor import Monitor
from monitoring.sandbox import Answer, Sandbox

from .conftest import Host, House, build
from .test_loading import online

pytestmark = pytest.mark.asyncio(loop_scope="module")
STEPS = "mon:setup:to:"


@pytest_asyncio.fixture(loop_scope="module")
async def fresh(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[House]:
    """Somebody else's bot, with nothing set in its environment but where to store."""
    house = unset(build(sandbox, tmp_path / "store.sqlite3"))
    await house.monitor.start()
    async with online(sandbox, house.bot) as bot:
        await bot.load_extension("cogs")
        cog: Any = bot.get_cog("Greenroom")
        await asyncio.wait({cog._registering})
        for command in sandbox.commands.offered(house.ops):
            command["default_member_permissions"] = None

        yield house

    await house.monitor.close()


def unset(house: House) -> House:
    """The same house, where the environment says only where to store."""
    settings = house.monitor.settings
    bare = type(settings)(_env_file=None, database_url=settings.database_url, alert_grace_seconds=0)  # type: ignore[call-arg]
    house.monitor = Monitor(bare, clock=house.clock)
    house.bot = Host(house.monitor, owns_tree=False)
    return house


async def asked(house: House, name: str, who: str = "owner") -> Answer:
    """What is shown to somebody in the ops guild."""
    return await house.sandbox.command(house.people[who], house.talk, f"monitoring {name}")


async def picked(house: House, shown: Answer, custom_id: str, *values: int | str) -> dict[str, Any]:
    """The embed after a choice from a menu of the message."""
    found = await house.sandbox.select(house.people["owner"], shown.message["id"], custom_id, list(values))
    assert found.error is None, found.error
    return words(found)


async def pressed(house: House, shown: Answer, custom_id: str) -> dict[str, Any]:
    """The embed after a press of a button of the message."""
    found = await house.sandbox.click(house.people["owner"], shown.message["id"], custom_id)
    assert found.error is None, found.error
    return words(found)


def words(answer: Answer) -> dict[str, Any]:
    """The embed, with its fields by name."""
    embed: dict[str, Any] = answer.message["embeds"][0]
    return embed | {"said": {field["name"]: field["value"] for field in embed.get("fields", [])}}


async def test_from_nothing_to_a_working_ops_channel(fresh: House) -> None:
    """Channel, zone and roles by menus; each holds at once, and the test arrives."""
    sandbox, chosen = fresh.sandbox, fresh.monitor.chosen
    shown = await asked(fresh, "setup")
    assert shown.ephemeral
    assert "not chosen yet" in words(shown)["said"]["Ops channel"]

    await picked(fresh, shown, "mon:setup:channel", fresh.ops_channel)
    assert (fresh.monitor.ops_channel_id, "discord" in fresh.monitor.notifiers) == (fresh.ops_channel, True)
    await picked(fresh, shown, "mon:setup:zone", "Asia/Tokyo")
    assert (fresh.monitor.zone, fresh.monitor.window("24h").zone) == ("Asia/Tokyo", "Asia/Tokyo")

    assert (await pressed(fresh, shown, f"{STEPS}roles"))["title"].startswith("Setup, 2 of 3")
    role = next(iter(sandbox.state.guilds[fresh.ops].roles))
    await picked(fresh, shown, "mon:setup:roles:viewer", role)
    assert chosen.viewer_role_ids == (role,)

    await pressed(fresh, shown, f"{STEPS}personas")
    assert (await pressed(fresh, shown, f"{STEPS}done"))["title"] == "🟢 Setup is done"
    assert (await pressed(fresh, shown, "mon:setup:test"))["title"] == "🟢 The test arrived"
    assert (
        "Test" in sandbox.messages(fresh.ops_channel)[-1]["content"]
        or sandbox.messages(fresh.ops_channel)[-1]["embeds"]
    )
    assert not sandbox.refused

    rows = words(await asked(fresh, "audit"))["description"].replace("\\", "")
    assert [text in rows for text in ("Zone: Asia/Tokyo", "Ops channel: #bot-ops", "Viewers: ")] == [True] * 3


async def test_what_was_chosen_is_there_after_a_restart(fresh: House) -> None:
    """From the first moment on, and what the environment says wins over it."""
    await fresh.monitor.chosen.choose("ops_channel_id", fresh.ops_channel)
    await fresh.monitor.chosen.choose("zone", "Asia/Tokyo")
    await fresh.monitor.chosen.choose("ping_role_ids", (7,))
    await fresh.monitor.close()

    again = Monitor(fresh.monitor.settings, clock=fresh.clock)
    assert (again.ops_channel_id, again.zone, again.chosen.ping_role_ids) == (fresh.ops_channel, "Asia/Tokyo", (7,))
    wins = fresh.monitor.settings.model_copy(update={"timezone": "UTC", "ping_role_ids": ()})
    assert (Monitor(wins, clock=fresh.clock).zone, Monitor(wins).chosen.ping_role_ids) == ("UTC", (7,))


async def test_what_the_environment_sets_is_shown_as_such_and_cannot_be_chosen(fresh: House) -> None:
    """Its menu is off."""
    monitor = fresh.monitor
    monitor.settings = monitor.settings.model_copy(update={"alert_discord_channel_id": fresh.ops_channel})
    shown = await asked(fresh, "setup")
    assert "`ALERT_DISCORD_CHANNEL_ID` in the environment" in words(shown)["said"]["Ops channel"]
    menus = {part["custom_id"]: part for row in shown.message["components"] for part in row["components"]}
    assert menus["mon:setup:channel"]["disabled"] is True
    assert not menus["mon:setup:zone"].get("disabled")


async def test_before_the_setup_only_the_owner_may_begin_it(fresh: House) -> None:
    """In any server; once there is an ops channel, only in that one's."""
    for who in ("manager", "operator", "viewer", "member"):
        assert (await asked(fresh, "setup", who)).message["content"] == REFUSAL

    elsewhere = await fresh.sandbox.command(fresh.people["owner"], fresh.other_channel, "monitoring setup")
    assert elsewhere.message["embeds"]
    await fresh.monitor.chosen.choose("ops_channel_id", fresh.ops_channel)
    elsewhere = await fresh.sandbox.command(fresh.people["owner"], fresh.other_channel, "monitoring setup")
    assert elsewhere.message["content"] == REFUSAL


async def test_a_channel_where_the_bot_may_not_speak_is_not_taken(fresh: House) -> None:
    """What is missing is said; a zone that does not exist neither."""
    shown = await asked(fresh, "setup")
    guild: Any = fresh.bot.get_guild(fresh.ops)
    kept, guild.me._roles = guild.me._roles, type(guild.me._roles)([])
    default = guild.default_role
    before, default._permissions = default._permissions, 0
    try:
        said = await picked(fresh, shown, "mon:setup:channel", fresh.ops_channel)
    finally:
        guild.me._roles, default._permissions = kept, before

    assert "Nothing was changed: in <#" in said["description"]
    assert fresh.monitor.ops_channel_id is None
    opened = await fresh.sandbox.click(fresh.people["owner"], shown.message["id"], "mon:setup:zone:other")
    typed = await fresh.sandbox.submit_modal(fresh.people["owner"], opened, {"zone": "Mars/Base"})
    assert "no zone known here" in words(typed)["description"]


async def test_a_webhook_made_by_hand_becomes_a_personas(fresh: House) -> None:
    """Once it was heard; renamed and merged, and each only from then on."""
    await fresh.monitor.chosen.choose("ops_channel_id", fresh.ops_channel)
    hook = fresh.sandbox.add_webhook(fresh.talk, "by hand", application_id=None)
    await fresh.sandbox.persona_say(hook, "Scav", "hello")
    await fresh.until("the webhook", lambda: fresh.monitor.registry.strangers.all())
    shown = await asked(fresh, "setup")
    await pressed(fresh, shown, f"{STEPS}roles")
    step = await pressed(fresh, shown, f"{STEPS}personas")
    assert "**Scav**, made by hand" in step["said"]["Webhooks that are no persona's"]

    said = await picked(fresh, shown, "mon:personas:setup:webhook", hook)
    assert (said["title"][:14], "webhook of Scav" in said["description"]) == ("Setup, 3 of 3:", True)
    assert (await pressed(fresh, shown, f"{STEPS}done"))["title"] == "🟢 Setup is done"
    await fresh.sandbox.persona_say(hook, "Scav", "hello again")
    await fresh.sandbox.persona_say(hook, "Scaven", "hello too")
    await fresh.until("both", lambda: fresh.monitor.persona_names() == ["Scav", "Scaven"])
    shown = await asked(fresh, "personas")
    assert "**Scav** by its webhook" in words(shown)["said"]["Personas"]

    await picked(fresh, shown, "mon:personas:page:which", "Scaven")
    menu = shown.message["id"]
    message = next(one for one in fresh.sandbox.messages(fresh.talk, fresh.people["owner"]) if one["id"] == menu)
    into = next(part["custom_id"] for row in message["components"] for part in row["components"] if part["type"] == 3)
    assert "It counts as **Scav**." in (await picked(fresh, shown, into, "Scav"))["description"]
    assert fresh.monitor.persona_names() == ["Scav"]
    assert fresh.monitor.registry.canonical("scaven") == "Scav"


async def test_the_state_says_what_is_missing_and_what_it_costs(fresh: House) -> None:
    """Before the setup and after."""
    before = words(await asked(fresh, "status"))
    assert before["title"] == "🔶 The monitoring works, with 1 thing missing"
    assert before["said"]["What to do first"] == "Choose an ops channel: `/monitoring setup`."
    assert before["said"]["Intents"] == "All that are of use are there."

    await fresh.monitor.chosen.choose("ops_channel_id", fresh.ops_channel)
    fresh.bot._connection._intents.message_content = False
    after = words(await asked(fresh, "status"))
    assert "Without `message_content`: texts of others are empty" in after["said"]["Intents"]
    assert f"<#{fresh.ops_channel}>" in after["said"]["Notices"]
    assert f"<@{fresh.people['owner']}>" in after["said"]["Who may do what"]
