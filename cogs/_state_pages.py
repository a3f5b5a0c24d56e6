"""What `/monitoring status` shows, gathered from the Monitor and the client."""

from __future__ import annotations

import asyncio
from typing import Any

import discord

from monitoring import __version__
from monitoring.errors import StoreError
from monitoring.interfaces import StoreStatus
from monitoring.monitor import Monitor

from ._answer import Reply
from ._gateway import shard_count
from ._permissions import owners_of
from ._state_embed import COSTS, State, state_embed

STORE_WITHIN = 5.0
"""Seconds; a store that takes longer does not answer, and that is said."""


async def state_page(monitor: Monitor, client: Any) -> Reply:
    """The monitoring about itself."""
    chosen = monitor.chosen
    return Reply(
        state_embed(
            State(
                at=monitor.clock.now(),
                problems=list(monitor.problems),
                told=monitor.who_is_told(),
                ops_channel_id=chosen.ops_channel_id,
                missing=missing_intents(client.intents),
                store=await _store(monitor),
                books=monitor.books(),
                version=__version__,
                library=discord.__version__,
                uptime=(monitor.clock.now() - monitor.started_at) / 1000,
                zone=chosen.zone,
                zone_source=chosen.source("zone"),
                owners=sorted(set(monitor.settings.owner_ids + owners_of(client))),
                operators=chosen.operator_role_ids,
                viewers=chosen.viewer_role_ids,
                group=monitor.settings.monitoring_command_group,
                shards=shard_count(client),
                pings=None if monitor.dead_man is None else monitor.dead_man.pings,
            )
        )
    )


def missing_intents(intents: discord.Intents) -> list[str]:
    """The intents that would be of use and are not there."""
    return [name for name in COSTS if not getattr(intents, name)]


async def _store(monitor: Monitor) -> StoreStatus | None:
    try:
        async with asyncio.timeout(STORE_WITHIN):
            return await monitor.store.status()
    except (StoreError, TimeoutError):
        return None
