"""More about an incident, for the one who asks: its course, what explains it, its rule, who was told."""

from __future__ import annotations

import discord

from monitoring.alerting.card import rule_words
from monitoring.analysis.incident_card import Details
from monitoring.phrasing import NB, clock, day, in_unit, share
from monitoring.safe_text import code_text, safe_text

from ._embeds import embed
from ._format import code, cut, dots
from ._incident_embed import subject

MOST_STEPS = 12


def details_embed(details: Details) -> discord.Embed:
    """The answer to the Details button."""
    card = details.card
    over = "" if card.face == "resolved" else ", so far"
    limit = in_unit(card.limit, card.rule.unit) if card.limit is not None else ""
    side = "below" if card.rule.below is not None else "above"
    return embed(
        f"Incident {card.incident.number}{over}",
        f"{subject(card)} {side} its limit of {limit}." if limit else f"{subject(card)}.",
        fields=[
            ("Course", _course(details)),
            ("Share of the change", _contributors(details)),
            ("Failures", dots(*(f"{safe_text(kind, 24)} {n:,}" for kind, n in details.failures[:6]))),
            ("Rule", safe_text(rule_words(card.rule), 600)),
            ("Told", cut(dots(*(safe_text(one, 60) for one in details.told[:8])), 600)),
        ],
        footer=f"Times in {card.zone}",
    )


def _course(details: Details) -> str:
    steps = details.course
    if not steps:
        return ""

    shown = steps if len(steps) <= MOST_STEPS else (*steps[:3], *steps[-(MOST_STEPS - 3) :])
    zone, first = details.card.zone, steps[0][0]
    text = [f"{clock(at, zone)}  {code_text(_dated(at, first, zone, what), 60)}" for at, what in shown]
    if len(shown) < len(steps):
        text.insert(3, f"  …    {len(steps) - len(shown)} more")

    return "```\n" + "\n".join(text) + "\n```"


def _dated(at: int, first: int, zone: str, what: str) -> str:
    return what if day(at, zone) == day(first, zone) else f"{what} ({day(at, zone)})"


def _contributors(details: Details) -> str:
    unit = details.card.rule.unit
    parts = []
    for what, change, explained in details.contributors[:5]:
        sign = "+" if change >= 0 else "−"
        amount = f"{sign}{in_unit(abs(change), unit)}".replace(f"{sign}{NB}", sign)
        parts.append(f"{code(what)} {amount}" + (f", {share(explained)}" if explained >= 0.1 else ""))

    return dots(*parts)
