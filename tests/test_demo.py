"""The demo, as a newcomer meets it: two days of it instead of thirty, its moods driven by hand."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from monitoring.model import HOUR
from monitoring.monitor import SETTLED
from monitoring.sandbox.demo import Demo
from monitoring.sandbox.ledger import Counts
from monitoring.window import Scope
from tests.conftest import Stage, on_stage, settings_for, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

KINDS = ("overview", "response times", "activity heatmap", "persona", "relationships", "banter", "resources")
COMMANDS: list[tuple[str, dict[str, Any], bool]] = [
    ("health", {}, False),
    ("health", {"service": "model"}, False),
    ("stats overview", {}, False),
    ("stats persona", {"name": "Nyx"}, True),
    ("stats relationships", {}, True),
    ("stats banter", {}, True),
    ("stats performance", {}, True),
    ("stats performance", {"persona": "Brine", "window": "7d"}, True),
    ("stats performance", {"service": "llm"}, True),
    *(("report", {"kind": kind, "window": "24h"}, kind != "persona") for kind in KINDS),
    ("report", {"kind": "persona", "persona": "Vesper"}, True),
    ("alerts active", {}, False),
    ("digest now", {}, False),
]


@dataclass(slots=True)
class Shown:
    """The demo with its bot."""

    demo: Demo
    stage: Stage

    def truth(self, window: str = "24h") -> Counts:
        """What the ledger knows of that window, were it asked now."""
        asked, ledger = self.stage.monitor.window(window), self.demo.ledger
        # What is decided by now: the traffic's own time stands still until it plays.
        ledger.now = max(ledger.now, self.stage.monitor.clock.now() - SETTLED)
        return ledger.counts(asked.start, asked.end)

    async def agrees(self, command: str, options: dict[str, Any], say: Callable[[Counts], str]) -> None:
        """What the ledger says (before or after a minute went by meanwhile) is in the answer's words."""
        world = self.demo.world
        before = say(self.truth())
        answer = await self.stage.command(world.owner_id, world.ops_channel.id, command, options)
        text = str(answer.message["embeds"][0]).replace("\\xa0", " ").replace("\u00a0", " ")
        assert before in text or say(self.truth()) in text, f"{before!r} is not in {text}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shown(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shown]:
    """The demo after its history, before its live traffic."""
    async with Demo(days=2) as demo:
        guild = demo.world.guilds[0]
        settings = settings_for(
            demo.sandbox,
            tmp_path_factory.mktemp("demo") / "store.sqlite3",
            alert_discord_channel_id=demo.world.ops_channel.id,
            operator_role_ids=(guild.roles["monitoring-operator"],),
            viewer_role_ids=(guild.roles["monitoring-viewer"],),
            ping_role_ids=(guild.roles["monitoring-operator"],),
            probe_http=(f"model={demo.model_url}",),
            probe_interval_seconds=1,
            # The machine that runs the tests may be as busy as it likes.
            alert_cpu_percent=100,
            alert_memory_percent=100,
            alert_disk_percent=100,
        )
        async with on_stage(demo.sandbox, settings, demo.prepare) as stage:
            async with stage.monitor.instruments.operation("llm", "llm_inference", persona="Nyx", local=True):
                pass

            await stage.monitor.recorder.flush()
            await stage.monitor._notice_names()
            await stage.monitor.rounds.ask_all()
            assert {"llm", "model", "discord", "store"} <= set(stage.monitor.service_names())
            yield Shown(demo, stage)
            await demo.pause()


@pytest.mark.parametrize(("name", "options", "picture"), COMMANDS, ids=lambda value: str(value)[:40])
async def test_every_command_answers(shown: Shown, name: str, options: dict[str, Any], picture: bool) -> None:
    """For the owner, taken by Discord, with a chart where one belongs, the first word within Discord's 3 s."""
    world, sandbox = shown.demo.world, shown.demo.sandbox
    answer = await shown.stage.command(world.owner_id, world.ops_channel.id, name, options)
    assert answer.message["embeds"][0]["title"]
    assert "No data" not in answer.message["embeds"][0]["title"]
    assert bool(sandbox.files(answer.message)) >= picture
    assert answer.first_ms is not None
    assert answer.first_ms < 3000


