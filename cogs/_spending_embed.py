"""Tokens and cost of `/report` as embeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import discord

from monitoring.analysis.spending import Cost, Share, Used
from monitoring.analysis.tokens import Tokens
from monitoring.phrasing import NONE, count, money, more, share

from ._embeds import embed, no_data_embed
from ._format import bold, code, dots, lines, span, title_name, unmonitored, window_words

MOST = 3
"""Models, personas or features that are named."""


def tokens_embed(value: Tokens) -> discord.Embed:
    """Tokens, how many were cached, how fast they are written, and who uses them."""
    if not value.used.total:
        return no_tokens(value) if value.total.n else no_data_embed(value.window, value.first_at)

    used = value.used
    speed = f"**{value.per_second:.0f}** tokens/s" if value.per_second is not None else NONE
    return embed(
        _tokens_title(value),
        inline=[
            ("Tokens", lines(f"**{count(used.total)}**", more(value.total.value, value.total.before))),
            ("From a cache", f"**{share(used.cached / used.prompt if used.prompt else None)}** of prompts"),
            ("Speed", speed),
        ],
        fields=_by(value.models, value.personas, value.features, lambda row: share(row.share)),
        footer=dots(
            span(value.window), f"n {count(value.total.n)}", unmonitored(value.gaps, value.window.zone) or _usual(value)
        ),
    )


def no_tokens(value: Tokens) -> discord.Embed:
    """What is said where work was recorded, but none that used tokens."""
    return embed(
        "No tokens in this window",
        "Tokens are known where the host reports them with its operations.",
        footer=dots(span(value.window), f"n {count(value.total.n)}"),
    )


def _usual(value: Tokens) -> str:
    return "usual: median of the same hours of 14 days" if value.usual else ""


def _tokens_title(value: Tokens) -> str:
    if value.usual:
        change = value.latest.total / value.usual - 1
        if abs(change) < 0.1:
            return "About as many tokens as usual"

        return f"{'More' if change > 0 else 'Fewer'} tokens than usual"

    if value.models:
        return f"{title_name(value.models[0].name)} uses {share(value.models[0].share)} of all tokens"

    return f"{count(value.used.total)} tokens"


def cost_embed(value: Cost) -> discord.Embed:
    """What today, the month so far and its end cost; and the window by model, persona and feature."""
    if not value.month.total and not value.month.cost and not value.used.total and not value.used.cost:
        return embed(
            "Nothing was spent this month",
            "Costs are known where the host reports models and tokens.",
            footer=dots(span(value.window), "n 0"),
        )

    return embed(
        _cost_title(value),
        lines(_window(value), _unknown(value.month)),
        inline=[
            ("Today", f"**{money(value.today)}**"),
            ("This month", lines(f"**{_price(value.month)}**", _budget(value))),
            ("By month's end", _ahead(value)),
        ],
        fields=_by(value.models, value.personas, value.features, _cost_of),
        footer=dots(span(value.window), "prices at the time of the call", unmonitored(value.gaps, value.window.zone)),
    )


def _cost_title(value: Cost) -> str:
    spent, budget, ahead = value.month.cost, value.budget, value.forecast
    if spent is None:
        return "No price is known of these models"

    if value.month.local:
        return "All models are local: nothing to pay"

    if budget and spent > budget:
        return "The month's budget is spent"

    if budget and ahead is not None:
        if ahead.low > budget:
            return "The budget will not last the month"

        return "The budget may not last the month" if ahead.high > budget else "The budget lasts the month"

    dearest = next((row for row in value.models if row.cost_share), None)
    if dearest is not None:
        return f"{title_name(dearest.name)} costs most: {share(dearest.cost_share)} of it"

    return f"{money(spent)} this month"


def _window(value: Cost) -> str:
    words = dots(f"**{_price(value.used)}**", more(value.total.value, value.total.before))
    return f"Last {window_words(value.window)}: {words}" if value.used.total or value.used.cost else ""


def _unknown(used: Used) -> str:
    if not used.unpriced:
        return ""

    return f"{count(used.unpriced)} operations have no known price and are left out: set `OWN_PRICE`."


def _price(used: Used) -> str:
    return "local, $0" if used.local else money(used.cost)


def _budget(value: Cost) -> str:
    if not value.budget or value.month.cost is None:
        return ""

    return f"{share(value.month.cost / value.budget)} of {money(value.budget)}"


def _ahead(value: Cost) -> str:
    ahead = value.forecast
    if ahead is None or value.month.cost is None:
        return f"{NONE}, known from 7 days on"

    return lines(f"**{money(ahead.value)}**", f"{money(ahead.low)} to {money(ahead.high)}, 80 %")


def _cost_of(row: Share) -> str:
    return "local" if row.used.local else money(row.used.cost)


def _by(
    models: Sequence[Share], personas: Sequence[Share], features: Sequence[Share], figure: Callable[[Share], str]
) -> list[tuple[str, str]]:
    """One line each, the largest first."""
    return [
        ("By model", dots(*(f"{code(row.name)} {figure(row)}" for row in models[:MOST]))),
        ("By persona", dots(*(f"{bold(row.name)} {figure(row)}" for row in personas[:MOST]))),
        ("By feature", dots(*(f"{code(row.name)} {figure(row)}" for row in features[:MOST]))),
    ]
