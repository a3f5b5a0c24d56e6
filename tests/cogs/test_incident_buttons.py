"""An incident from its opening to its end: judged, told, taken, silenced, by people with the right to."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from monitoring.model import SECOND, OperationDone

from .conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def answers(house: House, duration: float, n: int = 30) -> None:
    """Reported answers of the last minute, all as slow; then the rules are judged."""
    now = house.clock.now()
    for i in range(n):
        house.monitor.recorder.record(
            OperationDone("bot", "response", now - i * SECOND, duration, persona="Scav", guild_id=house.ops)
        )

    await house.monitor.recorder.flush()
    await house.monitor.watch.tick()


def told(house: House) -> dict[str, Any]:
    """The incident's message as people see it."""
    found = [one for one in house.sandbox.messages(house.ops_channel) if one["components"]]
    return dict(found[0]) if found else {}


def labels(message: dict[str, Any]) -> list[str]:
    """The buttons."""
    return [part["label"] for part in message["components"][0]["components"]]


async def test_an_incident_from_its_opening_to_its_end(house: House) -> None:
    """One message; each click is shown in it; a member is refused; what is not there too."""
    sandbox, operator, member = house.sandbox, house.people["operator"], house.people["member"]
    await answers(house, 7.0)
    await house.until("the incident", lambda: told(house), 10)
    message, number = told(house), (await house.monitor.incidents())[0].number
    assert message["embeds"][0]["title"].replace("\u00a0", " ") == "🔶 Open: Mean response 7.0 s"
    assert labels(message) == ["Acknowledge", "Silence", "Details"]
    assert len(sandbox.files(message)) == 1

    refused = await sandbox.click(member, message["id"], f"mon:inc:{number}:ack")
    assert refused.message["content"].startswith("That is not here")
    assert told(house)["embeds"][0]["title"].startswith("🔶 Open")

    await sandbox.click(operator, message["id"], f"mon:inc:{number}:ack")
    assert told(house)["embeds"][0]["title"].startswith("👤 Acknowledged")
    assert labels(told(house)) == ["Acknowledged", "Silence", "Details"]
    assert "**operator** has it" in told(house)["embeds"][0]["description"]

    asked = await sandbox.click(operator, message["id"], f"mon:inc:{number}:silence")
    assert asked.ephemeral
    assert labels(dict(asked.message)) == ["1 hour", "8 hours", "24 hours"]
    await sandbox.click(operator, asked.message["id"], f"mon:inc:{number}:silence:8h")
    await house.until("the silence", lambda: told(house)["embeds"][0]["title"].startswith("🔕 Silenced"), 10)
    assert labels(told(house)) == ["Acknowledged", "End silence", "Details"]

    await sandbox.click(operator, message["id"], f"mon:inc:{number}:unsilence")
    assert told(house)["embeds"][0]["title"].startswith("👤 Acknowledged")

    details = await sandbox.click(operator, message["id"], f"mon:inc:{number}:details")
    assert details.ephemeral
    assert details.message["embeds"][0]["title"] == f"Incident {number}, so far"
    assert "acknowledged, operator" in str(details.message["embeds"][0]["fields"])

    listed = await sandbox.command(operator, house.talk, "alerts active")
    assert message["id"] in listed.message["embeds"][0]["description"], "with a link to its message"
    assert len([one for one in sandbox.messages(house.ops_channel) if one["components"]]) == 1


async def test_buttons_work_after_the_extension_was_loaded_anew(house: House) -> None:
    """As after a restart: all they need is in their id."""
    await house.bot.unload_extension("cogs")
    dead = await house.sandbox.click(house.people["operator"], told(house)["id"], _details(house), timeout=0.2)
    assert dead.error

    await house.bot.load_extension("cogs")
    alive = await house.sandbox.click(house.people["operator"], told(house)["id"], _details(house))
    assert alive.message["embeds"][0]["title"].startswith("Incident")


def _details(house: House) -> str:
    return str(told(house)["components"][0]["components"][2]["custom_id"])


async def test_staff_of_other_guilds_cannot_touch_it(house: House) -> None:
    """The button under a message elsewhere, forged or forwarded, does nothing there."""
    number = (await house.monitor.incidents())[0].number
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(custom_id=f"mon:inc:{number}:unsilence", label="x"))
    view.stop()
    message = await house.bot.get_partial_messageable(house.other_channel).send("x", view=view)
    for who in ("manager", "operator", "owner"):
        answer = await house.sandbox.click(house.people[who], message.id, f"mon:inc:{number}:unsilence")
        assert answer.message["content"].startswith("That is not here"), who
