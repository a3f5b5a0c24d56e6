"""Every kind of caller in the table of who may do what, and interactions as Discord would send them for each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
import pytest

from cogs._embeds import REFUSAL
from cogs._permissions import Level
from monitoring.monitor import Monitor
from monitoring.sandbox import Sandbox
from monitoring.sandbox.interactions import Interaction
from monitoring.sandbox.post import Draft
from monitoring.sandbox.refusals import JSON
from monitoring.sandbox.responses import MESSAGE

from .conftest import Host, House, PatientClock, build
from .test_loading import online
from .things import Thing

WITHIN = 30.0
"""Seconds for many answers at once, whatever else the machine does."""

CALLERS: tuple[tuple[str, Level, str, str, str], ...] = (
    ("the application's owner, in the ops guild", Level.OWNER, "owner", "ops", "0"),
    ("admin of the owning team, in the ops guild", Level.OWNER, "admin", "ops", "0"),
    ("developer of the owning team, in the ops guild", Level.OWNER, "developer", "ops", "0"),
    ("configured owner id, in the ops guild", Level.OWNER, "configured", "ops", "0"),
    ("operator role, in the ops guild", Level.OPERATOR, "operator", "ops", "0"),
    ("Manage Guild in the ops guild", Level.OPERATOR, "manager", "ops", "0"),
    ("Administrator in the ops guild, no owner", Level.OPERATOR, "boss", "ops", "0"),
    ("viewer role", Level.VIEWER, "viewer", "ops", "0"),
    ("Manage Guild in another guild", Level.VIEWER, "manager", "other", "0"),
    ("Administrator in another guild", Level.VIEWER, "boss", "other", "0"),
    ("owner of another guild", Level.VIEWER, "lord", "other", "0"),
    ("member", Level.MEMBER, "member", "ops", "0"),
    ("read-only in the owning team", Level.MEMBER, "reader", "ops", "0"),
    ("invited to the owning team", Level.MEMBER, "invited", "ops", "0"),
    ("operator role, taken away a second ago", Level.MEMBER, "former operator", "ops", "0"),
    ("viewer role, taken away a second ago", Level.MEMBER, "former viewer", "ops", "0"),
    ("Manage Guild, taken away a second ago", Level.MEMBER, "former manager", "ops", "0"),
    ("the application's owner, in another guild", Level.MEMBER, "owner", "other", "0"),
    ("operator of the ops guild, in another guild", Level.MEMBER, "operator", "other", "0"),
    ("viewer of the ops guild, in another guild", Level.MEMBER, "viewer", "other", "0"),
    ("the application's owner, in private", Level.STRANGER, "owner", "private", "0"),
    ("user install, in a guild of one's own", Level.STRANGER, "owner", "foreign", "1"),
)
"""Who, what they may do, whose account it is, where they ask, and by an install of a guild (0) or a user (1)."""
CALLED = [(called, level) for called, level, *_ in CALLERS]


@dataclass(frozen=True)
class Caller:
    """Somebody somewhere, and what they may do there."""

    called: str
    """As the page of permissions says it."""
    level: Level
    user: int
    place: str = "ops"
    """The key of a channel: ops, other, private, foreign."""
    install: str = "0"
    """The kind of installation that it comes by: 0 of a guild, 1 of a user."""


@dataclass
class Crowd:
    """A house with everybody in it, and a place for each to ask from."""

    house: House
    callers: list[Caller]
    places: dict[str, int]

    def caller(self, called: str) -> Caller:
        """One of them."""
        return next(one for one in self.callers if one.called == called)

    def ask(self, caller: Caller, kind: int, data: JSON, source: int | None = None) -> Interaction:
        """Send an interaction as Discord would; what becomes of it is seen in what is given back."""
        sandbox = self.house.sandbox
        channel = sandbox.state.channel(self.places[caller.place])
        asked = sandbox.interactions.open(kind, caller.user, channel, data, name="x", source=source)
        shelved = None if source is None else sandbox.shelves.get(source)
        message = None if shelved is None else sandbox.post.serve(shelved)
        payload = sandbox.interactions.payload(asked, message)
        if caller.install == "1":
            payload["authorizing_integration_owners"] = {"1": str(caller.user)}

        sandbox.gateway.dispatch("INTERACTION_CREATE", payload)
        return asked

    def under(self, caller: Caller, component: JSON) -> int:
        """A new message of the bot's with this component, where the caller is."""
        sandbox = self.house.sandbox
        author = sandbox.state.user(sandbox.bot_user_id)
        channel = sandbox.state.channel(self.places[caller.place])
        payload = {"content": "x", "components": [{"type": 1, "components": [component]}]}
        return int(sandbox.post.write(Draft(channel, author, payload, silent_history=True))["id"])

    def use(self, caller: Caller, thing: Thing) -> Interaction:
        """Use a thing, which of a button or menu means one under a new message."""
        source = self.under(caller, thing.component) if thing.component else None
        return self.ask(caller, thing.kind, thing.data, source)

    def turned_away(self, asked: Interaction) -> bool:
        """Whether the door stayed shut; after a deferral the same words say that what was asked for is not there."""
        return self.said(asked) == (REFUSAL, True) and asked.response == MESSAGE

    def said(self, asked: Interaction) -> tuple[str, bool]:
        """What was shown, and whether only to the one who asked; empty while it is awaited."""
        shelves = self.house.sandbox.shelves
        message = None if asked.shown is None else shelves.get(asked.shown)
        return (message["content"], shelves.only_for(int(message["id"])) == asked.user_id) if message else ("", False)


