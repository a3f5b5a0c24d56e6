"""What a rule means right now: facts and the time go in, a verdict comes out. Reads no clock, touches nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from monitoring.alerting import flapping
from monitoring.alerting.reopening import reopened
from monitoring.alerting.rule_units import GIVEN, STATE
from monitoring.incident import Incident, Rule, Stage, Verdict
from monitoring.model import HOUR, MINUTE, SECOND, Instant, Severity
from monitoring.phrasing import in_unit
from monitoring.rollup import Rollup

REJOIN = 30 * MINUTE
"""Opening again this soon after the resolution joins the old incident."""
PATIENCE = HOUR
"""A timer that has begun outlives so much time without data or without the bot (F8)."""
HISTORY = 50
"""As many steps of its course an incident remembers: the first and the newest."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The rule's figure now; None: there is no data, which neither opens nor resolves anything."""

    value: float | None
    n: int = 0
    failures: int = 0


def statistic(rule: Rule, rollup: Rollup) -> float | None:
    """The rule's figure from a rollup, in the metric's unit; None with too few samples, and where it is given."""
    if rule.statistic == "count":
        return float(rollup.count)

    if rule.statistic == "sum":
        return rollup.total / 1_000_000

    rates = rule.statistic in {"rate", "success"}
    if (rollup.count if rates else rollup.successes) < max(rule.minimum, 1):
        return None

    if rule.statistic == "mean":
        return rollup.mean

    if rates and rollup.rate is not None:
        return rollup.rate if rule.statistic == "rate" else 1 - rollup.rate

    if rule.statistic == "high":
        return None if rollup.high is None else rollup.high / 1_000_000

    if rule.statistic in {"p50", "p95", "p99"}:
        return rollup.quantile(int(rule.statistic[1:]) / 100, rule.minimum)

    return None


def judge(
    rule: Rule,
    window: Rollup,
    incident: Incident | None,
    now: Instant,
    *,
    number: int,
    value: float | None = None,
    last: Incident | None = None,
    group: str = "",
) -> Verdict:
    """Say what the rule means right now.

    `incident` is the one that lives (pending, open, recovering), `last` the one resolved before it; `number` is for a
    new one. `value` is the figure where a rollup does not have it (`rule_units.GIVEN`).
    """
    figure = value if rule.statistic in GIVEN else statistic(rule, window)
    count = window.count or (1 if rule.statistic in GIVEN and figure is not None else 0)
    reading = Reading(figure if figure is not None and math.isfinite(figure) else None, count, window.failures)
    if incident is None:
        if reading.value is None or not broken(rule, reading):
            return Verdict(None, no_data=reading.value is None)

        fresh = Incident(0, rule.name, group, Stage.PENDING, rule.severity, since=now)
        verdict = _pending(rule, reading, fresh, now, number, last)
        return replace(verdict, changes=verdict.changes or ("pending",))

    if incident.stage is Stage.PENDING:
        return _pending(rule, reading, incident, now, number, last)

    return _open(rule, reading, incident, now)


def broken(rule: Rule, reading: Reading) -> bool:
    """Whether the limit is passed; a rate also needs its least number of failures."""
    value = reading.value
    if value is None or reading.failures < rule.failures:
        return False

    return (rule.above is not None and value > rule.above) or (rule.below is not None and value < rule.below)


def clear(rule: Rule, reading: Reading) -> bool:
    """Whether the figure is back within the recovery limit."""
    value = reading.value
    if value is None:
        return False

    above = rule.above if rule.recovery is None else rule.recovery
    below = rule.below if rule.recovery is None else rule.recovery
    return (rule.above is None or above is None or value <= above) and (
        rule.below is None or below is None or value >= below
    )


def value_words(value: float | None, unit: str) -> str:
    """The value as it is shown; "" for rules that know only well or not."""
    return "" if unit == STATE or value is None else in_unit(value, unit)


def noted(incident: Incident, now: Instant, *words: str) -> Incident:
    """The incident with one more step in its course."""
    history = (*incident.history, (now, ", ".join(w for w in words if w)))
    if len(history) > HISTORY:
        history = (history[0], *history[-HISTORY + 1 :])

    return replace(incident, history=history)


def last_opening(incident: Incident | None) -> Instant | None:
    """When it opened, or opened again."""
    return None if incident is None else incident.reopened_at or incident.opened_at


def _pending(
    rule: Rule, reading: Reading, incident: Incident, now: Instant, number: int, last: Incident | None
) -> Verdict:
    """A limit was passed and is being watched: it opens once it has held, unless one was just open."""
    if reading.value is None:
        if now - incident.since > PATIENCE + rule.hold * SECOND:
            return Verdict(None, ("dropped",), no_data=True)

        return Verdict(incident, no_data=True)

    if not broken(rule, reading):
        return Verdict(None, ("dropped",))

    incident = _measured(rule, reading, incident, now)
    opened = last_opening(last)
    cooling = opened is not None and 0 <= now - opened < rule.cooldown * SECOND
    if now - incident.since < rule.hold * SECOND or cooling:
        return Verdict(incident)

    return _opened(rule, incident, now, number, last)


