"""Whatever personas and services are called, every payload is one that Discord takes, and pings and styles nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs._alerts_embed import active_embed
from cogs._autocomplete import choices
from cogs._banter_embed import banter_embed
from cogs._digest_embed import digest_embed
from cogs._format import named_by, table, width
from cogs._health_embed import health_embed, service_embed
from cogs._incident_details_embed import details_embed
from cogs._incident_embed import incident_embed, recovery_text
from cogs._late_embed import late_embed
from cogs._overview_embed import overview_embed
from cogs._performance_embed import performance_embed
from cogs._persona_embed import persona_embed, personas_embed
from cogs._relationships_embed import relationships_embed
from cogs._status_message import standing_embed
from cogs._views import name_options
from cogs._weekly_embed import weekly_embed
from monitoring.analysis.figure import Bands, Figure
from tests.thorough import examples

from . import story, story_alerts, story_bonds, story_digest, story_insight, story_llm, story_setup, story_work

HOSTILE = (
    "@everyone",
    "<@1180000000000000001>",
    "<@&1180000000000000301>",
    "**bold** _x_ ~~y~~ ||z|| `code` ```block```",
    "[click](https://evil.example)",
    "\u202egnp.exe\u202c",
    "a" + "\u0301" * 300,
    "語" * 60,
    "🐸" * 40,
    "x" * 200,
    "\n# head\n> quote",
    "   ",
    "",
)
names = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=220))


def _eight(name: str) -> tuple[str, ...]:
    return tuple(f"{name}{i}" for i in range(8))


MAKERS: dict[str, Callable[[str], discord.Embed]] = {
    "overview": lambda n: overview_embed(story.overview(_eight(n)), owner=True),
    "performance": lambda n: performance_embed(story.performance(n, _eight(n))),
    "persona": lambda n: persona_embed(story.persona(n, n), owner=True),
    "personas": lambda n: personas_embed(story.personas(_eight(n) * 5)),
    "relationships": lambda n: relationships_embed(story.relationships(_eight(n))),
    "banter": lambda n: banter_embed(replace(story.banter(_eight(n)), topics=((n, 3),) * 5)),
    "health": lambda n: health_embed(story.health(_eight(n) * 8, unwell=30), errors=Figure(0.1), bands=Bands()),
    "calm": lambda n: health_embed(story.health(_eight(n) * 8), errors=Figure(0.1), bands=Bands()),
    "service": lambda n: service_embed(replace(story.service(n), detail=n, facts=((n, n),) * 30), 30, story.EVENING),
    "incident": lambda n: incident_embed(_incident(n)),
    "details": lambda n: details_embed(
        replace(story.details(n), course=((1, n),) * 40, told=(n,) * 30, contributors=((n, 1.0, 0.5),) * 9)
    ),
    "digest": lambda n: digest_embed(replace(story.digest(names=_eight(n)), incidents=story_digest.incidents(n))),
    "week": lambda n: weekly_embed(story_digest.week(_eight(n), tuple(replace(r, rule=n) for r in story_digest.RULES))),
    "standing": lambda n: standing_embed(story_digest.standing(n)),
    "late": lambda n: late_embed({"from": 1, "until": 2, "lines": [{"text": n, "since": 1, "until": 2}] * 25}),
    "active": lambda n: active_embed([_incident(n).incident] * 40, {}, story.EVENING),
    **story_setup.MAKERS,
    **story_bonds.MAKERS,
    **story_work.MAKERS,
    **story_insight.MAKERS,
    **story_llm.MAKERS,
    **story_alerts.MAKERS,
}  # fmt: skip


def _incident(name: str) -> story.Card:
    card = story.card("acknowledged", who=name or "?")
    incident = replace(card.incident, title=name, group=name, reason=name)
    return replace(card, incident=incident)


def refused(embed: discord.Embed) -> list[str]:
    """What Discord would refuse, or the client would not draw."""
    data = embed.to_dict()
    parts = {
        "title": (data.get("title", ""), 256),
        "description": (data.get("description", ""), 4096),
        "footer": (data.get("footer", {}).get("text", ""), 2048),
    }
    for i, field in enumerate(data.get("fields", [])):
        parts[f"name {i}"] = (field["name"], 256)
        parts[f"value {i}"] = (field["value"], 1024)
        if not field["name"].strip() or not field["value"].strip():
            parts[f"empty {i}"] = ("x" * 9, 1)

    found = [f"{part}: {len(text)}" for part, (text, limit) in parts.items() if len(text) > limit]
    inline = sum(bool(field["inline"]) for field in data.get("fields", []))
    if inline not in (0, 3):
        found.append(f"{inline} inline fields")

    if len(data.get("fields", [])) > 25 or sum(len(text) for text, _ in parts.values()) > 6000:
        found.append("too much of it")

    return found


def assert_inert(embed: discord.Embed) -> None:
    """No ping, no link of a name's own, no reordering, no pile of marks."""
    data = embed.to_dict()
    text = "\n".join(
        [data.get("title", ""), data.get("description", "")]
        + [f"{field['name']}\n{field['value']}" for field in data.get("fields", [])]
    )
    outside = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)

    assert not re.search(r"@(everyone|here)|<@[&!]?\d", outside)
    assert "](https://evil" not in outside
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    assert "\u0301\u0301\u0301" not in text
    assert text.count("```") % 2 == 0


