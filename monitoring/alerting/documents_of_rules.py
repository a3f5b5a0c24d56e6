"""Rules made in Discord as documents of state, and back."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import Any, cast

from monitoring.alerting.rule_units import SPECIAL, STATISTICS
from monitoring.incident import Escalation, Rule
from monitoring.metrics import METRICS
from monitoring.model import Severity
from monitoring.rows import Document

RULE = "rule"


def body_of(rule: Rule) -> dict[str, object]:
    """The rule as it is kept."""
    body = asdict(rule)
    body["where"] = [list(pair) for pair in rule.where]
    body["escalation"] = [[step.after, list(step.notifiers)] for step in rule.escalation]
    body["depends_on"], body["notifiers"] = list(rule.depends_on), list(rule.notifiers)
    body["severity"] = rule.severity.value
    return body


def rule_from(document: Document, below: Rule | None) -> Rule | None:
    """The rule that a document holds; one that only switches a rule on or off changes the one below it.

    None where it does not fit this version: its figure is no longer there, or there is nothing to switch.
    """
    if "metric" not in document.body:
        return None if below is None else replace(below, enabled=bool(document.body.get("enabled", True)))

    known = {field.name for field in fields(Rule)}
    body = cast("dict[str, Any]", {name: value for name, value in document.body.items() if name in known})
    metric = METRICS.get(body["metric"])
    special = body["metric"] == SPECIAL and below is not None
    if (metric is None and not special) or body["statistic"] not in STATISTICS:
        return None

    where = tuple((str(name), str(value)) for name, value in body.get("where", ()))
    if metric is not None and not {name for name, _ in where} <= set(metric.labels):
        return None

    body["where"] = where
    body["escalation"] = tuple(Escalation(int(after), tuple(names)) for after, names in body.get("escalation", ()))
    body["depends_on"], body["notifiers"] = tuple(body.get("depends_on", ())), tuple(body.get("notifiers", ()))
    body["severity"] = Severity(body.get("severity", "warning"))
    return Rule(**body)
