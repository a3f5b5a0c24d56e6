"""Deny by default: each thing has a policy, and what somebody may is decided by what Discord sends with the click."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs._embeds import REFUSAL
from cogs._permissions import POLICY, Level, level_of, may, scope_of
from cogs._views import PERSISTENT
from tests.thorough import examples

from .conftest import House
from .permission_page import PAGE, page

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


@pytest.mark.parametrize("kind", PERSISTENT, ids=lambda kind: kind.__name__)
async def test_no_two_buttons_share_an_id(kind: Any) -> None:
    """Else one press would do two things."""
    others = [one.__discord_ui_compiled_template__ for one in PERSISTENT if one is not kind]

    @given(custom_id=st.from_regex(kind.__discord_ui_compiled_template__.pattern, fullmatch=True))
    @settings(max_examples=examples(20))
    def alone(custom_id: str) -> None:
        assert not any(other.fullmatch(custom_id) for other in others)

    alone()


async def test_commands_are_for_guilds_and_hidden_by_default(house: House) -> None:
    """No DMs, no user installs; Manage Guild until an admin says otherwise, except for what is about oneself."""
    for command in house.bot.tree.get_commands():
        payload = command.to_dict(house.bot.tree)

        assert payload["contexts"] == [0]
        assert payload["integration_types"] == [0]
        hidden = None if command.name == "privacy" else discord.Permissions(manage_guild=True).value
        assert payload["default_member_permissions"] == hidden


async def test_suggestions_are_for_those_who_may_see_them(house: House) -> None:
    """Names are figures too."""
    for who, offered in (("member", []), ("viewer", house.monitor.service_names())):
        services = await house.sandbox.autocomplete(house.people[who], house.talk, "health", "service", "")
        assert [one["value"] for one in services] == offered


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


async def test_the_page_of_permissions_is_as_made_from_the_table() -> None:
    """`python -m tests.cogs.permission_page` writes it."""
    assert PAGE.read_text() == page(), "write it anew: python -m tests.cogs.permission_page"