@pytest.mark.parametrize("what", MAKERS)
@settings(max_examples=examples(25), deadline=None)
@given(name=names)
def test_every_embed_is_within_discords_limits(what: str, name: str) -> None:
    """Titles, fields, footers and their sum, with any name; inline fields are three or none."""
    assert refused(MAKERS[what](name)) == []


@pytest.mark.parametrize("what", MAKERS)
def test_hostile_names_stay_inert(what: str) -> None:
    """No ping, no link of theirs, no reordering, no pile of marks, in whatever a name gets into."""
    for name in HOSTILE:
        assert_inert(MAKERS[what](name))


@given(name=names, figure=st.text(alphabet="0123456789 s%", max_size=8))
@settings(max_examples=examples(50), deadline=None)
def test_tables_are_at_most_34_columns(name: str, figure: str) -> None:
    """The name is last and gives way."""
    rows = table([(figure, figure, name)] * 20).split("\n")

    assert rows[0] == rows[-1] == "```"
    assert len(rows) == 12
    assert all(width(row) <= 34 for row in rows[1:-1])


@given(found=st.lists(names, max_size=40, unique=True), typed=st.text(max_size=5))
@settings(max_examples=examples(50), deadline=None)
def test_suggestions_are_ones_that_discord_takes(found: list[str], typed: str) -> None:
    """At most 25, each 1 to 100 characters, and each value leads back to a name."""
    offered = choices(found, typed)

    assert len(offered) <= 25
    assert all(1 <= len(choice.name) <= 100 and 1 <= len(str(choice.value)) <= 100 for choice in offered)
    assert all(named_by(str(choice.value), found) is not None for choice in offered)


@given(found=st.lists(names, max_size=40, unique=True))
@settings(max_examples=examples(50), deadline=None)
def test_menus_are_ones_that_discord_takes(found: list[str]) -> None:
    """At most 25 options with different values of 1 to 100 characters."""
    options = name_options(found)

    assert len(options) <= 25
    assert len({option.value for option in options}) == len(options)
    assert all(1 <= len(option.label) <= 100 and 1 <= len(option.value) <= 100 for option in options)


def test_the_recovery_reply_is_one_message() -> None:
    """However long its reason."""
    card = story.card("resolved")
    text = recovery_text(replace(card, incident=replace(card.incident, reason="@everyone " * 300)))

    assert len(text) <= 2000
    assert "@everyone" not in text
