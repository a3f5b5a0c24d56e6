"""`/stats persona` and the table of all personas as embeds."""

from __future__ import annotations

import discord

from monitoring.analysis.figure import Figure
from monitoring.analysis.personas import PersonaPage, PersonaRow, Personas
from monitoring.model import DAY
from monitoring.phrasing import FEW, NONE, count, money, more, seconds, share, slower
from monitoring.safe_text import safe_text

from ._embeds import embed, no_data_embed
from ._format import against, bold, dots, graded, lines, span, table, title_name, unmonitored

FEWEST_VOTES = 3
"""Below this many votes no satisfaction is shown (docs/figures.md)."""


def persona_embed(value: PersonaPage, *, owner: bool) -> discord.Embed:
    """Everything about one persona that fits a glance; cost only for owners."""
    if not value.messages.value and not value.unanswered.n:
        return no_data_embed(value.window, None, value.last_at)

    daily = value.window.length >= 2 * DAY and value.per_day.value is not None
    messages, unit = (value.per_day, " a day") if daily else (value.messages, "")
    response = value.response
    return embed(
        f"{title_name(value.name)} {_manner(value, messages)}",
        lines(_place(value), _closest(value)),
        inline=[
            ("Messages", lines(f"**{count(messages.value)}**{unit}", more(messages.value, messages.before))),
            (
                "Mean response",
                lines(
                    graded(seconds(response.mean), value.bands.mean.band(response.mean)),
                    slower(response.mean, value.response_before.mean),
                ),
            ),
            ("Users", _users(value)),
        ],
        fields=[("Quality", _quality(value)), ("Cost" if owner else "Tokens", _cost(value, owner))],
        footer=dots(
            span(value.window),
            f"n {count(value.messages.value)}",
            "partial" if value.partial else "",
            unmonitored(value.gaps, value.window.zone) or against(value.window),
        ),
    )


def personas_embed(value: Personas) -> discord.Embed:
    """All personas beside each other: messages, mean response and share of each."""
    if not value.rows:
        return no_data_embed(value.window, None)

    rows = [(count(row.messages), seconds(row.response.mean), _liked(row), row.name) for row in value.rows]
    rest = f", 10 of {len(rows)}" if len(rows) > 10 else ""
    awards = dots(
        f"most liked {bold(value.most_liked)}" if value.most_liked else "",
        f"fastest {bold(value.fastest)}" if value.fastest else "",
    )
    most = f"{title_name(value.most_engaged)} writes most" if value.most_engaged else "No persona wrote"
    return embed(
        f"{most}, {share(value.rows[0].share)} of all messages" if value.most_engaged else most,
        f"{awards[0].upper()}{awards[1:]}." if awards else "",
        fields=[(f"Messages, mean response, liked of 5{rest}", table(rows))],
        footer=dots(span(value.window), f"{len(rows)} personas"),
    )


def _liked(row: PersonaRow) -> str:
    return f"{row.satisfaction:.1f}" if row.satisfaction is not None else "–"


def _manner(value: PersonaPage, messages: Figure) -> str:
    """Busier or quieter, faster or slower, against the window before; without one, how much it wrote."""
    if not messages.before:
        return f"wrote {count(value.messages.value)} message{'' if value.messages.value == 1 else 's'}"

    words: list[str] = []
    change = messages.value / messages.before - 1 if messages.value is not None else 0.0
    if abs(change) >= 0.02:
        words.append("busier" if change > 0 else "quieter")

    now, before = value.response.mean, value.response_before.mean
    if now is not None and before and abs(now / before - 1) >= 0.02:
        words.append("slower" if now > before else "faster")

    link = " but " if words in (["busier", "slower"], ["quieter", "faster"]) else " and "
    return f"is {link.join(words) or 'as usual'}"


def _place(value: PersonaPage) -> str:
    part = f"{share(value.share.value)} of all messages" if value.share.value is not None else ""
    if not value.hours or not any(value.hours):
        return f"{part}." if part else ""

    hours = value.hours
    busiest = max(range(24), key=lambda hour: (hours[hour] + hours[(hour + 1) % 24], hours[hour]))
    most = f"most at {busiest:02}:00 to {(busiest + 2) % 24 or 24:02}:00"
    return f"{part}, {most}." if part else f"{most.capitalize()}."


def _closest(value: PersonaPage) -> str:
    if not value.bonds:
        return ""

    bond = value.bonds[0]
    return f"Closest to {bold(bond.other)}: {bond.affinity:.0f}, {safe_text(bond.stage, 32)}."


def _users(value: PersonaPage) -> str:
    change = more(value.users.value, value.users.before)
    return lines(f"**{count(value.users.value)}** {change}".rstrip(), f"{count(value.repeat)} came back")


def _quality(value: PersonaPage) -> str:
    liked = f"{value.satisfaction:.1f} of 5" if value.satisfaction is not None else FEW
    mood = ""
    if value.sentiment is not None:
        word = "positive" if value.sentiment >= 0.05 else "negative" if value.sentiment <= -0.05 else "neutral"
        mood = f"mood {value.sentiment:.2f}, {word}".replace("-", "−")

    shown = value.votes >= FEWEST_VOTES or value.satisfaction is not None
    unanswered = f"unanswered {share(value.unanswered.value)}" if value.unanswered.value is not None else ""
    banter = f"banter {share(value.banter_share)}" if value.banter_share is not None else ""
    return dots(f"Liked {liked} (n {count(value.votes)})" if shown or value.votes else "", mood, unanswered, banter)


def _cost(value: PersonaPage, owner: bool) -> str:
    if not value.tokens:
        return ""

    daily = value.tokens_per_day is not None and value.window.length >= 2 * DAY
    tokens = f"{count(value.tokens_per_day)} tokens a day" if daily else f"{count(value.tokens)} tokens"
    if not owner:
        return tokens

    if value.local_only:
        return dots(tokens, "local model, $0")

    unknown = f"{count(value.unpriced)} without a known price" if value.unpriced and value.cost is not None else ""
    return dots(tokens, money(value.cost) if value.cost is not None else f"cost {NONE}, price unknown", unknown)
