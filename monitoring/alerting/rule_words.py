"""Rules as people write them, in TOML or a form: checked field by field, every mistake said with how to mend it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from monitoring.alerting.rule_fields import Reader
from monitoring.alerting.rule_units import GIVEN, SPECIAL, STATISTICS, unit_of
from monitoring.incident import Escalation, Rule
from monitoring.metrics import GAUGES, METRICS
from monitoring.model import Severity
from monitoring.quantities import did_you_mean, listed

Table: TypeAlias = Mapping[str, object]
LONGEST = 30 * 86_400
"""Seconds of the longest window: as far back as hours are kept for sure."""
ALIASES = {"filter": "where", "group_by": "by", "hold": "for", "recovery_hold": "recovery_for", "limit": "above"}
FIELDS = (
    "name",
    "title",
    "metric",
    "statistic",
    "where",
    "by",
    "window",
    "above",
    "below",
    "for",
    "recovery",
    "recovery_for",
    "minimum",
    "failures",
    "severity",
    "critical",
    "critical_for",
    "cooldown",
    "against",
    "advice",
    "runbook",
    "depends_on",
    "notifiers",
    "escalation",
    "enabled",
)
NAME = re.compile(r"[a-z][a-z0-9_]{1,39}\Z")


def tables_of(text: str) -> list[Table] | list[str]:
    """The tables of rules in a text: `[[rule]]` ones, or the fields of a single one. Sentences if it is no TOML."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason = f"{str(error)[:1].lower()}{str(error)[1:]}"
        return [f'This is not TOML: {reason}. Texts stand in quotes, such as above = "5 s".']

    rules = found.get("rule", [found])
    return rules if isinstance(rules, list) else [rules]


def rule_of(table: Table, base: Rule | None = None, *, source: str = "file") -> tuple[Rule | None, list[str]]:
    """The rule that a table says, over the one of its name that it changes; or the sentences that say what is wrong.

    A changed limit takes the recovery and critical limits along in proportion, unless the table has its own.
    """
    known = {ALIASES.get(key, key): value for key, value in table.items()}
    reader = Reader(known, str(table.get("name", "") or "without a name"), {*FIELDS, *ALIASES})
    name = reader.text("name")
    if not NAME.match(name):
        reader.wrong("name must be 2 to 40 small letters, digits and _, such as mira_slow.")

    if base is not None and known.get("metric", base.metric) != base.metric:
        base = None

    rule = _about(reader, base)
    if rule is None:
        return None, reader.problems

    rule = _limited(reader, _timed(reader, replace(rule, name=name, source=source)), base)
    rule = _told(reader, rule)
    _fitting(reader, rule)
    return (None, reader.problems) if reader.problems else (rule, [])


def _about(reader: Reader, base: Rule | None) -> Rule | None:
    """Which figure of what; None where that is not clear, so that nothing more can be said."""
    if base is not None and base.metric == SPECIAL:
        for key in ("statistic", "where", "by"):
            if reader.has(key):
                reader.wrong(f"{key} of this rule cannot be changed; its limits and times can.")

        return replace(base, title=reader.text("title", base.title))

    metric = reader.text("metric", base.metric if base else "")
    statistic = reader.text("statistic", base.statistic if base else "").casefold()
    if metric not in METRICS:
        hint = did_you_mean(metric, METRICS) if metric else f"; there are {listed(METRICS)}"
        reader.wrong(f"metric {metric!r} is not known{hint}.")

    if statistic not in STATISTICS:
        reader.wrong(f"statistic {statistic!r} is not known{did_you_mean(statistic, STATISTICS)}.")

    if metric not in METRICS or statistic not in STATISTICS:
        return None

    where = reader.pairs("where", dict(base.where) if base else {}, METRICS[metric].labels)
    by = reader.text("by", base.by if base else "")
    if by and by not in METRICS[metric].labels:
        reader.wrong(f"by {by!r} is no label of {metric}{did_you_mean(by, METRICS[metric].labels)}.")

    title = reader.text("title", base.title if base else "") or f"{statistic.capitalize()} of {metric}"
    found = base or Rule("", "", metric, statistic)
    unit = found.unit if base and base.statistic == statistic else unit_of(metric, statistic, where)
    return replace(
        found, title=title[:80], metric=metric, statistic=statistic, where=tuple(where.items()), by=by, unit=unit
    )


def _timed(reader: Reader, rule: Rule) -> Rule:
    return replace(
        rule,
        window=reader.seconds("window", rule.window, least=10, most=LONGEST),
        hold=reader.seconds("for", rule.hold, most=86_400),
        recovery_hold=reader.seconds("recovery_for", rule.recovery_hold, most=86_400),
        cooldown=reader.seconds("cooldown", rule.cooldown, most=86_400),
        critical_hold=reader.seconds("critical_for", rule.critical_hold, most=86_400),
        against=reader.seconds("against", rule.against, least=60, most=LONGEST),
        minimum=reader.whole("minimum", rule.minimum, least=1),
        failures=reader.whole("failures", rule.failures),
    )


