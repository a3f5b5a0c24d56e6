"""The whole bot: its ops channel closed, opened again and deleted, with somebody else to tell (F5)."""

from __future__ import annotations

import json

import pytest

from monitoring.incident import Notice
from monitoring.notify.courier import Desk
from monitoring.notify.json_webhook import JsonWebhook
from monitoring.notify.news import News, news_of
from tests.conftest import Stage, until

from .receiver import Receiver, receiver

pytestmark = pytest.mark.asyncio(loop_scope="module")


def said(place: Receiver) -> list[str]:
    """What the other place was told."""
    return [json.loads(body)["message"] for _, body in place.came]


async def test_who_is_told_is_said(stage: Stage) -> None:
    """In one sentence, for the console at the start."""
    assert stage.monitor.who_is_told() == "Notices go to the ops channel; where that fails: console."


async def test_f5_a_lost_permission_and_a_deleted_channel_are_said_elsewhere(stage: Stage) -> None:
    """With what was refused; once the channel takes notices again, that is said too."""
    monitor, sandbox = stage.monitor, stage.sandbox

    async def read(notice: Notice) -> News:
        return news_of(notice, "UTC")

    async with receiver() as place:
        ops = monitor.ops_channel_id
        assert ops is not None
        pager = JsonWebhook("pager", "fallback", Desk(read, monitor.clock, "UTC"), place.url)
        monitor.add_notifier(pager)
        bot = stage.bot.user
        assert bot is not None
        sandbox.overwrite(ops, bot.id, deny=["send_messages"])
        monitor.tell("The moon is full.")
        await until("the other place", lambda: len(place.came) >= 2, 20)
        assert "Notices no longer reach discord: Discord answered 403 (50013)" in " ".join(said(place))
        assert "🔌 The moon is full" in said(place)
        assert any(problem.startswith("Notices do not reach discord: ") for problem in monitor.problems)

        sandbox.overwrite(ops, bot.id, allow=["send_messages"])
        monitor.outbox.again("discord")
        monitor.tell("The moon is new.")
        await until("word that it is well", lambda: "🔌 Notices reach discord again" in said(place), 20)
        assert not [problem for problem in monitor.problems if problem.startswith("Notices do not reach")]
        assert "🔌 The moon is new" not in said(place)

        sandbox.remove_channel(sandbox.state.channel(ops))
        monitor.tell("The sun is gone.")
        await until("the other place", lambda: "🔌 The sun is gone" in said(place), 20)
        await until("why", lambda: "the channel is gone" in " ".join(said(place)), 20)
        found = dict(await monitor.test_notifiers())
        assert found["pager"] == found["console"] == ""
        assert "the channel is gone" in found["discord"]
        monitor.notifiers.pop("pager")


async def test_the_address_of_a_message_is_known_by_the_bot(stage: Stage) -> None:
    """Of a channel that it sees."""
    channel = next(iter(stage.bot.guilds[0].text_channels))
    link = stage.monitor.message_link(channel.id, 5)
    assert link == f"https://discord.com/channels/{stage.bot.guilds[0].id}/{channel.id}/5"
    assert stage.monitor.message_link(1, 5) == ""
