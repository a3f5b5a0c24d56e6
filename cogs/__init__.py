"""The Discord face: `load_extension("cogs")`, or `"monitoring.cogs"` from the installed package, loads all."""

from __future__ import annotations

import logging
from collections.abc import Callable

from discord import app_commands
from discord.ext import commands

from monitoring.monitor import Monitor

from . import alerts, digest, health, listeners, monitor, monitoring, privacy, report, stats, voice, why
from ._answer import desk_of
from ._commands import grouped, ungroup
from ._views import PERSISTENT

log = logging.getLogger(__name__)

COGS: tuple[Callable[[commands.Bot], commands.Cog], ...] = (
    listeners.Listeners, voice.VoiceTime, health.HealthCog, stats.Stats, report.Report, alerts.Alerts, digest.Digests,
    privacy.Privacy, why.WhyCog, monitoring.Monitoring,
)  # fmt: skip


async def setup(bot: commands.Bot) -> None:
    """Add every cog. A command whose name is taken is said, in the log and in `problems`; the rest works."""
    await monitor.setup(bot)
    desk = desk_of(bot)
    if desk is None:
        return

    group = desk.monitor.settings.monitoring_command_group
    for make in COGS:
        cog = make(bot)
        try:
            await bot.add_cog(grouped(bot, cog, group) if group else cog)
        except app_commands.CommandAlreadyRegistered as error:
            way_out = "choose another name for" if group else "set"
            _say(
                desk.monitor,
                f"The command /{error.name} belongs to another cog already, so that mine is not there; "
                f"{way_out} MONITORING_COMMAND_GROUP to put all of mine under one group.",
            )
        except app_commands.CommandLimitReached:
            _say(
                desk.monitor,
                f"Discord takes 100 commands, and this bot has them already, so that those of {cog.qualified_name} "
                "are not there; set MONITORING_COMMAND_GROUP to have one for all.",
            )
        except Exception as error:
            # The bot that we are loaded into goes on, whatever is wrong with us.
            log.exception("%s could not be loaded", cog.qualified_name)
            _say(desk.monitor, f"{cog.qualified_name} could not be loaded ({type(error).__name__}).")


def _say(monitor: Monitor, problem: str) -> None:
    log.warning(problem)
    if problem not in monitor.problems:
        monitor.problems.append(problem)


async def teardown(bot: commands.Bot) -> None:
    """Take back what is not a cog: buttons, menus, and the group; discord.py removes the cogs itself."""
    bot.remove_dynamic_items(*PERSISTENT)
    ungroup(bot)
