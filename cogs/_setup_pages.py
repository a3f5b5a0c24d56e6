"""`/monitoring setup`: three steps of menus, each of which holds at once, and a test at the end."""

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias

import discord
from discord import ButtonStyle, ChannelType, SelectDefaultValue, SelectDefaultValueType
from discord.ui import ChannelSelect, DynamicItem, RoleSelect, Select, View

from monitoring.errors import SettingError
from monitoring.monitor import Monitor
from monitoring.notifying import OPS
from monitoring.safe_text import safe_text

from ._answer import Reply, answer
from ._deeds import noted
from ._embeds import embed
from ._format import cut
from ._forms import Form, Texts, open_form
from ._persona_setup import personas_step
from ._setup_embed import done_embed, place_embed, roles_embed
from ._setup_steps import STEPS, to
from ._views import Choice, Press, persistent, view
from ._zones import zone_options

Anything = discord.Interaction[Any]
AnySelect: TypeAlias = Select[View] | ChannelSelect[View] | RoleSelect[View]
POLICY = "monitoring:setup"
NEEDED = ("view_channel", "send_messages", "embed_links", "attach_files", "read_message_history")
"""Permissions without which the ops channel is of no use."""
ROLES = {
    "operator": ("operator_role_ids", "Operators"),
    "viewer": ("viewer_role_ids", "Viewers"),
    "ping": ("ping_role_ids", "Pinged roles"),
}
MOST_ROLES = 10


class Picks(DynamicItem[AnySelect], template=r"mon:never:picks"):
    """A menu of channels or roles, whatever of them were picked."""

    policy: ClassVar[str] = POLICY

    @classmethod
    async def from_custom_id(cls, interaction: Anything, item: Any, match: Any, /) -> Picks:
        """The menu that was used."""
        made = cls(item)
        made.parts = match.groupdict()
        return made

    parts: dict[str, str]

    def picked(self, interaction: Anything) -> tuple[int, ...]:
        """The ids of what was picked."""
        data: Any = interaction.data
        return tuple(int(value) for value in data.get("values", []) if str(value).isdecimal())


@persistent
class PickChannel(Picks, template=r"mon:setup:channel"):
    """Chooses the ops channel."""

    async def callback(self, interaction: Anything) -> None:
        """Take it, if notices could be told there."""

        async def make(monitor: Monitor) -> Reply:
            picked = self.picked(interaction)
            lacking = _lacking(interaction, picked[0]) if picked else []
            if lacking:
                words = f"Nothing was changed: in <#{picked[0]}> I lack {', '.join(lacking)}."
                return place_page(monitor, words)

            channel = picked[0] if picked else None
            name = f"#{_name(interaction, channel)}" if channel else "none"
            note = await choose(monitor, interaction, "ops_channel_id", channel, f"Ops channel: {name}")
            return place_page(monitor, note)

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class PickRoles(Picks, template=r"mon:setup:roles:(?P<whose>operator|viewer|ping)"):
    """Chooses roles."""

    async def callback(self, interaction: Anything) -> None:
        """Take them."""
        name, words = ROLES[self.parts["whose"]]

        async def make(monitor: Monitor) -> Reply:
            picked = self.picked(interaction)
            called = ", ".join(_role_name(interaction, role) for role in picked) or "none"
            note = await choose(monitor, interaction, name, picked, f"{words}: {called}")
            return roles_page(monitor, note)

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class PickZone(Choice, template=r"mon:setup:zone"):
    """Chooses the zone among the usual ones."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Take it."""

        async def make(monitor: Monitor) -> Reply:
            note = await choose(monitor, interaction, "zone", self.chosen, f"Zone: {self.chosen}")
            return place_page(monitor, note)

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class TypeZone(Press, template=r"mon:setup:zone:other"):
    """Asks for any zone."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Open the form."""

        async def make(monitor: Monitor) -> Form:
            form = Form("Zone", POLICY, _typed_zone, edit=True)
            form.ask("zone", "Name", monitor.chosen.zone, hint="Such as Europe/Berlin or UTC", needed=True)
            return form

        await open_form(interaction, self.policy, make)


@persistent
class SendTest(Press, template=r"mon:setup:test"):
    """Sends a test to the ops channel, and to wherever notices go besides."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Try all, and say how each went."""

        async def make(monitor: Monitor) -> Reply:
            tried = await monitor.test_notifiers()
            named = [("the ops channel" if name == OPS else safe_text(name), wrong) for name, wrong in tried]
            rows = [f"🟥 {name}: {safe_text(wrong, 150)}" if wrong else f"🟢 {name}: arrived" for name, wrong in named]
            well = all(not wrong for _, wrong in tried)
            title = "🟢 The test arrived" if well else "🔶 The test did not arrive everywhere"
            return Reply(embed(title, "\n".join(rows)), view=view(to("place", "Back to step 1")))

        await answer(interaction, self.policy, make, edit=True, chart=False, within=45.0)


