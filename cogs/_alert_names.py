"""Suggestions while typing for `/alerts`: rules, groups of a rule, silences; nothing for those who may not see them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands

from monitoring.errors import StoreError
from monitoring.monitor import Monitor
from monitoring.safe_text import plain_text

from ._alert_silences_pages import known_groups, silence_names
from ._answer import desk_of
from ._autocomplete import LONGEST, MOST, SUGGESTED_WITHIN, choices
from ._permissions import may

log = logging.getLogger(__name__)
Anything = discord.Interaction[Any]
Offered = list[app_commands.Choice[str]]


async def rule_choices(interaction: Anything, current: str, thing: str, *more: str) -> Offered:
    """Rules whose name or title holds what was typed, and `more`."""

    async def find(monitor: Monitor) -> Offered:
        return choices([*more, *(rule.name for rule in monitor.rules.all())], current)

    return await _offered(interaction, thing, find)


async def group_choices(interaction: Anything, current: str, thing: str) -> Offered:
    """Groups that incidents of the rule that was chosen may have."""
    rule = str(getattr(interaction.namespace, "rule", "") or "")

    async def find(monitor: Monitor) -> Offered:
        seen = [one.group for one in await monitor.incidents(open_only=False) if one.group and one.rule == rule]
        return choices([name for name in known_groups(monitor, rule, seen) if len(name) <= LONGEST], current)

    return await _offered(interaction, thing, find)


async def silence_choices(interaction: Anything, current: str, thing: str) -> Offered:
    """Silences that can be ended."""

    async def find(monitor: Monitor) -> Offered:
        typed = current.strip().casefold()
        found = [one for one in await silence_names(monitor) if typed in one[0].casefold() or typed == one[1]]
        return [app_commands.Choice(name=plain_text(words, LONGEST), value=name) for words, name in found[:MOST]]

    return await _offered(interaction, thing, find)


async def _offered(interaction: Anything, thing: str, find: Callable[[Monitor], Awaitable[Offered]]) -> Offered:
    desk = desk_of(interaction.client)
    if desk is None or not may(interaction, desk.monitor, thing):
        return []

    try:
        async with asyncio.timeout(SUGGESTED_WITHIN):
            return await find(desk.monitor)
    except (StoreError, TimeoutError) as error:
        log.info("no suggestions: %s", error)
        return []
