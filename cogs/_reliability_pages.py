"""The pages about reliability: uptime of services, incidents, promises."""

from __future__ import annotations

from typing import Any

import discord

from monitoring.analysis.kept import kept
from monitoring.monitor import Monitor

from ._answer import Reply, drawn
from ._permissions import scope_of
from ._reliability_embed import incidents_embed, slo_embed, uptime_embed

Anything = discord.Interaction[Any]


async def uptime(monitor: Monitor, interaction: Anything, window: str) -> Reply:
    """`/report uptime`; services are the same for all guilds."""
    value = await monitor.work.uptime(monitor.window(window))
    return Reply(uptime_embed(value), await drawn(monitor, "uptime", value) if value.services else None)


async def incidents(monitor: Monitor, interaction: Anything, window: str) -> Reply:
    """`/report incidents`, for those who deal with them."""
    value = await monitor.work.incidents(monitor.window(window))
    return Reply(incidents_embed(value), await drawn(monitor, "incidents", value) if value.rules else None)


async def slo(monitor: Monitor, interaction: Anything, window: str) -> Reply:
    """`/report slo`: the promises as they stand now, whatever the window."""
    over = monitor.window("30d")
    value = kept(over, await monitor.insight.slo(over, scope_of(interaction, monitor)))
    return Reply(slo_embed(value), await drawn(monitor, "slo", value) if value.known else None)
