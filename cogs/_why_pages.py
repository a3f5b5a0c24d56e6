"""The pages of `/why`: one figure with its causes, all that stands out, and the causes of an incident."""

from __future__ import annotations

from typing import Any, ClassVar

import discord

from monitoring.analysis.kept import kept
from monitoring.analysis.why_findings import FIGURES, named
from monitoring.analysis.why_values import ERRORS, Why
from monitoring.errors import UnknownName
from monitoring.monitor import Monitor
from monitoring.picture import Picture
from monitoring.window import SPAN_WORDS

from ._answer import Reply, answer, drawn
from ._insights_embed import insights_embed
from ._permissions import scope_of, sees_host
from ._views import Choice, Press, persistent, view, window_options
from ._why_embed import why_embed

Anything = discord.Interaction[Any]
WINDOW = r"(?P<window>1h|6h|24h|7d|30d|90d)"
ASKED = ("mean", "p95", "errors", "messages", "tokens", "cost")
"""Figures that are asked about, in the order of the menu."""
ALL = "all"
"""The menu's value for the page without a figure."""


async def page(monitor: Monitor, interaction: Anything, figure: str, window: str) -> Reply:
    """`/why`, of a figure or (`all`) of everything; raises UnknownName for what is not for the one who asks."""
    owner = sees_host(interaction, monitor)
    if figure == ALL:
        return await _everything(monitor, interaction, window, owner=owner)

    if figure not in ASKED or (figure == "cost" and not owner):
        raise UnknownName(figure)

    over, scope = monitor.window(window), scope_of(interaction, monitor)
    value = named(await monitor.insight.why(figure, over, scope), guilds_of(interaction, monitor))
    below = view(_figures(figure, window, owner=owner), _windows(figure, window))
    return Reply(why_embed(value), await picture_of(monitor, value), below)


async def of_incident(monitor: Monitor, interaction: Anything, number: int, figure: str = "") -> Reply:
    """Why an incident came, over its own life; with a button for the other side of it. Raises UnknownName."""
    value = named(await monitor.why_incident(number, figure), guilds_of(interaction, monitor))
    other, label = ("mean", "Times too") if value.figure == ERRORS else (ERRORS, "Errors too")
    button = WhyOther(f"mon:inc:{number}:why:{other}", label=label)
    return Reply(why_embed(value), await picture_of(monitor, value), view(button))


async def picture_of(monitor: Monitor, value: Why) -> Picture | None:
    """The chart, where there is a change to draw."""
    return await drawn(monitor, "why", value) if value.change is not None and value.parts else None


def guilds_of(interaction: Anything, monitor: Monitor) -> dict[str, str]:
    """The guilds' names by id, as labels have it; who does not see the whole bot is told no other guild's name."""
    whole = scope_of(interaction, monitor).guild_id is None
    return {
        str(guild.id): guild.name if whole or guild.id == interaction.guild_id else "another server"
        for guild in interaction.client.guilds
    }


async def _everything(monitor: Monitor, interaction: Anything, window: str, *, owner: bool) -> Reply:
    """What is worth doing, what is to come, what was unusual, which promises are in trouble."""
    over, scope = monitor.window(window), scope_of(interaction, monitor)
    value = await monitor.insight.insights(over, scope)
    promises = kept(over, await monitor.insight.slo(over, scope))
    below = view(_figures(ALL, window, owner=owner), _windows(ALL, window))
    return Reply(insights_embed(value, promises, owner=owner), view=below)


def _figures(figure: str, window: str, *, owner: bool) -> OtherFigure:
    options = [discord.SelectOption(label="What stands out", value=ALL, default=figure == ALL)]
    options += [
        discord.SelectOption(label=FIGURES[name], value=name, default=name == figure)
        for name in ASKED
        if owner or name != "cost"
    ]
    return OtherFigure(f"mon:why:{window}:figure", placeholder="Look at a figure", options=options)


def _windows(figure: str, window: str) -> OtherWhyWindow:
    return OtherWhyWindow(
        f"mon:why:{figure}:window", placeholder=SPAN_WORDS[window].capitalize(), options=window_options(window)
    )


@persistent
class OtherFigure(Choice, template=rf"mon:why:{WINDOW}:figure"):
    """Asks about another figure, or about everything."""

    policy: ClassVar[str] = "why:look"

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the page."""
        await answer(
            interaction,
            self.policy,
            lambda monitor: page(monitor, interaction, self.chosen or ALL, self.parts["window"]),
            edit=True,
        )


@persistent
class OtherWhyWindow(Choice, template=r"mon:why:(?P<figure>all|mean|p95|errors|messages|tokens|cost):window"):
    """Asks the same about another window."""

    policy: ClassVar[str] = "why:look"

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the page."""
        window = self.chosen if self.chosen in SPAN_WORDS else "24h"
        await answer(
            interaction,
            self.policy,
            lambda monitor: page(monitor, interaction, self.parts["figure"], window),
            edit=True,
        )


@persistent
class ShowWhy(Press, template=r"mon:inc:(?P<number>\d{1,12}):why"):
    """Shows why an incident came, to the one who asks."""

    policy: ClassVar[str] = "incident:why"

    async def callback(self, interaction: Anything) -> None:
        """Its own life against the same time before."""
        number = int(self.parts["number"])
        await answer(
            interaction, self.policy, lambda monitor: of_incident(monitor, interaction, number), ephemeral=True
        )


@persistent
class WhyOther(Press, template=r"mon:inc:(?P<number>\d{1,12}):why:(?P<figure>mean|errors)"):
    """Shows the errors of that time where it was slow, and how slow it was where it failed."""

    policy: ClassVar[str] = "incident:why"

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the answer."""
        number, figure = int(self.parts["number"]), self.parts["figure"]
        await answer(
            interaction, self.policy, lambda monitor: of_incident(monitor, interaction, number, figure), edit=True
        )
