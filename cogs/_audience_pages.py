"""The pages of `/stats` about people: users, channels, commands, conversations, scenarios."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

import discord
from discord import app_commands
from discord.ext import commands as prefixed

from monitoring.analysis.channels import Channels
from monitoring.monitor import Monitor
from monitoring.window import SPAN_WORDS

from ._answer import Reply, answer, desk_of, drawn
from ._channels_embed import channels_embed
from ._commands import ours
from ._commands_embed import commands_embed
from ._conversations_embed import conversations_embed
from ._permissions import scope_of
from ._scenarios_embed import scenarios_embed
from ._users_embed import users_embed
from ._views import Choice, persistent, view, window_options

Anything = discord.Interaction[Any]
PACKAGE = __name__.rpartition(".")[0]
_MENUS = (discord.AppCommandType.user, discord.AppCommandType.message)


async def users(monitor: Monitor, interaction: Anything, window: str) -> Reply:
    """`/stats users`."""
    value = await monitor.audience.users(monitor.window(window), scope_of(interaction, monitor))
    picture = await drawn(monitor, "users", value) if value.users.value or value.cohorts else None
    return Reply(users_embed(value), picture, view(_menu("users", window)))


async def channels(monitor: Monitor, interaction: Anything, window: str) -> Reply:
    """`/stats channels`, with the names of those channels that the one who asks may see."""
    scope = scope_of(interaction, monitor)
    found = await monitor.audience.channels(monitor.window(window), scope)
    value = found.named(channel_names(interaction, found, everything=scope.guild_id is None))
    here = interaction.guild
    known = {row.channel for row in value.rows if row.channel.isdecimal() and here is not None}
    linked = {one for one in known if here is not None and here.get_channel_or_thread(int(one)) is not None}
    picture = await drawn(monitor, "channels", value) if value.rows else None
    return Reply(channels_embed(value, linked), picture, view(_menu("channels", window)))


async def commands(monitor: Monitor, interaction: Anything, window: str) -> Reply:
    """`/stats commands`."""
    value = await monitor.audience.commands(
        monitor.window(window), scope_of(interaction, monitor), _offered(interaction)
    )
    picture = await drawn(monitor, "commands", value) if value.rows else None
    return Reply(commands_embed(value), picture, view(_menu("commands", window)))


async def conversations(monitor: Monitor, interaction: Anything, window: str) -> Reply:
    """`/stats conversations`."""
    value = await monitor.audience.conversations(monitor.window(window), scope_of(interaction, monitor))
    picture = await drawn(monitor, "conversations", value) if value.count.value else None
    embed = conversations_embed(value, monitor.settings.metrics_retention_days)
    return Reply(embed, picture, view(_menu("conversations", window)))


async def scenarios(monitor: Monitor, interaction: Anything, window: str) -> Reply:
    """`/stats scenarios`."""
    value = await monitor.audience.scenarios(monitor.window(window), scope_of(interaction, monitor))
    picture = await drawn(monitor, "scenarios", value) if value.rows else None
    return Reply(scenarios_embed(value), picture, view(_menu("scenarios", window)))


PAGES: dict[str, Callable[[Monitor, Anything, str], Awaitable[Reply]]] = {
    "users": users,
    "channels": channels,
    "commands": commands,
    "conversations": conversations,
    "scenarios": scenarios,
}


@persistent
class AudienceWindow(Choice, template=r"mon:stats:(?P<kind>users|channels|commands|conversations|scenarios):window"):
    """Shows the same page over another window."""

    policy: ClassVar[str] = "stats:audience"

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the page."""
        make, window = PAGES[self.parts["kind"]], self.chosen if self.chosen in SPAN_WORDS else "24h"
        await answer(interaction, self.policy, lambda monitor: make(monitor, interaction, window), edit=True)


def _menu(kind: str, window: str) -> AudienceWindow:
    return AudienceWindow(
        f"mon:stats:{kind}:window", placeholder=SPAN_WORDS[window].capitalize(), options=window_options(window)
    )


def channel_names(interaction: Anything, value: Channels, *, everything: bool) -> dict[str, str]:
    """Names of channels by id: all of them for who sees the whole bot, else those that the one who asks may view."""
    found = {}
    for row in value.rows:
        channel = interaction.client.get_channel(int(row.channel)) if row.channel.isdecimal() else None
        if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
            continue

        if everything or _may_view(channel, interaction.user):
            found[row.channel] = channel.name

    return found


def _may_view(channel: discord.abc.GuildChannel | discord.Thread, user: discord.User | discord.Member) -> bool:
    return isinstance(user, discord.Member) and channel.permissions_for(user).view_channel


def _offered(interaction: Anything) -> dict[str, list[str]]:
    """The host's commands by kind, as they are recorded when used; ours are left out."""
    desk = desk_of(interaction.client)
    if desk is None:
        return {}

    client = desk.bot
    mine = {command.name for command in ours(client, PACKAGE)}
    slash, menus = set(), set()
    for guild in (None, interaction.guild):
        for command in client.tree.walk_commands(guild=guild):
            root = command.root_parent or command
            if isinstance(command, app_commands.Command) and root.name not in mine:
                slash.add(command.qualified_name)

        for kind in _MENUS:
            menus |= {menu.qualified_name for menu in client.tree.get_commands(guild=guild, type=kind)}

    typed = {
        command.qualified_name
        for command in client.walk_commands()
        if not (isinstance(command, prefixed.Group) and not command.invoke_without_command) and command.enabled
    }
    # A hybrid command is one, whichever way it is used.
    return {"slash": sorted(slash), "prefix": sorted(typed - slash), "context_menu": sorted(menus)}
