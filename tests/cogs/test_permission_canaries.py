"""No guild is shown another's names or numbers: what a viewer sees is the same, whatever happens elsewhere."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from cogs._permissions import POLICY
from monitoring.model import MINUTE, CommandRan, ErrorKind, Instant
from monitoring.monitor import Monitor
from monitoring.questions.full_report import full_report
from monitoring.sandbox import Sandbox
from monitoring.sandbox.interactions import AUTOCOMPLETE, COMMAND, Interaction
from monitoring.window import Scope

from .callers import Caller, Crowd, answered, crowd
from .conftest import PatientClock
from .things import Thing, things

pytestmark = pytest.mark.asyncio(loop_scope="module")
HERE, THERE = "Scav", "Bravo"
"""Beginnings of all names: of the guild whose viewer looks, and of the other."""
OF_THE_BOT = ("health", "uptime", "slo", '"value": "overview"')
"""Pages about the bot's services too, which are the same for all guilds; names of a guild are not among them either."""
SLOW = ("full",)
"""Reports that are looked at as what they are drawn of."""


class StillClock(PatientClock):
    """Stands at the moment it was made, so that two answers tell the same time; only waiting moves on."""

    def __init__(self) -> None:
        self.at = super().now()

    def now(self) -> Instant:
        """UTC milliseconds."""
        return self.at


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lively(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crowd]:
    """Everybody, with half an hour of life in the ops guild."""
    async with crowd(sandbox, tmp_path_factory.mktemp("canary"), started=True, clock=StillClock()) as made:
        # Who looks is recorded too, and would be seen by whoever looks next.
        listeners: Any = made.house.bot.get_cog("Greenroom listeners")
        for name in ("on_interaction", "on_app_command_completion"):
            made.house.bot.remove_listener(getattr(listeners, name), name)

        await _live(made, made.house.ops, HERE)
        _settle(made)
        await made.house.monitor.recorder.flush()
        yield made


async def test_what_a_viewer_sees_does_not_depend_on_other_guilds(lively: Crowd) -> None:
    """Every page, chart, alt text and suggestion is as before, to the last byte, after much happened elsewhere."""
    viewer = lively.caller("viewer role")
    before = await _everything_seen(lively, viewer)
    await _live(lively, lively.house.other, THERE)
    after = await _everything_seen(lively, viewer)

    assert THERE not in json.dumps(after)
    assert HERE in json.dumps(after)
    own = [thing for thing in before if not any(one in thing for one in OF_THE_BOT)]
    different = [thing for thing in own if before[thing] != after[thing]]
    assert different == [], "\n".join(_differences(before[one], after[one]) for one in different)


async def test_an_owners_page_gives_nothing_more_to_a_viewer(lively: Crowd) -> None:
    """Its menus name personas of all guilds; whoever presses sees what is theirs."""
    owner, viewer = lively.callers[0], lively.caller("viewer role")
    sandbox = lively.house.sandbox
    page = await sandbox.command(owner.user, lively.house.talk, "report", {"kind": "persona", "window": "24h"})
    options = page.message["components"][0]["components"][0]["options"]
    there = next(one["value"] for one in options if one["value"].startswith(THERE))
    pressed = await sandbox.select(viewer.user, page.message["id"], "mon:stats:persona:24h", [there])
    assert THERE not in json.dumps(pressed.message["content"])
    assert pressed.ephemeral


async def test_the_full_report_of_a_guild_is_of_it_alone(lively: Crowd) -> None:
    """Every page of it, as it is drawn."""
    monitor = lively.house.monitor
    window, here = monitor.window("24h"), Scope(lively.house.ops)
    report = await full_report(monitor, window, here, of="Ops", host=False, named=lambda value: value)
    assert HERE in repr(report)
    assert THERE not in repr(report)


def _differences(before: Any, after: Any) -> str:
    texts = (json.dumps(one, indent=1, ensure_ascii=False).split("\n") for one in (before, after))
    return "\n".join(difflib.unified_diff(*texts, n=1))


async def _everything_seen(lively: Crowd, viewer: Caller) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for thing in _visible(lively, viewer):
        lively.house.clock.ahead += 60
        asked = lively.use(viewer, thing)
        await answered([asked])
        seen[f"{thing.policy} {json.dumps(thing.data)}"] = _shown(lively, asked)

    return seen


