"""`/why` without a figure: what is worth doing, what is to come, what was unusual, which promises are in trouble."""

from __future__ import annotations

from collections.abc import Callable

import discord

from monitoring.analysis.advice import Insights, Recommendation
from monitoring.analysis.anomalies import Anomaly
from monitoring.analysis.forecast import Forecast, Reach
from monitoring.analysis.kept import Kept
from monitoring.analysis.slo import FAST, Slo
from monitoring.analysis.why_findings import FIGURES
from monitoring.analysis.why_words import amount_text
from monitoring.metrics import GAUGES
from monitoring.model import DAY, HOUR, Instant
from monitoring.phrasing import FEW, count, duration, in_unit, money, share, well

from ._embeds import EMOJI, OF_BAND, embed
from ._format import bold, cut, dots, lines, span, stamp

HOST_ADVICE = ("expensive", "memory", "disk")
"""Recommendations that show the machine or money."""
MOST_ADVICE, MOST_UNUSUAL, MOST_PROMISES = 3, 4, 5
LIMITED = {"disk_percent": "Disk", "memory_percent": "Memory"}


def insights_embed(value: Insights, kept: Kept, *, owner: bool) -> discord.Embed:
    """One short page; a quiet one is two lines. `owner`: with money and the machine."""
    advice = [one for one in value.recommendations if owner or one.what not in HOST_ADVICE]
    troubled, unusual = kept.troubled, value.anomalies
    quiet = not advice and not troubled and not unusual
    return embed(
        _title(advice, troubled, unusual),
        lines(_calm(kept), _coming(value, owner=owner)) if quiet else "",
        fields=[
            ("Worth doing", lines(*(_advice(one) for one in advice[:MOST_ADVICE]))),
            (
                "Unusual for its hour of the week",
                lines(*(_unusual(one) for one in unusual[:MOST_UNUSUAL]), _more(len(unusual), MOST_UNUSUAL)),
            ),
            ("Promises over 30 d", "" if quiet else _promises(kept)),
            ("To come", "" if quiet else _coming(value, owner=owner)),
        ],
        footer=span(value.window),
    )


def _title(advice: list[Recommendation], troubled: tuple[Slo, ...], unusual: tuple[Anomaly, ...]) -> str:
    if advice:
        rest = f", and {len(advice) - 1} more to do" if len(advice) > 1 else ""
        first = advice[0].title.replace("`", "")
        return f"{first}{rest}" if len(first) + len(rest) <= 56 else first

    if troubled:
        return f"{len(troubled)} promise{'s' if len(troubled) > 1 else ''} in trouble"

    if unusual:
        return f"{len(unusual)} unusual time{'s' if len(unusual) > 1 else ''}, nothing to do"

    return "Nothing stands out"


def _calm(kept: Kept) -> str:
    judged = [one for one in kept.known if not one.few]
    if not judged:
        return "Nothing to do, nothing unusual."

    least = min((one.budget for one in judged if one.budget is not None), default=None)
    return f"Nothing to do, nothing unusual; all promises kept, least budget left {share(least)}."


def _advice(one: Recommendation) -> str:
    return cut(f"**{one.title}** ({one.priority.word}). {one.evidence}\n→ {one.action}", 330)


def _unusual(one: Anomaly) -> str:
    value, usual = (amount_text(one.figure, figure) for figure in (one.value, one.usual))
    an_hour = " an hour" if one.figure in ("messages", "tokens") else ""
    return f"{FIGURES[one.figure]} **{value}**{an_hour}, usual {usual}: {_when(one.start, one.end)}"


def _when(start: Instant, end: Instant) -> str:
    return f"{stamp(start, 'f')}, {duration((end - start) / 1000)}"


def _more(n: int, most: int) -> str:
    return f"and {n - most} more" if n > most else ""


def _promises(kept: Kept) -> str:
    """Those in trouble with all of their figures, the others as one line."""
    judged = [one for one in kept.known if not one.few]
    rows = [promise_line(one) for one in kept.troubled[:MOST_PROMISES]]
    calm = [one for one in judged if one not in kept.troubled]
    if not calm:
        return lines(*rows, "" if judged else FEW if kept.known else "")

    least = min((one.budget for one in calm if one.budget is not None), default=None)
    words = "kept" if not rows else f"{len(calm)} other{'s' if len(calm) > 1 else ''} kept"
    return lines(*rows, f"{EMOJI['good']} {words.capitalize()}; least budget left {share(least)}")


def promise_line(one: Slo) -> str:
    """A promise in a line: state, value against target, what is left of the budget, how fast it burns."""
    if one.few:
        return f"{EMOJI['unknown']} {promise_name(one)}: **{FEW}** to judge, {well(one.value)} of {count(one.n)}"

    used_up = one.budget is not None and one.budget <= 0
    rates = {words: one.burn(width) for words, width in (("1 h", HOUR), ("6 h", 6 * HOUR), ("3 d", 3 * DAY))}
    burn = ", ".join(f"{rate:.1f} in {words}" for words, rate in rates.items() if rate is not None)
    return dots(
        f"{EMOJI[OF_BAND[one.state]]} {promise_name(one)} **{well(one.value)}** of {well(one.target)}",
        "budget used up" if used_up else f"{share(one.budget)} of budget left",
        f"burn {burn}" if burn else "",
        f"gone {stamp(one.gone_at, 'R')}" if one.gone_at is not None and one.rule is not None else "",
    )


def promise_name(one: Slo) -> str:
    """What is promised: "Answers succeed", "Answers within 5 s", "**llm** is up"."""
    if one.what == FAST:
        return f"Answers within {in_unit(one.limit, 's').replace('.0', '')}"

    return f"{bold(one.subject)} is up" if one.subject else "Answers succeed"


def _coming(value: Insights, *, owner: bool) -> str:
    month = dots(
        f"{_ranged(value.tokens, count)} tokens" if value.tokens is not None else "",
        _ranged(value.cost, money) if owner and value.cost is not None else "",
    )
    reaches = value.reaches if owner else ()
    return lines(f"This month: {month}" if month else "", *(_reach(name, one) for name, one in reaches))


def _ranged(forecast: Forecast, words: Callable[[float | None], str]) -> str:
    return f"**{words(forecast.value)}** ({words(forecast.low)} to {words(forecast.high)})"


def _reach(name: str, one: Reach) -> str:
    """When a gauge will be full, with its range."""
    latest = stamp(one.latest, "D") if one.latest is not None else "never"
    limit = in_unit(one.limit, GAUGES.get(name, ""))
    return (
        f"{LIMITED.get(name, name)} reaches {limit} **{stamp(one.at, 'R')}** "
        f"({stamp(one.earliest, 'D')} to {latest}), now {in_unit(one.level, GAUGES.get(name, ''))}"
    )
