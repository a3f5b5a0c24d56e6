"""Who may do what: one table for every command, button, menu and autocomplete; deny by default (docs/commands.md)."""

from __future__ import annotations

from enum import IntEnum

import discord

from monitoring.monitor import Monitor
from monitoring.window import Scope


class Level(IntEnum):
    """How much somebody may do; each level may do what the lower ones may."""

    STRANGER = 0
    MEMBER = 1
    VIEWER = 2
    OPERATOR = 3
    OWNER = 4
    NOBODY = 9


POLICY: dict[str, Level] = {
    "health": Level.VIEWER,
    "health.service": Level.VIEWER,
    "health:refresh": Level.VIEWER,
    "health:service": Level.VIEWER,
    "stats overview": Level.VIEWER,
    "stats persona": Level.VIEWER,
    "stats persona.name": Level.VIEWER,
    "stats relationships": Level.VIEWER,
    "stats banter": Level.VIEWER,
    "stats performance": Level.VIEWER,
    "stats performance.persona": Level.VIEWER,
    "stats performance.service": Level.VIEWER,
    "stats errors": Level.VIEWER,
    "stats errors.service": Level.VIEWER,
    "stats:work": Level.VIEWER,
    "stats models": Level.VIEWER,
    "stats features": Level.VIEWER,
    "stats:llm": Level.VIEWER,
    "stats users": Level.VIEWER,
    "stats channels": Level.VIEWER,
    "stats commands": Level.VIEWER,
    "stats conversations": Level.VIEWER,
    "stats scenarios": Level.VIEWER,
    "stats:audience": Level.VIEWER,
    "privacy me": Level.MEMBER,
    "privacy export": Level.MEMBER,
    "privacy opt-out": Level.MEMBER,
    "privacy opt-in": Level.MEMBER,
    "privacy delete": Level.MEMBER,
    "privacy:delete": Level.MEMBER,
    "privacy:keep": Level.MEMBER,
    "privacy:opt_out": Level.MEMBER,
    "stats:window": Level.VIEWER,
    "stats:persona": Level.VIEWER,
    "stats:relationships": Level.VIEWER,
    "stats:banter": Level.VIEWER,
    "stats:performance": Level.VIEWER,
    "report": Level.VIEWER,
    "report.persona": Level.VIEWER,
    "report.service": Level.VIEWER,
    "report resources": Level.OWNER,
    "report cost": Level.OWNER,
    "why cost": Level.OWNER,
    "report:cost": Level.OWNER,
    "alerts active": Level.OPERATOR,
    "alerts history": Level.OPERATOR,
    "alerts history.rule": Level.OPERATOR,
    "alerts silence": Level.OPERATOR,
    "alerts silence.rule": Level.OPERATOR,
    "alerts silence.group": Level.OPERATOR,
    "alerts unsilence": Level.OPERATOR,
    "alerts unsilence.silence": Level.OPERATOR,
    "alerts rules": Level.OPERATOR,
    "alerts set": Level.OPERATOR,
    "alerts set.rule": Level.OPERATOR,
    "alerts rehearse": Level.OPERATOR,
    "alerts rehearse.rule": Level.OPERATOR,
    "alerts suggest": Level.OPERATOR,
    "alerts test": Level.OPERATOR,
    "alerts:history": Level.OPERATOR,
    "alerts:rule": Level.OPERATOR,
    "alerts:silence": Level.OPERATOR,
    "incident:acknowledge": Level.OPERATOR,
    "incident:silence": Level.OPERATOR,
    "incident:unsilence": Level.OPERATOR,
    "incident:details": Level.OPERATOR,
    "digest now": Level.OPERATOR,
    "digest schedule": Level.OWNER,
    "digest status": Level.OWNER,
    "digest:report": Level.VIEWER,
    "digest:why": Level.VIEWER,
    "why": Level.VIEWER,
    "why:look": Level.VIEWER,
    "incident:why": Level.OPERATOR,
    "report incidents": Level.OPERATOR,
    "monitoring status": Level.OWNER,
    "monitoring setup": Level.OWNER,
    "monitoring personas": Level.OWNER,
    "monitoring audit": Level.OWNER,
    "monitoring export": Level.OWNER,
    "monitoring export.service": Level.OWNER,
    "monitoring forget": Level.OWNER,
    "monitoring:forget": Level.OWNER,
    "monitoring backfill": Level.OWNER,
    "monitoring:backfill": Level.OWNER,
    "monitoring:setup": Level.OWNER,
    "monitoring:personas": Level.OWNER,
}
"""What each thing takes. "command.option" is its autocomplete, "thing:action" a button or menu."""


