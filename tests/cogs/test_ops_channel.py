"""The ops channel: one message per incident, edited as it lives; nobody pinged who is not to be; failures told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from cogs._ops_channel import OpsChannel
from monitoring.errors import ChartError, DeliveryError, UnknownName
from monitoring.incident import Notice
from monitoring.picture import Picture

from . import story, story_digest
from .conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Desk:
    """A Monitor's answers, as far as the ops channel asks: one incident, and where its message is."""

    def __init__(self, house: House, number: int) -> None:
        self.settings, self.chosen = house.monitor.settings, house.monitor.chosen
        self.ops_channel_id: int | None = house.ops_channel
        self.face = "open"
        self.who = ""
        self.known = True
        self.charts = True
        self.place: tuple[int, int] | None = None
        self._number = number

    async def card(self, number: int) -> story.Card:
        """The incident at the stage that the test has set."""
        if not self.known:
            raise UnknownName("gone")

        card = story.card(self.face, number=self._number, who=self.who)
        channel, message = self.place or (None, None)
        return replace(card, incident=replace(card.incident, channel_id=channel, message_id=message))

    async def told(self, number: int, *, channel_id: int, message_id: int) -> None:
        """Where it is now."""
        self.place = (channel_id, message_id)

    async def chart(self, kind: str, value: object, *, theme: str = "dark") -> Picture:
        """A picture, if charts can be drawn."""
        if not self.charts:
            raise ChartError("no fonts")

        return Picture(f"{kind}-x7q2.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 30, f"Chart of {kind}")

    def message_link(self, channel_id: int, message_id: int) -> str:
        """Nowhere."""
        return ""

    async def digest_of(self, body: dict[str, object]) -> Any:
        """The story's."""
        return (
            story_digest.week() if body.get("scope") == "bot/week" else story.digest(quiet=body["date"] == "2026-03-10")
        )


def notice(kind: str, nonce: str, **body: object) -> Notice:
    """A notice as the outbox hands it over."""
    return Notice(f"{kind}/{nonce}", kind, story.EVENING, "4127", "discord", nonce, {"number": 4127, **body})


@pytest_asyncio.fixture(loop_scope="module")
async def desk(house: House) -> AsyncIterator[Desk]:
    """A fresh incident."""
    yield Desk(house, 4127)
    house.sandbox.faults.clear()


def ops(house: House, desk: Desk) -> OpsChannel:
    """The notifier under test, with the real client."""
    return OpsChannel(house.bot, desk)  # type: ignore[arg-type]  # answers what is asked of it


def picture(house: House, message: Any) -> tuple[str, str]:
    """Name and alt text of the one picture of a message, which its embed shows."""
    (name,) = house.sandbox.files(message)
    image = message["embeds"][0]["image"]
    assert image["url"].split("?")[0].endswith(name)
    return name, str(image.get("description", ""))


async def test_an_incident_is_one_message_edited_as_it_lives(house: House, desk: Desk) -> None:
    """Opening posts it, acknowledging edits it, recovery edits it and replies without a sound."""
    channel = ops(house, desk)
    before = len(house.sandbox.messages(house.ops_channel))
    await channel.deliver(notice("incident", "one-1", changes=["opened"]))
    desk.face, desk.who = "acknowledged", "olivia"
    await channel.deliver(notice("incident", "one-2", changes=["acknowledged"], minor=True))
    desk.face = "resolved"
    await channel.deliver(notice("recovery", "one-3", changes=["resolved"]))
    mine = house.sandbox.messages(house.ops_channel)[before:]

    assert len(mine) == 2
    assert mine[0]["embeds"][0]["title"].startswith("🟢 Resolved: P95 response back to")
    assert [part["label"] for part in mine[0]["components"][0]["components"]] == ["Details", "Why"]
    assert picture(house, mine[0]) == ("incident-x7q2.png", "Chart of incident")
    assert mine[1]["content"].startswith("🟢 **Resolved after 47")
    assert mine[1]["message_reference"]["message_id"] == mine[0]["id"]
    assert mine[1]["flags"] & 4096, "silent"


async def test_telling_the_same_opening_twice_is_one_message(house: House, desk: Desk) -> None:
    """The nonce is kept in the notice, and Discord gives the first message again."""
    channel = ops(house, desk)
    before = len(house.sandbox.messages(house.ops_channel))
    await channel.deliver(notice("incident", "twice-1", changes=["opened"]))
    first, desk.place = desk.place, None
    await channel.deliver(notice("incident", "twice-1", changes=["opened"]))

    assert len(house.sandbox.messages(house.ops_channel)) == before + 1
    assert desk.place == first


async def test_only_configured_roles_are_pinged_and_only_when_it_is_critical(house: House, desk: Desk) -> None:
    """On an opening in its own message, on an escalation below it, since edits ping nobody."""
    channel = ops(house, desk)
    pings = len(house.sandbox.pings)
    await channel.deliver(notice("incident", "ping-1", changes=["opened"]))
    assert len(house.sandbox.pings) == pings

    desk.face = "critical"
    await channel.deliver(notice("incident", "ping-2", changes=["escalated"], ping=True))
    assert len(house.sandbox.pings) == pings + 1
    last = house.sandbox.messages(house.ops_channel)[-1]
    role = house.monitor.settings.ping_role_ids[0]
    assert last["content"].replace("\u00a0", " ") == f"<@&{role}> P95 response is critical: 8.3 s."
    assert last["mention_roles"] == [str(role)]

    await channel.deliver(notice("incident", "ping-3", changes=["value"], minor=True))
    assert len(house.sandbox.pings) == pings + 1


async def test_a_deleted_message_is_made_anew(house: House, desk: Desk) -> None:
    """But not for a quiet edit."""
    channel = ops(house, desk)
    await channel.deliver(notice("incident", "anew-1", changes=["opened"]))
    assert desk.place is not None
    await house.sandbox.delete(house.ops_channel, desk.place[1])
    gone = desk.place
    await channel.deliver(notice("incident", "anew-2", changes=["value"], quiet=True))
    assert desk.place == gone

    await channel.deliver(notice("incident", "anew-3", changes=["value"]))
    assert desk.place != gone


async def test_without_a_chart_the_text_goes_out(house: House, desk: Desk) -> None:
    """A chart that cannot be drawn holds nothing up."""
    desk.charts = False
    await ops(house, desk).deliver(notice("incident", "bare-1", changes=["opened"]))
    last = house.sandbox.messages(house.ops_channel)[-1]

    assert last["embeds"][0]["title"].startswith("🔶 Open")
    assert not house.sandbox.files(last)


async def test_digest_late_news_and_sentences(house: House, desk: Desk) -> None:
    """A busy day has its picture, a quiet one two lines."""
    channel = ops(house, desk)
    await channel.deliver(notice("digest", "day-1", date="2026-03-11"))
    await channel.deliver(notice("digest", "day-2", date="2026-03-10"))
    await channel.deliver(notice("digest", "week-1", date="2026-03-08", scope="bot/week", late=True))
    await channel.deliver(notice("late", "late-1", **{"from": 1, "until": 60_000, "lines": [], "more": 0}))
    await channel.deliver(notice("message", "text-1", text="The store was mended. @everyone"))
    busy, quiet, week, late, text = house.sandbox.messages(house.ops_channel)[-5:]

    assert picture(house, week) == ("overview-x7q2.png", "Chart of overview")
    assert week["embeds"][0]["title"] == "Week 10: 16 alerts, 6 needed a person"
    assert week["embeds"][0]["footer"]["text"].endswith("sent late")
    assert [part["label"].replace("\u00a0", " ") for part in week["components"][0]["components"]] == [
        "Try 8.0 %",
        "Full report",
    ]
    assert picture(house, busy) == ("overview-x7q2.png", "Chart of overview")
    assert not house.sandbox.files(quiet)
    assert "fields" not in quiet["embeds"][0] or not quiet["embeds"][0]["fields"]
    assert late["embeds"][0]["title"].startswith("🔌 Back after")
    assert text["content"].startswith("The store was mended.")
    assert not text["mention_everyone"]


async def test_what_goes_wrong_says_whether_to_try_again(house: House, desk: Desk) -> None:
    """A channel that is gone is permanent; an unknown incident too; nothing set as well."""
    channel = ops(house, desk)
    desk.ops_channel_id = 404
    with pytest.raises(DeliveryError) as gone:
        await channel.deliver(notice("incident", "bad-1", changes=["opened"]))

    desk.ops_channel_id = None
    with pytest.raises(DeliveryError) as unset:
        await channel.deliver(notice("incident", "bad-2", changes=["opened"]))

    desk.known = False
    with pytest.raises(DeliveryError) as unknown:
        await channel.deliver(notice("incident", "bad-3", changes=["opened"]))

    assert [error.value.permanent for error in (gone, unset, unknown)] == [True, True, True]


async def test_a_discord_that_is_down_is_tried_again(house: House, desk: Desk) -> None:
    """Cut connections, server errors and rate limits are no fault of the notice."""
    channel, path = ops(house, desk), rf"/channels/{house.ops_channel}/messages"
    house.sandbox.faults.refuse()
    with pytest.raises(DeliveryError) as cut:
        await channel.deliver(notice("message", "down-1", text="x"))

    house.sandbox.faults.accept()
    house.sandbox.faults.status(503, path)
    with pytest.raises(DeliveryError) as failing:
        await channel.deliver(notice("message", "down-2", text="x"))

    house.sandbox.faults.status(403, path)
    with pytest.raises(DeliveryError) as forbidden:
        await channel.deliver(notice("message", "down-3", text="x"))

    assert [error.value.permanent for error in (cut, failing, forbidden)] == [False, False, True]


async def test_a_send_that_hangs_is_given_up(house: House, desk: Desk) -> None:
    """Every call to Discord has a time limit, so that one target never holds up another."""
    hurried = OpsChannel(house.bot, desk, within=0.05)  # type: ignore[arg-type]  # answers what is asked of it
    house.sandbox.faults.latency(1.0)
    with pytest.raises(DeliveryError) as late:
        await hurried.deliver(notice("message", "slow-1", text="x"))

    assert not late.value.permanent
