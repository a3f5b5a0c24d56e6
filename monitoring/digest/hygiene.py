"""Which alerts were worth their noise: per rule how often, who came, how soon; and a limit that would be quieter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from monitoring.incident import Incident, Rule
from monitoring.phrasing import in_unit
from monitoring.safe_text import code_text
from monitoring.window import Window

LEAST = 3
"""Openings of a rule in the window, from which on it is judged."""
NOISY = 2 / 3
"""Share of openings that nobody acted on, from which on a rule is called noisy."""
LEFT = 0.25
"""Of the openings nobody acted on, how many a proposed limit may leave."""
FARTHEST = 2.0
"""A proposed limit is at most so many times the present one."""


@dataclass(frozen=True, slots=True)
class RuleHygiene:
    """What one rule did in a window. Times are medians in seconds, shares 0..1; None: there was none."""

    rule: str
    fired: int
    acknowledged: int
    to_acknowledge: float | None
    to_recover: float | None
    flapped: int
    """Of its incidents, those that opened again after they were over, or flickered."""
    noise: float
    """Share of openings that were over before anybody acted."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another limit for a noisy rule, and how often it would have fired with it."""

    rule: str
    now: float
    limit: float
    unit: str
    fired: int
    left: int
    acted: int = 0
    """Openings that somebody acted on."""

    @property
    def words(self) -> str:
        """Why, in two sentences; safe for Discord."""
        times = {0: "not have fired", 1: "have fired once", 2: "have fired twice"}.get(
            self.left, f"have fired {self.left} times"
        )
        nobody = "mostly nobody acted" if self.acted else "nobody acted"
        return (
            f"`{code_text(self.rule)}` fired {self.fired} times and {nobody}. At {self.text} instead of "
            f"{in_unit(self.now, self.unit)} it would {times}."
        )

    @property
    def text(self) -> str:
        """The limit in its unit: "3.8 s"."""
        return in_unit(self.limit, self.unit)


def fired(incidents: Sequence[Incident], window: Window) -> list[Incident]:
    """Incidents that opened in the window and were told: symptoms of another one are not the rule's noise."""
    return [
        one
        for one in incidents
        if one.opened_at is not None and window.start <= one.opened_at < window.end and not one.suppressed_by
    ]


def hygiene(incidents: Sequence[Incident], window: Window) -> tuple[RuleHygiene, ...]:
    """Every rule that fired in the window, the one that fired most first."""
    by_rule: dict[str, list[Incident]] = {}
    for one in fired(incidents, window):
        by_rule.setdefault(one.rule, []).append(one)

    rows = [_row(rule, found) for rule, found in by_rule.items()]
    return tuple(sorted(rows, key=lambda row: (-row.fired, -row.noise, row.rule)))


def _row(rule: str, found: Sequence[Incident]) -> RuleHygiene:
    waits = [one.acknowledged_at - (one.opened_at or 0) for one in found if one.acknowledged_at is not None]
    lasted = [one.resolved_at - (one.opened_at or 0) for one in found if one.resolved_at is not None]
    return RuleHygiene(
        rule,
        len(found),
        sum(bool(one.acknowledged_by) for one in found),
        median(waits) / 1000 if waits else None,
        median(lasted) / 1000 if lasted else None,
        sum(_flapped(one) for one in found),
        sum(_ignored(one) for one in found) / len(found),
    )


def _ignored(one: Incident) -> bool:
    """Whether it was over before anybody did anything about it."""
    return one.resolved_at is not None and not (one.acknowledged_by or one.silenced_by)


def _flapped(one: Incident) -> bool:
    return one.reopened_at is not None or any("flap" in words for _, words in one.history)


def proposal(
    rows: Sequence[RuleHygiene], incidents: Sequence[Incident], window: Window, rules: Sequence[Rule]
) -> Proposal | None:
    """One other limit: of the noisiest rule that has one under which everything that was acted on still opens."""
    by_name = {rule.name: rule for rule in rules}
    for row in sorted(rows, key=lambda row: (-row.fired * row.noise, row.rule)):
        rule = by_name.get(row.rule)
        if rule is None or row.fired < LEAST or row.noise < NOISY:
            continue

        found = _proposed(rule, [one for one in fired(incidents, window) if one.rule == row.rule])
        if found is not None:
            return found

    return None


def _proposed(rule: Rule, found: Sequence[Incident]) -> Proposal | None:
    """The nearest round limit that leaves a quarter of the openings nobody acted on, and all the others."""
    now = rule.above if rule.above is not None else rule.below
    if now is None or now <= 0 or rule.unit == "state" or any(one.peak is None for one in found):
        return None

    up = 1 if rule.above is not None else -1
    ignored = sorted(((one.peak or 0.0) * up for one in found if _ignored(one)), reverse=True)
    acted = [(one.peak or 0.0) * up for one in found if not _ignored(one)]
    limit = _round(abs(ignored[min(max(math.floor(len(ignored) * LEFT), 1), len(ignored) - 1)]), up=up > 0)
    too_far = limit > FARTHEST * now or limit < now / FARTHEST or (rule.unit == "rate" and limit >= 1)
    beyond = rule.critical_above is not None and limit >= rule.critical_above
    if limit * up <= now * up or too_far or beyond or any(peak <= limit * up for peak in acted):
        return None

    left = sum(peak > limit * up for peak in ignored) + len(acted)
    return Proposal(rule.name, now, limit, rule.unit, len(found), left, len(acted))


def _round(value: float, *, up: bool) -> float:
    """Two digits, away from the present limit, and a little beyond the value itself."""
    if value <= 0:
        return 0.0

    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    steps = math.floor(value / step) + 1 if up else math.ceil(value / step) - 1
    return round(steps * step, 12)


def well_set(rows: Sequence[RuleHygiene]) -> RuleHygiene | None:
    """The rule that fired most often of those whose every opening was acknowledged."""
    found = [row for row in rows if row.fired >= LEAST and row.acknowledged == row.fired]
    return found[0] if found else None


def noisy(rows: Sequence[RuleHygiene]) -> tuple[RuleHygiene, ...]:
    """Rules that fired several times while mostly nobody acted."""
    return tuple(row for row in rows if row.fired >= LEAST and row.noise >= NOISY)
