"""What do the models cost, and what will the month amount to?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from monitoring.analysis.ahead import month_of_days
from monitoring.analysis.figure import Figure, Gap, Point
from monitoring.analysis.forecast import Forecast
from monitoring.analysis.performance import RESPONSE
from monitoring.analysis.series import Keep, label, only, recorded
from monitoring.model import DAY, Instant
from monitoring.rollup import Rollup, Series
from monitoring.window import Window, next_step, step_start

HISTORY_DAYS = 56
"""Days before today that a forecast is made from, at most."""


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens and what they cost in micro-dollars; `cached` ones are part of `prompt`."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    cost: int | None = None
    """None: nothing has a known price."""
    unpriced: int = 0
    """Operations with tokens whose price is unknown, which `cost` leaves out."""

    @property
    def total(self) -> int:
        """Prompt and completion tokens."""
        return self.prompt + self.completion

    @property
    def fresh(self) -> int:
        """Prompt tokens that no provider had cached."""
        return self.prompt - self.cached

    @property
    def local(self) -> bool:
        """Whether all of it cost nothing: models on an own machine."""
        return self.total > 0 and self.cost == 0 and not self.unpriced

    @property
    def per_1k(self) -> float | None:
        """Micro-dollars for a thousand tokens; None without tokens, or where the price of some is unknown."""
        if self.cost is None or self.unpriced or not self.total:
            return None

        return 1000 * self.cost / self.total


@dataclass(frozen=True, slots=True)
class Share:
    """What one model, persona or feature used; `share` 0..1 is of all tokens, slot a persona's colour."""

    name: str
    used: Used
    share: float
    cost_share: float | None = None
    """0..1 of all known cost; None where there is none."""
    slot: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """What models cost, in micro-dollars: in the window, today, and in the month so far, whatever the window."""

    window: Window
    total: Figure
    """None where nothing has a known price."""
    used: Used
    models: tuple[Share, ...] = ()
    """Dearest first, as personas and features."""
    personas: tuple[Share, ...] = ()
    features: tuple[Share, ...] = ()
    today: int | None = None
    month: Used = Used()
    """This local month so far."""
    month_start: Instant = 0
    month_end: Instant = 0
    running: tuple[Point, ...] = ()
    """The month's cost, added up: at its start, at the end of each day, and now."""
    forecast: Forecast | None = None
    """Of the month's cost; None with fewer than seven known days."""
    budget: float | None = None
    """Micro-dollars for a month; None: none is set."""
    gaps: tuple[Gap, ...] = ()
    """In the month."""
    first_at: Instant | None = None
    """When recording began, if within the month."""

    @property
    def now(self) -> Instant:
        """The moment up to which is counted."""
        return self.window.end


@dataclass(frozen=True, slots=True)
class Bills:
    """What `cost` is told."""

    by_what: Series
    """The whole window by model, persona and feature."""
    before: Series
    days: Series
    """Local days of this month, and of the 56 days before today."""
    budget: float | None = None
    """Dollars for a month."""
    gaps: tuple[Gap, ...] = ()
    """In the same time as `days`."""
    slots: Mapping[str, int] = field(default_factory=dict)
    first_at: Instant | None = None


def month_of(at: Instant, zone: str) -> tuple[Instant, Instant]:
    """The start and the end of the local month that holds an instant."""
    today = datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).date()
    first = today.replace(day=1)
    following = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    return _midnight(first, zone), _midnight(following, zone)


def bill_span(window: Window) -> Window:
    """The days that `cost` is told of."""
    start = step_start(window.end - HISTORY_DAYS * DAY, DAY, window.zone)
    return Window(min(start, month_of(window.end, window.zone)[0]), window.end, window.zone)


