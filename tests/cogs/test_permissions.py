"""Deny by default: each thing has a policy, and what somebody may is decided by what Discord sends with the click."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import discord
import pytest
from discord import app_commands

from cogs._digest_pages import ABOUT, LIMIT
from cogs._drafts import DRAFT
from cogs._embeds import REFUSAL
from cogs._permissions import POLICY, Level, level_of, may, scope_of
from cogs._rule_forms import LIMIT as LIMIT_OF_RULE
from cogs._rule_forms import RULE
from cogs._setup_pages import Picks
from cogs._views import PERSISTENT, Choice

from .conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEVELS = [
    ("owner", "ops", Level.OWNER),
    ("operator", "ops", Level.OPERATOR),
    ("manager", "ops", Level.OPERATOR),
    ("viewer", "ops", Level.VIEWER),
    ("member", "ops", Level.MEMBER),
    ("owner", "other", Level.MEMBER),
    ("operator", "other", Level.MEMBER),
    ("manager", "other", Level.VIEWER),
    ("member", "other", Level.MEMBER),
]
EXAMPLES = {
    r"mon:inc:(?P<number>\d{1,12}):ack": "mon:inc:7:ack",
    r"mon:inc:(?P<number>\d{1,12}):silence": "mon:inc:7:silence",
    r"mon:inc:(?P<number>\d{1,12}):silence:(?P<hours>1|8|24)h": "mon:inc:7:silence:8h",
    r"mon:inc:(?P<number>\d{1,12}):unsilence": "mon:inc:7:unsilence",
    r"mon:inc:(?P<number>\d{1,12}):details": "mon:inc:7:details",
    r"mon:inc:(?P<number>\d{1,12}):why": "mon:inc:7:why",
    r"mon:inc:(?P<number>\d{1,12}):why:(?P<figure>mean|errors)": "mon:inc:7:why:mean",
    rf"mon:rule:{RULE}:edit": "mon:rule:error_rate:edit",
    rf"mon:rule:{RULE}:(?P<way>on|off)": "mon:rule:error_rate:off",
    rf"mon:rule:{RULE}:try:{LIMIT_OF_RULE}": "mon:rule:error_rate:try:0.08",
    rf"mon:rule:{RULE}:use:{LIMIT_OF_RULE}": "mon:rule:error_rate:use:0.08",
    rf"mon:rule:{RULE}:rehearse": "mon:rule:error_rate:rehearse",
    rf"mon:rule:{RULE}:remove": "mon:rule:error_rate:remove",
    rf"mon:rule:{RULE}:remove:sure": "mon:rule:error_rate:remove:sure",
    rf"mon:rule:{RULE}:keep": "mon:rule:error_rate:keep",
    r"mon:rules:page:(?P<page>\d{1,3})": "mon:rules:page:1",
    rf"mon:draft:{DRAFT}:arm": "mon:draft:0123abcd:arm",
    rf"mon:draft:{DRAFT}:edit": "mon:draft:0123abcd:edit",
    rf"mon:draft:{DRAFT}:drop": "mon:draft:0123abcd:drop",
    rf"mon:window:{DRAFT}:edit": "mon:window:0123abcd:edit",
    r"mon:silence:(?P<silence>[\w-]{1,40}):end": "mon:silence:0123abcd:end",
    r"mon:history:(?P<days>\d{1,3}):(?P<rule>[\w-]{1,40}):(?P<page>\d{1,4})": "mon:history:7:-:1",
    r"mon:refresh:health": "mon:refresh:health",
    r"mon:health:service": "mon:health:service",
    rf"{ABOUT}:report": "mon:digest:day:2026-03-11:report",
    rf"{ABOUT}:why:(?P<figure>p95|errors)": "mon:digest:day:2026-03-11:why:p95",
    rf"mon:digest:rule:(?P<rule>[\w-]{{1,64}}):try:(?P<limit>{LIMIT})": "mon:digest:rule:error_rate:try:0.08",
}
OPTIONS: dict[str, dict[str, Any]] = {
    "digest status": {"state": "on"},
    "stats persona": {"name": "scav"},
    "report": {"kind": "overview"},
    "alerts silence": {"rule": "everything"},
    "alerts unsilence": {"silence": "incident 7"},
    "alerts set": {"rule": "error_rate"},
    "alerts rehearse": {"rule": "error_rate"},
}


def example(template: str) -> str:
    """An id that fits a template."""
    if template in EXAMPLES:
        return EXAMPLES[template]

    text = re.sub(r"\(\?P<about>all\|\[ps\]\[0-9a-f\]\{12\}\)", "all", template)
    text = re.sub(r"\(\?P<key>\[0-9a-f\]\{12\}\)", "0123456789ab", text)
    return re.sub(r"\(\?P<\w+>([\w-]+)(\|[\w-]+)*\)", r"\1", text)


def every_command(tree: app_commands.CommandTree[Any]) -> Iterator[app_commands.Command[Any, ..., Any]]:
    """All slash commands that can be used."""
    for command in tree.walk_commands():
        if isinstance(command, app_commands.Command):
            yield command


async def act(house: House, who: str, where: str) -> discord.Interaction[Any]:
    """A real interaction of somebody somewhere."""
    channel = house.talk if where == "ops" else house.other_channel
    heard = house.bot.wait_for("interaction", timeout=5)
    asked = house.sandbox.command(house.people[who], channel, "health", timeout=5)
    _, interaction = await asyncio.gather(asked, heard)
    return interaction


@pytest.mark.parametrize(("who", "where", "level"), LEVELS)
async def test_level(house: House, who: str, where: str, level: Level) -> None:
    """Operators and owners are such only in the ops guild; elsewhere Manage Guild makes viewers."""
    interaction = await act(house, who, where)

    assert level_of(interaction, house.monitor) is level
    assert {thing for thing in POLICY if may(interaction, house.monitor, thing)} == {
        thing for thing, needed in POLICY.items() if level >= needed
    }
    assert not may(interaction, house.monitor, "a thing without a policy")


async def test_whole_bot_figures_are_for_owners_in_the_ops_guild(house: House) -> None:
    """All others see their guild's."""
    assert scope_of(await act(house, "owner", "ops"), house.monitor).guild_id is None
    assert scope_of(await act(house, "manager", "ops"), house.monitor).guild_id == house.ops
    assert scope_of(await act(house, "manager", "other"), house.monitor).guild_id == house.other