def _opened(rule: Rule, pending: Incident, now: Instant, number: int, last: Incident | None) -> Verdict:
    """A new incident, or the old one again where it ended only just now."""
    severity = Severity.CRITICAL if _held_critical(rule, pending, now) else rule.severity
    words = value_words(pending.value, rule.unit)
    if last is not None and last.resolved_at is not None and 0 <= now - last.resolved_at <= REJOIN:
        return _reopened(rule, last, replace(pending, severity=severity), now)

    title = rule.title.replace("{group}", pending.group) if pending.group else rule.title
    new = replace(
        pending,
        number=number,
        stage=Stage.OPEN,
        severity=severity,
        opened_at=now,
        title=title,
        unit=rule.unit,
        version=0,
        base=rule.severity,
        openings=(now,),
        unheeded_since=now,
    )
    return Verdict(noted(new, now, "opened", words), ("opened",))


def _reopened(rule: Rule, last: Incident, pending: Incident, now: Instant) -> Verdict:
    """The old incident again, with what is known now; if that was once too often, it is flapping."""
    again = flapping.crossed(_peaked(rule, reopened(rule, last, pending, now), now), now)
    again = noted(again, now, "opened again", value_words(pending.value, rule.unit))
    if not flapping.begins(again):
        return Verdict(again, ("reopened",))

    again = noted(replace(again, flapping_since=now), now, "flapping", f"{len(again.openings)} openings in an hour")
    return Verdict(again, ("reopened", "flapping"))


def _open(rule: Rule, reading: Reading, incident: Incident, now: Instant) -> Verdict:
    """An open or recovering incident: worse, as it was, on its way back, or over."""
    incident, changes = _of_rule(rule, incident, now)
    if reading.value is None:
        since = now if incident.no_data_since is None else incident.no_data_since
        return Verdict(replace(incident, no_data_since=since), tuple(changes), no_data=True)

    incident = replace(_measured(rule, reading, incident, now), no_data_since=None)
    if clear(rule, reading):
        return _clearing(rule, incident, now, changes)

    words = value_words(incident.value, rule.unit)
    if incident.stage is Stage.RECOVERING:
        incident = noted(replace(incident, stage=Stage.OPEN, clear_since=None), now, "broken again", words)
        incident = flapping.crossed(incident, now) if incident.flapping_since is not None else incident
        changes.append("broken_again")

    if flapping.is_steady(incident, now):
        incident = replace(incident, flapping_since=None, back="no crossing for an hour, and still broken")
        incident = noted(incident, now, "flapping ended", words)
        changes.append("flapping_ended")

    if incident.severity is not Severity.CRITICAL and _held_critical(rule, incident, now):
        incident = noted(replace(incident, severity=Severity.CRITICAL), now, "critical", words)
        changes.append("escalated")

    return Verdict(incident, tuple(changes) or ("value",))


def _of_rule(rule: Rule, incident: Incident, now: Instant) -> tuple[Incident, list[str]]:
    """The incident with its rule's severity as it is now, where the rule was edited."""
    base = incident.base or rule.severity
    incident = replace(incident, base=rule.severity)
    worst = Severity.CRITICAL if incident.steps or _held_critical(rule, incident, now) else rule.severity
    if base is rule.severity or worst is incident.severity:
        return incident, []

    worse = list(Severity).index(worst) > list(Severity).index(incident.severity)
    incident = noted(replace(incident, severity=worst), now, worst.value, "the rule was changed")
    return incident, ["escalated" if worse else "eased"]


def _clearing(rule: Rule, incident: Incident, now: Instant, changes: list[str]) -> Verdict:
    """The figure is back: recovering at first, resolved once that has held."""
    if incident.stage is Stage.OPEN or incident.clear_since is None:
        words = value_words(incident.value, rule.unit)
        incident = noted(replace(incident, stage=Stage.RECOVERING, clear_since=now), now, "recovering", words)
        changes.append("recovering")

    since = incident.clear_since if incident.clear_since is not None else now
    if now - since >= flapping.recovery_time(rule, incident):
        incident = replace(incident, stage=Stage.RESOLVED, resolved_at=now, flapping_since=None)
        incident = noted(incident, now, "resolved")
        changes.append("resolved")

    return Verdict(incident, tuple(changes) or ("value",))


def _measured(rule: Rule, reading: Reading, incident: Incident, now: Instant) -> Incident:
    """The incident with the figure of now."""
    value = reading.value
    beyond = value is not None and rule.critical_above is not None and value > rule.critical_above
    critical_since = None if not beyond else now if incident.critical_since is None else incident.critical_since
    return _peaked(rule, replace(incident, value=value, count=reading.n, critical_since=critical_since), now)


def _peaked(rule: Rule, incident: Incident, now: Instant) -> Incident:
    """The incident with its worst value so far."""
    value, peak = incident.value, incident.peak
    if value is None or (peak is not None and (value >= peak if rule.above is None else value <= peak)):
        return incident

    return replace(incident, peak=value, peak_at=now)


def _held_critical(rule: Rule, incident: Incident, now: Instant) -> bool:
    since = incident.critical_since
    return since is not None and now - since >= rule.critical_hold * SECOND
