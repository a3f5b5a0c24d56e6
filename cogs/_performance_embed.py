"""`/stats performance` as an embed: how fast answers are, and where the time goes."""

from __future__ import annotations

import discord

from monitoring.analysis.figure import Limits, Timing
from monitoring.analysis.performance import Component, Performance
from monitoring.model import Band
from monitoring.phrasing import count, seconds, share, slower

from ._embeds import embed, no_data_embed, slow_words
from ._format import BAND, against, code, dots, graded, lines, quantile, span, table, title_name, unmonitored

PARTIAL = "More came in than could be recorded: some facts were dropped, so percentiles are partial."


def performance_embed(value: Performance) -> discord.Embed:
    """Mean, P95 and P99 against their limits and the window before, components, first token."""
    if not value.now.n:
        return no_data_embed(value.window, value.first_at, value.last_at)

    now, before, bands = value.now, value.before, value.bands
    return embed(
        _title(value),
        lines(slow_words(value.slow_spells), _failed(now), PARTIAL if value.partial else ""),
        inline=[
            ("Mean", _compared(now.mean, before.mean, now.n, bands.mean)),
            ("P95", _compared(now.p95, before.p95, now.n, bands.p95, value.partial)),
            ("P99", _compared(now.p99, before.p99, now.n, bands.p99, value.partial)),
        ],
        fields=[
            ("Mean by component", components_table(value.components)),
            ("First token", _first_token(value)),
            ("Overall", _overall(now)),
        ],
        footer=dots(
            span(value.window),
            f"n {count(now.n)}",
            unmonitored(value.gaps, value.window.zone) or against(value.window),
        ),
    )


def components_table(components: tuple[Component, ...]) -> str:
    """Components with their mean and share: as a table from three on, else as a list."""
    if len(components) < 3:
        return dots(*(f"{code(part.name)} {seconds(part.mean)}, {share(part.share)}" for part in components))

    return table([(seconds(part.mean), f"{part.share:.0%}".replace("%", " %"), part.name) for part in components])


def _title(value: Performance) -> str:
    verdict = _verdict(value)
    if not value.subject:
        return verdict

    return f"{title_name(value.subject)}: {verdict[0].lower()}{verdict[1:]}"


def _verdict(value: Performance) -> str:
    spells, now = value.slow_spells, value.now
    figure, limits = (now.p95, value.bands.p95) if now.p95 is not None else (now.mean, value.bands.mean)
    last_step = value.points[-1].start if value.points else value.window.end
    if spells and spells[-1].end >= last_step:
        return "Slow right now"

    if spells:
        return f"Fast again after {'one slow spell' if len(spells) == 1 else f'{len(spells)} slow spells'}"

    if figure is None:
        return "No answer got through" if now.failures else "Too few answers to judge"

    if limits.band(figure) is not Band.GOOD:
        return "Slow throughout"

    return _trend(now, value.before)


def _trend(now: Timing, before: Timing) -> str:
    change = now.mean / before.mean - 1 if now.mean is not None and before.mean else 0.0
    if change > 0.1:
        return "Slower than before, still within limits"

    return "Faster than before" if change < -0.1 else "Steady and within limits"


def _compared(now: float | None, before: float | None, n: int, limits: Limits, dropped: bool = False) -> str:
    return lines(dots(graded(quantile(now, n), limits.band(now)), "partial" if dropped else ""), slower(now, before))


def _failed(now: Timing) -> str:
    if not now.failures:
        return ""

    return f"{count(now.failures)} of {count(now.n)} failed, {share(now.rate)}."


def _overall(now: Timing) -> str:
    """Fastest and slowest, the mean in a word, and speed and success as one score."""
    if now.low is None or now.efficiency is None:
        return ""

    return dots(
        f"fastest {seconds(now.low)}, slowest {seconds(now.high)}",
        f"level {now.level}",
        f"efficiency {now.efficiency:.0f} of 100",
    )


def _first_token(value: Performance) -> str:
    token = value.first_token
    if not token.n:
        return ""

    figure, word = (token.p95, "P95") if token.p95 is not None else (token.mean, "mean")
    speed = f"{value.tokens_per_second:.0f} tokens/s" if value.tokens_per_second is not None else ""
    partial = "partial" if value.partial and word == "P95" else ""
    return dots(f"{word} {seconds(figure)}", partial, BAND[value.bands.first_token.band(figure)], speed)