def _limited(reader: Reader, rule: Rule, base: Rule | None) -> Rule:
    above = reader.value("above", rule.unit, rule.above)
    below = reader.value("below", rule.unit, rule.below)
    if base is not None and base.above is not None and reader.has("below") and not reader.has("above"):
        above = None

    if base is not None and base.below is not None and reader.has("above") and not reader.has("below"):
        below = None

    recovery, critical = rule.recovery, rule.critical_above
    limit, before = (above, rule.above) if above is not None else (below, rule.below)
    if base is not None and limit != before and limit is not None:
        recovery = _in_proportion(rule.recovery, limit, before, rule.unit)
        critical = _in_proportion(rule.critical_above, limit, before, rule.unit) if above is not None else None

    return replace(
        rule,
        above=above,
        below=below,
        recovery=reader.value("recovery", rule.unit, recovery),
        critical_above=reader.value("critical", rule.unit, critical),
    )


def _in_proportion(value: float | None, limit: float, before: float | None, unit: str) -> float | None:
    """What stood so far from the old limit, as far from the new one; shares and percents stay below their whole."""
    if value is None or not before:
        return None

    whole = {"rate": 1.0, "%": 100.0}.get(unit)
    if whole is not None and value > before:
        return limit + (whole - limit) * (value - before) / (whole - before) if whole > before else None

    return limit * value / before


def _told(reader: Reader, rule: Rule) -> Rule:
    severity = reader.text("severity", rule.severity.value).casefold()
    if severity not in tuple(Severity):
        reader.wrong(f"severity {severity!r} is not known{did_you_mean(severity, list(Severity))}.")
        severity = Severity.WARNING

    runbook = reader.text("runbook", rule.runbook)
    if runbook and not re.match(r"https?://\S+\Z", runbook):
        reader.wrong("runbook must be an address that begins with https://.")

    return replace(
        rule,
        severity=Severity(severity),
        runbook=runbook,
        advice=reader.text("advice", rule.advice)[:500],
        depends_on=reader.texts("depends_on", rule.depends_on),
        notifiers=reader.texts("notifiers", rule.notifiers),
        escalation=_escalation(reader, rule),
        enabled=reader.yes("enabled", rule.enabled),
    )


def _escalation(reader: Reader, rule: Rule) -> tuple[Escalation, ...]:
    steps = reader.tables("escalation")
    if steps is None:
        return rule.escalation

    found = []
    for step in steps:
        inner = Reader(step, reader.name, {"after", "notifiers"}, reader.problems, "escalation: ")
        if "after" not in step:
            inner.wrong('say when, such as after = "15 min".')

        after = inner.seconds("after", 900, least=1, most=7 * 86_400)
        found.append(Escalation(after, inner.texts("notifiers", ())))

    return tuple(sorted(found, key=lambda step: step.after))


def _fitting(reader: Reader, rule: Rule) -> None:
    """What is wrong between fields."""
    if rule.metric != SPECIAL:
        _fitting_figure(reader, rule)

    limit = rule.above if rule.above is not None else rule.below
    if limit is None:
        reader.wrong('it needs a limit: above or below, with its unit, such as above = "5 s".')
        return

    if rule.above is not None and rule.below is not None and rule.below >= rule.above:
        reader.wrong("below must be less than above: between them all is well.")

    if rule.recovery is not None and rule.above is not None and rule.recovery > rule.above:
        reader.wrong("recovery must not lie above the limit: it is where all is well again.")

    if rule.recovery is not None and rule.above is None and rule.below is not None and rule.recovery < rule.below:
        reader.wrong("recovery must not lie below the limit: it is where all is well again.")

    if rule.critical_above is not None and (rule.above is None or rule.critical_above < rule.above):
        reader.wrong('critical must lie above the limit `above`; for a limit below, say severity = "critical".')

    if rule.name in {one.partition(":")[0] for one in rule.depends_on}:
        reader.wrong("depends_on must not name the rule itself.")


def _fitting_figure(reader: Reader, rule: Rule) -> None:
    metric, name = METRICS[rule.metric], dict(rule.where).get("name")
    if rule.statistic in ("p50", "p95", "p99") and not metric.sketch:
        others = listed(sorted(one.name for one in METRICS.values() if one.sketch))
        reader.wrong(f"{rule.metric} keeps no quantiles: take mean or high, or one of {others}.")

    if rule.metric == "gauge" and name not in GAUGES and rule.by != "name":
        reader.wrong(f'say which gauge, such as where = {{ name = "cpu_percent" }}{did_you_mean(name or "", GAUGES)}.')

    if rule.statistic == "last" and rule.metric not in ("gauge", "probe"):
        reader.wrong("last is for the metrics gauge and probe; take mean, high or count.")

    if rule.by and rule.by in dict(rule.where):
        reader.wrong(f"by and where both name {rule.by}: one incident for each value, or only one value?")

    if rule.failures and rule.statistic in GIVEN:
        reader.wrong(f"failures means nothing for {rule.statistic}; leave it out.")
