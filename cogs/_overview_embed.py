"""`/stats overview` as an embed: how the bot, or this guild, is doing."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from monitoring.analysis.figure import Figure, Named
from monitoring.analysis.overview import Overview
from monitoring.phrasing import NONE, count, money, more, points, share, slower

from ._embeds import embed, no_data_embed, slow_words
from ._format import against, bold, dots, graded, lines, quantile, span, unmonitored
from ._performance_embed import PARTIAL


def overview_embed(value: Overview, *, owner: bool) -> discord.Embed:
    """The figures of one window; cost only for owners."""
    if not value.messages.value and not value.persona_messages.value:
        return no_data_embed(value.window, value.first_at)

    return embed(
        _title(value),
        lines(_story(value), PARTIAL if value.partial else "", _open(value.open_incidents) if owner else ""),
        inline=[
            (
                "P95 response",
                lines(
                    dots(
                        graded(quantile(value.p95.value, value.p95.n), value.p95.band),
                        "partial" if value.partial else "",
                    ),
                    slower(value.p95.value, value.p95.before),
                ),
            ),
            (
                "Errors",
                lines(
                    graded(share(value.errors.value), value.errors.band),
                    points(value.errors.value, value.errors.before),
                ),
            ),
            ("Active users", lines(_users(value), more(value.users.value, value.users.before))),
        ],
        fields=[("Who wrote", who_wrote(value.personas)), _banter_and_cost(value, owner)],
        footer=dots(
            span(value.window),
            f"n {count(value.p95.n)}",
            unmonitored(value.gaps, value.window.zone) or against(value.window),
        ),
    )


def who_wrote(personas: Sequence[Named], most: int = 4) -> str:
    """Personas with their share of all persona messages, the rest summed."""
    listed = [f"{bold(one.name, 24)} {share(one.share)}" for one in personas[:most]]
    rest = personas[most:]
    if rest:
        total = sum(one.share or 0 for one in rest)
        listed.append(f"{len(rest)} other{'s' if len(rest) > 1 else ''} {share(total)}")

    return dots(*listed)


def _title(value: Overview) -> str:
    messages, personas = value.persona_messages, len(value.personas)
    if not messages.value:
        return f"{count(value.messages.value)} messages, none by a persona"

    by = f"{personas} persona{'s' if personas != 1 else ''}"
    change = more(messages.value, messages.before).lstrip("▲▼= ")
    return f"{count(messages.value)} messages by {by}{f', {change}' if change else ''}"


def _story(value: Overview) -> str:
    slow = slow_words(value.slow_spells)
    if slow:
        return slow

    if value.p95.value is None:
        return "Too few answers to judge their speed."

    return (
        "No slow spell." if value.p95.value <= value.bands.p95.warning else "Slow, though no single spell stands out."
    )


def _open(incidents: int) -> str:
    if not incidents:
        return ""

    return f"🔶 {incidents} incident{'s' if incidents > 1 else ''} open."


def _users(value: Overview) -> str:
    new = f", {count(value.new_users)} new" if value.new_users else ""
    return f"**{count(value.users.value)}**{new}"


def _banter_and_cost(value: Overview, owner: bool) -> tuple[str, str]:
    decided = f", users joined {share(value.joined)} of them" if value.joined is not None else ""
    banter = f"{count(value.exchanges.value)} exchanges{decided}" if value.exchanges.value is not None else ""
    tokens = f"{count(value.tokens.value)} tokens" if value.tokens.value else ""
    spent = dots(tokens, *(_cost(value.cost, value.unpriced) if owner and tokens else ()))
    return ("Banter and cost" if owner else "Banter and tokens", lines(banter, spent) or NONE)


def _cost(cost: Figure, unpriced: int) -> tuple[str, ...]:
    unknown = f"{count(unpriced)} without a known price" if unpriced else ""
    return (money(cost.value), more(cost.value, cost.before), unknown)
