"""The pages of `/stats`: asked of the Monitor, drawn, and given the buttons and menus that lead on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import discord
from discord.ui import View

from monitoring.errors import UnknownName
from monitoring.monitor import Monitor
from monitoring.window import SPAN_WORDS

from ._answer import Reply, answer, desk_of, drawn
from ._format import name_key, named_by
from ._overview_embed import overview_embed
from ._performance_embed import performance_embed
from ._permissions import scope_of, sees_host
from ._views import Choice, Press, name_options, persistent, view, window_options
from ._work_pages import named, operations, services

Anything = discord.Interaction[Any]
WINDOW = r"(?P<window>1h|6h|24h|7d|30d|90d)"
ALL = "*"
"""The menu's value for all services side by side."""
TIMES = {"times": "response_times", "components": "components", "by-persona": "response_by_persona"}


async def overview(monitor: Monitor, interaction: Anything, window: str) -> Reply:
    """`/stats overview`: all of its figures are in the embed; the picture is `/report overview`."""
    value = await monitor.overview(monitor.window(window), scope_of(interaction, monitor))
    return Reply(
        overview_embed(value, owner=sees_host(interaction, monitor)),
        view=view(_window_menu(window)),
    )


async def performance(
    monitor: Monitor, interaction: Anything, window: str, *, persona: str = "", service: str = "", chart: str = "times"
) -> Reply:
    """`/stats performance`, of all or of one persona or service; raises UnknownName."""
    name = known_name(persona, await known_personas(monitor, interaction)) if persona else ""
    part = named(service, names := await services(monitor, interaction))
    if chart == "operations":
        shown = await operations(monitor, interaction, window, part)
        return replace(shown, view=_times_view(chart, window, "", part, names))

    value = await monitor.performance(
        monitor.window(window), scope_of(interaction, monitor), persona=name, service=part
    )
    picture = await drawn(monitor, TIMES[chart], value) if value.now.n else None
    below = _times_view(chart, window, name, part, names) if value.now.n else view(_service_menu(window, names))
    return Reply(performance_embed(value), picture, below)


def _window_menu(window: str) -> OtherWindow:
    """The menu of windows under a page."""
    return OtherWindow(
        "mon:stats:overview:window", placeholder=SPAN_WORDS[window].capitalize(), options=window_options(window)
    )


def _times_view(chart: str, window: str, persona: str, service: str, services: list[str]) -> View:
    """Buttons for the other pictures, and a menu of services; of a persona no service is asked about."""
    about = f"p{name_key(persona)}" if persona else f"s{name_key(service)}" if service else "all"
    words = {"times": "Response times", "components": "Components"}
    if not persona:
        words |= {"operations": "Operations"} if service else {"by-persona": "By persona"}

    return view(
        *(
            ShowTimes(f"mon:chart:{name}:{window}:{about}", label=label, disabled=name == chart)
            for name, label in words.items()
        ),
        None if persona else _service_menu(window, services),
    )


def _service_menu(window: str, names: list[str]) -> OtherService:
    """The menu of services, all of them side by side first."""
    return OtherService(
        f"mon:stats:performance:{window}:service",
        placeholder="Look at services",
        options=[discord.SelectOption(label="All services", value=ALL), *name_options(names)][:25],
    )


async def known_personas(monitor: Monitor, interaction: Anything) -> list[str]:
    """The personas that the one who asks may know of."""
    desk = desk_of(interaction.client)
    return await desk.known.personas(scope_of(interaction, monitor)) if desk is not None else []


def known_name(key: str, names: list[str]) -> str:
    """The name that was meant, of those that may be known; raises UnknownName."""
    found = named_by(key, names)
    if found is None:
        raise UnknownName(key)

    return found


@persistent
class OtherWindow(Choice, template=r"mon:stats:overview:window"):
    """Shows the same page over another window."""

    policy: ClassVar[str] = "stats:window"

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the page."""
        window = self.chosen if self.chosen in SPAN_WORDS else "24h"
        await answer(interaction, self.policy, lambda monitor: overview(monitor, interaction, window), edit=True)


@persistent
class OtherService(Choice, template=rf"mon:stats:performance:{WINDOW}:service"):
    """Shows the operations of a service, or all services side by side."""

    policy: ClassVar[str] = "stats:performance"

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the page."""
        service = "" if self.chosen == ALL else self.chosen
        window = self.parts["window"]
        await answer(
            interaction,
            self.policy,
            lambda monitor: performance(monitor, interaction, window, service=service, chart="operations"),
            edit=True,
        )


@persistent
class ShowTimes(
    Press,
    template=rf"mon:chart:(?P<chart>times|components|by-persona|operations):{WINDOW}:(?P<about>all|[ps][0-9a-f]{{12}})",
):
    """Shows the response times another way."""

    policy: ClassVar[str] = "stats:performance"

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the page."""
        parts, about = self.parts, self.parts["about"]
        key = about[1:] if about != "all" else ""
        await answer(
            interaction,
            self.policy,
            lambda monitor: performance(
                monitor,
                interaction,
                parts["window"],
                persona=key if about[0] == "p" else "",
                service=key if about[0] == "s" else "",
                chart=parts["chart"],
            ),
            edit=True,
        )
