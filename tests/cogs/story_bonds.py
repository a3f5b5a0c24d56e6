"""What the story's hosts tell of growth and bonds, what banter used, and one exchange."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import discord

from cogs._banter_embed import banter_embed
from cogs._exchange_embed import exchange_embed
from cogs._persona_embed import persona_embed
from cogs._persona_growth_embed import growth_embed, quality_embed
from cogs._relationships_embed import relationships_embed
from monitoring.analysis.banter_spend import BanterSpend
from monitoring.analysis.evolution import Evolution, Milestone, Trait
from monitoring.analysis.exchange_tree import LAST, ExchangeTree, Turn
from monitoring.analysis.figure import Figure
from monitoring.analysis.persona_parts import Moods, Quality, Votes
from monitoring.analysis.personas import Bond, PersonaPage
from monitoring.analysis.relationships import REPORTED, Relationships
from monitoring.model import SECOND

from . import story

SPEND = BanterSpend(story.DAY_WINDOW, True, 610, 3_000, 4_100_000, 410_000, 0, 0.17, 0.16)


def grown(name: str = "dagoth_ur") -> PersonaPage:
    """30 days in which it rose two levels."""
    return replace(
        story.persona(name, name),
        moods=Moods(70_000, 20_000, 8_410),
        votes_by=(Votes("reaction", 2_100, 4.4), Votes("reported", 20, 4.1)),
        qualities=(Quality("coherence", 75, 0.884), Quality("helpfulness", 75, 0.757)),
        questions=0.3,
        emoji=0.42,
        mentions=0.1,
        evolution=Evolution(
            level=14,
            level_before=12,
            level_at=story.at("09:00"),
            xp=33_480,
            xp_gained=4_100,
            milestones=(Milestone("2,500 messages", story.at("09:00")), Milestone(name, story.at("09:00", 2))),
            traits=(
                Trait("curious", 0.78, 0.7, story.EVENING),
                Trait("patient", 0.49, 0.55, story.EVENING),
                Trait(name, 0.3, None, story.EVENING),
            ),
        ),
    )


def reported(names: tuple[str, ...] = story.NAMES, stage: str = "rivals") -> Relationships:
    """The host told of two pairs."""
    value = story.relationships(names)
    told = tuple(replace(pair, source=REPORTED, stage=stage, month_before=pair.before) for pair in value.pairs[:2])
    return replace(value, pairs=(*told, *value.pairs[2:]))


def tree(names: tuple[str, ...] = story.NAMES, turns: int = 5) -> ExchangeTree:
    """Three personas; the third turn goes back to the first, which makes a branch."""
    begin = story.at("17:40")
    found = [
        Turn(names[k % 3], k % 3 + 1, begin + k * 9 * SECOND, max(0, k - 1) if k else None, k == 3, 0)
        for k in range(turns)
    ]
    if turns > 2:
        found[2] = replace(found[2], parent=0, replies=True, depth=1)

    return ExchangeTree(LAST, begin, begin + turns * 9 * SECOND, turns, names[:3], True, tuple(found))


def _eight(name: str) -> tuple[str, ...]:
    return tuple(f"{name}{i}" for i in range(8))


MAKERS: dict[str, Callable[[str], discord.Embed]] = {
    "persona quality": lambda n: quality_embed(
        replace(grown(n), qualities=tuple(Quality("coherence", 9, 0.5) for _ in range(9)))
    ),
    "persona growth": lambda n: growth_embed(
        replace(grown(n), evolution=replace(grown(n).evolution, milestones=(Milestone(n, story.EVENING),) * 60))
    ),
    "persona told": lambda n: persona_embed(
        replace(grown(n), bonds=(Bond(n, 1, 50.0, n, REPORTED),), partial=True), owner=True
    ),
    "bonds told": lambda n: relationships_embed(reported(_eight(n), n)),
    "banter spent": lambda n: banter_embed(
        replace(story.banter(_eight(n)), enders=story.banter((n,) * 8).starters, mood=Figure(-0.4)), SPEND, owner=True
    ),
    "exchange": lambda n: exchange_embed(tree(_eight(n), 40), story.DAY_WINDOW, 7),
}
"""An embed of each, with a name wherever one can be."""
