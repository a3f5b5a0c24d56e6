"""The digest of a day: what changed first, then figures; a quiet day is two lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import discord

from monitoring.analysis.changes import moved
from monitoring.analysis.figure import Figure, Strip
from monitoring.analysis.overview import Overview
from monitoring.digest.day import Digest
from monitoring.digest.incidents import DayIncidents, Told
from monitoring.digest.week import Week
from monitoring.model import HOUR, Health
from monitoring.phrasing import NB, count, duration, money, more, points, seconds, share
from monitoring.safe_text import plain_text, safe_text

from ._embeds import EMOJI, OF_BAND, Field, embed
from ._format import bold, code, cut, dots, graded, lines, quantile, unmonitored
from ._overview_embed import who_wrote

Link = Callable[[int, int], str]
"""The address of a message, of a channel and a message id; "" where it is not known."""
MOST_TOLD = 3
SHORTEST = 60
"""Seconds for which a service must have been unwell to be named."""


def nowhere(channel_id: int, message_id: int) -> str:
    """Knows no address."""
    return ""


def digest_embed(digest: Digest, *, late: bool = False, link: Link = nowhere) -> discord.Embed:
    """The whole message. Words of the digest are already safe; incidents are linked to where they were told."""
    state = OF_BAND[digest.band]
    late = late or digest.late
    title = f"{EMOJI[state]} {plain_text(digest.title, 120)}"
    if digest.quiet:
        return embed(title, digest.line, state=state, footer="Sent late" if late else "")

    return embed(
        title,
        lines(*digest.changes) or digest.line,
        state=state,
        inline=amounts(digest),
        fields=[
            ("Health", health(digest.overview)),
            ("The day before", _before(digest.overview) if digest.usual is not None else ""),
            *people(digest),
            ("Incidents", incidents(digest.incidents, link)),
            ("Worth doing", cut(lines(*digest.worth_doing), 1000)),
        ],
        footer=dots(_hours(digest), f"▲▼ against {digest.against}", "sent late" if late else ""),
    )


def _hours(digest: Digest) -> str:
    """From when to when; with the hours where clocks were changed."""
    hours = digest.window.length / HOUR
    return f"00:00 to 24:00 {digest.zone}" + (f", {hours:g}{NB}h" if hours != 24 else "")


def amounts(value: Digest | Week) -> list[Field]:
    """Messages, users and what it cost, each against the yardstick."""
    shown = value.shown
    return [
        ("Messages", lines(f"**{count(shown.messages.value)}**", more(shown.messages.value, shown.messages.before))),
        ("Users", lines(_users(shown), more(shown.users.value, shown.users.before))),
        _spend(value),
    ]


def _users(overview: Overview) -> str:
    new = f", {count(overview.new_users)} new" if overview.new_users else ""
    return f"**{count(overview.users.value)}**{new}"


def _spend(value: Digest | Week) -> Field:
    """What it cost, with the month against its budget where one is set; tokens where nothing has a price."""
    overview = value.shown
    cost, tokens = overview.cost, overview.tokens
    if cost.value is None or not (cost.value or overview.unpriced):
        return ("Tokens", lines(f"**{count(tokens.value)}**", more(tokens.value, tokens.before)))

    unknown = f"{count(overview.unpriced)} without a price" if overview.unpriced else ""
    return (
        "Spend",
        lines(f"**{money(cost.value)}**", _budget(value) or unknown or more(cost.value, cost.before)),
    )


def _budget(value: Digest | Week) -> str:
    """The month so far of its budget: "Mar: $83 of $100"; "" where none is set."""
    month = value.cost
    if month is None or month.budget is None or month.month.cost is None:
        return ""

    return f"{month_name(value)}: {money(month.month.cost)} of {money(month.budget)}"


def month_name(value: Digest | Week) -> str:
    """The month that the window's last moment lies in, in three letters: there is room for 18."""
    return datetime.fromtimestamp((value.window.end - 1) / 1000, value.window.info).strftime("%b")


def health(overview: Overview, *, timed: bool = True) -> str:
    """How fast (if `timed`) and how well answers were, and which services were not."""
    name, figure = ("P95", overview.p95) if overview.p95.value is not None else ("Mean response", overview.mean)
    speed = f"{name} {graded(quantile(figure.value, figure.n), figure.band)}" if figure.n and timed else ""
    errors = overview.errors
    failed = (
        f"{'errors' if speed else 'Errors'} {graded(share(errors.value), errors.band)}"
        if errors.value is not None
        else ""
    )
    return lines(
        dots(speed, failed), dots(services(overview), unmonitored(overview.gaps, overview.window.zone).capitalize())
    )


