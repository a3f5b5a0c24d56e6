"""The buttons under an incident's message: alive after a restart, and who presses is tested."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

import discord
from discord import ButtonStyle
from discord.ui import View

from monitoring.alerting.calmer import calmer
from monitoring.alerting.cause import figure_of
from monitoring.analysis.incident_card import Card
from monitoring.monitor import Monitor
from monitoring.phrasing import in_unit
from monitoring.picture import Picture

from ._answer import Reply, answer, drawn, say
from ._embeds import embed
from ._incident_details_embed import details_embed
from ._incident_embed import incident_embed, over_text, silence_choice_embed
from ._rule_forms import EditRule, TryLimit
from ._views import Press, persistent, view
from ._why_pages import ShowWhy

Anything = discord.Interaction[Any]
HOURS = (1, 8, 24)


async def _changed(interaction: Anything, policy: str, change: Callable[[Monitor], Awaitable[Card]]) -> None:
    """Do something to the incident and show it in its message; of what is over, say that it is."""

    async def make(monitor: Monitor) -> Reply:
        card = await change(monitor)
        if card.face == "resolved":
            await say(interaction, over_text(card))

        return await card_drawn(monitor, card)

    await answer(interaction, policy, make, edit=True, chart=False)


@persistent
class Acknowledge(Press, template=r"mon:inc:(?P<number>\d{1,12}):ack"):
    """Takes the incident: from now on it has a name, and pings end."""

    policy: ClassVar[str] = "incident:acknowledge"

    async def callback(self, interaction: Anything) -> None:
        """Acknowledge, and show it in the message."""
        number, who = int(self.parts["number"]), interaction.user.display_name
        await _changed(interaction, self.policy, lambda monitor: monitor.acknowledge(number, who))


@persistent
class Silence(Press, template=r"mon:inc:(?P<number>\d{1,12}):silence"):
    """Asks for how long."""

    policy: ClassVar[str] = "incident:silence"

    async def callback(self, interaction: Anything) -> None:
        """Ask the one who pressed, and nobody else."""
        number = int(self.parts["number"])

        async def make(monitor: Monitor) -> Reply:
            card = await monitor.card(number)
            if card.face == "resolved":
                return Reply(embed("That incident is over", over_text(card)))

            return Reply(silence_choice_embed(number), view=silence_view(number))

        await answer(interaction, self.policy, make, ephemeral=True, chart=False)


@persistent
class SilenceFor(Press, template=r"mon:inc:(?P<number>\d{1,12}):silence:(?P<hours>1|8|24)h"):
    """Silences for the hours chosen."""

    policy: ClassVar[str] = "incident:silence"

    async def callback(self, interaction: Anything) -> None:
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

    async def callback(self, interaction: Anything) -> None:
        """End it, and show it in the message."""
        number, who = int(self.parts["number"]), interaction.user.display_name
        await _changed(interaction, self.policy, lambda monitor: monitor.unsilence(number, who))


@persistent
class ShowDetails(Press, template=r"mon:inc:(?P<number>\d{1,12}):details"):
    """Shows more to the one who asks."""

    policy: ClassVar[str] = "incident:details"

    async def callback(self, interaction: Anything) -> None:
        """Course, contributors, rule, and who was told."""
        number = int(self.parts["number"])
        await answer(
            interaction, self.policy, lambda monitor: details_reply(monitor, number), ephemeral=True, chart=False
        )


async def details_reply(monitor: Monitor, number: int) -> Reply:
    """More about an incident, with the ways on from there. Raises UnknownName."""
    found = await monitor.details(number)
    name = found.card.rule.name
    known = any(rule.name == name for rule in monitor.rules.all())
    change = EditRule(f"mon:rule:{name}:edit", label="Change the limit") if known else None
    return Reply(details_embed(found), view=view(_why(found.card, primary=True), change))


def card_reply(card: Card, picture: Picture | None) -> Reply:
    """The incident's message as it should be now."""
    return Reply(incident_embed(card), picture, incident_view(card))


async def card_drawn(monitor: Monitor, card: Card) -> Reply:
    """The same, with its chart; of several in one message there is none."""
    return card_reply(card, None if card.members else await drawn(monitor, "incident", card))


def incident_view(card: Card) -> View:
    """The buttons of the incident's stage, three at most."""
    number = card.incident.number
    details = ShowDetails(f"mon:inc:{number}:details", label="Details")
    if card.face == "resolved":
        return view(details, _why(card))

    attempt = _try(card)
    if attempt is not None:
        return view(attempt, Silence(f"mon:inc:{number}:silence", label="Silence"), details)

    return view(_acknowledge(card), _silence(card), details)


def _acknowledge(card: Card) -> Acknowledge:
    taken = bool(card.incident.acknowledged_by)
    return Acknowledge(
        f"mon:inc:{card.incident.number}:ack",
        label="Acknowledged" if taken else "Acknowledge",
        style=ButtonStyle.secondary if taken else ButtonStyle.primary,
        disabled=taken,
    )


def _silence(card: Card) -> Silence | Unsilence | None:
    """Begins or ends its own silence; what is quiet for another reason is not ended here."""
    incident = card.incident
    if card.face == "silenced" and incident.silenced_until is not None:
        return Unsilence(f"mon:inc:{incident.number}:unsilence", label="End silence")

    if card.face in ("silenced", "suppressed"):
        return None

    return Silence(f"mon:inc:{incident.number}:silence", label="Silence")


def _try(card: Card) -> TryLimit | None:
    """A limit at which what flaps would have kept still."""
    better = calmer(card) if card.face == "flapping" and not card.members else None
    if better is None:
        return None

    label = f"Try {in_unit(better, card.rule.unit)}"
    return TryLimit(f"mon:rule:{card.rule.name}:try:{better:.9g}", label=label, style=ButtonStyle.primary)


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
