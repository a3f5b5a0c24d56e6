"""The questions about language models: how good they are, what they use, what it costs, what it is used for."""

from __future__ import annotations

from monitoring.analysis import features, models, spending, tokens
from monitoring.model import DAY, HOUR
from monitoring.questions import Questions
from monitoring.questions.loading import bar_width, guild_label, of
from monitoring.rollup import Series
from monitoring.window import Scope, Window, step_start


class Llm:
    """Answers about models; `budget` is dollars for a month, None for none."""

    def __init__(self, load: Questions, budget: float | None = None) -> None:
        self._load = load
        self._budget = budget

    async def models(self, window: Window, scope: Scope) -> models.Models:
        """Models side by side."""
        load = self._load
        now = load.now()
        work = models.Work(
            operation=await load.whole("operation", window, of(scope, "model", "persona", "operation")),
            first_token=await load.whole("first_token", window, of(scope, "model")),
            liking=await load.whole("model_liking", window, of(scope, "model")),
            drop=await load.whole("drop", window),
            gaps=await load.gaps(window, now.first_at),
            first_at=now.first_at,
        )

        return await load.aside(lambda: models.models(window, work, guild=guild_label(scope), bands=load.bands))

    async def tokens(self, window: Window, scope: Scope) -> tokens.Tokens:
        """Tokens by day (hours in windows of up to two days), model, persona and feature."""
        load = self._load
        now, earlier = load.now(), tokens.usual_span(window)
        usage = tokens.Usage(
            step=await self._steps(window, scope),
            by_what=await load.whole(
                "operation", window, of(scope, "model", "persona", "feature", "operation"), sketch=False
            ),
            before=await load.whole("operation", window.before, of(scope), sketch=False),
            days_before=await load.series("operation", earlier, HOUR, of(scope), sketch=False),
            gaps=await load.gaps(window, now.first_at),
            gaps_before=await load.gaps(earlier, now.first_at),
            slots=now.slots,
            first_at=now.first_at,
        )

        return await load.aside(lambda: tokens.tokens(window, usage, guild=guild_label(scope)))

    async def _steps(self, window: Window, scope: Scope) -> Series:
        """Hours of a window, or its local days, the first one whole: a month of hours would take ten times as long."""
        if bar_width(window) < DAY:
            return await self._load.bars("operation", window, of(scope), sketch=False)

        days = Window(step_start(window.start, DAY, window.zone), window.end, window.zone)
        return await self._load.series("operation", days, DAY, of(scope), sketch=False)

    async def cost(self, window: Window, scope: Scope) -> spending.Cost:
        """What the window cost; and the month so far, with what it will amount to."""
        load = self._load
        now, span = load.now(), spending.bill_span(window)
        bills = spending.Bills(
            by_what=await load.whole("operation", window, of(scope, "model", "persona", "feature"), sketch=False),
            before=await load.whole("operation", window.before, of(scope), sketch=False),
            days=await load.series("operation", span, DAY, of(scope), sketch=False),
            budget=self._budget,
            gaps=await load.gaps(span, now.first_at),
            slots=now.slots,
            first_at=now.first_at,
        )

        return await load.aside(lambda: spending.cost(window, bills, guild=guild_label(scope)))

    async def features(self, window: Window, scope: Scope) -> features.Features:
        """What each feature is used for, and the variants that are tried."""
        load = self._load
        now = load.now()
        uses = features.Uses(
            operation=await load.whole("operation", window, of(scope, "feature", "operation", "model")),
            cache=await load.whole("cache", window, of(scope, "feature")),
            variant=await load.whole("variant", window, of(scope, "variant", "service", "operation")),
            gaps=await load.gaps(window, now.first_at),
            first_at=now.first_at,
        )

        return await load.aside(lambda: features.features(window, uses, guild=guild_label(scope), bands=load.bands))
