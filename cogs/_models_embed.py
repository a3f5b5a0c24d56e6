"""`/stats models` as an embed: which model is fast, liked, used, and whether another one is worth a try."""

from __future__ import annotations

import discord

from monitoring.analysis.model_moves import Move
from monitoring.analysis.models import LEAST_ANSWERS, LEAST_VOTES, Model, Models
from monitoring.model import Band
from monitoring.phrasing import FEW, NB, count, money, seconds, share

from ._embeds import embed
from ._format import bold, code, dots, lines, span, title_name, unmonitored

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six")
SLOW = (Band.WARNING, Band.CRITICAL)


def models_embed(value: Models) -> discord.Embed:
    """The models side by side; what they cost only where the value is shown with money."""
    if not value.rows:
        return embed(
            "No model was used in this window",
            "Operations name their model where the host reports them.",
            footer=span(value.window),
        )

    return embed(
        _title(value),
        lines(_fails(value), _liked(value), _unpriced(value)),
        inline=[
            ("Best for speed", _fastest(value)),
            ("Best liked", _best_liked(value)),
            ("Most used", _most_used(value)),
        ],
        fields=[("Worth a try", move_words(value.move, paid=value.money) if value.move is not None else "")],
        footer=dots(
            span(value.window),
            f"n {count(value.n)}",
            "prices at the time of the call" if value.money else "",
            unmonitored(value.gaps, value.window.zone),
        ),
    )


def _title(value: Models) -> str:
    rows = value.compared
    slow = [row for row in rows if row.band in SLOW]
    if not rows:
        return "Too few answers to judge models"

    if not slow:
        return "The model is within limits" if len(rows) == 1 else "All models are within limits"

    if len(slow) == len(rows):
        return f"{title_name(rows[0].name)} is slow" if len(rows) == 1 else "All models are slow"

    own = [row for row in rows if row.used.local]
    if slow == own and value.money:
        if len(own) == 1:
            return "The local model is the slow one"

        return f"The {_number(len(own)).lower()} local models are the slow ones"

    return f"{title_name(slow[0].name)} is the slow one" if len(slow) == 1 else f"{len(slow)} of {len(rows)} are slow"


def _number(n: int) -> str:
    return NUMBERS[n] if n < len(NUMBERS) else str(n)


def _fails(value: Models) -> str:
    """Who fails most, of those with enough to say so."""
    rows = [row for row in value.rows if row.timing.n >= LEAST_ANSWERS and row.timing.failures]
    if not rows:
        return ""

    worst = max(rows, key=lambda row: row.timing.rate or 0)
    most = "fails most" if len(value.rows) > 1 else "fails"
    return f"{code(worst.name)} {most}: {share(worst.timing.rate)} of {count(worst.timing.n)}."


def _liked(value: Models) -> str:
    rated = [row for row in value.rows if row.liking is not None]
    best = value.liked
    return f"{code(best.name)} is liked best: {best.liking:.1f} of 5." if best is not None and len(rated) > 1 else ""


def _unpriced(value: Models) -> str:
    """Models whose price is unknown, for those who can mend it."""
    names = [code(row.name) for row in value.rows if row.used.unpriced]
    if not names or not value.money:
        return ""

    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return f"No price is known of {', '.join(names[:2])}{more}: set `OWN_PRICE`."


def _fastest(value: Models) -> str:
    best = value.fastest
    if best is None:
        return lines(bold(value.compared[0].name), "nothing to compare") if value.compared else FEW

    return lines(bold(best.name), f"{seconds(best.timing.mean)} mean")


def _best_liked(value: Models) -> str:
    best = value.liked
    if best is None:
        votes = max(row.votes for row in value.rows)
        return f"{FEW}, {votes} of {LEAST_VOTES} votes"

    return lines(bold(best.name), f"{best.liking:.1f} of 5, n {count(best.votes)}")


def _most_used(value: Models) -> str:
    best = value.most_used
    assert best is not None, "asked only where there are models"
    part = f"{best.share * 100:.0f}{NB}%" if best.share >= 0.0095 else share(best.share)
    return lines(bold(best.name), f"{part}{_price(best)}" if value.money else part)


def _price(row: Model) -> str:
    if row.used.local:
        return ", local"

    return f", {money(row.used.per_1k)} per 1k" if row.used.per_1k is not None else ", price n/a"


def move_words(move: Move, *, paid: bool) -> str:
    """What would be gained, with its interval, and what it would cost."""
    gain = f"about {move.faster:.1f}{NB}s faster ({move.low:.1f} to {move.high:.1f})"
    words = f"Move {code(move.persona)} from {code(move.old)} to {code(move.new)}: {gain}"
    return f"{words}, {_month(move.month)}." if paid else f"{words}."


def _month(micro: float | None) -> str:
    if micro is None:
        return "price not known"

    if abs(micro) < 5_000:
        return "at the same price"

    return f"about {money(abs(micro))} {'more' if micro > 0 else 'less'} a month"