def services(overview: Overview) -> str:
    """Services that were unwell, with for how long, and how many were not."""
    found = [(strip.service, words) for strip in overview.strips if (words := _unwell(strip))]
    rest = len(overview.strips) - len(found)
    if not found:
        return "All services healthy" if rest else ""

    listed = [f"{code(name)} {words}" for name, words in found[:MOST_TOLD]]
    others = f"{rest} other{'s' if rest > 1 else ''} healthy" if rest else ""
    return dots(*listed, f"and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else "", others)


def _unwell(strip: Strip) -> str:
    for health_is in (Health.UNHEALTHY, Health.DEGRADED):
        lasted = sum(spell.end - spell.start for spell in strip.spells if spell.health is health_is) / 1000
        if lasted >= SHORTEST:
            return f"{health_is} for {duration(lasted)}"

    return ""


def _before(overview: Overview) -> str:
    """The figures of the day before, where arrows compare with something else."""

    def told(figure: Figure, words: str) -> str:
        return words if figure.before is not None else ""

    timed, name = (overview.p95, "P95") if overview.p95.value is not None else (overview.mean, "mean")
    return dots(
        told(overview.messages, f"{count(overview.messages.before)} messages"),
        told(overview.users, f"{count(overview.users.before)} users"),
        told(timed, f"{name} {seconds(timed.before)}"),
        told(overview.errors, f"errors {share(overview.errors.before)}"),
        told(overview.cost, money(overview.cost.before)) if overview.cost.before else "",
    )


def people(value: Digest | Week) -> list[Field]:
    """Personas, and what went on between them."""
    return [
        ("Personas", lines(who_wrote(value.overview.personas, 3), _best(value))),
        ("Between them", lines(_banter(value), _movers(value))),
    ]


def _best(value: Digest | Week) -> str:
    personas, unanswered = value.personas, value.overview.unanswered
    parts = []
    if personas is not None:
        liked = next((row for row in personas.rows if row.name == personas.most_liked), None)
        if liked is not None and liked.satisfaction is not None:
            parts.append(f"Most liked {bold(liked.name, 24)} {liked.satisfaction:.1f}")

        fastest = next((row for row in personas.rows if row.name == personas.fastest), None)
        if fastest is not None:
            parts.append(f"fastest {bold(fastest.name, 24)} {seconds(fastest.response.mean)}")

    if unanswered.value is not None:
        # What is usual of it is not known: an arrow against the day before would stand among others.
        held = isinstance(value, Week) or value.usual is None
        change = points(unanswered.value, unanswered.before) if held else ""
        parts.append(f"unanswered {share(unanswered.value)}" + (f", {change}" if change else ""))

    text = dots(*parts)
    return f"{text[0].upper()}{text[1:]}" if text else ""


def _banter(value: Digest | Week) -> str:
    exchanges = value.shown.exchanges
    if not exchanges.value:
        return ""

    change = more(exchanges.value, exchanges.before)
    told = f"{count(exchanges.value)} exchange{'s' if exchanges.value != 1 else ''}{f', {change}' if change else ''}"
    return dots(told, f"users joined {share(value.overview.joined)}" if value.overview.joined is not None else "")


def _movers(value: Digest | Week) -> str:
    """Pairs that moved, but for those that stand above already."""
    told = [moved(pair) for pair in value.movers if abs(pair.affinity - pair.before) >= 1]
    return lines(*(words for words in told if words not in value.changes))


def incidents(value: DayIncidents, link: Link) -> str:
    """How many, how soon somebody came, and the worst of them with where they were told."""
    if not value.numbers:
        return ""

    still = f"{value.open} open" if value.open else "none open"
    taken = f"acknowledged after {duration(value.acknowledge)}" if value.acknowledge is not None else ""
    shown = value.told[:MOST_TOLD]
    rest = len(value.numbers) - len(shown) if shown else 0
    return lines(
        dots(f"{value.opened} opened, {value.resolved} resolved, {still}", taken),
        *(_told(one, link) for one in shown),
        f"and {rest} more" if rest else "",
    )


def _told(one: Told, link: Link) -> str:
    known = one.channel_id is not None and one.message_id is not None
    address = link(one.channel_id or 0, one.message_id or 0) if known else ""
    number = f"[{one.number}]({address})" if address else str(one.number)
    lasted = duration(one.lasted) if one.lasted is not None else "still open"
    return f"{number} {safe_text(one.title, 60)}, {dots(lasted, one.peak)}"
