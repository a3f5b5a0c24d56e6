"""Promises over thirty days: how many answers succeed, how many are fast, how much a service is up; and what is left.

After chapter 5, "Alerting on SLOs", of Google's *Site Reliability Workbook* (Beyer et al. 2018): the burn rate is the
share of bad ones ÷ the share that the promise allows; it is told over a long window only while a short one confirms it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitoring.analysis.figure import Point
from monitoring.model import DAY, HOUR, MINUTE, Band, Instant
from monitoring.rollup import Rollup, bin_of, bin_value

SPAN = 30 * DAY
"""Over which a promise is kept or broken."""
SHORT = (5 * MINUTE, 30 * MINUTE, HOUR, 6 * HOUR, 3 * DAY)
"""The windows that burn rates need, besides the span."""
SUCCESS, FAST, UPTIME = "success", "fast", "uptime"


@dataclass(frozen=True, slots=True)
class BurnRule:
    """Told when both windows burn at least so fast; `spent`: of the budget by then."""

    long: int
    short: int
    rate: float
    band: Band


RULES = (
    BurnRule(HOUR, 5 * MINUTE, 14.4, Band.CRITICAL),
    BurnRule(6 * HOUR, 30 * MINUTE, 6.0, Band.CRITICAL),
    BurnRule(3 * DAY, 6 * HOUR, 1.0, Band.WARNING),
)
"""2 % of a month's budget in an hour, 5 % in six, 10 % in three days: the workbook's table 5-8."""
LEAST = 10
"""Bad ones, at the least, that a promise should allow in its span; with fewer, one bad answer says too much."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many there were in a window, and how many of them were bad."""

    total: int = 0
    bad: float = 0.0

    @property
    def share(self) -> float | None:
        """Bad ÷ all; None of nothing."""
        return self.bad / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Promises:
    """What is promised, as shares 0..1: answers that succeed (services: are up), and that come within `seconds`."""

    success: float = 0.99
    fast: float = 0.95
    seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Burn:
    """How fast the budget goes in a window: 1 uses it up in exactly the span; None without traffic."""

    window: int
    rate: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Slo:
    """A promise: `target` 0..1 of what is counted is good. `what`: success, fast or uptime."""

    what: str
    subject: str
    """The service whose uptime is promised; "" of responses."""
    target: float
    limit: float | None
    """Of `fast`: seconds within which an answer is fast."""
    value: float | None
    """Share 0..1 of good ones in the span; None of nothing."""
    n: int
    budget: float | None
    """What is left of what may be bad: 1 all of it, 0 none, below 0 the promise is broken."""
    bad: float
    allowed: float
    burns: tuple[Burn, ...]
    state: Band
    """By the workbook's rules; critical too once the budget is gone."""
    rule: BurnRule | None
    """The rule that holds."""
    gone_at: Instant | None
    """When nothing will be left at the burn of the last six hours; None: not within the span, or gone already."""
    course: tuple[Point, ...]
    """What was left of the budget at the end of each day of the span."""
    few: bool
    """So little traffic that the promise allows fewer than ten bad ones: single ones weigh too much."""

    def burn(self, window: int) -> float | None:
        """The burn rate over one of the windows."""
        return next((one.rate for one in self.burns if one.window == window), None)


def slo(
    what: str,
    target: float,
    tallies: Mapping[int, Tally],
    days: Sequence[tuple[Instant, Tally]] = (),
    *,
    now: Instant,
    subject: str = "",
    limit: float | None = None,
) -> Slo:
    """A promise from the tallies of its windows (those of SHORT, and SPAN), and of its days for the course."""
    whole = tallies.get(SPAN, Tally())
    slack = max(1 - target, 1e-9)
    burns = tuple(_burn(width, tallies.get(width, Tally()), slack) for width in SHORT)
    allowed = slack * whole.total
    budget = 1 - whole.bad / allowed if whole.total else None
    few = allowed < LEAST
    rate = {one.window: one.rate for one in burns}
    held = [rule for rule in RULES if _holds(rule, rate) and _enough(rule, tallies)]
    state = held[0].band if held else Band.GOOD if whole.total else Band.UNKNOWN
    if budget is not None and budget <= 0 and not few:
        state = Band.CRITICAL

    return Slo(
        what=what,
        subject=subject,
        target=target,
        limit=limit,
        value=None if whole.share is None else 1 - whole.share,
        n=whole.total,
        budget=budget,
        bad=whole.bad,
        allowed=allowed,
        burns=burns,
        state=state,
        rule=held[0] if held else None,
        gone_at=_gone(budget, rate.get(6 * HOUR), now),
        course=_course(days, allowed),
        few=few,
    )


def _course(days: Sequence[tuple[Instant, Tally]], allowed: float) -> tuple[Point, ...]:
    """The budget left after each day; None where nothing came, as nothing was promised for it."""
    spent, found = 0.0, []
    for at, tally in days:
        spent += tally.bad
        found.append(Point(at, 1 - spent / allowed if tally.total and allowed else None, tally.total))

    return tuple(found)


def _burn(width: int, tally: Tally, slack: float) -> Burn:
    return Burn(width, None if tally.share is None else tally.share / slack, tally.total)


def _holds(rule: BurnRule, rate: Mapping[int, float | None]) -> bool:
    long, short = rate.get(rule.long), rate.get(rule.short)
    return long is not None and short is not None and long >= rule.rate and short >= rule.rate


def _enough(rule: BurnRule, tallies: Mapping[int, Tally]) -> bool:
    """More than a single bad one, which in a quiet hour would be a burn of hundreds."""
    return tallies.get(rule.long, Tally()).bad >= 2


def _gone(budget: float | None, rate: float | None, now: Instant) -> Instant | None:
    """When the budget is used up at that burn: a burn of 1 uses all of it in the span."""
    if budget is None or not rate or budget <= 0:
        return None

    left = budget * SPAN / rate
    return now + round(left) if left <= SPAN else None


# --- tallies


def failed(rollup: Rollup) -> Tally:
    """Attempts, the failed ones bad."""
    return Tally(rollup.count, rollup.failures)


def too_slow(rollup: Rollup, limit: float) -> Tally:
    """Successes, those slower than the limit (seconds) bad; of the limit's own bin its share, since bins are 2 % wide.

    Failures count for the other promise only, so that one failure does not break two.
    """
    edge = bin_of(limit)
    size = sum(rollup.bins.values())
    bad = float(sum(n for index, n in rollup.bins.items() if index > edge))
    inside = rollup.bins.get(edge, 0)
    if inside:
        # A bin ends at γ^index: its middle value is 2γ^index ÷ (γ + 1), so that its ends are known from it.
        middle = bin_value(edge)
        low, high = middle * 0.99, middle * 1.01
        bad += inside * min(max((high - limit) / (high - low), 0.0), 1.0)

    return Tally(size, bad)


def unhealthy(by_health: Mapping[str, Rollup]) -> Tally:
    """Probes whose outcome is known, those that found the service unhealthy bad."""
    total = sum(rollup.count for health, rollup in by_health.items() if health != "unknown")
    return Tally(total, by_health["unhealthy"].count if "unhealthy" in by_health else 0)
