"""The likely cause of an incident: which part explains how much of the change, or nothing if none stands out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitoring.analysis.why_values import TIMES
from monitoring.incident import Rule
from monitoring.model import Service
from monitoring.phrasing import NB, count, seconds, share
from monitoring.rollup import MICRO, Rollup
from monitoring.safe_text import code_text, safe_text

LEAST_SHARE = 0.3
"""What explains less of a change is no cause worth naming."""
LEAST_CHANGE = 0.1
"""A mean that rose by less than a tenth did not change."""
LEAST_KIND = 0.5
"""A kind of failure is named if it is at least half of them."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """How much one part added to the mean: `change` in seconds per whole, `part` of the whole change (1.0: all)."""

    name: str
    change: float
    part: float
    mean: float | None
    """Of one such operation now, in seconds."""
    usual: float | None
    """The same before; None if there was none."""


def contributions(
    now: Mapping[str, Rollup], before: Mapping[str, Rollup], whole: Rollup, whole_before: Rollup
) -> tuple[Contribution, ...]:
    """What each part added to the mean of the whole since before, largest first; empty if the mean did not rise.

    A part's share of the mean is its total time divided by the number of wholes, so that an operation that became more
    frequent counts as one that became slower does. Nested operations count in both, and may explain more than all.
    """
    if whole.mean is None or whole_before.mean is None or whole.mean <= whole_before.mean * (1 + LEAST_CHANGE):
        return ()

    rise = whole.mean - whole_before.mean
    found = []
    for name, rollup in now.items():
        old = before.get(name, Rollup())
        change = rollup.total / MICRO / whole.successes - old.total / MICRO / whole_before.successes
        found.append(Contribution(name, change, change / rise, rollup.mean, old.mean))

    return tuple(sorted(found, key=lambda c: (-c.change, c.name)))


def why_slower(found: Sequence[Contribution]) -> str:
    """The largest contribution as a sentence; "" where none stands out."""
    if not found or found[0].part < LEAST_SHARE or found[0].mean is None:
        return ""

    top = found[0]
    usual = f"usually {seconds(top.usual)}" if top.usual is not None else "not seen before"
    part = share(min(top.part, 1.0))
    return f"`{code_text(top.name)}` takes **{seconds(top.mean)}**, {usual}. That is {part} of the change."


def why_better(found: Sequence[Contribution]) -> str:
    """What fell most since it was well again, as a sentence, from contributions of the broken time against the one
    after it; "" where none stands out.
    """
    if not found or found[0].part < LEAST_SHARE or found[0].mean is None:
        return ""

    top = found[0]
    now = f"takes **{seconds(top.usual)}** again" if top.usual is not None else "is not used any more"
    part = share(min(top.part, 1.0))
    return f"`{code_text(top.name)}` {now}, after {seconds(top.mean)}. That is {part} of the way back."


def why_failing(kinds: Mapping[tuple[str, str], int]) -> str:
    """The commonest failure as a sentence, from counts by (kind, service); "" where none stands out."""
    total = sum(kinds.values())
    if not total:
        return ""

    (kind, service), n = max(kinds.items(), key=lambda item: (item[1], item[0]))
    if n / total < LEAST_KIND:
        return ""

    place = f" in `{code_text(service)}`" if service else ""
    return f"`{code_text(kind)}`{place}: **{count(n)}** of {count(total)} failures, {share(n / total)}."


def why_unhealthy(service: Service | None) -> str:
    """What the service's probe said last."""
    if service is None:
        return ""

    said = f"The probe says: {safe_text(service.detail, 160)}." if service.detail else ""
    row = f"{service.failures}{NB}failures in a row." if service.failures > 1 else ""
    return " ".join(words for words in (said, row) if words)


def figure_of(rule: Rule) -> str:
    """The figure whose change explains an incident of a rule (one of `analysis.why.FIGURES`); "" where none does."""
    if rule.metric not in ("response", "operation"):
        return ""

    if rule.unit == "rate":
        return "errors"

    return (rule.statistic if rule.statistic in TIMES else "mean") if rule.unit == "s" else ""


def hit_most(groups: Mapping[str, Rollup], limit: float, least: int = 3) -> str:
    """Up to three personas whose own mean is above the limit, the slowest first; "" without."""
    slow = [(r.mean, name) for name, r in groups.items() if name and r.successes >= least and r.mean is not None]
    slow = sorted(((mean, name) for mean, name in slow if mean > limit), key=lambda item: (-item[0], item[1]))[:3]
    named = ", ".join(f"**{safe_text(name)}** {seconds(mean)}" for mean, name in slow)
    return f"Slowest: {named}." if named else ""
