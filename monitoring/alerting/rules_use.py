"""The built-in rules of traffic and money, as data. A new one is one more entry."""

from __future__ import annotations

from monitoring.alerting.rule_units import SPECIAL
from monitoring.alerting.thresholds import Thresholds
from monitoring.incident import Rule
from monitoring.model import Severity

DISCORD_DOWN = "service_unhealthy:discord"


def of_use(limits: Thresholds) -> tuple[Rule, ...]:
    """Users and their traffic, the month's budget."""
    return (_idle(limits), _traffic(limits), *_of_budget(limits))


def _idle(limits: Thresholds) -> Rule:
    return Rule(
        "no_active_user",
        "Silence of all users",
        SPECIAL,
        "last",
        above=60,
        recovery=30,
        where=(("figure", "idle"),),
        window=3600,
        hold=300,
        recovery_hold=0,
        unit="min",
        cooldown=limits.cooldown,
        advice="At this hour somebody usually writes. Check that the bot can read its channels and is online.",
        depends_on=(DISCORD_DOWN,),
    )


def _traffic(limits: Thresholds) -> Rule:
    return Rule(
        "unusual_traffic",
        "Traffic beyond the usual",
        "message",
        "anomaly",
        above=6.0,
        recovery=4.0,
        where=(("author", "user"),),
        window=900,
        hold=120,
        recovery_hold=600,
        minimum=50,
        severity=Severity.INFO,
        unit="σ",
        cooldown=limits.cooldown,
        advice="Good news, or a raid: see who writes and where, then whether the models and your budget bear it.",
    )


def _of_budget(limits: Thresholds) -> tuple[Rule, ...]:
    return (
        _budget(
            limits,
            "budget",
            "Spent of the month's budget",
            above=0.9,
            recovery=0.85,
            critical=1.0,
            advice="See which model, persona and feature costs most; raise the budget or choose a cheaper model.",
        ),
        _budget(
            limits,
            "budget_ahead",
            "Month's budget at this pace",
            above=1.0,
            recovery=0.95,
            critical=None,
            advice="Nothing is lost yet: see which model, persona and feature costs most, and what changed.",
        ),
    )


def _budget(
    limits: Thresholds, name: str, title: str, *, above: float, recovery: float, critical: float | None, advice: str
) -> Rule:
    """A share of the month's budget; it goes back only when a month or a forecast does."""
    return Rule(
        name,
        title,
        SPECIAL,
        "last",
        above=above,
        recovery=recovery,
        where=(("figure", name),),
        window=3600,
        hold=0 if name == "budget" else 3600,
        recovery_hold=0 if name == "budget" else 3600,
        critical_above=critical,
        unit="rate",
        cooldown=limits.cooldown,
        advice=advice,
        depends_on=() if name == "budget" else ("budget",),
        enabled=limits.budget_month_dollars is not None,
    )
