"""`/alerts`, and the buttons under an incident's message: alive after a restart, and who presses is tested."""

from __future__ import annotations

from typing import Any, ClassVar

import discord
from discord import ButtonStyle, app_commands
from discord.ext import commands
from discord.ui import View

from monitoring.alerting.cause import figure_of
from monitoring.analysis.incident_card import Card
from monitoring.model import Picture
from monitoring.monitor import Monitor

from ._alerts_embed import active_embed
from ._answer import Reply, answer, drawn
from ._cog import Answering
from ._incident_details_embed import details_embed
from ._incident_embed import incident_embed, silence_choice_embed
from ._links import message_link
from ._views import Press, persistent, view
from ._why_pages import ShowWhy

HOURS = (1, 8, 24)


@persistent
class Acknowledge(Press, template=r"mon:inc:(?P<number>\d{1,12}):ack"):
    """Takes the incident: from now on it has a name, and pings end."""

    policy: ClassVar[str] = "incident:acknowledge"

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Acknowledge, and show it in the message."""
        number, who = int(self.parts["number"]), interaction.user.display_name

        async def make(monitor: Monitor) -> Reply:
            return await card_drawn(monitor, await monitor.acknowledge(number, who))

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class Silence(Press, template=r"mon:inc:(?P<number>\d{1,12}):silence"):
    """Asks for how long."""

    policy: ClassVar[str] = "incident:silence"

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Ask the one who pressed, and nobody else."""
        number = int(self.parts["number"])

        async def make(monitor: Monitor) -> Reply:
            await monitor.card(number)
            return Reply(silence_choice_embed(number), view=silence_view(number))

        await answer(interaction, self.policy, make, ephemeral=True, chart=False)


@persistent
class SilenceFor(Press, template=r"mon:inc:(?P<number>\d{1,12}):silence:(?P<hours>1|8|24)h"):
    """Silences for the hours chosen."""

    policy: ClassVar[str] = "incident:silence"

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Silence, and say so in place of the question; the incident's own message follows by its notice."""
        number, hours = int(self.parts["number"]), int(self.parts["hours"])
        who = interaction.user.display_name

        async def make(monitor: Monitor) -> Reply:
            card = await monitor.silence(number, who, hours * 3600)
            return Reply(incident_embed(card), view=view())

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class Unsilence(Press, template=r"mon:inc:(?P<number>\d{1,12}):unsilence"):
    """Ends the silence."""

    policy: ClassVar[str] = "incident:unsilence"

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """End it, and show it in the message."""
        number, who = int(self.parts["number"]), interaction.user.display_name

        async def make(monitor: Monitor) -> Reply:
            return await card_drawn(monitor, await monitor.unsilence(number, who))

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class ShowDetails(Press, template=r"mon:inc:(?P<number>\d{1,12}):details"):
    """Shows more to the one who asks."""

    policy: ClassVar[str] = "incident:details"

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Course, contributors, rule, and who was told."""
        number = int(self.parts["number"])

        async def make(monitor: Monitor) -> Reply:
            found = await monitor.details(number)
            return Reply(details_embed(found), view=view(_why(found.card, primary=True)))

        await answer(interaction, self.policy, make, ephemeral=True, chart=False)


class Alerts(Answering, name="Greenroom alerts"):
    """What is broken now."""

    alerts = app_commands.Group(
        name="alerts",
        description="What is broken, and what is told about it",
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
    )

    @alerts.command(name="active", description="Incidents that are open now")
    async def active(self, interaction: discord.Interaction[Any]) -> None:
        """List the open incidents with links to their messages."""
        guild_id = interaction.guild_id or 0

        async def make(monitor: Monitor) -> Reply:
            incidents = await monitor.incidents()
            links = {one.number: message_link(guild_id, one.channel_id, one.message_id) for one in incidents}
            return Reply(active_embed(incidents, links, monitor.clock.now()))

        await answer(interaction, "alerts active", make, chart=False)


def card_reply(card: Card, picture: Picture | None) -> Reply:
    """The incident's message as it should be now."""
    return Reply(incident_embed(card), picture, incident_view(card))


async def card_drawn(monitor: Monitor, card: Card) -> Reply:
    """The same, with its chart."""
    return card_reply(card, await drawn(monitor, "incident", card))


def incident_view(card: Card) -> View:
    """The buttons of the incident's stage."""
    number, incident = card.incident.number, card.incident
    details = ShowDetails(f"mon:inc:{number}:details", label="Details")
    if card.face == "resolved":
        return view(details, _why(card))

    taken = bool(incident.acknowledged_by)
    acknowledge = Acknowledge(
        f"mon:inc:{number}:ack",
        label="Acknowledged" if taken else "Acknowledge",
        style=ButtonStyle.secondary if taken else ButtonStyle.primary,
        disabled=taken,
    )
    if card.face == "silenced":
        return view(acknowledge, Unsilence(f"mon:inc:{number}:unsilence", label="End silence"), details)

    return view(acknowledge, Silence(f"mon:inc:{number}:silence", label="Silence"), details)


def _why(card: Card, *, primary: bool = False) -> ShowWhy | None:
    """The button to the causes; None where the rule is about no figure that parts add up to."""
    style = ButtonStyle.primary if primary else ButtonStyle.secondary
    return ShowWhy(f"mon:inc:{card.incident.number}:why", label="Why", style=style) if figure_of(card.rule) else None


def silence_view(number: int) -> View:
    """The question for how long, as buttons."""
    return view(
        *(
            SilenceFor(
                f"mon:inc:{number}:silence:{hours}h",
                label=f"{hours} hour{'s' if hours > 1 else ''}",
                style=ButtonStyle.primary if hours == HOURS[0] else ButtonStyle.secondary,
            )
            for hours in HOURS
        )
    )


async def setup(bot: commands.Bot) -> None:
    """Add the cog; `cogs.monitor` is loaded before it."""
    await bot.add_cog(Alerts(bot))
