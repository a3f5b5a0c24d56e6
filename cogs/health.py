"""`/health`: is everything well? With a refresh button, links to open incidents, and a menu of services."""

from __future__ import annotations

from typing import Any, ClassVar

import discord
from discord import app_commands
from discord.ext import commands
from discord.ui import Button, View

from monitoring.errors import UnknownName
from monitoring.incident import Incident, Stage
from monitoring.model import Health
from monitoring.monitor import Monitor

from ._answer import Reply, answer
from ._autocomplete import service_choices
from ._cog import Answering
from ._format import named_by
from ._health_embed import health_embed, service_embed
from ._links import message_link
from ._permissions import in_ops_guild, scope_of, sees_host
from ._views import Choice, Press, name_options, persistent, view

Anything = discord.Interaction[Any]


@persistent
class Refresh(Press, template=r"mon:refresh:health"):
    """Shows the page as it is now."""

    policy: ClassVar[str] = "health:refresh"

    async def callback(self, interaction: Anything) -> None:
        """Put the new page in place of the old one."""
        await answer(interaction, self.policy, lambda monitor: page(monitor, interaction), edit=True, chart=False)


@persistent
class LookAtService(Choice, template=r"mon:health:service"):
    """Shows one service."""

    policy: ClassVar[str] = "health:service"

    async def callback(self, interaction: Anything) -> None:
        """Put the service in place of the page."""
        await answer(
            interaction,
            self.policy,
            lambda monitor: one_service(monitor, self.chosen),
            edit=True,
            chart=False,
        )


class HealthCog(Answering, name="Greenroom health"):
    """Is everything well?"""

    @app_commands.command(name="health", description="Is everything well?")
    @app_commands.describe(service="Only this service")
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_guild=True)
    async def health(self, interaction: Anything, service: str = "") -> None:
        """The page of all services, or of one."""

        async def make(monitor: Monitor) -> Reply:
            return await (one_service(monitor, service) if service else page(monitor, interaction))

        await answer(interaction, "health", make, chart=False)

    @health.autocomplete("service")
    async def _services(self, interaction: Anything, current: str) -> list[app_commands.Choice[str]]:
        return await service_choices(interaction, current, "health.service")


async def page(monitor: Monitor, interaction: Anything) -> Reply:
    """The whole page, with what the one who asks may see."""
    scope = scope_of(interaction, monitor)
    value = await monitor.health(host=sees_host(interaction, monitor), scope=scope)
    errors = await monitor.errors(monitor.window("24h"), scope)
    incidents: list[Incident] = await monitor.incidents(open_only=False)
    is_open = [one for one in incidents if one.stage in (Stage.OPEN, Stage.RECOVERING)]
    here = in_ops_guild(interaction, monitor)
    ended = max((one.resolved_at for one in incidents if one.resolved_at is not None and here), default=None)
    links = [
        (one.number, message_link(interaction.guild_id or 0, one.channel_id, one.message_id))
        for one in is_open
        if here and one.message_id is not None
    ]
    troubled = [service.name for service in value.services if service.health is not Health.HEALTHY]
    calm = [service.name for service in value.services if service.health is Health.HEALTHY]
    embed = health_embed(value, errors=errors, bands=monitor.bands, incidents=links, last_ended=ended)
    return Reply(embed, view=_below(links[0][1] if links else "", [*troubled, *calm]))


async def one_service(monitor: Monitor, key: str) -> Reply:
    """One service; raises UnknownName."""
    name = named_by(key, monitor.service_names())
    if name is None:
        raise UnknownName(key)

    embed = service_embed(await monitor.service(name), monitor.settings.probe_interval_seconds, monitor.clock.now())
    return Reply(embed, view=_below("", monitor.service_names()))


def _below(link: str, services: list[str]) -> View:
    refresh = Refresh("mon:refresh:health", label="Refresh", emoji="🔄")
    incident: Button[View] | None = Button(label="Incident", url=link) if link else None
    menu = None
    if services:
        menu = LookAtService("mon:health:service", placeholder="Look at one service", options=name_options(services))

    return view(refresh, incident, menu)


async def setup(bot: commands.Bot) -> None:
    """Add the cog; `cogs.monitor` is loaded before it."""
    await bot.add_cog(HealthCog(bot))