def cost(window: Window, bills: Bills, *, guild: str | None = None) -> Cost:
    """What the models of a window and of its month cost, of one guild or the whole bot."""
    keep = only("operation", guild=guild)
    now, before = used(bills.by_what.sum(keep)), used(bills.before.sum(keep))
    start, end = month_of(window.end, window.zone)
    days = _days(window, bills, keep)
    month = [rollup for at, rollup in days if at >= start]
    # A tenth of a second before midnight is still today; at midnight sharp nothing of the new day is there.
    today = days[-1][1] if days and days[-1][0] == step_start(window.end, DAY, window.zone) else Rollup()

    return Cost(
        window=window,
        total=Figure(now.cost, (before.cost or None) if recorded(window.before, bills.first_at) else None),
        used=now,
        models=_dearest(bills, "model", keep),
        personas=_dearest(bills, "persona", keep),
        features=_dearest(bills, "feature", keep),
        today=used(today).cost,
        month=used(_sum(month)),
        month_start=start,
        month_end=end,
        running=_running(window, start, days),
        forecast=month_of_days(
            bill_span(window), {at: used(spent).cost for at, spent in days}, bills.gaps, bills.first_at
        ),
        budget=None if bills.budget is None else bills.budget * 1e6,
        gaps=tuple(Gap(max(gap.start, start), gap.end) for gap in bills.gaps if gap.end > start),
        first_at=bills.first_at if bills.first_at and bills.first_at > start else None,
    )


def used(rollup: Rollup) -> Used:
    """What a rollup of operations used; its cost is unknown where nothing has a known price."""
    cost = None if rollup.unpriced and not rollup.cost else rollup.cost
    return Used(rollup.prompt, rollup.completion, rollup.cached, cost, rollup.unpriced)


def shares(series: Series, name: str, keep: Keep, slots: Mapping[str, int] | None = None) -> tuple[Share, ...]:
    """Who used how much, most tokens first; what bears no name is left out."""
    found = {who: rollup for who, rollup in series.total(label("operation", name, keep)).items() if who}
    whole, spent = sum(r.tokens for r in found.values()), sum(r.cost for r in found.values())
    rows = [
        Share(
            who,
            used(rollup),
            rollup.tokens / whole if whole else 0.0,
            rollup.cost / spent if spent else None,
            (slots or {}).get(who, 0),
        )
        for who, rollup in found.items()
        if rollup.tokens or rollup.cost
    ]
    return tuple(sorted(rows, key=lambda row: (-row.used.total, row.name)))


def per_second(series: Series, keep: Keep) -> float | None:
    """Tokens a second: completion tokens ÷ the time of the successes, of operations that report tokens."""
    whole = Rollup()
    # Of all steps together: which labels report tokens must not depend on where a window is cut.
    for rollup in series.total(lambda labels: labels if keep(labels) and labels[1] != RESPONSE else None).values():
        if rollup.completion:
            whole.merge(rollup)

    return whole.completion / (whole.total / 1e6) if whole.total > 0 else None


def _midnight(day: date, zone: str) -> Instant:
    return round(datetime.combine(day, time(), ZoneInfo(zone)).timestamp() * 1000)


def _dearest(bills: Bills, name: str, keep: Keep) -> tuple[Share, ...]:
    rows = shares(bills.by_what, name, keep, bills.slots)
    return tuple(sorted(rows, key=lambda row: (-(row.used.cost or 0), -row.used.total, row.name)))


def _sum(rollups: Sequence[Rollup]) -> Rollup:
    whole = Rollup()
    for rollup in rollups:
        whole.merge(rollup)

    return whole


def _days(window: Window, bills: Bills, keep: Keep) -> list[tuple[Instant, Rollup]]:
    """Each stored day with its start and what it used."""
    starts = (step_start(at, DAY, window.zone) for at in bills.days.starts)
    return list(zip(starts, bills.days.line(keep), strict=True))


def _running(window: Window, start: Instant, days: list[tuple[Instant, Rollup]]) -> tuple[Point, ...]:
    """The sum of the known costs from the month's start to the end of each day."""
    found, spent, amounts = [Point(start, 0.0)], 0, dict(days)
    while start < window.end:
        following = next_step(start, DAY, window.zone)
        spent += amounts.get(start, Rollup()).cost
        found.append(Point(min(following, window.end), float(spent)))
        start = following

    return tuple(found)
