"""An ops channel that is gone, or takes nothing: another place is told of the incident, and that it had to be."""

from __future__ import annotations

import pytest

from monitoring.incident import Notice
from monitoring.model import SECOND, OperationDone

from .conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Pager:
    """Stands in where Discord does not take a notice."""

    name = "pager"
    kind = "fallback"

    def __init__(self) -> None:
        self.told: list[Notice] = []

    async def deliver(self, notice: Notice) -> None:
        """Take it."""
        self.told.append(notice)

    async def test(self) -> None:
        """Works."""


async def slow(house: House, duration: float) -> None:
    """Reported answers of the last minute, all as slow; then the rules are judged."""
    now = house.clock.now()
    for i in range(30):
        house.monitor.recorder.record(
            OperationDone("bot", "response", now - i * SECOND, duration, persona="Scav", guild_id=house.ops)
        )

    await house.monitor.recorder.flush()
    await house.monitor.watch.tick()


async def test_f12_what_a_lost_ops_channel_does_not_take_others_are_told(house: House) -> None:
    """First the permission, then the channel: the incident reaches the pager, with why it is told there."""
    pager = Pager()
    house.monitor.add_notifier(pager)
    bot = house.bot.user
    assert bot is not None
    house.sandbox.overwrite(house.ops_channel, bot.id, deny=["view_channel", "send_messages"])
    await slow(house, 7.0)
    await house.until("the pager", lambda: {"incident", "message"} <= {one.kind for one in pager.told}, 10)

    said = [str(one.body.get("text")) for one in pager.told if one.kind == "message"]
    assert said[0].startswith("Notices no longer reach discord: Discord answered 403")
    assert any("Notices do not reach discord" in problem for problem in house.monitor.problems)

    house.sandbox.delete_channel(house.ops_channel)
    number = (await house.monitor.incidents())[0].number
    await house.monitor.rules.enable("response_time", False)
    await house.monitor.watch.tick()
    await house.until("the end", lambda: any(one.kind == "recovery" for one in pager.told), 10)
    assert {one.subject for one in pager.told if one.kind in ("incident", "recovery")} == {str(number)}
