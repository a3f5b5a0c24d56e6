"""The Discord face: `load_extension("cogs")`, or `"monitoring.cogs"` from the installed package, loads all."""

from __future__ import annotations

import logging
from collections.abc import Callable

from discord import app_commands
from discord.ext import commands

from monitoring.errors import StoreError
from monitoring.monitor import Monitor

from . import alerts, digest, health, listeners, monitor, monitoring, privacy, report, stats, voice, why
from ._answer import desk_of
from ._backfill import Backfilling
from ._commands import grouped, ungroup
from ._views import PERSISTENT

log = logging.getLogger(__name__)

COGS: tuple[Callable[[commands.Bot], commands.Cog], ...] = (
    listeners.Listeners, voice.VoiceTime, health.HealthCog, stats.Stats, report.Report, alerts.Alerts, digest.Digests,
    privacy.Privacy, why.WhyCog, monitoring.Monitoring, Backfilling,
)  # fmt: skip


TOLD = "loading_problems"
"""Setting that holds what was wrong at the last loading, so that each is told to people once."""


async def setup(bot: commands.Bot) -> None:
    """Add every cog. A command whose name is taken is said: in log and `problems`, once to people; the rest works."""
    await monitor.setup(bot)
    desk = desk_of(bot)
    if desk is None:
        return

    said: list[str] = []
    group = desk.monitor.settings.monitoring_command_group
    for make in COGS:
        cog = make(bot)
        try:
            await bot.add_cog(grouped(bot, cog, group) if group else cog)
        except app_commands.CommandAlreadyRegistered as error:
            way_out = "choose another name for" if group else "set"
            said.append(
                f"The command /{error.name} belongs to another cog already, so that mine is not there; "
                f"{way_out} MONITORING_COMMAND_GROUP to put all of mine under one group.",
            )
        except app_commands.CommandLimitReached:
            said.append(
                f"Discord takes 100 commands, and this bot has them already, so that those of {cog.qualified_name} "
                "are not there; set MONITORING_COMMAND_GROUP to have one for all.",
            )
        except Exception as error:
            # The bot that we are loaded into goes on, whatever is wrong with us.
            log.exception("%s could not be loaded", cog.qualified_name)
            said.append(f"{cog.qualified_name} could not be loaded ({type(error).__name__}).")

    await _say(desk.monitor, said)


async def _say(monitor: Monitor, said: list[str]) -> None:
    """Say what is missing; to people only what was not so the last time, since every restart would tell it again."""
    try:
        before = await monitor.setting(TOLD)
        if before != said and (before or said):
            await monitor.set_setting(TOLD, said)
    except StoreError:
        before = said

    for problem in said:
        if not isinstance(before, list) or problem not in before:
            monitor.tell(problem)
        elif problem not in monitor.problems:
            log.warning("%s", problem)
            monitor.problems.append(problem)


async def teardown(bot: commands.Bot) -> None:
    """Take back what is not a cog: buttons, menus, and the group; discord.py removes the cogs itself."""
    bot.remove_dynamic_items(*PERSISTENT)
    ungroup(bot)
