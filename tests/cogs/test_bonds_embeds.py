"""Growth, quality, told relationships, what banter used, one exchange: as embeds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs._banter_embed import banter_embed
from cogs._exchange_embed import exchange_embed
from cogs._persona_embed import persona_embed, personas_embed
from cogs._persona_growth_embed import growth_embed, quality_embed
from cogs._relationships_embed import relationships_embed
from monitoring.analysis.evolution import Evolution
from monitoring.analysis.figure import Figure
from monitoring.analysis.relationships import REPORTED

from . import story, story_bonds
from .test_embeds import fields


def test_growth_is_told_as_the_bot_reports_it() -> None:
    """The level it rose to, since when, what it gained, what it reached, its traits with their change."""
    embed = growth_embed(story_bonds.grown())
    found = fields(embed)

    assert embed.title == "dagoth_ur rose to level 14"
    assert found["Level"] == f"**14**\nsince <t:{story.at('09:00') // 1000}:R>"
    assert found["Experience"] == "**33,480**\n▲ 4,100 gained"
    assert found["Users"] == "**+6 %** in 30 days\n402 came back"
    assert found["Milestones"].startswith(f"**2,500 messages**, <t:{story.at('09:00') // 1000}:f>")
    assert "0.78   +0.08  curious" in found["Traits"]
    assert "0.49   −0.06  patient" in found["Traits"]
    assert "0.30     new  dagoth" in found["Traits"]


@pytest.mark.parametrize(
    ("told", "growth", "title"),
    [
        (Evolution(level=3, level_before=3), None, "dagoth_ur is at level 3"),
        (Evolution(level=3), None, "dagoth_ur is at level 3"),
        (Evolution(xp=90, xp_gained=30), None, "dagoth_ur gained 30 points of experience"),
        (Evolution(), -0.125, "dagoth_ur has 12 % fewer users"),
        (Evolution(), None, "dagoth_ur stays as it is"),
    ],
)
def test_growth_title_is_what_grew(told: Evolution, growth: float | None, title: str) -> None:
    """The level first, then experience, then its public."""
    value = replace(story_bonds.grown(), evolution=told, growth=growth)

    assert (growth_embed(value).title or "").replace("\u00a0", " ") == title


def test_a_bot_that_reports_no_growth_is_said_to() -> None:
    """n/a, never 0."""
    embed = growth_embed(replace(story_bonds.grown(), evolution=Evolution()))

    assert (fields(embed)["Level"], fields(embed)["Experience"]) == ("**n/a**", "**n/a**")
    assert "reports no level" in (embed.description or "")


def test_quality_shows_votes_by_kind_and_what_is_reported() -> None:
    """Reactions and the bot's own scores apart; moods as shares; style."""
    embed = quality_embed(story_bonds.grown())
    found = fields(embed)

    assert embed.title == "dagoth_ur is well liked: 4.4 of 5"
    assert (embed.description or "").replace("\u00a0", " ") == (
        "Its messages: 71 % positive, 20 % neutral, 8.5 % negative."
    )
    assert found["Votes"] == "4.4 of 5 by reaction, n 2,100\n4.1 of 5 by the bot's own scores, n 20"
    assert found["As the bot reports"] == "coherence 0.88 (n 75) · helpfulness 0.76 (n 75)"
    assert found["How it writes"] == "120 characters a message · 30 % ask · 0.4 emoji · 0.1 mentions"


def test_few_votes_have_no_mean() -> None:
    """What two people felt is theirs; that they voted is told."""
    embed = quality_embed(replace(story_bonds.grown(), satisfaction=None, votes=2, votes_by=()))

    assert embed.title == "dagoth_ur got too few votes"
    assert fields(embed)["Liked"] == "too few\nn 2"


def test_f4_partial_is_said_on_every_side_of_a_persona() -> None:
    """Where facts were dropped, the footer says so."""
    value = story_bonds.grown()
    sides = (quality_embed, growth_embed, lambda page: persona_embed(page, owner=False))
    for side in sides:
        assert "partial" in (side(replace(value, partial=True)).footer.text or "")
        assert "partial" not in (side(value).footer.text or "")


