"""The ops channel in a Discord that is not as it was: permissions gone, channels gone, a store that does not answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from monitoring.errors import DeliveryError, StoreError

from . import story
from .conftest import House
from .test_ops_channel import Desk, notice, ops

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def desk(house: House) -> AsyncIterator[Desk]:
    """A fresh incident, and everything allowed and well again afterwards."""
    yield Desk(house, 4127)
    house.sandbox.faults.clear()
    deny(house)


def deny(house: House, *names: str) -> None:
    """What the bot may not do in the ops channel, and nothing else."""
    assert house.bot.user is not None
    house.sandbox.overwrite(house.ops_channel, house.bot.user.id, deny=list(names))


class Deaf(Desk):
    """A Monitor whose store does not answer; what is open is known from memory."""

    async def card(self, number: int) -> story.Card:
        """No figures."""
        raise StoreError("disk I/O error")

    async def incidents(self, *, open_only: bool = True) -> list[Any]:
        """The one incident."""
        return [(await super().card(4127)).incident]


def last(house: House, channel: int = 0) -> dict[str, Any]:
    """The newest message."""
    return dict(house.sandbox.messages(channel or house.ops_channel)[-1])


async def test_without_the_permission_for_files_the_picture_stays_away(house: House, desk: Desk) -> None:
    """The alert is told all the same, as one message, with its buttons."""
    deny(house, "attach_files")
    before = len(house.sandbox.messages(house.ops_channel))
    await ops(house, desk).deliver(notice("incident", "poor-1", changes=["opened"]))

    assert len(house.sandbox.messages(house.ops_channel)) == before + 1
    assert last(house)["embeds"][0]["title"].startswith("🔶 Open")
    assert "image" not in last(house)["embeds"][0]
    assert last(house)["components"]
    assert not house.sandbox.files(last(house))


async def test_without_the_permission_for_embeds_it_is_told_in_words(house: House, desk: Desk) -> None:
    """Title and text, with the ping that belongs to it."""
    deny(house, "embed_links", "attach_files")
    desk.face = "critical"
    await ops(house, desk).deliver(notice("incident", "words-1", changes=["opened"], ping=True))

    role = house.monitor.settings.ping_role_ids[0]
    assert last(house)["content"].startswith(f"<@&{role}> ")
    assert "P95 response" in last(house)["content"]
    assert not last(house)["embeds"]


async def test_without_the_permission_to_write_it_is_permanent_and_says_why(house: House, desk: Desk) -> None:
    """After all forms were tried."""
    deny(house, "send_messages")
    with pytest.raises(DeliveryError, match="may not send") as refused:
        await ops(house, desk).deliver(notice("incident", "mute-1", changes=["opened"]))

    assert refused.value.permanent


async def test_a_forum_is_named_as_what_it_is(house: House, desk: Desk) -> None:
    """It takes threads, not messages."""
    desk.ops_channel_id = house.sandbox.add_channel(house.ops, "forum", "forum")
    with pytest.raises(DeliveryError, match="text channel or a thread"):
        await ops(house, desk).deliver(notice("incident", "forum-1", changes=["opened"]))


async def test_recovery_is_told_although_the_channel_of_before_is_gone(house: House, desk: Desk) -> None:
    """In the ops channel of now."""
    old = house.sandbox.add_channel(house.ops, "old-ops")
    desk.ops_channel_id = old
    channel = ops(house, desk)
    await channel.deliver(notice("incident", "moved-1", changes=["opened"]))
    house.sandbox.delete_channel(old)
    desk.ops_channel_id, desk.face = house.ops_channel, "resolved"
    await channel.deliver(notice("recovery", "moved-2", changes=["resolved"]))

    assert last(house)["content"].startswith("🟢 **Resolved after")


async def test_a_message_that_is_another_bots_is_made_anew(house: House, desk: Desk) -> None:
    """As after the bot was given another application: what it cannot edit is nobody's news."""
    foreign = await house.sandbox.say(house.ops_channel, house.people["operator"], "posted by somebody else")
    desk.place = (house.ops_channel, int(foreign))
    await ops(house, desk).deliver(notice("incident", "foreign-1", changes=["value"], minor=True))

    assert desk.place is not None
    assert desk.place[1] != int(foreign)
    assert last(house)["embeds"][0]["title"].startswith("🔶 Open")


async def test_f11_while_the_store_does_not_answer_it_is_told_in_words(house: House, desk: Desk) -> None:
    """Openings with their ping and recoveries; mere edits wait, and what follows edits the message of the opening."""
    deaf = Deaf(house, 4127)
    channel = ops(house, deaf)
    opened = {"text": "Open, critical: P95 response 8.3 s", "severity": "critical", "ping": True}
    await channel.deliver(notice("incident", "deaf-1", changes=["opened"], **opened))
    assert "Open, critical: P95 response 8.3 s" in last(house)["content"]
    assert last(house)["mention_roles"]
    assert deaf.place == (house.ops_channel, int(last(house)["id"]))

    before = len(house.sandbox.messages(house.ops_channel))
    await channel.deliver(notice("incident", "deaf-2", changes=["value"], minor=True, text="x"))
    assert len(house.sandbox.messages(house.ops_channel)) == before

    await channel.deliver(notice("recovery", "deaf-3", changes=["resolved"], text="Resolved: P95 response, 47 min"))
    assert last(house)["content"].startswith("🟢 Resolved: P95 response")
    assert last(house)["flags"] & 4096, "silent"


async def test_f6_late_news_draws_nothing_for_incidents_that_have_no_message(house: House, desk: Desk) -> None:
    """Twenty-five of them would take longer than the outbox waits, and be told again."""
    drawn: list[str] = []
    chart = desk.chart

    async def counting(kind: str, value: object, *, theme: str = "dark") -> Any:
        drawn.append(kind)
        return await chart(kind, value, theme=theme)

    desk.chart = counting  # type: ignore[method-assign]
    lines = [{"number": 4127, "text": "x", "since": 1, "until": 2}] * 25
    await ops(house, desk).deliver(notice("late", "late-many", **{"from": 1, "until": 60_000, "lines": lines}))

    assert drawn == []
    assert last(house)["embeds"][0]["title"].startswith("🔌 Back after")
