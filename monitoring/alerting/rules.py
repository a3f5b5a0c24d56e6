"""All built-in rules, as data, theme by theme."""

from __future__ import annotations

from monitoring.alerting.rule_units import STATE
from monitoring.alerting.rules_host import of_host
from monitoring.alerting.rules_personas import of_personas
from monitoring.alerting.rules_use import of_use
from monitoring.alerting.rules_work import of_work
from monitoring.alerting.thresholds import Thresholds
from monitoring.incident import Rule

__all__ = ["STATE", "Thresholds", "built_in"]


def built_in(limits: Thresholds | None = None) -> tuple[Rule, ...]:
    """All built-in rules with these limits (or the usual ones); those without a limit are switched off."""
    limits = limits or Thresholds()
    return (*of_work(limits), *of_host(limits), *of_use(limits), *of_personas(limits))
