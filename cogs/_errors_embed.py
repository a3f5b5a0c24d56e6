"""`/stats errors` as an embed: how much fails, of which kind, where, and whether it gets worse."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from monitoring.analysis.attempts import COMMANDS, Place
from monitoring.analysis.errors import Errors
from monitoring.analysis.singles import Single
from monitoring.model import DAY, MINUTE, Band
from monitoring.phrasing import FEW, NB, count, more, points, share
from monitoring.window import Window

from ._embeds import embed, no_data_embed
from ._format import against, code, dots, graded, lines, span, stamp, title_name, unmonitored

_MOST, _KINDS = 5, 9


def errors_embed(value: Errors) -> discord.Embed:
    """Rate, number and trend; kinds, services, commands, and the newest failures."""
    if not value.rate.n:
        return _nothing(value)

    if not value.total.value:
        return embed(
            _title(value),
            lines(f"{_tried(value)}, none of them failed.", _answers(value)),
            footer=_footer(value),
        )

    return embed(
        _title(value),
        lines(f"{count(value.total.value)} of {_tried(value)} failed, {share(value.rate.value)}.", _worst(value)),
        inline=[
            _rate(value),
            ("Errors", lines(f"**{count(value.total.value)}**", more(value.total.value, value.total.before))),
            ("Last 6 h", _trend(value)),
        ],
        fields=[
            ("Kinds: number, share, severity, last", _kinds(value)),
            ("By service", "" if value.service else _places(value.services)),
            ("By command", _places(value.commands)),
            (f"Newest{of_late(value.window)}", recent(value.recent)),
        ],
        footer=_footer(value),
    )


def of_late(window: Window) -> str:
    """Of which time single operations are, where that is not the whole window."""
    return f", last 24{NB}h" if window.length > DAY + MINUTE else ""


def recent(singles: Sequence[Single]) -> str:
    """Failures one a line: kind, where, when, and by what the same failure is known again."""
    return lines(
        *(
            dots(
                f"{code(one.kind)} in {code(one.service, 20)} {code(one.operation, 24)} {stamp(one.at, 'R')}",
                code(one.fingerprint, 12) if one.fingerprint else "",
            )
            for one in singles
        )
    )


def _nothing(value: Errors) -> discord.Embed:
    if value.answers.n:
        return embed(
            f"{count(value.answers.n)} answers, {share(value.answers.value)} of them failed",
            "Answers are seen in Discord alone here: of which kind a failure is, only the host can report.",
            footer=_footer(value),
        )

    return no_data_embed(value.window, value.first_at)


def _title(value: Errors) -> str:
    whose = f"{title_name(value.service, 20)}: " if value.service else ""
    if not value.total.value:
        return f"{whose}nothing failed" if whose else "Nothing failed"

    trend = f", {value.trend.word}" if value.trend is not None and value.trend.word != "stable" else ""
    words = {Band.GOOD: "few errors", Band.WARNING: "more errors than good", Band.CRITICAL: "many errors"}
    verdict = words.get(value.verdict.band, "errors") + trend
    return f"{whose}{verdict}" if whose else verdict.capitalize()


def _tried(value: Errors) -> str:
    what = "commands" if value.service == COMMANDS else "operations" if value.service else "operations and commands"
    return f"{count(value.rate.n)} {what}"


def _worst(value: Errors) -> str:
    worst = value.worst
    if worst is None or not worst.stands_out:
        return ""

    style = "t" if value.window.length <= DAY else "f"
    mostly = f", {count(worst.of_kind)} of them {code(worst.kind)}" if worst.of_kind * 2 > worst.count else ""
    return f"Most from {stamp(worst.at, style)} to {stamp(worst.end)}: {count(worst.count)}{mostly}."


def _answers(value: Errors) -> str:
    """Answers that failed though nothing that was done for them did."""
    if not value.answers.value:
        return ""

    return f"Of {count(value.answers.n)} answers {share(value.answers.value)} failed."


def _rate(value: Errors) -> tuple[str, str]:
    """The rate that is judged, and what it is of."""
    rate = value.verdict
    change = points(rate.value, rate.before)
    return "Answers failed" if value.answers.n else "Error rate", lines(graded(share(rate.value), rate.band), change)


def _trend(value: Errors) -> str:
    if value.trend is None:
        return f"**{FEW}**\nto see a trend"

    return f"**{value.trend.word}**\n{count(value.trend.now)} after {count(value.trend.before)}"


def _kinds(value: Errors) -> str:
    """A line each: count, share, severity, last time."""
    return lines(
        *(
            dots(f"{code(k.name)} **{count(k.count)}**", share(k.share), k.severity, stamp(k.last_at, "R"))
            for k in value.kinds[:_KINDS]
        )
    )


def _places(places: Sequence[Place]) -> str:
    rows = [f"{code(place.name, 24)} {count(place.failures)} ({share(place.rate)})" for place in places[:_MOST]]
    left = len(places) - _MOST
    return dots(*rows, f"{left} more" if left > 0 else "")


def _footer(value: Errors) -> str:
    dark = unmonitored(value.gaps, value.window.zone) or against(value.window)
    return dots(span(value.window), f"n {count(value.rate.n)}", dark)
