"""Suggestions while typing: at most 25, of this guild alone, nothing for those who may not see them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

import discord
from discord import app_commands

from monitoring.errors import StoreError
from monitoring.safe_text import plain_text

from ._answer import desk_of
from ._format import name_key
from ._permissions import may, scope_of

log = logging.getLogger(__name__)
MOST = 25
SUGGESTED_WITHIN = 2.0
"""Seconds; Discord takes suggestions for 3 s."""
LONGEST = 100


async def persona_choices(
    interaction: discord.Interaction[Any], current: str, thing: str
) -> list[app_commands.Choice[str]]:
    """Personas of this guild whose name holds what was typed."""
    desk = desk_of(interaction.client)
    if desk is None or not may(interaction, desk.monitor, thing):
        return []

    try:
        async with asyncio.timeout(SUGGESTED_WITHIN):
            return choices(await desk.known.personas(scope_of(interaction, desk.monitor)), current)
    except (StoreError, TimeoutError) as error:
        log.info("no suggestions: %s", error)
        return []


async def service_choices(
    interaction: discord.Interaction[Any], current: str, thing: str
) -> list[app_commands.Choice[str]]:
    """Probed services whose name holds what was typed."""
    desk = desk_of(interaction.client)
    if desk is None or not may(interaction, desk.monitor, thing):
        return []

    return choices(desk.monitor.service_names(), current)


async def worker_choices(
    interaction: discord.Interaction[Any], current: str, thing: str, *more: str
) -> list[app_commands.Choice[str]]:
    """Services that are probed or did something for this guild, and `more`, whose name holds what was typed."""
    desk = desk_of(interaction.client)
    if desk is None or not may(interaction, desk.monitor, thing):
        return []

    try:
        async with asyncio.timeout(SUGGESTED_WITHIN):
            return choices([*await desk.known.services(scope_of(interaction, desk.monitor)), *more], current)
    except (StoreError, TimeoutError) as error:
        log.info("no suggestions: %s", error)
        return []


def choices(names: Iterable[str], current: str) -> list[app_commands.Choice[str]]:
    """Those that begin with the text, then those that hold it; a name too long for Discord goes by its key."""
    typed = current.strip().casefold()
    found = [name for name in names if typed in name.casefold()]
    found.sort(key=lambda name: (not name.casefold().startswith(typed), name.casefold()))
    return [app_commands.Choice(name=plain_text(name, LONGEST), value=value_of(name)) for name in found[:MOST]]


def value_of(name: str) -> str:
    """A name as the value of a choice or menu option: itself, or its key where Discord would refuse it."""
    return name if 0 < len(name.strip()) == len(name) <= LONGEST else name_key(name)
