"""The other two sides of a persona's page as embeds: how well it does, and how it grows."""

from __future__ import annotations

import discord

from monitoring.analysis.evolution import Milestone, Trait
from monitoring.analysis.personas import PersonaPage
from monitoring.phrasing import FEW, NB, NONE, count, points, share
from monitoring.safe_text import safe_text

from ._embeds import embed, no_data_embed
from ._format import bold, dots, lines, span, stamp, table, title_name, unmonitored

KINDS = {"reaction": "by reaction", "reported": "by the bot's own scores"}
SHOWN_MILESTONES = 5
LEAST_ROWS = 3
"""Rows from which on a table reads better than a list."""


def quality_embed(value: PersonaPage) -> discord.Embed:
    """How it is liked, in which mood it writes, how, and what the bot itself says of its answers."""
    if not value.messages.value and not value.unanswered.n:
        return no_data_embed(value.window, None, value.last_at)

    liked = f"**{value.satisfaction:.1f}** of 5" if value.satisfaction is not None else FEW if value.votes else NONE
    unanswered = value.unanswered
    return embed(
        f"{title_name(value.name)} {_verdict(value)}",
        _moods(value),
        inline=[
            ("Liked", lines(liked, f"n {count(value.votes)}")),
            ("Mood", _mood(value)),
            ("Unanswered", lines(f"**{share(unanswered.value)}**", points(unanswered.value, unanswered.before))),
        ],
        fields=[
            ("Votes", "\n".join(_votes(kind.kind, kind.n, kind.mean) for kind in value.votes_by)),
            ("As the bot reports", dots(*(f"{one.name} {one.mean:.2f} (n {count(one.n)})" for one in value.qualities))),
            ("How it writes", _style(value)),
        ],
        footer=_footer(value),
    )


def growth_embed(value: PersonaPage) -> discord.Embed:
    """Level, experience, milestones and traits as the bot reports them, and whether its public grows."""
    told = value.evolution
    level = lines(f"**{_number(told.level)}**", f"since {stamp(told.level_at, 'R')}" if told.level_at else "")
    users = f"**{_signed(value.growth)}** in 30 days" if value.growth is not None else f"**{count(value.users.value)}**"
    return embed(
        _grown(value),
        "" if told else "The bot reports no level, experience, milestones or traits of it.",
        inline=[
            ("Level", level),
            ("Experience", lines(f"**{_number(told.xp)}**", _gained(told.xp_gained))),
            ("Users", lines(users, f"{count(value.repeat)} came back")),
        ],
        fields=[("Milestones", _milestones(told.milestones)), ("Traits", _traits(told.traits))],
        footer=_footer(value),
    )


def _footer(value: PersonaPage) -> str:
    gaps = unmonitored(value.gaps, value.window.zone)
    partial = "partial" if value.partial else ""
    return dots(span(value.window), f"n {count(value.messages.value)}", partial, gaps)


def _verdict(value: PersonaPage) -> str:
    if value.satisfaction is not None:
        word = "well liked" if value.satisfaction >= 4 else "liked" if value.satisfaction >= 3 else "little liked"
        return f"is {word}: {value.satisfaction:.1f} of 5"

    return "got too few votes" if value.votes else "got no votes"


def _moods(value: PersonaPage) -> str:
    """What part of its messages is of which mood."""
    moods = value.moods
    if not moods.n:
        return ""

    words = (("positive", moods.positive), ("neutral", moods.neutral), ("negative", moods.negative))
    return f"Its messages: {', '.join(f'{share(n / moods.n)} {word}' for word, n in words)}."


def _mood(value: PersonaPage) -> str:
    if value.sentiment is None:
        return NONE

    word = "positive" if value.sentiment >= 0.05 else "negative" if value.sentiment <= -0.05 else "neutral"
    return lines(f"**{value.sentiment:.2f}**".replace("-", "−"), word)


def _votes(kind: str, n: int, mean: float | None) -> str:
    return f"{f'{mean:.1f} of 5' if mean is not None else FEW} {KINDS.get(kind, kind)}, n {count(n)}"


def _style(value: PersonaPage) -> str:
    if value.length is None:
        return ""

    return dots(
        f"{value.length:.0f} characters a message",
        f"{share(value.questions)} ask" if value.questions is not None else "",
        f"{value.emoji:.1f} emoji" if (value.emoji or 0) >= 0.05 else "",
        f"{value.mentions:.1f} mentions" if (value.mentions or 0) >= 0.05 else "",
    )


def _grown(value: PersonaPage) -> str:
    """What grew most visibly."""
    name, told = title_name(value.name), value.evolution
    if told.level is not None and told.level_before is not None and told.level > told.level_before:
        return f"{name} rose to level {_number(told.level)}"

    if told.level is not None:
        return f"{name} is at level {_number(told.level)}"

    if told.xp_gained:
        return f"{name} gained {_number(told.xp_gained)} points of experience"

    if value.growth is not None and abs(value.growth) >= 0.02:
        return f"{name} has {share(abs(value.growth))} {'more' if value.growth > 0 else 'fewer'} users"

    return f"{name} stays as it is"


def _gained(points: float | None) -> str:
    if not points:
        return ""

    return f"▲ {_number(points)} gained" if points > 0 else f"▼ {_number(-points)} lost"


def _milestones(milestones: tuple[Milestone, ...]) -> str:
    shown = [f"{bold(one.name, 60)}, {stamp(one.at, 'f')}" for one in milestones[:SHOWN_MILESTONES]]
    rest = len(milestones) - SHOWN_MILESTONES
    return lines(*shown, f"and {count(rest)} more" if rest > 0 else "")


def _traits(traits: tuple[Trait, ...]) -> str:
    if len(traits) < LEAST_ROWS:
        return dots(*(f"{safe_text(one.name, 32)} {one.strength:.2f}" for one in traits))

    rows = [(f"{one.strength:.2f}", _moved(one), one.name) for one in traits]
    return table(rows, header=("now", "change", "trait"))


def _moved(one: Trait) -> str:
    if one.before is None:
        return "new"

    move = round(one.strength - one.before, 2)
    return f"{'+' if move > 0 else '−'}{abs(move):.2f}" if move else "="


def _signed(growth: float) -> str:
    return f"{'+' if growth >= 0 else '−'}{abs(growth) * 100:.0f}{NB}%"


def _number(value: float | None) -> str:
    """A level or points, with a fraction only where there is one."""
    if value is None:
        return NONE

    return f"{value:.1f}" if value % 1 and value < 1000 else count(value)
