"""The pages about work done: errors, the operations of a service, throughput."""

from __future__ import annotations

from typing import Any, ClassVar

import discord

from monitoring.analysis.attempts import COMMANDS
from monitoring.errors import UnknownName
from monitoring.monitor import Monitor
from monitoring.window import SPAN_WORDS

from ._answer import Reply, answer, desk_of, drawn
from ._errors_embed import errors_embed
from ._format import name_key, named_by
from ._permissions import scope_of
from ._service_embed import throughput_embed, work_embed
from ._views import Choice, persistent, view, window_options

Anything = discord.Interaction[Any]
ABOUT = r"(?P<about>all|[ps][0-9a-f]{12})"


async def errors(monitor: Monitor, interaction: Anything, window: str, service: str = "") -> Reply:
    """`/stats errors`, of all services or one; raises UnknownName."""
    name = await _meant(service, monitor, interaction, COMMANDS)
    value = await monitor.work.errors(monitor.window(window), scope_of(interaction, monitor), service=name)
    picture = await drawn(monitor, "errors", value) if value.total.value else None
    return Reply(errors_embed(value), picture, view(_menu("errors", window, name)))


async def operations(monitor: Monitor, interaction: Anything, window: str, service: str = "") -> Reply:
    """The operations of a service with their throughput, or all services side by side; `service` is a known name."""
    scope, over = scope_of(interaction, monitor), monitor.window(window)
    if not service:
        return Reply(work_embed(await monitor.work.services(over, scope)))

    page = await monitor.work.service(service, over, scope)
    flow = await monitor.work.throughput(over, scope, service=service)
    return Reply(work_embed(page), await drawn(monitor, "throughput", flow) if page.all.timing.n else None)


async def throughput(monitor: Monitor, interaction: Anything, window: str, service: str = "") -> Reply:
    """`/report throughput`, of answers and messages, or of a service's operations; raises UnknownName."""
    name = await _meant(service, monitor, interaction)
    value = await monitor.work.throughput(monitor.window(window), scope_of(interaction, monitor), service=name)
    picture = await drawn(monitor, "throughput", value) if value.per_hour.n or value.messages_per_hour else None
    return Reply(throughput_embed(value), picture, view(_menu("throughput", window, name)))


async def services(monitor: Monitor, interaction: Anything) -> list[str]:
    """The services that the one who asks may know of."""
    desk = desk_of(interaction.client)
    return await desk.known.services(scope_of(interaction, monitor)) if desk is not None else []


async def _meant(key: str, monitor: Monitor, interaction: Anything, *more: str) -> str:
    """The name of a service that was typed or chosen; for nothing "", with no names asked for. Raises UnknownName."""
    return named(key, [*await services(monitor, interaction), *more]) if key else ""


def named(key: str, names: list[str]) -> str:
    """The name behind what was typed or chosen; "" for nothing. Raises UnknownName."""
    found = named_by(key, names) if key else ""
    if found is None:
        raise UnknownName(key)

    return found


def _menu(kind: str, window: str, service: str) -> OtherWorkWindow:
    about = f"s{name_key(service)}" if service else "all"
    return OtherWorkWindow(
        f"mon:stats:{kind}:{about}:window", placeholder=SPAN_WORDS[window].capitalize(), options=window_options(window)
    )


@persistent
class OtherWorkWindow(Choice, template=rf"mon:stats:(?P<kind>errors|throughput):{ABOUT}:window"):
    """Shows the same page over another window."""

    policy: ClassVar[str] = "stats:work"

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the page."""
        make = errors if self.parts["kind"] == "errors" else throughput
        window = self.chosen if self.chosen in SPAN_WORDS else "24h"
        about = self.parts["about"]
        service = about[1:] if about != "all" else ""
        await answer(interaction, self.policy, lambda monitor: make(monitor, interaction, window, service), edit=True)