def _visible(lively: Crowd, viewer: Caller) -> list[Thing]:
    found = []
    for thing in things(lively.house.bot.tree):
        slow = thing.kind == COMMAND and any(f'"{one}"' in json.dumps(thing.data) for one in SLOW)
        if POLICY[thing.policy] <= viewer.level and not slow and thing.policy != "digest:report":
            found.append(thing)

    return found


def _shown(lively: Crowd, asked: Interaction) -> Any:
    """All that somebody sees of an answer, without what differs from one message to the next."""
    if asked.kind == AUTOCOMPLETE:
        return asked.choices

    sandbox = lively.house.sandbox
    if asked.shown is None:
        return "taken back: it is not there"

    message = sandbox.message(asked.shown)
    kept = {name: message[name] for name in ("content", "embeds", "components")}
    alts = [one.get("description") for one in message["attachments"]]
    files = sorted(hash(data) for data in sandbox.files(asked.shown).values())
    text = re.sub(r"https?://[^\"]*|[0-9a-f-]{8,}\.png", "…", json.dumps([kept, alts]))
    return json.loads(text), files


async def _live(lively: Crowd, guild: int, name: str) -> None:
    """People, personas, models, features, services, commands, scenarios, failures: all of a guild, all so named."""
    house = lively.house
    sandbox, monitor = house.sandbox, house.monitor
    channel = sandbox.add_channel(guild, f"{name.lower()}-channel")
    hook = sandbox.add_webhook(channel, f"{name} hook")
    people = [sandbox.add_user(f"{name} user {i}") for i in range(4)]
    for user in people:
        sandbox.add_member(guild, user)

    for i in range(24):
        asked = await sandbox.say(channel, people[i % 4], f"{name}, what of the {name.lower()}berries? 😀")
        first = await sandbox.persona_say(hook, name, f"the {name.lower()}berries are good", reference=asked)
        last = await sandbox.persona_say(hook, f"{name} two", "no, they are not", reference=first)
        await sandbox.react(channel, first, people[i % 4], "👍" if i % 3 else "👎")
        _work(monitor, guild, channel, name, i)

    _told(monitor, guild, name)
    for user in people:
        ran = CommandRan(f"{name.lower()}-cmd", "slash", guild, channel, user, monitor.clock.now() - MINUTE, 0.2)
        monitor.recorder.record(ran)

    await house.until("the last message", lambda: house.bot.cached_messages[-1].id == int(last))
    await house.until("the personas", lambda: f"{name} two" in monitor.registry.names())
    await monitor.recorder.flush()
    await monitor.roster.update()


def _settle(lively: Crowd) -> None:
    """Let time pass: who answered whom is known for good only after minutes."""
    clock = lively.house.clock
    assert isinstance(clock, StillClock)
    clock.at += 10 * MINUTE
    clock.ahead += 600


def _work(monitor: Monitor, guild: int, channel: int, name: str, i: int) -> None:
    of = {"persona": name, "guild_id": guild, "channel_id": channel, "feature": f"{name} feature"}
    at = monitor.clock.now() - (i + 1) * MINUTE
    seconds = 3.0 if name == THERE else 1.0
    record = monitor.instruments.record_operation
    error = ErrorKind.TIMEOUT if i % 8 == 0 else None
    record("bot", "response", seconds + 1, at=at, variant=f"{name} variant {i % 2}", **of)
    record(
        "llm", "llm_inference", seconds, at=at, error=error, model=f"{name} model", prompt_tokens=400,
        completion_tokens=90, first_token=0.3, cost=0.01, variant=f"{name} variant {i % 2}", **of,
    )  # fmt: skip
    record("rag", f"{name} operation", 0.2, at=at, error=error, **of)


def _told(monitor: Monitor, guild: int, name: str) -> None:
    one = monitor.instruments.persona(name, guild)
    one.level(7)
    one.xp(700)
    one.milestone(f"{name} milestone")
    one.trait(f"{name} trait", 0.7)
    one.relationship(f"{name} two", affinity=0.6, stage=f"{name} stage")
    one.satisfaction(0.9, model=f"{name} model")
    one.scenario_started(f"{name} scenario")
    one.scenario_completed(f"{name} scenario", 60.0)
