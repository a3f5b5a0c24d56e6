"""The built-in rules of personas, as data. A new one is one more entry."""

from __future__ import annotations

from dataclasses import replace

from monitoring.alerting.rule_units import SPECIAL
from monitoring.alerting.rules_use import DISCORD_DOWN
from monitoring.alerting.thresholds import LLM_DOWN, Thresholds
from monitoring.incident import Rule
from monitoring.model import Severity


def of_personas(limits: Thresholds) -> tuple[Rule, ...]:
    """Silence, runaway banter, one persona worse than the others, falling affinity."""
    found = (_silent(), *_of_one(), *_of_banter(), _falling())
    return tuple(replace(rule, cooldown=limits.cooldown) for rule in found)


def _special(name: str, figure: str, title: str, **fields: object) -> Rule:
    rule = Rule(name, title, SPECIAL, "last", where=(("figure", figure),))
    return replace(rule, **fields)  # type: ignore[arg-type]  # names and types are tested by the rules that use it


def _silent() -> Rule:
    return _special(
        "persona_silent",
        "persona_silent",
        "Messages missing from {group}",
        by="persona",
        above=10.0,
        recovery=2.0,
        hold=600,
        recovery_hold=0,
        window=3600,
        unit="",
        advice="Users write, this persona does not. Check its webhook, its triggers, and errors in its answers.",
        depends_on=("no_active_user", DISCORD_DOWN, LLM_DOWN),
    )


def _of_one() -> tuple[Rule, ...]:
    return (
        _special(
            "persona_slow",
            "persona_slower",
            "{group}'s time against its siblings",
            by="persona",
            above=2.0,
            recovery=1.5,
            hold=300,
            recovery_hold=600,
            window=3600,
            minimum=10,
            unit="times",
            advice="Compare its model, its prompt's length and its tools with those of the others.",
            depends_on=("response_time", LLM_DOWN),
        ),
        _special(
            "persona_failing",
            "persona_failing",
            "{group}'s errors beyond its siblings'",
            by="persona",
            above=0.1,
            recovery=0.05,
            hold=120,
            recovery_hold=600,
            window=3600,
            minimum=10,
            failures=4,
            unit="rate",
            advice="The others work: look at this one's model, prompt and tools, and at what its errors are.",
            depends_on=(LLM_DOWN,),
        ),
    )


def _of_banter() -> tuple[Rule, ...]:
    return (
        _special(
            "banter_length",
            "banter_turns",
            "Turns of banter without a user",
            above=40.0,
            recovery=10.0,
            critical_above=120.0,
            hold=0,
            recovery_hold=60,
            window=300,
            unit="",
            advice="Personas answer each other without end. Give banter a limit of turns, or a pause.",
        ),
        _special(
            "banter_cost",
            "banter_cost",
            "Cost of banter in an hour",
            above=1.0,
            recovery=0.5,
            critical_above=5.0,
            hold=0,
            recovery_hold=600,
            window=3600,
            unit="$",
            advice="See who talks to whom; let banter use a cheaper model, or fewer turns.",
            depends_on=("banter_length",),
        ),
    )


def _falling() -> Rule:
    return _special(
        "affinity_fall",
        "affinity_fall",
        "Fall of affinity {group}",
        by="pair",
        above=15.0,
        recovery=8.0,
        hold=0,
        recovery_hold=600,
        window=86_400,
        minimum=2,
        severity=Severity.INFO,
        unit="points",
        advice="Read what the two said to each other lately; a prompt or a rule of yours may have turned them.",
    )
