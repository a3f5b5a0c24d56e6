"""`/stats features` as an embed: how each feature works, and what is tried in variants."""

from __future__ import annotations

import discord

from monitoring.analysis.difference import Difference
from monitoring.analysis.features import Feature, Features, Trial, Variant
from monitoring.model import Band
from monitoring.phrasing import FEW, NB, NONE, count, money, seconds, share

from ._embeds import embed
from ._format import bold, code, dots, lines, span, table, title_name, unmonitored

LEAST, LEAST_FAILURES = 20, 3
"""Requests below which a feature is not judged, and failures below which it is not said to fail."""
ROWS, NOTES, TRIALS, VARIANTS = 8, 3, 3, 3


def features_embed(value: Features) -> discord.Embed:
    """Requests, times and success of each feature, its tokens and cache; differences of variants."""
    if not value.rows and not value.trials:
        return embed(
            "No feature was used in this window",
            "Operations name their feature and variant where the host does: `feature=`, `variant=`.",
            footer=span(value.window),
        )

    rest = f", {ROWS} of {len(value.rows)}" if len(value.rows) > ROWS else ""
    rows = [(count(row.timing.n), seconds(row.timing.mean), _well(row), row.name) for row in value.rows[:ROWS]]
    bad = [row for row in value.rows if _bad(row)]
    return embed(
        _title(value),
        lines(*(_note(row) for row in bad[:NOTES]), f"And {len(bad) - NOTES} more." if len(bad) > NOTES else ""),
        fields=[
            (f"Requests, mean, success{rest}", table(rows) if rows else ""),
            (
                "Tokens and cost" if value.money else "Tokens",
                dots(*(_used(row, value.money) for row in value.rows[:3])),
            ),
            ("Answered by a cache", dots(*(_hits(row) for row in value.rows[:ROWS] if row.asks))),
            *((_trial_name(trial), _trial(trial)) for trial in value.trials[:TRIALS]),
        ],
        footer=dots(
            span(value.window),
            f"n {count(value.n)}",
            f"{len(value.trials) - TRIALS} more trials" if len(value.trials) > TRIALS else "",
            unmonitored(value.gaps, value.window.zone),
        ),
    )


def _bad(row: Feature) -> bool:
    return row.timing.n >= LEAST and (_fails(row) or _slow(row))


def _fails(row: Feature) -> bool:
    return row.timing.failures >= LEAST_FAILURES and row.error_band in (Band.WARNING, Band.CRITICAL)


def _slow(row: Feature) -> bool:
    return row.band in (Band.WARNING, Band.CRITICAL)


def _title(value: Features) -> str:
    if not value.rows:
        return f"{len(value.trials)} trial{'' if len(value.trials) == 1 else 's'} of variants"

    judged = [row for row in value.rows if row.timing.n >= LEAST]
    if not judged:
        return "Too few requests to judge features"

    failing = max((row for row in judged if _fails(row)), key=lambda row: row.timing.rate or 0, default=None)
    if failing is not None:
        if failing.error_band is Band.CRITICAL:
            return f"{title_name(failing.name)} fails too often"

        return f"{title_name(failing.name)} fails most: {share(failing.timing.rate)}"

    slow = [row for row in judged if _slow(row)]
    if slow:
        slowest = max(slow, key=lambda row: row.timing.p95 or row.timing.mean or 0)
        return (
            f"{title_name(slowest.name)} is slow"
            if len(slow) == 1
            else f"{len(slow)} of {len(judged)} features are slow"
        )

    return "All features are within limits"


def _note(row: Feature) -> str:
    """Why a feature is not within limits."""
    failed = f"fails in {share(row.timing.rate)} of {count(row.timing.n)}" if _fails(row) else ""
    p95, mean = row.timing.p95, row.timing.mean
    takes = f"takes {seconds(p95)} at P95" if p95 is not None else f"takes {seconds(mean)} in the mean"
    slow = takes if _slow(row) else ""
    return f"{code(row.name)} {' and '.join(part for part in (failed, slow) if part)}."


def _well(row: Feature) -> str:
    if row.timing.rate is None:
        return NONE

    good = 1 - row.timing.rate
    # Never rounded up to all of them.
    return f"{min(good * 100, 99.9):.1f}{NB}%" if 0.995 <= good < 1 else share(good)


def _used(row: Feature, paid: bool) -> str:
    price = ("local" if row.used.local else money(row.used.cost)) if paid and row.used.total else ""
    return f"{code(row.name)} {count(row.used.total)}{f', {price}' if price else ''}" if row.used.total else ""


def _hits(row: Feature) -> str:
    return f"{code(row.name)} {share(row.hits)} of {count(row.asks)}"


def _trial_name(trial: Trial) -> str:
    return f"Variants of {title_name(trial.service)}, {title_name(trial.operation)}"


def _trial(trial: Trial) -> str:
    """The most used variant, then the others against it."""
    first, *others = trial.variants
    rest = f"and {len(others) - VARIANTS} more variants" if len(others) > VARIANTS else ""
    return lines(
        f"{bold(first.name)} {_mean(first)}, the baseline",
        *(f"{bold(other.name)} {_mean(other)}: {_against(other)}" for other in others[:VARIANTS]),
        rest,
    )


def _mean(variant: Variant) -> str:
    return f"{seconds(variant.timing.mean)} (n {count(variant.timing.n)})"


def _against(variant: Variant) -> str:
    """The difference of means with its interval, then that of errors."""
    mean, errors = variant.mean, variant.errors
    if mean is None:
        time = f"{FEW} to compare"
    elif not mean.shown:
        time = f"no difference shown ({_interval(mean)})"
    else:
        time = f"**{seconds(abs(mean.value))} {'slower' if mean.value > 0 else 'faster'}** ({_interval(mean)})"

    if errors is None or not errors.shown:
        return dots(time, "errors: no difference shown" if errors is not None else "")

    low, high = sorted((abs(errors.low), abs(errors.high)))
    size = f"{abs(errors.value) * 100:.1f} points ({low * 100:.1f} to {high * 100:.1f})"
    return dots(time, f"fails **{size} {'more' if errors.value > 0 else 'less'}**")


def _interval(found: Difference) -> str:
    """From the nearer to the farther end; with signs where the interval holds 0."""
    if not found.shown:
        return f"−{abs(found.low):.2f} to +{found.high:.2f}{NB}s"

    low, high = sorted((abs(found.low), abs(found.high)))
    return f"{low:.2f} to {high:.2f}{NB}s"
