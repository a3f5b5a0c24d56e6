"""Uptime, incidents and promises as embeds: the line that stands above their charts."""

from __future__ import annotations

import discord

from monitoring.analysis.incidents import IncidentLog, RuleIncidents
from monitoring.analysis.kept import Kept
from monitoring.analysis.uptime import ServiceUptime, Uptime
from monitoring.model import Severity
from monitoring.phrasing import NB, NONE, count, duration, more, well
from monitoring.safe_text import safe_text

from ._embeds import EMOJI, embed
from ._format import bold, dots, lines, span, title_name, unmonitored
from ._insights_embed import promise_line

MOST = 8


def uptime_embed(value: Uptime) -> discord.Embed:
    """Which services were away, and for how long; a good window is two lines."""
    known = [one for one in value.worst_first if one.n]
    footer = dots(
        span(value.window),
        f"n{NB}{count(sum(one.n for one in known))}" if known else "n 0",
        unmonitored(value.gaps, value.window.zone),
    )
    if not known:
        return embed("⚪ No service was probed", "Probes are settings: `PROBE_HTTP`, `PROBE_TCP`.", footer=footer)

    away = [one for one in known if one.down]
    if not away:
        slow = [one for one in known if one.slow]
        words = f"{bold(slow[0].name)} was slow for {duration(slow[0].slow)}." if slow else ""
        return embed("Every probe was answered", lines("No service was down.", words), footer=footer)

    many = f"{len(away)} services were down" if len(away) > 1 else f"{title_name(away[0].name)} was down"
    return embed(
        f"{many}, lowest uptime {well(min(one.share for one in away if one.share is not None))}",
        lines(*(_service(one) for one in away[:MOST]), f"and {len(away) - MOST} more" if len(away) > MOST else ""),
        footer=footer,
    )


def _service(one: ServiceUptime) -> str:
    slow = f"slow {duration(one.slow)}" if one.slow else ""
    return dots(f"{bold(one.name)} **{well(one.share)}**", f"down {duration(one.down)}", slow)


def incidents_embed(value: IncidentLog) -> discord.Embed:
    """How many, how bad, and how soon somebody had them; none is two lines."""
    courses = value.courses
    if not courses:
        return embed("No incidents in this window", more(0, value.opened.before), footer=span(value.window))

    state = f", {value.still_open} still open" if value.still_open else ", all over"
    plural = "s" if len(courses) > 1 else ""
    return embed(
        f"{count(len(courses))} incident{plural}{state}",
        f"{value.critical} of them critical." if value.critical else "None of them critical.",
        inline=[
            ("Opened", lines(f"**{count(value.opened.value)}**", more(value.opened.value, value.opened.before))),
            ("Acknowledged after", _mean(value.to_acknowledge.value, value.to_acknowledge.n)),
            ("Over after", _mean(value.to_resolve.value, value.to_resolve.n)),
        ],
        fields=[("By rule, longest first", lines(*(_rule(one) for one in value.rules[:MOST])))],
        footer=span(value.window),
    )


def _mean(seconds: float | None, n: int) -> str:
    return lines(f"**{duration(seconds)}**", f"mean of {n}") if seconds is not None else NONE


def _rule(one: RuleIncidents) -> str:
    critical = sum(course.severity is Severity.CRITICAL for course in one.courses)
    mark = EMOJI["critical"] if critical else EMOJI["warning"]
    times = f"{len(one.courses)} times" if len(one.courses) > 1 else "once"
    return f"{mark} {safe_text(one.title, 64)} {times}, {duration(one.seconds)}"


def slo_embed(value: Kept) -> discord.Embed:
    """Every promise with its budget and burn."""
    if not value.known:
        return embed(
            "⚪ Nothing to hold promises against yet", "They count from the first answer on.", footer="30 d · n 0"
        )

    troubled, few = value.troubled, [one for one in value.known if one.few and one not in value.troubled]
    rows = [one for one in value.known if one not in few][:MOST] or list(value.known[:MOST])
    title = f"{len(troubled)} of {len(value.known)} promises in trouble" if troubled else "Promises are kept"
    if not troubled and all(one.few for one in value.known):
        title = "Too few so far to judge promises"

    hidden = len(value.known) - len(rows)
    rest = f"and {hidden} more, {len(few)} of them with too few to judge" if hidden and few else f"and {hidden} more"
    return embed(
        title,
        lines(*(promise_line(one) for one in rows), rest if hidden else ""),
        footer=dots("30 d", value.window.zone, "a burn of 1 uses the budget up in 30 d"),
    )
