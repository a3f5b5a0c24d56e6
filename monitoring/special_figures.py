"""Loads what the special figures of rules are made of, and lets `analysis` think of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from monitoring.alerting.look import Figures
from monitoring.analysis import rule_figures, siblings, slo
from monitoring.analysis.ahead import History, month
from monitoring.analysis.banter_spend import LEAD, banter_spend
from monitoring.analysis.series import label, only
from monitoring.analysis.slo import FAST, SUCCESS, Promises, Tally
from monitoring.analysis.spending import used
from monitoring.habits import Habits
from monitoring.incident import Rule
from monitoring.model import DAY, HOUR, MINUTE, SECOND, Instant
from monitoring.questions.loading import Loading
from monitoring.rollup import MICRO, Rollup, Series
from monitoring.window import Window, step_start

Read: TypeAlias = Callable[[Rule, Instant], Awaitable[list[Figures]]]
HISTORY = 56 * DAY
"""Of which a month's end is forecast."""
_COLUMNS = ("which", "at", "channel", "message", "prompt", "completion", "cost", "weight")
HEARD = 6 * HOUR
"""As far back as is looked for the last message of a persona or user."""


class SpecialFigures:
    """Reads special figures by name."""

    def __init__(
        self,
        load: Loading,
        habits: Habits,
        *,
        promises: Promises,
        budget: float | None,
        open_turns: Callable[[], int],
    ) -> None:
        self._load = load
        self._habits = habits
        self._promises = promises
        self._budget = budget
        self._open_turns = open_turns
        self._read: dict[str, tuple[int, Read]] = {
            "error_spike": (60, self._spike),
            "idle": (60, self._idle),
            "restarts": (60, self._restarts),
            "budget": (600, self._spent),
            "budget_ahead": (600, self._ahead),
            "burn_1h": (60, self._burn(HOUR, 5 * MINUTE)),
            "burn_6h": (60, self._burn(6 * HOUR, 30 * MINUTE)),
            "banter_turns": (10, self._turns),
            "banter_cost": (300, self._banter_cost),
            "persona_silent": (300, self._silent),
            "persona_slower": (60, self._slower),
            "persona_failing": (60, self._failing),
            "affinity_fall": (600, self._falls),
        }

    @property
    def names(self) -> frozenset[str]:
        """All figures there are."""
        return frozenset(self._read)

    def every(self, name: str) -> int:
        """Seconds between two readings."""
        return self._read[name][0] if name in self._read else 60

    async def read(self, name: str, rule: Rule, now: Instant) -> list[Figures]:
        """The figures by group. Raises StoreError, KeyError for an unknown name."""
        return await self._read[name][1](rule, now)

    async def _whole(self, metric: str, start: Instant, end: Instant, by: tuple[str, ...] = ()) -> Series:
        return await self._load.store.series(metric, start - start % MINUTE, end, 0, by)

    # --- of the whole bot

    async def _spike(self, rule: Rule, now: Instant) -> list[Figures]:
        """The error rate of the window against that of the week before the last hour."""
        window = (await self._whole("response", now - rule.window * SECOND, now)).sum()
        week = (await self._whole("response", now - 7 * DAY, now - HOUR)).sum()
        return [("", _bare(window), rule_figures.spike(window, week))]

    async def _idle(self, _: Rule, now: Instant) -> list[Figures]:
        speakers = await self._habits.speakers(now)
        minutes = await self._minutes(now, ("author",))
        since = max(self._habits.since, now - HEARD)
        value = rule_figures.idle(minutes, speakers.get(""), now, since)
        return [("", Rollup(), value)]

    async def _restarts(self, rule: Rule, now: Instant) -> list[Figures]:
        """Starts of the bot in the window, which only the store remembers."""
        start = now - rule.window * SECOND
        events = await self._load.store.series("event", start, now, MINUTE, ("event",))
        found = events.sum(only("event", event="start"))
        return [("", found, float(found.count))]

    def _burn(self, long: int, short: int) -> Read:
        """Reads how fast the budgets of the promises burn over two windows."""

        async def read(_: Rule, now: Instant) -> list[Figures]:
            longer = (await self._whole("response", now - long, now)).sum()
            shorter = (await self._whole("response", now - short, now)).sum()
            promised = self._promises

            def fast(rollup: Rollup) -> Tally:
                return slo.too_slow(rollup, promised.seconds)

            return [
                (name, _bare(longer), rule_figures.burning(tally(longer), tally(shorter), target))
                for name, target, tally in ((SUCCESS, promised.success, slo.failed), (FAST, promised.fast, fast))
            ]

        return read

    # --- money

    async def _spent(self, _: Rule, now: Instant) -> list[Figures]:
        """The month's cost so far ÷ its budget."""
        start = _month_start(now, self._habits.zone)
        rollup = (await self._load.store.series("operation", start, now, 0, ())).sum()
        cost = used(rollup).cost
        return [("", _bare(rollup), cost / MICRO / self._budget if cost is not None and self._budget else None)]

    async def _ahead(self, _: Rule, now: Instant) -> list[Figures]:
        """What the month will have cost ÷ its budget; only where even the low end of the forecast is above it."""
        zone, first_at = self._habits.zone, self._habits.first_at
        span = Window(step_start(now - HISTORY, DAY, zone), now, zone)
        days = await self._load.series("operation", span, DAY, ())
        history = History(span, days, await self._load.gaps(span, first_at), first_at)
        ahead = await self._load.aside(lambda: month(history, lambda _: True, lambda r: used(r).cost))
        if ahead is None or not self._budget:
            return [("", Rollup(), None)]

        # Said once it is likely: nine times in ten it will be more than the low end.
        sure = ahead.low / MICRO > self._budget or ahead.value / MICRO <= self._budget
        return [("", Rollup(ahead.n), ahead.value / MICRO / self._budget if sure else 1.0)]

    async def _banter_cost(self, rule: Rule, now: Instant) -> list[Figures]:
        """Dollars that exchanges cost in the window."""
        window = Window(now - rule.window * SECOND, now, self._habits.zone)
        exchanges = await self._load.store.exchanges(window.start, window.end)
        if not exchanges:
            return [("", Rollup(), 0.0)]

        rows = await self._load.store.operations(window.start - LEAD, window.end, _COLUMNS, ("persona",))
        spend = await self._load.aside(lambda: banter_spend(window, exchanges, rows, Rollup(), whole=True))
        return [("", Rollup(spend.operations), (spend.cost or 0) / MICRO)]

    # --- personas

    async def _turns(self, _: Rule, __: Instant) -> list[Figures]:
        turns = self._open_turns()
        return [("", Rollup(turns), float(turns))]

    async def _minutes(self, now: Instant, by: tuple[str, ...]) -> Series:
        start = now - HEARD
        return await self._load.store.series("message", start - start % MINUTE, now, MINUTE, by)

    async def _silent(self, _: Rule, now: Instant) -> list[Figures]:
        habits = await self._habits.speakers(now)
        minutes = await self._minutes(now, ("author", "persona"))
        since = max(self._habits.since, now - HEARD)
        speakers = rule_figures.Speakers(minutes, habits, now, since)
        found = await self._load.aside(lambda: rule_figures.silent(speakers))
        return [(name, Rollup(n), value) for name, (value, n) in found.items()]

    async def _by_persona(self, start: Instant, end: Instant) -> dict[str, Rollup]:
        series = await self._whole("response", start, end, ("persona",))
        return series.total(label("response", "persona"))

    async def _slower(self, rule: Rule, now: Instant) -> list[Figures]:
        window = await self._by_persona(now - rule.window * SECOND, now)
        week = await self._by_persona(now - 7 * DAY, now - 6 * HOUR)
        found = siblings.slower(window, week)
        return [(name, _bare(window[name]), value) for name, value in found.items()]

    async def _failing(self, rule: Rule, now: Instant) -> list[Figures]:
        window = await self._by_persona(now - rule.window * SECOND, now)
        found = siblings.failing(window)
        return [(name, _bare(window[name]), value) for name, value in found.items()]

    async def _falls(self, _: Rule, now: Instant) -> list[Figures]:
        zone = self._habits.zone
        window = Window(step_start(now - 8 * DAY, HOUR, zone), now, zone)
        hours = await self._load.series("affinity", window, HOUR, ("persona", "other"))
        found = await self._load.aside(lambda: rule_figures.falls(hours, now))
        return [(pair, Rollup(n), value) for pair, (value, n) in found.items()]


def _bare(rollup: Rollup) -> Rollup:
    """Its counts alone: the value is told apart."""
    return Rollup(rollup.count, rollup.failures)


def _month_start(now: Instant, zone: str) -> Instant:
    """Midnight of the first of the local month."""
    info = ZoneInfo(zone)
    local = datetime.fromtimestamp(now / 1000, info)
    return step_start(round(datetime(local.year, local.month, 1, 12, tzinfo=info).timestamp() * 1000), DAY, zone)
