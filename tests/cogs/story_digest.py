"""A week and a standing of things as the looks tell of them, built by hand."""

from __future__ import annotations

from dataclasses import replace

from monitoring.analysis.figure import Figure
from monitoring.analysis.standing import OpenIncident, Standing
from monitoring.digest.hygiene import Proposal, RuleHygiene
from monitoring.digest.incidents import DayIncidents, Told
from monitoring.digest.week import Alerts, Week
from monitoring.model import MINUTE, Band, Health, Severity
from monitoring.window import Window

from . import story

RULES = (
    RuleHygiene("error_rate", 9, 0, None, 240.0, 2, 1.0),
    RuleHygiene("p95_response", 4, 4, 480.0, 660.0, 0, 0.0),
    RuleHygiene("service_unhealthy", 2, 2, 840.0, 120.0, 0, 0.0),
    RuleHygiene("memory", 1, 0, None, 240.0, 0, 1.0),
)
BETTER = Proposal("error_rate", 0.05, 0.08, "rate", 9, 1)


def week(names: tuple[str, ...] = story.NAMES, rules: tuple[RuleHygiene, ...] = RULES) -> Week:
    """Week 10 of 2026."""
    window = Window(story.at("00:00", 2), story.at("00:00", 9), story.BERLIN, "week to 2026-03-08")
    overview = replace(story.overview(names), window=window, p95=Figure(2.4, 2.6, 70_000, Band.GOOD))
    return Week(
        "2026-03-08",
        window,
        story.BERLIN,
        Band.WARNING,
        "Week 10: 16 alerts, 6 needed a person",
        "Calmer than the week before: 16 alerts after 23, 1 h 28 min broken after 2 h 20 min.",
        ("▲ **Banter** 640 exchanges, 26 % more",),
        overview,
        Alerts(16, 6, 5_280, 23, 8_400),
        rules,
        BETTER,
        (BETTER.words, "`p95_response` is well set: always acknowledged."),
        story.personas(names),
        story.banter(names),
        story.relationships(names).movers,
        DayIncidents(16, 16, 0, 600.0, tuple(range(16)), Severity.WARNING),
        ("Set `OLLAMA_MAX_LOADED_MODELS=1`.",),
    )


def incidents(title: str = "P95 response") -> DayIncidents:
    """Two of them, one still open."""
    told = (Told(4128, title, None, "up to 41 %"), Told(4127, title, 2820.0, "up to 8.6 s", 9, 10))
    return DayIncidents(2, 1, 1, 840.0, (4127, 4128), Severity.WARNING, told)


def standing(name: str = "olivia", *, calm: bool = False) -> Standing:
    """That Wednesday at 14:12."""
    now, begin = story.at("14:12"), story.at("14:05")
    return Standing(
        now,
        "good" if calm else "critical",
        begin,
        ()
        if calm
        else (
            OpenIncident(4128, f"{name} is unhealthy", begin, critical=True),
            OpenIncident(4127, "P95 response", begin - MINUTE, False, name, 9, 10),
        ),
        () if calm else ((name, Health.UNHEALTHY),),
        Figure(1_420, 1_300, 1_420),
        Figure(4.2, 2.3, 61, Band.WARNING),
        Figure(2.1, 1.2, 61, Band.WARNING),
        Figure(0.022, 0.013, 61, Band.GOOD),
    )
