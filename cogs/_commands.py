"""Where the commands hang: in one group if so set, and registered with Discord without disturbing a host's own."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any

import discord
from discord import app_commands
from discord.abc import Snowflake
from discord.ext import commands

from monitoring.monitor import Monitor

log = logging.getLogger(__name__)

OURS = "greenroom"
"""Mark in the `extras` of a command that is ours."""
SYNCED = "discord_commands"
"""Setting that holds the hash of the payload last synced."""
_GROUPS = "greenroom_group"


def grouped(bot: commands.Bot, cog: commands.Cog, name: str) -> commands.Cog:
    """The cog with its slash commands hung under one group instead of the top level.

    Such a group is visible to all, since Discord keeps permissions per top-level command; each is tested at use.
    """
    group = bot.tree.get_command(name)
    if group is None:
        group = app_commands.Group(
            name=name,
            description="Monitoring of this bot",
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            extras={OURS: _GROUPS},
        )
        bot.tree.add_command(group)

    if not isinstance(group, app_commands.Group) or group.extras.get(OURS) != _GROUPS:
        raise app_commands.CommandAlreadyRegistered(name, None)

    for command in cog.__cog_app_commands__:
        command.default_permissions = None
        group.add_command(command)

    # discord.py would add what stands here to the top level of the tree; there is no public way to say otherwise.
    cog.__cog_app_commands__ = []
    return cog


def ungroup(bot: commands.Bot) -> None:
    """Take our group out of the tree, if there is one."""
    for command in bot.tree.get_commands():
        if isinstance(command, app_commands.Group) and command.extras.get(OURS) == _GROUPS:
            bot.tree.remove_command(command.name)


def ours(bot: commands.Bot, package: str) -> list[Any]:
    """Our top-level commands in the tree: those of our cogs, and our group."""
    return [
        command
        for command in bot.tree.get_commands()
        if command.extras.get(OURS) == _GROUPS or (command.module or "").startswith(f"{package}.")
    ]


async def register(bot: commands.Bot, monitor: Monitor, package: str) -> None:
    """See that Discord knows our commands: a full sync where the tree is ours, else one by one what is missing.

    Raises discord.HTTPException. A host's own commands are never touched, nor synced in its place.
    """
    guild_id = monitor.settings.sync_guild_id
    guild = discord.Object(guild_id) if guild_id else None
    if getattr(bot, "greenroom_owns_tree", False):
        await _sync(bot, monitor, guild)
        return

    known = await bot.tree.fetch_commands(guild=guild)
    copied_to = [] if guild is not None else _copied_to(bot, package, known)
    for place in copied_to:
        await _complete(bot, package, place, await bot.tree.fetch_commands(guild=place))

    if not copied_to:
        await _complete(bot, package, guild, known)


def _copied_to(bot: commands.Bot, package: str, known: list[app_commands.AppCommand]) -> list[discord.Guild]:
    """The guilds that a host copies its commands to, if it has none of its own registered for everywhere.

    Ours then belong there too: registered for everywhere, they would stand twice in the menu of those guilds.
    """
    tree = bot.tree
    theirs = {command.name for command in tree.get_commands()} - {command.name for command in ours(bot, package)}
    if theirs & {command.name for command in known}:
        return []

    everywhere = {id(command) for command in tree.get_commands()}
    return [guild for guild in bot.guilds if any(id(one) in everywhere for one in tree.get_commands(guild=guild))]


async def _complete(
    bot: commands.Bot, package: str, place: Snowflake | None, known: list[app_commands.AppCommand]
) -> None:
    """Register what of ours is not known in a guild, or everywhere, or not as it is now."""
    found = {command.name: command for command in known if command.type is discord.AppCommandType.chat_input}
    for command in ours(bot, package):
        payload = command.to_dict(bot.tree)
        if command.name in found and _same(found[command.name], payload):
            continue

        log.info("Registering /%s, which the host's sync left out or has in an older form", command.name)
        if place is not None:
            await bot.http.upsert_guild_command(bot.application_id or 0, place.id, payload)
        else:
            await bot.http.upsert_global_command(bot.application_id or 0, payload)


async def _sync(bot: commands.Bot, monitor: Monitor, guild: discord.Object | None) -> None:
    """Sync the whole tree, if its payload is another than the last time."""
    payload = [command.to_dict(bot.tree) for command in bot.tree.get_commands()]
    where = f"{bot.application_id}/{guild.id if guild else 'global'}"
    text = json.dumps([where, payload], sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if await monitor.setting(SYNCED) == digest:
        # Somebody may have cleared them since; asking is cheap, and only writing is limited.
        known = {command.name for command in await bot.tree.fetch_commands(guild=guild)}
        if known.issuperset(command.name for command in bot.tree.get_commands()):
            return

    if guild is not None:
        bot.tree.copy_global_to(guild=guild)

    await bot.tree.sync(guild=guild)
    await monitor.set_setting(SYNCED, digest)


def _same(found: app_commands.AppCommand, payload: dict[str, Any]) -> bool:
    """Whether Discord has the command in this form: description and options, their choices included."""
    return found.description == payload.get("description") and _shape(
        [option.to_dict() for option in found.options]
    ) == _shape(payload.get("options", []))


def _shape(options: Any) -> Any:
    """Options with only what we set, in a form that can be compared."""
    return [
        (
            option["type"],
            option["name"],
            option["description"],
            bool(option.get("required", False)),
            bool(option.get("autocomplete", False)),
            [(choice["name"], choice["value"]) for choice in option.get("choices") or []],
            _shape(option.get("options") or []),
        )
        for option in options
    ]
