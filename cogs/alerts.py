"""`/alerts`: what is broken, what is kept quiet, and by which rules; its pages stand in `_alert_*_pages`."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice, Range
from discord.ext import commands

from monitoring.monitor import Monitor

from ._alert_history_pages import history_page
from ._alert_names import group_choices, rule_choices, silence_choices
from ._alert_rules_pages import rules_page
from ._alert_silences_pages import EVERYTHING, ask_for_window, silenced, unsilenced
from ._alerts_embed import active_embed
from ._answer import Reply, answer
from ._cog import Answering
from ._links import links_of
from ._rule_forms import ask_for_rule, rehearsal, suggestions
from ._trial_embed import trial_embed

Anything = discord.Interaction[Any]


class Alerts(Answering, name="Greenroom alerts"):
    """What is broken now, and what is told about it."""

    alerts = app_commands.Group(
        name="alerts",
        description="What is broken, and what is told about it",
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
    )

    @alerts.command(name="active", description="Incidents that are open now, and what is quiet and why")
    async def active(self, interaction: Anything) -> None:
        """List the open incidents with links to their messages."""
        guild_id = interaction.guild_id or 0

        async def make(monitor: Monitor) -> Reply:
            now, incidents = monitor.clock.now(), await monitor.incidents()
            silences = [one for one in await monitor.watch.silences() if one.end is None or one.end > now]
            return Reply(active_embed(incidents, links_of(incidents, guild_id), now, silences))

        await answer(interaction, "alerts active", make, chart=False)

    @alerts.command(name="history", description="What was broken, for how long, and who did what")
    @app_commands.describe(days="How many days back; 7 without it", rule="Only this rule")
    async def history(self, interaction: Anything, days: Range[int, 1, 365] = 7, rule: str = "") -> None:
        """List what opened, newest first."""
        guild_id = interaction.guild_id or 0
        await answer(
            interaction, "alerts history", lambda monitor: history_page(monitor, guild_id, days, rule), chart=False
        )

    @alerts.command(name="silence", description="Keep a rule quiet for a while, or at hours that come again")
    @app_commands.describe(
        rule="Which rule, or everything",
        group="Only this service, persona, …",
        hours="For how many hours; 1 without it",
        until="Or until when, such as 18:00 or 2026-03-11 18:00",
        reason="Stands where it keeps something quiet",
        weekly="A maintenance window: asks for days and times",
    )
    async def silence(
        self,
        interaction: Anything,
        rule: str,
        group: str = "",
        hours: Range[float, 0.02, 720.0] | None = None,
        until: str = "",
        reason: str = "",
        weekly: bool = False,
    ) -> None:
        """Silence it, or ask when the window is."""
        if weekly:
            await ask_for_window(interaction, "alerts silence", rule, group)
            return

        who = interaction.user.display_name
        await answer(
            interaction,
            "alerts silence",
            lambda monitor: silenced(monitor, who, rule, group, hours, until, reason),
            chart=False,
        )

    @alerts.command(name="unsilence", description="End a silence or a maintenance window")
    @app_commands.describe(silence="Which one")
    async def unsilence(self, interaction: Anything, silence: str) -> None:
        """End it now."""
        who = interaction.user.display_name
        await answer(interaction, "alerts unsilence", lambda monitor: unsilenced(monitor, who, silence), chart=False)

    @alerts.command(name="rules", description="All rules with their state; a menu to look at one")
    async def rules(self, interaction: Anything) -> None:
        """List them, those that need a look first."""
        await answer(interaction, "alerts rules", rules_page, chart=False)

    @alerts.command(name="set", description="Change a rule, or make one; it is rehearsed before it is armed")
    @app_commands.describe(rule="Which rule, or a new name")
    async def set(self, interaction: Anything, rule: str) -> None:
        """Open its form."""
        await ask_for_rule(interaction, "alerts set", rule)

    @alerts.command(name="rehearse", description="What a rule would have told in the last 30 days")
    @app_commands.describe(rule="Which rule", limit="Another limit, such as 6.5 s or 8 %")
    async def rehearse(self, interaction: Anything, rule: str, limit: str = "") -> None:
        """Play it back."""
        await answer(interaction, "alerts rehearse", lambda monitor: rehearsal(monitor, rule, limit), ephemeral=True)

    @alerts.command(name="suggest", description="Limits that would serve better, from the last 30 days")
    async def suggest(self, interaction: Anything) -> None:
        """Propose, with a button each."""
        await answer(interaction, "alerts suggest", suggestions, ephemeral=True, chart=False)

    @alerts.command(name="test", description="Try every place that is told of alerts, and report each")
    async def test(self, interaction: Anything) -> None:
        """Send a trial everywhere."""

        async def make(monitor: Monitor) -> Reply:
            return Reply(trial_embed(await monitor.test_notifiers(), monitor.who_is_told()))

        await answer(interaction, "alerts test", make, ephemeral=True, chart=False)

    @history.autocomplete("rule")
    async def _rules_of_history(self, interaction: Anything, current: str) -> list[Choice[str]]:
        return await rule_choices(interaction, current, "alerts history.rule")

    @silence.autocomplete("rule")
    async def _rules_of_silence(self, interaction: Anything, current: str) -> list[Choice[str]]:
        return await rule_choices(interaction, current, "alerts silence.rule", EVERYTHING)

    @silence.autocomplete("group")
    async def _groups_of_silence(self, interaction: Anything, current: str) -> list[Choice[str]]:
        return await group_choices(interaction, current, "alerts silence.group")

    @unsilence.autocomplete("silence")
    async def _silences(self, interaction: Anything, current: str) -> list[Choice[str]]:
        return await silence_choices(interaction, current, "alerts unsilence.silence")

    @set.autocomplete("rule")
    async def _rules_of_set(self, interaction: Anything, current: str) -> list[Choice[str]]:
        return await rule_choices(interaction, current, "alerts set.rule")

    @rehearse.autocomplete("rule")
    async def _rules_of_rehearse(self, interaction: Anything, current: str) -> list[Choice[str]]:
        return await rule_choices(interaction, current, "alerts rehearse.rule")


async def setup(bot: commands.Bot) -> None:
    """Add the cog; `cogs.monitor` is loaded before it."""
    await bot.add_cog(Alerts(bot))
