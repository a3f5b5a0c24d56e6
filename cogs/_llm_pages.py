"""The pages about language models: models and features of `/stats`, tokens and cost of `/report`."""

from __future__ import annotations

from typing import Any, ClassVar

import discord

from monitoring.monitor import Monitor
from monitoring.window import SPAN_WORDS

from ._answer import Reply, answer, drawn
from ._features_embed import features_embed
from ._models_embed import models_embed
from ._permissions import scope_of, sees_host
from ._spending_embed import cost_embed, tokens_embed
from ._views import Choice, Press, persistent, view, window_options

Anything = discord.Interaction[Any]
WINDOW = r"(?P<window>1h|6h|24h|7d|30d|90d)"


async def models(monitor: Monitor, interaction: Anything, window: str) -> Reply:
    """`/stats models`; what they cost is for owners."""
    value = await monitor.llm.models(monitor.window(window), scope_of(interaction, monitor))
    shown = value if sees_host(interaction, monitor) else value.without_money()
    picture = await drawn(monitor, "models", shown) if shown.rows else None
    return Reply(models_embed(shown), picture, view(_menu("models", window)))


async def features(monitor: Monitor, interaction: Anything, window: str, chart: str = "features") -> Reply:
    """`/stats features`, with the chart of features or, where some are tried, of variants."""
    value = await monitor.llm.features(monitor.window(window), scope_of(interaction, monitor))
    shown = value if sees_host(interaction, monitor) else value.without_money()
    kind = "variants" if shown.trials and (chart == "variants" or not shown.rows) else "features"
    picture = await drawn(monitor, kind, shown) if shown.rows or shown.trials else None
    buttons = [
        ShowUses(f"mon:uses:{name}:{window}", label=name.capitalize(), disabled=name == kind)
        for name in ("features", "variants")
        if shown.trials and shown.rows
    ]
    return Reply(features_embed(shown), picture, view(*buttons, _menu("features", window)))


async def tokens(monitor: Monitor, interaction: Anything, window: str) -> Reply:
    """`/report tokens`."""
    value = await monitor.llm.tokens(monitor.window(window), scope_of(interaction, monitor))
    picture = await drawn(monitor, "tokens", value) if value.used.total else None
    return Reply(tokens_embed(value), picture, view(_menu("tokens", window)))


async def cost(monitor: Monitor, interaction: Anything, window: str) -> Reply:
    """`/report cost`, for owners."""
    value = await monitor.llm.cost(monitor.window(window), scope_of(interaction, monitor))
    picture = await drawn(monitor, "cost", value) if value.month.total or value.month.cost else None
    menu = OtherCostWindow(
        "mon:report:cost:window", placeholder=SPAN_WORDS[window].capitalize(), options=window_options(window)
    )
    return Reply(cost_embed(value), picture, view(menu))


def _menu(kind: str, window: str) -> OtherLlmWindow:
    return OtherLlmWindow(
        f"mon:stats:{kind}:window", placeholder=SPAN_WORDS[window].capitalize(), options=window_options(window)
    )


@persistent
class OtherLlmWindow(Choice, template=r"mon:stats:(?P<kind>models|features|tokens):window"):
    """Shows the same page over another window."""

    policy: ClassVar[str] = "stats:llm"

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the page."""
        pages = {"models": models, "tokens": tokens}
        window = self.chosen if self.chosen in SPAN_WORDS else "24h"

        async def make(monitor: Monitor) -> Reply:
            page = pages.get(self.parts["kind"])
            return await (page(monitor, interaction, window) if page else features(monitor, interaction, window))

        await answer(interaction, self.policy, make, edit=True)


@persistent
class OtherCostWindow(Choice, template=r"mon:report:cost:window"):
    """Shows what another window cost."""

    policy: ClassVar[str] = "report:cost"

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the page."""
        window = self.chosen if self.chosen in SPAN_WORDS else "24h"
        await answer(interaction, self.policy, lambda monitor: cost(monitor, interaction, window), edit=True)


@persistent
class ShowUses(Press, template=rf"mon:uses:(?P<chart>features|variants):{WINDOW}"):
    """Shows features or the variants that are tried."""

    policy: ClassVar[str] = "stats:llm"

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the page."""
        parts = self.parts
        await answer(
            interaction,
            self.policy,
            lambda monitor: features(monitor, interaction, parts["window"], parts["chart"]),
            edit=True,
        )
