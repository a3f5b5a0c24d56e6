"""`/digest`: when digests go out, a limit that is tried, and the message that shows how things stand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from cogs._digest_pages import DigestReport, DigestWhy
from cogs._rule_forms import TryLimit
from cogs._status_message import AGAIN, EVERY, StatusBoard
from cogs._views import view

from .conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def asked(house: House, name: str, **options: Any) -> dict[str, Any]:
    """The embed that the owner is shown."""
    answer = await house.sandbox.command(house.people["owner"], house.talk, name, options)
    assert answer.error is None, answer.error
    embed: dict[str, Any] = answer.message["embeds"][0]
    return embed


def fields(embed: dict[str, Any]) -> dict[str, str]:
    """Values by name, with plain spaces."""
    return {field["name"]: field["value"].replace("\u00a0", " ") for field in embed.get("fields", [])}


async def test_the_schedule_is_shown_changed_and_remembered(house: House) -> None:
    """Without a restart; what makes no sense is said in words, and changes nothing."""
    shown = fields(await asked(house, "digest schedule"))
    assert shown["Daily"].startswith("Every day at **09:00**, about the day before. Next: <t:")
    assert shown["Weekly"].startswith("**Monday** at **09:00**")

    changed = fields(await asked(house, "digest schedule", time="7:30", weekly="off"))
    assert changed["Daily"].startswith("Every day at **07:30**")
    assert changed["Weekly"] == "Off"
    assert (await house.monitor.digests.timetable()).daily_time == "07:30"

    wrong = await asked(house, "digest schedule", time="9 pm")
    assert wrong["title"] == "Nothing was changed"
    assert wrong["description"] == "“9 pm” is no time of day: write it as 09:00, from 00:00 to 23:59."
    assert (await house.monitor.digests.timetable()).daily_time == "07:30"

    back = fields(await asked(house, "digest schedule", daily="off", weekly="friday", weekly_time="18:00"))
    assert (back["Daily"], back["Weekly"].split(",")[0]) == ("Off", "**Friday** at **18:00**")


async def test_a_digest_of_the_week_can_be_asked_for(house: House) -> None:
    """It comes to the ops channel, marked by its week."""
    before = len(house.sandbox.messages(house.ops_channel))
    await asked(house, "digest now", kind="weekly")
    await house.until("the digest", lambda: len(house.sandbox.messages(house.ops_channel)) > before)
    assert house.sandbox.messages(house.ops_channel)[-1]["embeds"][0]["title"].startswith("Week ")


async def test_the_proposed_limit_is_tried_by_its_button(house: House) -> None:
    """It is rehearsed first; armed, the rule has it, and its recovery limit moves along."""
    custom_id = "mon:rule:error_rate:try:0.08"
    below = view(TryLimit(custom_id, label="Try 8 %"))
    message = await house.bot.get_partial_messageable(house.ops_channel).send("x", view=below)
    before = house.monitor.rules.get("error_rate")
    answer = await house.sandbox.click(house.people["operator"], message.id, custom_id, timeout=30)
    assert answer.ephemeral
    assert house.monitor.rules.get("error_rate") == before

    arm = next(button["custom_id"] for button in answer.message["components"][0]["components"])
    await house.sandbox.click(house.people["operator"], answer.message["id"], arm)
    rule = house.monitor.rules.get("error_rate")
    assert rule.above == 0.08
    assert before.recovery is not None
    assert before.above is not None
    assert rule.recovery == pytest.approx(before.recovery * 0.08 / before.above)
    refused = await house.sandbox.click(house.people["viewer"], message.id, custom_id)
    assert refused.message["content"].startswith("That is not here")


async def test_the_buttons_of_a_digest_lead_on_for_the_one_who_asks(house: House) -> None:
    """To the causes and to everything as one file; an id with a date that never was reads like nothing there."""
    ids = ("mon:digest:day:2026-03-11:why:p95", "mon:digest:week:2026-03-08:report", "mon:digest:day:2026-02-30:report")
    kinds = (DigestWhy, DigestReport, DigestReport)
    below = view(*(kind(custom_id, label="x") for kind, custom_id in zip(kinds, ids, strict=True)))
    message = await house.bot.get_partial_messageable(house.ops_channel).send("x", view=below)
    why, report, nothing = [await _pressed(house, message.id, custom_id) for custom_id in ids]

    assert why["embeds"][0]["description"].startswith("It takes at least ten answers")
    assert [name.rpartition("-20")[0] for name in house.sandbox.files(report)][-1] == "report-week"
    assert nothing["content"].startswith("That is not here")


async def _pressed(house: House, message_id: int, custom_id: str) -> Any:
    house.clock.ahead += 11
    answer = await house.sandbox.click(house.people["owner"], message_id, custom_id, timeout=30)
    assert answer.ephemeral
    return answer.message


class Counting:
    """What the stand-in was asked to do with the status message."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.before = len(house.sandbox.messages(house.ops_channel))

    @property
    def messages(self) -> list[Any]:
        """New messages of the ops channel."""
        return list(self.house.sandbox.messages(self.house.ops_channel))[self.before :]


@pytest_asyncio.fixture(loop_scope="module")
async def board(house: House) -> AsyncIterator[StatusBoard]:
    """One of our own, while that of the cog rests."""
    # By name: modules that load and unload the cogs have made the class anew.
    cog: Any = house.bot.get_cog("Greenroom digest")
    assert type(cog).__name__ == "Digests"
    assert cog._board is not None
    await cog._board.close()
    made = StatusBoard(house.bot, house.monitor)
    yield made
    house.sandbox.faults.clear()
    await made.turn(on=False)


async def test_the_status_message_is_one_and_is_edited_only_when_something_changed(
    house: House, board: StatusBoard
) -> None:
    """Unwanted, nothing comes; wanted, one message; an equal one is no edit; a deleted one is made anew."""
    seen = Counting(house)
    assert await board.step() == EVERY
    assert seen.messages == []

    await board.turn(on=True)
    await board.step()
    (first,) = seen.messages
    assert first["embeds"][0]["footer"]["text"].startswith("Last hour")
    edited = first.get("edited_timestamp")
    await board.step()
    assert seen.messages[0].get("edited_timestamp") == edited

    again = StatusBoard(house.bot, house.monitor)
    await again.step()
    assert [one["id"] for one in seen.messages] == [first["id"]], "a restart finds its message again"
    assert seen.messages[0]["edited_timestamp"] is not None

    await house.sandbox.delete(house.ops_channel, int(first["id"]))
    fresh = StatusBoard(house.bot, house.monitor)
    await fresh.step()
    assert len(seen.messages) == 1
    assert seen.messages[0]["id"] != first["id"]

    await board.turn(on=False)
    assert seen.messages == []
    assert await board.step() == EVERY
    assert seen.messages == []


async def test_a_lost_permission_stops_the_status_message_with_one_line(house: House, board: StatusBoard) -> None:
    """Said once, tried seldom, and taken back when it works again."""
    monitor = house.monitor
    await board.turn(on=True)
    channel = monitor.settings.alert_discord_channel_id
    monitor.settings.__dict__["alert_discord_channel_id"] = 1
    try:
        assert await board.step() == AGAIN
        assert await board.step() == AGAIN
    finally:
        monitor.settings.__dict__["alert_discord_channel_id"] = channel

    said = [problem for problem in monitor.problems if problem.startswith("The status message cannot be kept")]
    assert len(said) == 1
    assert await board.step() == EVERY
    assert not [problem for problem in monitor.problems if problem.startswith("The status message")]