def test_relationships_say_what_the_host_reports_and_how_the_month_went() -> None:
    """How many are reported; trends over 30 days whatever the window."""
    embed = relationships_embed(story_bonds.reported())
    value = story_bonds.reported()
    every = replace(value, pairs=tuple(replace(pair, source=REPORTED) for pair in value.pairs))

    assert "Two affinities are reported by the bot itself, the others inferred." in (embed.description or "")
    assert fields(embed)["Over 30 days"] == "all together improving · 5 stable"
    assert fields(embed)["Closest"].endswith("**84**, rivals")
    assert "The bot itself reports every affinity." in (relationships_embed(every).description or "")
    assert "report" not in (relationships_embed(story.relationships()).description or "")


def test_table_of_personas_has_what_makes_them_popular() -> None:
    """Messages, mean response and liking of each; who is liked most and fastest in the line above."""
    value = story.personas()
    few = replace(value, rows=(value.rows[0], replace(value.rows[1], satisfaction=None)))
    embed = personas_embed(few)
    (rows,) = fields(embed).values()

    assert rows.split("\n")[1:3] == ["3,000  1.1 s  4.4  dagoth_ur", "2,900  1.2 s    –  scav"]
    assert embed.description == "Most liked **zork** · fastest **zork**."


def test_banter_says_what_it_used_and_money_only_to_owners() -> None:
    """Tokens with their share; of a month only the days of raw rows, which is said."""
    value = replace(story.banter(), mood=Figure(0.31), enders=story.banter(("scav",) * 8).starters)
    owner = banter_embed(value, story_bonds.SPEND, owner=True)
    viewer = banter_embed(value, replace(story_bonds.SPEND, whole=False), owner=False)

    assert fields(owner)["Tokens and cost"] == "4.1 M tokens (17 % of all) · $0.41 (16 % of all)"
    assert fields(viewer)["Tokens"] == "4.1 M tokens (17 % of all) · of the last 7 days"
    assert "$" not in str(viewer.to_dict())
    assert "**dagoth\\_ur** starts most, **scav** has the last word most." in (owner.description or "")
    assert "The tone is positive, 0.31." in (owner.description or "")


@pytest.mark.parametrize(
    ("cost", "unpriced", "words"),
    [(0, 0, "local model, $0"), (None, 4, "cost n/a, price unknown"), (9_000_000, 3, "3 without a known price")],
)
def test_unknown_prices_of_banter_are_no_zero(cost: int | None, unpriced: int, words: str) -> None:
    """n/a and counted."""
    spend = replace(story_bonds.SPEND, cost=cost, unpriced=unpriced)

    assert words in fields(banter_embed(story.banter(), spend, owner=True))["Tokens and cost"]


def test_exchange_is_drawn_with_names_and_times_only() -> None:
    """A branch is a step in; whom a turn replies to is said where it is by reference."""
    embed = exchange_embed(story_bonds.tree(), story.DAY_WINDOW, 7)

    assert embed.title == "5 turns by dagoth_ur and 2 others"
    assert fields(embed)["Who replied to whom"] == (
        "```\n17:40:00  dagoth_ur\n17:40:09  scav\n17:40:18    toad → dagoth_ur\n"
        "17:40:27  dagoth_ur → toad\n17:40:36  scav\n```"
    )
    assert "A user spoke within 10 minutes after it." in (embed.description or "")


def test_long_exchange_shows_its_begin_and_its_end() -> None:
    """Ten lines at most, and how many are between."""
    text = fields(exchange_embed(story_bonds.tree(turns=40), story.DAY_WINDOW, 7))["Who replied to whom"]
    rows = text.strip("`\n").split("\n")

    assert len(rows) == 10
    assert rows[4] == "  … 31 more turns"
    assert rows[-1].startswith("17:45:51")
    assert all(len(row) <= 34 for row in rows)


def test_without_an_exchange_it_says_why() -> None:
    """Single exchanges are kept for some days only."""
    embed = exchange_embed(None, story.MONTH, 7)

    assert embed.title == "No exchange to look at"
    assert "kept for 7 days" in (embed.description or "")
