"""Every command and button, used by people through the real client, with real figures and real charts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from cogs._format import name_key
from monitoring.model import MINUTE, SECOND, OperationDone

from .conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def busy(house: House) -> AsyncIterator[House]:
    """Twenty minutes of two personas that answer and banter, and of an LLM."""
    hook = house.sandbox.add_webhook(house.talk, "personas")
    now = house.clock.now()
    for i in range(40):
        asked = await house.sandbox.say(house.talk, house.people["member"], f"hello Scav number {i}?")
        await house.sandbox.persona_say(hook, "Scav", "cheeki breeki")
        await house.sandbox.persona_say(hook, "dagoth_ur", "welcome, moon and star")
        house.monitor.recorder.record(
            OperationDone(
                "llm",
                "llm_inference",
                now - 20 * MINUTE + i * 30 * SECOND,
                1.2,
                persona="Scav",
                model="llama3.1:8b",
                guild_id=house.ops,
                message_id=int(asked),
                prompt_tokens=100,
                completion_tokens=20,
                local=True,
                cost=0,
            )
        )

        house.monitor.recorder.record(
            OperationDone(
                "bot", "response", now - 20 * MINUTE + i * 30 * SECOND, 1.8, persona="Scav", guild_id=house.ops
            )
        )

    await house.until("the personas", lambda: len(house.monitor.registry.names()) == 2)
    await house.monitor.roster.update()
    yield house


async def use(house: House, who: str, name: str, options: dict[str, Any] | None = None) -> dict[str, Any]:
    """Use a command after a pause, and get what is shown."""
    house.clock.ahead += 11
    answer = await house.sandbox.command(house.people[who], house.talk, name, options)
    assert answer.error is None, f"{name}: {answer.error}; {house.sandbox.refused}"
    assert answer.first_ms is not None
    assert answer.first_ms < 1000
    return dict(answer.message)


def picture(house: House, message: dict[str, Any]) -> bytes:
    """The one picture of a message, which its embed shows with an alt text."""
    files = house.sandbox.files(message)
    assert len(files) == 1, message["embeds"]
    assert message["embeds"][0]["image"]["description"]
    return next(iter(files.values()))


async def test_health(busy: House) -> None:
    """A page with a refresh button and a menu that leads to one service and back."""
    message = await use(busy, "manager", "health")
    assert "all" in message["embeds"][0]["title"] or ":" in message["embeds"][0]["title"]
    chosen = await busy.sandbox.select(busy.people["viewer"], message["id"], "mon:health:service", ["store"])
    assert "store" in chosen.message["embeds"][0]["title"]
    back = await busy.sandbox.click(busy.people["viewer"], message["id"], "mon:refresh:health")
    assert "store" not in back.message["embeds"][0]["title"]


async def test_host_readings_are_for_owners(busy: House) -> None:
    """A manager sees the gateway only."""
    owner = await use(busy, "owner", "health")
    manager = await use(busy, "manager", "health")

    machine = next(str(field) for field in owner["embeds"][0]["fields"] if field["name"] == "Machine")
    assert "memory" in machine or "CPU" in machine
    assert "CPU" not in str(manager["embeds"][0])


async def test_stats_overview_and_its_menu(busy: House) -> None:
    """The window is chosen in place."""
    message = await use(busy, "viewer", "stats overview", {"window": "1h"})
    assert "by 2 personas" in message["embeds"][0]["title"].replace("\u00a0", " ")
    busy.clock.ahead += 11
    again = await busy.sandbox.select(busy.people["viewer"], message["id"], "mon:stats:overview:window", ["7d"])
    assert "7\u00a0d to" in again.message["embeds"][0]["footer"]["text"]


async def test_stats_persona_and_its_menu(busy: House) -> None:
    """A page with its picture; the other one is a click away."""
    message = await use(busy, "viewer", "stats persona", {"name": "scav", "window": "1h"})
    assert message["embeds"][0]["title"].startswith("Scav")
    assert picture(busy, message).startswith(b"\x89PNG")
    busy.clock.ahead += 11
    other = await busy.sandbox.select(busy.people["viewer"], message["id"], "mon:stats:persona:1h", ["dagoth_ur"])
    assert other.message["embeds"][0]["title"].startswith("dagoth_ur")


async def test_stats_relationships_three_ways(busy: House) -> None:
    """Graph, matrix, history."""
    message = await use(busy, "viewer", "stats relationships", {"window": "24h"})
    first = picture(busy, message)
    for kind in ("matrix", "history"):
        busy.clock.ahead += 11
        shown = await busy.sandbox.click(busy.people["viewer"], message["id"], f"mon:rel:{kind}:24h")
        assert picture(busy, dict(shown.message)) != first


async def test_stats_banter_and_performance(busy: House) -> None:
    """Each with its picture."""
    assert picture(busy, await use(busy, "viewer", "stats banter", {"window": "1h"}))
    message = await use(busy, "viewer", "stats performance", {"window": "1h"})
    assert picture(busy, message)
    for kind in ("components", "by-persona"):
        busy.clock.ahead += 11
        shown = await busy.sandbox.click(busy.people["viewer"], message["id"], f"mon:chart:{kind}:1h:all")
        assert picture(busy, dict(shown.message))

    one = await use(busy, "viewer", "stats performance", {"window": "1h", "persona": "Scav"})
    assert one["embeds"][0]["title"].startswith("Scav: ")


async def test_sides_of_a_persona_and_one_exchange(busy: House) -> None:
    """Quality and growth of the same persona, its menu of windows; the last exchange by a button of banter's."""
    message = await use(busy, "viewer", "stats persona", {"name": "Scav", "window": "1h"})
    key = name_key("Scav")
    for side, field in (("quality", "Liked"), ("growth", "Level")):
        busy.clock.ahead += 11
        shown = await busy.sandbox.click(busy.people["viewer"], message["id"], f"mon:persona:{side}:1h:{key}")
        assert shown.message["embeds"][0]["fields"][0]["name"] == field
        assert shown.message["embeds"][0]["title"].startswith("Scav")

    busy.clock.ahead += 11
    week = await busy.sandbox.select(busy.people["viewer"], message["id"], f"mon:stats:persona:{key}:window", ["7d"])
    assert "7\u00a0d to" in week.message["embeds"][0]["footer"]["text"]

    busy.clock.ahead += 11
    talk = await use(busy, "viewer", "stats banter", {"window": "1h"})
    for which in ("last", "longest"):
        busy.clock.ahead += 11
        shown = await busy.sandbox.click(busy.people["viewer"], talk["id"], f"mon:banter:{which}:1h")
        assert "cheeki" not in str(shown.message)