async def test_f15_the_answers_agree_with_the_ledger(shown: Shown) -> None:
    """Messages, users, exchanges, tokens and answers are those that the traffic meant, to the last one."""
    await shown.agrees(
        "stats overview", {}, lambda true: f"{sum(true.persona_messages.values()):,} messages by 6 personas"
    )
    await shown.agrees("stats banter", {}, lambda true: f"{true.exchanges:,} exchanges")
    for persona in ("Nyx", "Vesper"):
        await shown.agrees(
            "stats persona",
            {"name": persona, "window": "24h"},
            lambda true, who=persona: f", {true.persona_messages[who]:,} messages. ",  # type: ignore[misc]
        )


async def test_f15_conversations_agree_with_the_ledger(shown: Shown) -> None:
    """Their number, their mean length, and in how many a user asked on."""
    await shown.agrees("stats conversations", {}, lambda true: f"**{true.conversations.number:,}**")
    await shown.agrees(
        "stats conversations",
        {},
        lambda true: f"**{true.conversations.messages / true.conversations.number:.1f}** messages",
    )
    value = await shown.stage.monitor.audience.conversations(shown.stage.monitor.window("24h"), Scope(None))
    truth = shown.truth().conversations
    assert value.follow_up.value == pytest.approx(truth.follow_ups / truth.number, abs=0.01)
    assert value.duration.value == pytest.approx(truth.seconds / truth.number, rel=0.02)


async def test_a_guild_sees_its_own_figures_only(shown: Shown) -> None:
    """The manager of the other guild gets fewer messages than the owner in the ops guild."""
    world = shown.demo.world
    other = world.guilds[1]
    juno = next(person.id for person in world.people if person.name == "juno")
    whole = await shown.stage.command(world.owner_id, world.ops_channel.id, "stats overview")
    part = await shown.stage.command(juno, other.channels[0].id, "stats overview")
    assert 0 < _messages(part.message) < _messages(whole.message)


def _messages(message: dict[str, Any]) -> int:
    found = re.match(r"([\d,]+)", message["embeds"][0]["title"])
    assert found, message["embeds"][0]
    return int(found[1].replace(",", ""))


async def test_an_incident_opens_is_taken_and_recovers_by_edit(shown: Shown) -> None:
    """The model fails: one message, pinging the operators once; a click; well again: the same message says so."""
    demo, stage = shown.demo, shown.stage
    world, sandbox, monitor = demo.world, demo.sandbox, stage.monitor
    kira = next(person.id for person in world.people if person.name == "kira")
    tomasz = next(person.id for person in world.people if person.name == "tomasz")
    ops = world.ops_channel.id

    def cards() -> list[dict[str, Any]]:
        return [one for one in sandbox.messages(ops) if "mon:inc:" in str(one["components"])]

    demo._model.fail()
    for _ in range(3):
        await monitor.rounds.ask_all()

    await monitor.watch.tick()
    await until("the incident", cards)
    (card,) = cards()
    assert card["embeds"][0]["title"].startswith("🟥 Open, critical")
    roles = [role for ping in sandbox.pings if ping.channel_id == ops for role in ping.roles]
    assert roles == [world.guilds[0].roles["monitoring-operator"]]

    button = card["components"][0]["components"][0]["custom_id"]
    refused = await sandbox.click(kira, card["id"], button)
    assert refused.ephemeral, "a viewer may not"
    taken = await sandbox.click(tomasz, card["id"], button)
    assert taken.error is None
    assert cards()[0]["embeds"][0]["title"].startswith("👤 Acknowledged")

    demo._model.fail(False)
    for ahead in (0, 31, 31):
        stage.clock.ahead += ahead
        await monitor.rounds.ask_all()
        await monitor.watch.tick()

    await until("the recovery", lambda: cards()[0]["embeds"][0]["title"].startswith("🟢 Resolved"))
    (over,) = cards()
    assert over["id"] == card["id"]
    assert over["edited_timestamp"]
    assert len([ping for ping in sandbox.pings if ping.channel_id == ops]) == 1, "the recovery is silent"


async def test_live_traffic_is_heard(shown: Shown) -> None:
    """What people and personas say from now on is recorded through the real client."""
    demo, monitor = shown.demo, shown.stage.monitor
    before = len(demo.ledger.asked)
    demo.play(monitor)
    await until("somebody who says something", lambda: len(demo.ledger.asked) > before, 15)
    newest = max(demo.ledger.asked)
    await monitor.recorder.flush()
    now = monitor.clock.now()
    assert newest in {row.id for row in await monitor.store.messages(now - HOUR, now + HOUR)}
    await demo.pause()
