"""The pages of `/stats` about personas: one of them, how they stand to each other, how they banter."""

from __future__ import annotations

from typing import Any, ClassVar

from monitoring.analysis.exchange_tree import LAST, LONGEST
from monitoring.monitor import Monitor
from monitoring.window import SPAN_WORDS

from ._answer import Reply, answer, drawn
from ._banter_embed import banter_embed
from ._exchange_embed import exchange_embed
from ._format import name_key
from ._permissions import scope_of, sees_host
from ._persona_embed import persona_embed
from ._persona_growth_embed import growth_embed, quality_embed
from ._relationships_embed import relationships_embed
from ._stats_pages import WINDOW, Anything, known_name, known_personas
from ._views import Choice, Press, name_options, persistent, view, window_options

GRAPHS = {"graph": "relationships", "matrix": "relationships_matrix", "history": "relationships_history"}
SIDES = {"page": "Page", "quality": "Quality", "growth": "Growth"}
TALKS = {"figures": "Figures", LAST: "Last exchange", LONGEST: "Longest"}


async def persona(monitor: Monitor, interaction: Anything, key: str, window: str, side: str = "page") -> Reply:
    """`/stats persona`: at a glance, how well it does, or how it grows; raises UnknownName."""
    names = await known_personas(monitor, interaction)
    name = known_name(key, names)
    value = await monitor.persona(name, monitor.window(window), scope_of(interaction, monitor))
    others = [other for other in names if other != name]
    below = view(
        *(
            ShowPersona(f"mon:persona:{one}:{window}:{name_key(name)}", label=label, disabled=one == side)
            for one, label in SIDES.items()
        ),
        OtherPersona(
            f"mon:stats:persona:{window}", placeholder="Another persona", options=name_options(others or [name])
        ),
        PersonaWindow(f"mon:stats:persona:{name_key(name)}:window", **_windows(window)),
    )
    if side == "quality":
        return Reply(quality_embed(value), view=below)

    if side == "growth":
        return Reply(growth_embed(value), view=below)

    picture = await drawn(monitor, "persona", value) if value.messages.value else None
    return Reply(persona_embed(value, owner=sees_host(interaction, monitor)), picture, below)


async def relationships(monitor: Monitor, interaction: Anything, window: str, graph: str = "graph") -> Reply:
    """`/stats relationships` as graph, matrix or history."""
    value = await monitor.relationships(monitor.window(window), scope_of(interaction, monitor))
    picture = await drawn(monitor, GRAPHS[graph], value) if value.pairs else None
    buttons = [
        ShowGraph(f"mon:rel:{name}:{window}", label=name.capitalize(), disabled=name == graph) for name in GRAPHS
    ]
    menu = BondsWindow("mon:stats:relationships:window", **_windows(window))
    return Reply(relationships_embed(value), picture, view(*(buttons if value.pairs else ()), menu))


async def banter(monitor: Monitor, interaction: Anything, window: str, show: str = "figures") -> Reply:
    """`/stats banter`: its figures, or who replied to whom in the last or the longest exchange."""
    asked, scope = monitor.window(window), scope_of(interaction, monitor)
    buttons = [
        ShowBanter(f"mon:banter:{one}:{window}", label=label, disabled=one == show) for one, label in TALKS.items()
    ]
    below = view(*buttons, BondsWindow("mon:stats:banter:window", **_windows(window)))
    raw_days = monitor.settings.metrics_retention_days
    if show != "figures":
        return Reply(exchange_embed(await monitor.bonds.tree(asked, scope, show), asked, raw_days), view=below)

    value = await monitor.banter(asked, scope)
    spend = await monitor.bonds.spend(asked, scope) if value.exchanges.value else None
    picture = await drawn(monitor, "banter", value) if value.exchanges.value else None
    owner = sees_host(interaction, monitor)
    return Reply(banter_embed(value, spend, owner=owner, raw_days=raw_days), picture, below)


def _windows(window: str) -> dict[str, Any]:
    """How a menu of windows looks with this one chosen."""
    return {"placeholder": SPAN_WORDS[window].capitalize(), "options": window_options(window)}


def _span(chosen: str) -> str:
    return chosen if chosen in SPAN_WORDS else "24h"


@persistent
class BondsWindow(Choice, template=r"mon:stats:(?P<kind>relationships|banter):window"):
    """Shows the same page over another window."""

    policy: ClassVar[str] = "stats:window"

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the page."""
        make, window = relationships if self.parts["kind"] == "relationships" else banter, _span(self.chosen)
        await answer(interaction, self.policy, lambda monitor: make(monitor, interaction, window), edit=True)


@persistent
class OtherPersona(Choice, template=rf"mon:stats:persona:{WINDOW}"):
    """Shows another persona."""

    policy: ClassVar[str] = "stats:persona"

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the page."""
        await answer(
            interaction,
            self.policy,
            lambda monitor: persona(monitor, interaction, self.chosen, self.parts["window"]),
            edit=True,
        )


@persistent
class PersonaWindow(Choice, template=r"mon:stats:persona:(?P<key>[0-9a-f]{12}):window"):
    """Shows the same persona over another window."""

    policy: ClassVar[str] = "stats:persona"

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the page."""
        key, window = self.parts["key"], _span(self.chosen)
        await answer(interaction, self.policy, lambda monitor: persona(monitor, interaction, key, window), edit=True)


@persistent
class ShowPersona(Press, template=rf"mon:persona:(?P<side>page|quality|growth):{WINDOW}:(?P<key>[0-9a-f]{{12}})"):
    """Shows another side of a persona."""

    policy: ClassVar[str] = "stats:persona"

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the page."""
        parts = self.parts
        await answer(
            interaction,
            self.policy,
            lambda monitor: persona(monitor, interaction, parts["key"], parts["window"], parts["side"]),
            edit=True,
        )


@persistent
class ShowGraph(Press, template=rf"mon:rel:(?P<graph>graph|matrix|history):{WINDOW}"):
    """Shows the relationships another way."""

    policy: ClassVar[str] = "stats:relationships"

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the page."""
        parts = self.parts
        await answer(
            interaction,
            self.policy,
            lambda monitor: relationships(monitor, interaction, parts["window"], parts["graph"]),
            edit=True,
        )


@persistent
class ShowBanter(Press, template=rf"mon:banter:(?P<show>figures|{LAST}|{LONGEST}):{WINDOW}"):
    """Shows the figures of banter, or one exchange."""

    policy: ClassVar[str] = "stats:banter"

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the page."""
        parts = self.parts
        await answer(
            interaction,
            self.policy,
            lambda monitor: banter(monitor, interaction, parts["window"], parts["show"]),
            edit=True,
        )
