"""The story's causes, recommendations, promises, uptime and incidents, built by hand, with any names; and embeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import discord

from cogs._insights_embed import insights_embed
from cogs._reliability_embed import incidents_embed, slo_embed, uptime_embed
from cogs._why_embed import why_embed
from monitoring.analysis.advice import Insights, Priority, Recommendation
from monitoring.analysis.anomalies import Anomaly
from monitoring.analysis.figure import Figure
from monitoring.analysis.forecast import Forecast, Reach
from monitoring.analysis.incidents import Course, IncidentLog, RuleIncidents
from monitoring.analysis.kept import Kept, kept
from monitoring.analysis.slo import FAST, SHORT, SPAN, SUCCESS, UPTIME, Slo, Tally, slo
from monitoring.analysis.uptime import ServiceUptime, Step, Uptime
from monitoring.analysis.why import Cause, Contribution, Ranking, Why
from monitoring.model import DAY, HOUR, MINUTE, Severity
from monitoring.window import Window

from .story import DAY_WINDOW, EVENING, MONTH, SPELL, at

OVER = Window(SPELL.start, SPELL.end, "Europe/Berlin")
CHANGE = 3.2


def group(dimension: str, name: str, change: float) -> Contribution:
    """What one group adds to the change."""
    return Contribution(dimension, name, change, change / CHANGE, significant=True)


def why(name: str = "", figure: str = "mean") -> Why:
    """Waiting for the model; with a name, everything is called so."""
    rankings = (
        Ranking("component", (group("component", name or "llm_inference", 2.9), group("component", "tts", 0.2)), 0.1),
        Ranking("model", (group("model", name or "llama3.1:8b", 2.4), group("model", "qwen2.5:14b", 0.7)), 0.1),
        Ranking("persona", (group("persona", name or "dagoth_ur", 1.3), group("persona", "scav", 0.9)), 1.0),
        Ranking("guild", (group("guild", name or "Tavern", 1.2), group("guild", "Library", 0.9)), 1.1),
    )
    cause = Cause((("component", name or "llm_inference"), ("guild", name or "Tavern")), "own", 0.91, 3.9, 1.0, 560)
    parts = (("llm_inference", 2.9), ("tts", 0.2), ("", 0.1))
    return Why(
        OVER, OVER.before, figure, 4.6, 1.4, 580, 610, True, rankings, parts, cause, (name or "discord_send", "rag")
    )


def promise(what: str = SUCCESS, bad: float = 0.0042, n: int = 40_000, subject: str = "", burn: float = 0.4) -> Slo:
    """One of 99 %."""
    tallies = {width: Tally(max(n * width // SPAN, 1), n * width / SPAN * 0.01 * burn) for width in SHORT}
    limit = 5.0 if what == FAST else None
    return slo(what, 0.99, {**tallies, SPAN: Tally(n, n * bad)}, now=EVENING, subject=subject, limit=limit)


def promises(*found: Slo) -> Kept:
    """The usual three, or these."""
    return kept(MONTH, found or (promise(), promise(FAST, 0.002), promise(UPTIME, 0.0001, subject="llm")))


def advice(what: str = "slow", title: str = "Answers are slow", priority: Priority = Priority.MEDIUM) -> Recommendation:
    """Something to do."""
    return Recommendation(what, "", priority, title, "Mean 4.6 s, warning from 2 s.", "Free the GPU.", 580)


def insights(*recommendations: Recommendation) -> Insights:
    """A day with a month's forecast, a disk that fills and one unusual hour."""
    return Insights(
        DAY_WINDOW,
        recommendations,
        Forecast(24_100_000.0, 20_000_000.0, 28_000_000.0, 30),
        Forecast(83_000_000.0, 74_000_000.0, 96_000_000.0, 30),
        (("disk_percent", Reach(EVENING + 9 * DAY, EVENING + 7 * DAY, None, 81.2, 1.5, 95.0, 160)),),
        (Anomaly("mean", at("14:00"), at("15:00"), 4.6, 1.4, 4.6, 7.1, 8),),
    )


def quiet() -> Insights:
    """Nothing to do, nothing unusual, a month's tokens."""
    return replace(insights(), anomalies=(), reaches=(), cost=None)


def uptime(name: str = "llm") -> Uptime:
    """One service was away for three quarters of an hour, another slow."""
    steps = (Step(EVENING - DAY, EVENING, 2880, 0, 94),)
    services = (
        ServiceUptime(name, 0.9673, 2880, 47 * 60, 60, steps),
        ServiceUptime("tts", 1.0, 2880, 0, 600, steps),
    )
    return Uptime(DAY_WINDOW, HOUR, services)


def incidents(name: str = "Mean response") -> IncidentLog:
    """Two of a rule, one of them critical and still open."""
    courses = (
        Course(4127, at("14:10"), at("14:52"), Severity.WARNING, at("14:24")),
        Course(4128, at("17:10"), None, Severity.CRITICAL),
    )
    rules = (RuleIncidents(name, courses, 92 * 60),)
    return IncidentLog(DAY_WINDOW, rules, Figure(2, 1, 2), 1, 1, Figure(14 * 60, None, 1), Figure(42 * 60, None, 1))


MAKERS: dict[str, Callable[[str], discord.Embed]] = {
    "why": lambda n: why_embed(why(n)),
    "why, unknown": lambda n: why_embed(replace(why(n), before=None)),
    "insights": lambda n: insights_embed(
        insights(), promises(*(promise(UPTIME, 0.02, subject=f"{n}{k}") for k in range(9))), owner=True
    ),
    "uptime": lambda n: uptime_embed(replace(uptime(), services=uptime(n).services * 9)),
    "slow service": lambda n: uptime_embed(
        replace(uptime(), services=(replace(uptime(n).services[0], down=0.0, slow=10 * MINUTE / 1000),))
    ),
    "incidents": lambda n: incidents_embed(replace(incidents(), rules=incidents(n).rules * 12)),
    "slo": lambda n: slo_embed(promises(*(promise(UPTIME, 0.02, subject=f"{n}{k}") for k in range(12)))),
}
"""An embed of each, with a name wherever one can be."""