BEFORE_SETUP = frozenset({"monitoring status", "monitoring setup", "monitoring:setup"})
"""What the owner may in any guild while there is no ops guild yet: else nobody could ever choose one."""


def level_of(interaction: discord.Interaction, monitor: Monitor) -> Level:
    """What the one who acts may do here and now, from what Discord sent with this very interaction."""
    user = interaction.user
    if not _installed_here(interaction) or not isinstance(user, discord.Member):
        return Level.STRANGER

    settings, ops = monitor.settings, in_ops_guild(interaction, monitor)
    if ops and user.id in settings.owner_ids + owners_of(interaction.client):
        return Level.OWNER

    manages = interaction.permissions.manage_guild or interaction.permissions.administrator
    if ops and (manages or _has_role(user, monitor.chosen.operator_role_ids)):
        return Level.OPERATOR

    return Level.VIEWER if manages or _has_role(user, monitor.chosen.viewer_role_ids) else Level.MEMBER


def may(interaction: discord.Interaction, monitor: Monitor, thing: str) -> bool:
    """Whether the one who acts may do this; what has no policy nobody may."""
    if thing in BEFORE_SETUP and not has_ops_guild(interaction.client, monitor):
        member = _installed_here(interaction) and isinstance(interaction.user, discord.Member)
        return member and interaction.user.id in monitor.settings.owner_ids + owners_of(interaction.client)

    return level_of(interaction, monitor) >= POLICY.get(thing, Level.NOBODY)


def thing_of(command: str, chosen: str) -> str:
    """What a command does with this choice: a thing of its own where the table has one, else the command."""
    return f"{command} {chosen}" if f"{command} {chosen}" in POLICY else command


def scope_of(interaction: discord.Interaction, monitor: Monitor) -> Scope:
    """Whose figures are shown: the whole bot's to owners in the ops guild, else this guild's alone."""
    if level_of(interaction, monitor) >= Level.OWNER:
        return Scope(None)

    return Scope(interaction.guild_id or 0)


def sees_host(interaction: discord.Interaction, monitor: Monitor) -> bool:
    """Whether host resources and cost are shown."""
    return level_of(interaction, monitor) >= Level.OWNER


def in_ops_guild(interaction: discord.Interaction, monitor: Monitor) -> bool:
    """Whether this happens in the guild of the ops channel, which may be a thread: archived ones are in no cache."""
    channel_id, guild = monitor.ops_channel_id, interaction.guild
    if channel_id is None or guild is None:
        return False

    return interaction.channel_id == channel_id or guild.get_channel_or_thread(channel_id) is not None


def has_ops_guild(client: discord.Client, monitor: Monitor) -> bool:
    """Whether an ops channel is chosen that the bot still sees."""
    return monitor.ops_channel_id is not None and client.get_channel(monitor.ops_channel_id) is not None


def owners_of(client: discord.Client) -> tuple[int, ...]:
    """The application's owner, or its team's admins and developers, as Discord told at login."""
    application = client.application
    if application is None:
        return ()

    if application.team is None:
        return (application.owner.id,)

    # Whoever was only invited, or may only read, owns nothing.
    roles = (discord.TeamMemberRole.admin, discord.TeamMemberRole.developer)
    joined = discord.TeamMembershipState.accepted
    members = application.team.members
    trusted = {member.id for member in members if member.role in roles and member.membership_state is joined}
    return tuple(trusted | ({application.team.owner_id} if application.team.owner_id else set()))


def _installed_here(interaction: discord.Interaction) -> bool:
    """Whether it comes from a guild that has this application: not from a private channel or somebody's own install."""
    if interaction.guild_id is None:
        return False

    return interaction.is_guild_integration() or interaction.client.get_guild(interaction.guild_id) is not None


def _has_role(user: discord.Member, role_ids: tuple[int, ...]) -> bool:
    # `Member.roles` knows only roles that the guild's cache knows too; these are the ones that Discord just sent.
    return any(user._roles.has(role_id) for role_id in role_ids)