async def setup_page(monitor: Monitor) -> Reply:
    """The first step."""
    return place_page(monitor)


def place_page(monitor: Monitor, note: str = "") -> Reply:
    """Ops channel and zone."""
    chosen = monitor.chosen
    kinds = [ChannelType.text, ChannelType.news, ChannelType.public_thread, ChannelType.private_thread]
    before = _defaults(SelectDefaultValueType.channel, (chosen.ops_channel_id,) if chosen.ops_channel_id else ())
    channel = PickChannel(
        ChannelSelect(
            custom_id="mon:setup:channel",
            placeholder="Ops channel",
            channel_types=kinds,
            default_values=before,
            min_values=0,
            disabled=_fixed(monitor, "ops_channel_id"),
        )
    )
    fixed = _fixed(monitor, "zone")
    options = zone_options(chosen.zone, monitor.clock.now())
    zone = PickZone("mon:setup:zone", placeholder="Zone", options=options, disabled=fixed)
    other = TypeZone("mon:setup:zone:other", label="Another zone", disabled=fixed)
    following = to("roles", "Next: roles", primary=True)
    return Reply(place_embed(chosen, monitor.clock.now(), note), view=view(channel, zone, other, following))


def roles_page(monitor: Monitor, note: str = "") -> Reply:
    """Who may do what."""
    menus = []
    for whose, (name, words) in ROLES.items():
        roles = getattr(monitor.chosen, name)
        select: RoleSelect[View] = RoleSelect(
            custom_id=f"mon:setup:roles:{whose}",
            placeholder=words,
            min_values=0,
            max_values=MOST_ROLES,
            default_values=_defaults(SelectDefaultValueType.role, roles[:MOST_ROLES]),
            disabled=_fixed(monitor, name),
        )
        menus.append(PickRoles(select))

    below = view(*menus, to("place", "Back"), to("personas", "Next: personas", primary=True))
    return Reply(roles_embed(monitor.chosen, note), view=below)


def done_page(monitor: Monitor) -> Reply:
    """What holds now, and the test."""
    test = SendTest("mon:setup:test", label="Send a test", style=ButtonStyle.primary)
    below = view(to("place", "Back to step 1"), test if monitor.chosen.ops_channel_id else None)
    names = len(monitor.persona_names())
    return Reply(done_embed(monitor.chosen, names, monitor.who_is_told()), view=below)


STEPS.update(place=place_page, roles=roles_page, personas=personas_step, done=done_page)


async def choose(monitor: Monitor, interaction: Anything, name: str, value: object, words: str) -> str:
    """Remember a value and who chose it; a sentence about it. Raises StoreError."""
    try:
        await monitor.chosen.choose(name, value)
    except (SettingError, ValueError) as error:
        said = error.problems[0] if isinstance(error, SettingError) else str(error)
        return f"Nothing was changed: {safe_text(said, 200)}"

    await noted(monitor, "setup", interaction.user.display_name, words)
    return f"🟢 {safe_text(words, 200)}."


async def _typed_zone(monitor: Monitor, interaction: Anything, texts: Texts) -> Reply:
    zone = texts["zone"]
    return place_page(monitor, await choose(monitor, interaction, "zone", zone, f"Zone: {zone}"))


def _fixed(monitor: Monitor, name: str) -> bool:
    return monitor.chosen.source(name) == "environment"


def _defaults(kind: SelectDefaultValueType, ids: tuple[int, ...]) -> list[SelectDefaultValue]:
    return [SelectDefaultValue(id=one, type=kind) for one in ids]


def _lacking(interaction: Anything, channel_id: int) -> list[str]:
    """What the bot would need in a channel and may not; what cannot be told is left to the test."""
    guild = interaction.guild
    channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
    if guild is None or channel is None:
        return []

    granted = channel.permissions_for(guild.me)
    return [name.replace("_", " ").title() for name in NEEDED if not getattr(granted, name)]


def _name(interaction: Anything, channel_id: int) -> str:
    guild = interaction.guild
    channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
    return cut(channel.name, 60) if channel is not None else str(channel_id)


def _role_name(interaction: Anything, role_id: int) -> str:
    role = interaction.guild.get_role(role_id) if interaction.guild is not None else None
    return cut(role.name, 40) if role is not None else str(role_id)