async def answered(asked: list[Interaction]) -> None:
    """Wait until every one of them has what people would see."""
    try:
        async with asyncio.timeout(WITHIN):
            for one in asked:
                await one.done.wait()
    except TimeoutError:
        pytest.fail(f"nobody answered {[one.data for one in asked if not one.done.is_set()]}")


@asynccontextmanager
async def crowd(
    sandbox: Sandbox, folder: Path, *, started: bool, clock: PatientClock | None = None, ops: bool = True
) -> AsyncIterator[Crowd]:
    """Our bot among them; its store stays closed unless started, so that what is allowed is soon answered.

    Without `ops`, no ops channel is chosen yet.
    """
    house = build(sandbox, folder / "store.sqlite3")
    house.clock = clock or house.clock
    owner_id = sandbox.add_user("configured")
    house.people["configured"] = owner_id
    more: dict[str, object] = {"owner_ids": (owner_id,), "persona_names": ("Scav",)}
    more |= {} if ops else {"alert_discord_channel_id": None}
    settings = house.monitor.settings.model_copy(update=more)
    house.monitor = Monitor(settings, clock=house.clock)
    house.bot = Host(house.monitor, owns_tree=True)
    sandbox.team = _team(house)
    made = Crowd(house, _callers(house), _places(house))
    if started:
        await house.monitor.start()

    async with online(sandbox, house.bot) as bot:
        await bot.load_extension("cogs")
        if started:
            await house.until("the commands", lambda: sandbox.commands.listed(None))
            for command in sandbox.commands.listed(None):
                command["default_member_permissions"] = None

        yield made

    sandbox.team = None
    await house.monitor.close()


def _places(house: House) -> dict[str, int]:
    foreign = house.sandbox.add_guild("Without the bot", house.people["owner"])
    channel = house.sandbox.add_channel(foreign, "general")
    house.sandbox.state.guild(foreign).members.pop(house.sandbox.bot_user_id)
    house.sandbox.state.guild(foreign).has_bot = False
    private = house.sandbox.direct_channel(house.people["owner"])
    return {"ops": house.talk, "other": house.other_channel, "private": private, "foreign": channel}


def _team(house: House) -> JSON:
    """The application is of a team, of which the owner is one."""
    owner = house.people["owner"]
    house.people |= {name: house.sandbox.add_user(name) for name in ("admin", "developer", "reader", "invited")}
    roles = {"owner": "admin", "admin": "admin", "developer": "developer", "reader": "read_only", "invited": "admin"}
    members = [
        {
            "membership_state": 1 if name == "invited" else 2,
            "permissions": ["*"],
            "role": role,
            "team_id": "1",
            "user": house.sandbox.state.user(house.people[name]),
        }
        for name, role in roles.items()
    ]
    return {"id": "1", "icon": None, "name": "Team", "owner_user_id": str(owner), "members": members}


def _callers(house: House) -> list[Caller]:
    sandbox, people, ops, other = house.sandbox, house.people, house.ops, house.other
    for name in ("configured", "admin", "developer", "reader", "invited"):
        sandbox.add_member(ops, people[name])

    bosses = {guild: sandbox.add_role(guild, "administrator", ["administrator"]) for guild in (ops, other)}
    people["boss"] = sandbox.add_user("administrator")
    for guild, role in bosses.items():
        sandbox.add_member(guild, people["boss"], [role])

    sandbox.add_member(other, people["viewer"])
    for name in ("operator", "viewer", "manager"):
        held = sandbox.state.guild(ops).members[people[name]]["roles"]
        people[f"former {name}"] = sandbox.add_user(f"former {name}")
        sandbox.add_member(ops, people[f"former {name}"], held)

    people["lord"] = int(sandbox.state.guild(other).base["owner_id"])
    return [Caller(called, level, people[who], place, install) for called, level, who, place, install in CALLERS]


def take_roles_away(house: House) -> None:
    """From those who just had them; the bot's cache still has them, as without the members intent nobody tells it."""
    guild = house.bot.get_guild(house.ops)
    assert guild is not None
    for name in ("former operator", "former viewer", "former manager"):
        data: Any = house.sandbox.state.guild(house.ops).members[house.people[name]]
        guild._add_member(discord.Member(data=data, guild=guild, state=house.bot._connection))
        house.sandbox.add_member(house.ops, house.people[name])
        cached = guild.get_member(house.people[name])
        assert cached is not None
        assert len(cached.roles) == 2, "the cache has the role still"