async def test_every_command_and_autocomplete_has_a_policy(house: House) -> None:
    """A new command without one fails here."""
    for command in every_command(house.bot.tree):
        assert command.qualified_name in POLICY
        for parameter in command.parameters:
            if parameter.autocomplete:
                assert f"{command.qualified_name}.{parameter.name}" in POLICY


async def test_every_button_and_menu_has_a_policy() -> None:
    """And no two share an id."""
    assert all(kind.policy in POLICY for kind in PERSISTENT)
    ids = [example(kind.__discord_ui_compiled_template__.pattern) for kind in PERSISTENT]
    for custom_id in ids:
        assert sum(bool(kind.__discord_ui_compiled_template__.fullmatch(custom_id)) for kind in PERSISTENT) == 1


async def test_commands_are_for_guilds_and_hidden_by_default(house: House) -> None:
    """No DMs, no user installs; Manage Guild until an admin says otherwise, except for what is about oneself."""
    for command in house.bot.tree.get_commands():
        payload = command.to_dict(house.bot.tree)

        assert payload["contexts"] == [0]
        assert payload["integration_types"] == [0]
        hidden = None if command.name == "privacy" else discord.Permissions(manage_guild=True).value
        assert payload["default_member_permissions"] == hidden


async def test_every_command_refuses_a_member(house: House) -> None:
    """In the same words for all, and only to the one who asked; but one may see what is known of oneself."""
    for command in every_command(house.bot.tree):
        name = command.qualified_name
        if POLICY[name] is Level.MEMBER:
            continue

        answer = await house.sandbox.command(house.people["member"], house.talk, name, OPTIONS.get(name, {}))

        assert (answer.message.get("content"), answer.ephemeral) == (REFUSAL, True), name


async def test_every_autocomplete_is_silent_to_a_member(house: House) -> None:
    """Names are figures too."""
    for command in every_command(house.bot.tree):
        for parameter in command.parameters:
            if parameter.autocomplete:
                offered = await house.sandbox.autocomplete(
                    house.people["member"], house.talk, command.qualified_name, parameter.name, ""
                )
                assert offered == []

    services = await house.sandbox.autocomplete(house.people["viewer"], house.talk, "health", "service", "")
    assert [one["value"] for one in services] == house.monitor.service_names()


@pytest.mark.parametrize("kind", PERSISTENT, ids=lambda kind: kind.__name__)
async def test_every_button_and_menu_refuses_a_member(house: House, kind: Any) -> None:
    """Whoever presses is tested, not who called."""
    custom_id = example(kind.__discord_ui_compiled_template__.pattern)
    item: discord.ui.Item[Any]
    menu = issubclass(kind, (Choice, Picks))
    if menu:
        item = discord.ui.Select(custom_id=custom_id, options=[discord.SelectOption(label="24h")])
    else:
        item = discord.ui.Button(custom_id=custom_id, label="x")

    view = discord.ui.View(timeout=None)
    view.add_item(item)
    view.stop()
    message = await house.bot.get_partial_messageable(house.talk).send("x", view=view)
    member = house.people["member"]
    if menu:
        answer = await house.sandbox.select(member, message.id, custom_id, ["24h"])
    else:
        answer = await house.sandbox.click(member, message.id, custom_id)

    assert (answer.message.get("content"), answer.ephemeral) == (REFUSAL, True)


async def test_what_is_not_there_is_refused_like_what_is_not_allowed(house: House) -> None:
    """An unknown persona, service or incident."""
    viewer, talk = house.people["viewer"], house.talk
    house.clock.ahead += 60
    await house.sandbox.command(viewer, talk, "stats persona", {"name": "nobody"})
    await house.sandbox.command(viewer, talk, "health", {"service": "nobody"})

    def refusals() -> list[Any]:
        return [one for one in house.sandbox.messages(talk, viewer) if one["content"] == REFUSAL]

    await house.until("two refusals", lambda: len(refusals()) == 2)
    assert all(one["flags"] & 64 for one in refusals()), "only the one who asked sees them"


async def test_a_role_that_the_cache_does_not_know_yet_counts(house: House) -> None:
    """What Discord sends with the click decides, not what we remember of the guild."""
    guild = house.bot.get_guild(house.ops)
    assert guild is not None
    kept = dict(guild._roles)
    guild._roles.clear()
    try:
        interaction = await act(house, "viewer", "ops")
        assert level_of(interaction, house.monitor) is Level.VIEWER
    finally:
        guild._roles.update(kept)


async def test_the_ops_channel_may_be_a_thread_that_no_cache_knows(house: House) -> None:
    """A click in it says itself where it is."""
    guild = house.bot.get_guild(house.ops)
    assert guild is not None
    channel = guild._channels.pop(house.ops_channel)
    try:
        heard = house.bot.wait_for("interaction", timeout=5)
        asked = house.sandbox.command(house.people["operator"], house.ops_channel, "health", timeout=5)
        _, interaction = await asyncio.gather(asked, heard)
        assert level_of(interaction, house.monitor) is Level.OPERATOR
    finally:
        guild._channels[house.ops_channel] = channel
