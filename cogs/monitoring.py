"""`/monitoring`: the monitoring about itself. Everything is for the owner alone, and only the one who asks sees it."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from monitoring.monitor import Monitor

from ._answer import Reply, answer
from ._audit_embed import audit_embed
from ._autocomplete import worker_choices
from ._backfill import begin_page
from ._cog import Answering
from ._export_pages import EXPORT_WITHIN, FORMS, export_page
from ._forget import forget_page
from ._persona_setup import personas_page
from ._setup_pages import setup_page
from ._state_pages import state_page
from .stats import WINDOWS

Anything = discord.Interaction[Any]


class Monitoring(Answering, name="Greenroom monitoring"):
    """Setting it up, and how it is doing itself."""

    monitoring = app_commands.Group(
        name="monitoring",
        description="The monitoring itself: setup, state, personas, who did what",
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
    )

    @monitoring.command(name="status", description="What is on, what is off and why, and who may do what")
    async def status(self, interaction: Anything) -> None:
        """The monitoring about itself."""
        await answer(
            interaction,
            "monitoring status",
            lambda monitor: state_page(monitor, interaction.client),
            ephemeral=True,
            chart=False,
        )

    @monitoring.command(name="setup", description="Ops channel, zone, roles and personas, with menus")
    async def setup(self, interaction: Anything) -> None:
        """The first step, or all that is chosen."""
        await answer(interaction, "monitoring setup", setup_page, ephemeral=True, chart=False)

    @monitoring.command(name="personas", description="Which personas there are, how they are known, and what else is")
    async def personas(self, interaction: Anything) -> None:
        """Personas, and webhooks that are none."""
        await answer(interaction, "monitoring personas", personas_page, ephemeral=True, chart=False)

    @monitoring.command(name="backfill", description="Read what was written before, so that there are charts at once")
    @app_commands.describe(days="How far back; 30 without a word", channel="Only this channel, with its threads")
    async def backfill(
        self,
        interaction: Anything,
        days: app_commands.Range[int, 1, 730] = 30,
        channel: app_commands.AppCommandChannel | app_commands.AppCommandThread | None = None,
    ) -> None:
        """Begin, or show what is under way."""
        only = channel.id if channel else None
        await answer(
            interaction,
            "monitoring backfill",
            lambda _: begin_page(interaction, days, only),
            ephemeral=True,
            chart=False,
        )

    @monitoring.command(name="export", description="Every figure of a window as a file: CSV, JSON or Prometheus text")
    @app_commands.describe(format="Of the file", window="How far back (7 days)", service="Only this service")
    @app_commands.choices(
        format=[app_commands.Choice(name=words, value=name) for name, words in FORMS.items()], window=WINDOWS
    )
    async def export(self, interaction: Anything, format: str, window: str = "7d", service: str = "") -> None:
        """A file, or how to get a larger one."""
        await answer(
            interaction,
            "monitoring export",
            lambda monitor: export_page(monitor, interaction, format, window, service),
            ephemeral=True,
            chart=False,
            within=EXPORT_WITHIN,
        )

    @export.autocomplete("service")
    async def _services(self, interaction: Anything, current: str) -> list[app_commands.Choice[str]]:
        return await worker_choices(interaction, current, "monitoring export.service")

    @monitoring.command(name="audit", description="Who did what: setup, rules, silences, deletions, clock jumps")
    async def audit(self, interaction: Anything) -> None:
        """The newest first."""

        async def make(monitor: Monitor) -> Reply:
            return Reply(audit_embed(await monitor.audit.newest(), monitor.zone))

        await answer(interaction, "monitoring audit", make, ephemeral=True, chart=False)

    @monitoring.command(name="forget", description="Delete what is stored about one person")
    @app_commands.describe(user="Whose data", id="The id of somebody who left, instead")
    async def forget(self, interaction: Anything, user: discord.User | None = None, id: str = "") -> None:
        """After a button was pressed; written down without saying who it was."""
        await answer(
            interaction,
            "monitoring forget",
            lambda monitor: forget_page(monitor, user, id),
            ephemeral=True,
            chart=False,
        )


async def setup(bot: commands.Bot) -> None:
    """Add the cog; `cogs.monitor` is loaded before it."""
    await bot.add_cog(Monitoring(bot))
