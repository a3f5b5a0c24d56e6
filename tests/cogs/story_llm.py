"""The story's models, tokens, costs, features and variants, built by hand, with any names; and their embeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import discord

from cogs._features_embed import features_embed
from cogs._models_embed import models_embed
from cogs._spending_embed import cost_embed, tokens_embed
from monitoring.analysis.difference import Difference
from monitoring.analysis.features import Feature, Features, Trial, Variant
from monitoring.analysis.figure import Figure, Timing
from monitoring.analysis.forecast import Forecast
from monitoring.analysis.model_moves import Move
from monitoring.analysis.models import Model, Models
from monitoring.analysis.spending import Cost, Share, Used
from monitoring.analysis.tokens import Tokens
from monitoring.model import Band

from .story import DAY_WINDOW, at

FOUR = ("gpt-4o-mini", "claude-haiku-4-5", "llama3.1:8b", "qwen2.5:14b")


def models(names: tuple[str, ...] = FOUR, persona: str = "hal9000") -> Models:
    """Two quick ones that cost, two slow ones of one's own."""
    figures = (
        (1.1, 1.9, 1_980, 0.005, 594_000, 0.14, 4.1),
        (1.3, 2.2, 560, 0.0, 1_008_000, 0.04, 4.6),
        (1.9, 4.9, 8_610, 0.023, 0, 0.61, 4.2),
        (2.6, 6.1, 2_970, 0.034, 0, 0.21, None),
    )
    rows = tuple(
        Model(
            name,
            Timing(n, round(n * rate), mean, mean, p95, None, 0.2, 20.0),
            Used(n * 800, n * 200, 0, micro),
            share,
            Band.GOOD if p95 < 3 else Band.WARNING,
            Band.GOOD if rate < 0.02 else Band.WARNING,
            Timing(n, 0, 0.4),
            92.0,
            liking,
            40 if liking else 0,
        )
        for name, (mean, p95, n, rate, micro, share, liking) in zip(names, figures * 2, strict=False)
    )
    move = Move(persona, "llm_inference", names[-1], names[0], 1.5, 1.4, 1.62, 9e6, 900)
    return Models(DAY_WINDOW, rows, 14_120, move)


def tokens(names: tuple[str, ...] = FOUR) -> Tokens:
    """24.1 million, a tenth above what is usual."""
    used = Used(18_800_000, 5_300_000, 7_000_000, 2_630_000)
    parts = shares(names)
    return Tokens(
        DAY_WINDOW, Figure(24_100_000, 22_100_000, 14_120), used, 61.0, used, DAY_WINDOW.start, 21_500_000, (),
        parts, parts, parts,
    )  # fmt: skip


def shares(names: tuple[str, ...]) -> tuple[Share, ...]:
    """Each half of the one before."""
    return tuple(
        Share(name, Used(1_000_000 >> k, 0, 0, 2_000_000 >> k), 0.5 / (k + 1), 0.5 / (k + 1), k + 1)
        for k, name in enumerate(names)
    )


def cost(names: tuple[str, ...] = FOUR, budget: float | None = 100e6) -> Cost:
    """March, heading for $83 of $100."""
    parts = shares(names)
    return Cost(
        DAY_WINDOW, Figure(2_630_000, 2_440_000), Used(18_800_000, 5_300_000, 0, 2_630_000), parts, parts, parts,
        1_900_000, Used(10**9, 10**8, 0, 31_000_000), at("00:00", 1), at("00:00", 31), (),
        Forecast(83e6, 74e6, 96e6, 40), budget,
    )  # fmt: skip


def features(names: tuple[str, ...] = ("chat", "quiz"), variants: tuple[str, ...] = ("long", "short")) -> Features:
    """Two features, of which the second fails and is slow; a trial that shows something."""
    rows = tuple(
        Feature(
            name,
            Timing(900 - k, 9 + 40 * k, 1.4, 1.2, 2.4 + 2 * k, None, 0.2, 9.0),
            Used(900_000, 100_000, 0, 50_000),
            0.5,
            Band.GOOD if k == 0 else Band.WARNING,
            Band.GOOD if k == 0 else Band.CRITICAL,
            0.4,
            100,
        )
        for k, name in enumerate(names)
    )
    first, *others = variants
    tried = (
        Variant(first, Timing(900, 9, 1.6), Used()),
        *(
            Variant(other, Timing(400, 30, 1.2), Used(), Difference(-0.4, -0.52, -0.28), Difference(0.065, 0.04, 0.09))
            for other in others
        ),
    )
    trial = Trial(names[0] if names else "llm", variants[0], tried)
    return Features(DAY_WINDOW, rows, (trial,) * len(names), sum(row.timing.n for row in rows))


def _eight(name: str) -> tuple[str, ...]:
    return tuple(f"{name}{k}" for k in range(8))


MAKERS: dict[str, Callable[[str], discord.Embed]] = {
    "models": lambda n: models_embed(models(_eight(n), n)),
    "models, none priced": lambda n: models_embed(
        replace(models(), rows=tuple(replace(row, used=Used(9, 9, 0, None, 9)) for row in models(_eight(n)).rows))
    ),
    "tokens": lambda n: tokens_embed(replace(tokens(_eight(n)), usual=None)),
    "cost": lambda n: cost_embed(cost(_eight(n), None)),
    "features": lambda n: features_embed(features(_eight(n) * 3, _eight(n))),
}
