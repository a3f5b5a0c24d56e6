"""The embeds about people read as the looks say, whatever things are called, and keep what is not known unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import discord
import pytest
from hypothesis import given, settings

from cogs._channels_embed import channels_embed
from cogs._commands_embed import commands_embed
from cogs._conversations_embed import conversations_embed
from cogs._personal_embed import personal_embed
from cogs._scenarios_embed import scenarios_embed
from cogs._users_embed import users_embed
from monitoring.analysis.audience import Engagement
from monitoring.analysis.figure import Figure
from monitoring.analysis.person import Personal, Stored
from monitoring.analysis.retention import Return
from tests.thorough import examples

from . import audience_story as story
from .story import MONTH
from .test_embeds import fields
from .test_limits import HOSTILE, assert_inert, names, refused


def _many(name: str) -> tuple[str, ...]:
    return tuple(f"{name}{i}" for i in range(12))


MAKERS: dict[str, Callable[[str], discord.Embed]] = {
    "users": lambda n: users_embed(story.audience(n)),
    "channels": lambda n: channels_embed(story.channels(_many(n)), ()),
    "commands": lambda n: commands_embed(story.commands(_many(n))),
    "two commands": lambda n: commands_embed(story.commands((n, n + "x"))),
    "conversations": lambda n: conversations_embed(story.conversations(), 7),
    "scenarios": lambda n: scenarios_embed(story.scenarios(_many(n))),
    "two scenarios": lambda n: scenarios_embed(story.scenarios((n, n + "x"))),
    "personal": lambda n: personal_embed(story.personal(n)),
}


@pytest.mark.parametrize("what", MAKERS)
@settings(max_examples=examples(20), deadline=None)
@given(name=names)
def test_every_embed_is_within_discords_limits(what: str, name: str) -> None:
    """Titles, fields, footers and their sum, with any name; inline fields are three or none."""
    assert refused(MAKERS[what](name)) == []


@pytest.mark.parametrize("what", MAKERS)
def test_hostile_names_stay_inert(what: str) -> None:
    """No ping, no link, no reordering, no pile of marks."""
    for name in HOSTILE:
        assert_inert(MAKERS[what](name))


@pytest.mark.parametrize("what", MAKERS)
def test_titles_are_short_and_figures_have_no_stripe(what: str) -> None:
    """At most 56 characters, without a mention; no state, no colour."""
    embed = MAKERS[what]("scav")

    assert 0 < len(embed.title or "") <= 56
    assert "<" not in (embed.title or "")
    assert embed.color is None


def test_users_say_the_verdict_first() -> None:
    """More users, and the new ones return; figures with their yardsticks."""
    embed = users_embed(story.audience())
    found = fields(embed)

    assert (embed.title or "").replace("\u00a0", " ") == "Users are up 8 %, and new ones come back"
    assert "880 new, 1,330 came again" in (embed.description or "")
    assert "**78** of 100 messages get an answer, rising over 7 d · ▲ 4.0 points more" in (
        embed.description or ""
    ).replace("\u00a0", " ")
    assert found["Active now"] == "**11**\nin 5 min"
    assert found["New users who came back"] == "1 d **41 %** of 231 · 7 d **25 %** of 200 · 30 d n/a"
    assert found["How they were served"].startswith("satisfaction **4.4** of 5, 2,120 votes")
    assert found["Voice"] == "**12 h 4 min** together · ▲ 9 % more"
    assert found["Busiest hours"] == "Fri 21:00 · Sat 21:00 · Fri 22:00"


def test_users_of_whom_little_is_known() -> None:
    """No share of two people, no score without messages, no first sights where they cannot be told."""
    value = replace(
        story.audience(),
        returns=(Return(1, 2, 1), Return(7, 0, 0), Return(30, 0, 0)),
        engagement=Engagement(Figure(None)),
        new=None,
        returning=None,
        voice=Figure(None),
        satisfaction=Figure(None),
        qualities=(),
    )
    embed = users_embed(value)

    assert "came again" not in (embed.description or "")
    assert "of 100" not in (embed.description or "")
    assert not {"New users who came back", "Voice", "How they were served"} & set(fields(embed))
    assert users_embed(replace(value, users=Figure(0, None, 0))).title == "⚪ No data yet"


def test_channels_are_linked_where_the_reader_is() -> None:
    """A channel of the guild as a mention, others by name, those that are gone by the end of their id."""
    value = story.channels(("tavern", "far_away", ""))
    text = (channels_embed(value, {"1180000000000000101"}).description or "").replace("\u00a0", " ")

    assert text.split("\n")[0] == "<#1180000000000000101> **50** · 50 % · personas 25 % · ▲ 11 % more"
    assert text.split("\n")[1].startswith("**far\\_away** **20**")
    assert text.split("\n")[2].startswith("channel …0103 **10**")


def test_commands_say_what_fails_and_what_nobody_uses() -> None:
    """A table of the used ones, then the names of the others, the rest counted."""
    embed = commands_embed(story.commands())
    found = fields(embed)

    assert embed.title == "1 command fails too often"
    assert "100  0 %   2.1 s  /dagoth_ur" in found["Uses, failed, time, command"]
    assert found["Never used in this window: 24"].endswith("and 12 more")
    idle = replace(story.commands(), rows=story.commands().rows[:1])
    assert commands_embed(idle).title == "Commands work; 24 are never used"


def test_conversations_say_why_repeats_are_unknown() -> None:
    """Unknown is n/a with the reason."""
    known, unknown = story.conversations(), replace(story.conversations(), people=None, repeated=None)

    assert conversations_embed(known, 7).title is not None
    assert fields(conversations_embed(known, 7))["Who talks again"].startswith("**45 %** of 180 people")
    assert fields(conversations_embed(unknown, 7))["Who talks again"].startswith("n/a: single messages are kept")


def test_scenarios_name_the_most_popular() -> None:
    """With starts, completion and length."""
    embed = scenarios_embed(story.scenarios(("The heist", "Race", "Quiz")))

    assert embed.title == "The heist is begun most"
    assert fields(embed)["Completed"] == "**58 %**\n▲ 8.0 points more"


def test_person_sees_what_is_stored_and_how_long() -> None:
    """Rows with their time; a stranger is told that there is nothing."""
    found = fields(personal_embed(story.personal()))

    assert found["Favourite persona"].startswith("**dagoth\\_ur**, close · 64 hours in 90 days")
    assert "120 messages, 4 by personas that name you: when, where, how long; kept 7 days" in found["What is stored"]
    stranger = personal_embed(Personal(MONTH, Stored(0, 0, 0, 7, 90)))
    assert stranger.title == "I know nothing of you"