@pytest.mark.parametrize(
    "kind", ["overview", "response times", "activity heatmap", "persona", "relationships", "banter", "resources"]
)
async def test_every_kind_of_report(busy: House, kind: str) -> None:
    """Drawn for the owner."""
    message = await use(busy, "owner", "report", {"kind": kind, "window": "24h"})

    assert message["embeds"][0]["title"]
    if kind != "persona":
        assert picture(busy, message).startswith(b"\x89PNG")


async def test_resources_are_for_owners(busy: House) -> None:
    """Others are refused as if it were not there."""
    message = await use(busy, "manager", "report", {"kind": "resources"})
    assert message["content"].startswith("That is not here, or not for you to see.")


async def test_another_guild_sees_nothing_of_this_one(busy: House) -> None:
    """Its own figures, which are none."""
    busy.clock.ahead += 11
    answer = await busy.sandbox.command(busy.people["manager"], busy.other_channel, "stats overview", {"window": "1h"})

    assert answer.message["embeds"][0]["title"] == "⚪ No data yet"
    assert "Scav" not in str(answer.message)


async def test_personas_are_suggested(busy: House) -> None:
    """While typing, from memory."""
    offered = await busy.sandbox.autocomplete(busy.people["viewer"], busy.talk, "stats persona", "name", "sc")
    assert [one["value"] for one in offered] == ["Scav"]


async def test_too_many_charts_are_told_to_wait(busy: House) -> None:
    """Five in ten seconds a guild."""
    busy.clock.ahead += 11
    texts = []
    for _ in range(6):
        answer = await busy.sandbox.command(busy.people["viewer"], busy.talk, "stats overview", {"window": "1h"})
        texts.append(answer.message["content"])

    assert not any(texts[:5])
    assert texts[5].startswith("That was a lot of charts at once. Try again in ")
    busy.clock.ahead += 11


async def test_digest_now_comes_to_the_ops_channel(busy: House) -> None:
    """And the one who asked is told so."""
    before = len(busy.sandbox.messages(busy.ops_channel))
    message = await use(busy, "operator", "digest now")
    assert f"<#{busy.ops_channel}>" in message["embeds"][0]["description"]
    await busy.until("the digest", lambda: len(busy.sandbox.messages(busy.ops_channel)) > before)


async def test_alerts_active(busy: House) -> None:
    """What is open, or that nothing is."""
    message = await use(busy, "operator", "alerts active")
    assert message["embeds"][0]["title"]


async def test_another_guild_is_shown_no_persona_of_this_one(busy: House) -> None:
    """Not while typing, not in menus, not by name: the refusal is that for what is not there."""
    manager, there = busy.people["manager"], busy.other_channel
    assert await busy.sandbox.autocomplete(manager, there, "stats persona", "name", "") == []

    def told() -> list[str]:
        return [str(one["content"]) for one in busy.sandbox.messages(there, manager) if one["flags"] & 64]

    for name, options in (
        ("stats persona", {"name": "Scav"}),
        ("stats persona", {"name": "nobody at all"}),
        ("stats performance", {"persona": "Scav"}),
        ("report", {"kind": "persona", "persona": "Scav"}),
    ):
        busy.clock.ahead += 11
        before = len(told())
        await busy.sandbox.command(manager, there, name, options)
        await busy.until("the refusal", lambda before=before: len(told()) > before)
        assert told()[-1].startswith("That is not here"), name

    busy.clock.ahead += 11
    hook = busy.sandbox.add_webhook(there, "theirs")
    await busy.sandbox.persona_say(hook, "dagoth_ur", "welcome")

    async def offered() -> list[Any]:
        busy.clock.ahead += 11
        return [one["value"] for one in await busy.sandbox.autocomplete(manager, there, "stats persona", "name", "")]

    for _ in range(500):
        if await offered():
            break

    assert await offered() == ["dagoth_ur"]
    assert sorted(
        one["value"]
        for one in await busy.sandbox.autocomplete(busy.people["owner"], busy.talk, "stats persona", "name", "")
    ) == ["Scav", "dagoth_ur"], "the owner sees the whole bot's, in the ops guild"


async def test_health_elsewhere_shows_no_speed_of_this_guild(busy: House) -> None:
    """Nor when an incident ended; services are the whole bot's, and so is their state."""
    here = await use(busy, "viewer", "health")
    there = (await busy.sandbox.command(busy.people["manager"], busy.other_channel, "health")).message

    assert "1.8" in str(here["embeds"][0])
    assert "1.8" not in str(there["embeds"][0])
    assert "last incident" not in str(there["embeds"][0])
