"""Commands between their begin and their end: how long they took, and how they ended."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, TypeAlias

import discord
from discord.ext import commands

from monitoring.interfaces import Clock
from monitoring.model import CommandRan, ErrorKind
from monitoring.monitor import Monitor

from ._facts import instant_of

MOST = 1000
FORGET_AFTER = 900.0
"""Seconds after which a command that never ended is forgotten: its token is spent."""

Started: TypeAlias = discord.Interaction[Any] | commands.Context[Any]


class Running:
    """What began and has not ended; the oldest of more than a thousand is forgotten."""

    def __init__(self) -> None:
        self._began: OrderedDict[int, tuple[float, Started]] = OrderedDict()
        self._over: OrderedDict[int, None] = OrderedDict()
        """Ids of what ended lately: a quick failure is heard of before its begin, and a hybrid command ends twice."""

    def began(self, started: Started, clock: Clock) -> None:
        """Note the begin of a slash or prefix command in a guild; other interactions are no commands."""
        if _guild_id(started) is None or not _is_command(started) or _id(started) in self._over:
            return

        self._began.setdefault(_id(started), (clock.monotonic(), started))
        if len(self._began) > MOST:
            self._began.popitem(last=False)

    def ended(self, started: Started, monitor: Monitor, name: str, *, error: ErrorKind | None = None) -> None:
        """Record how a command ended; what ended already is left as it was."""
        guild_id, number = _guild_id(started), _id(started)
        if guild_id is None or not name or number in self._over:
            return

        self._over[number] = None
        if len(self._over) > MOST:
            self._over.popitem(last=False)

        slash = isinstance(started, discord.Interaction) or started.interaction is not None
        now = monitor.clock.monotonic()
        began, _ = self._began.pop(number, (now, started))
        user = started.user if isinstance(started, discord.Interaction) else started.author
        channel_id = started.channel_id if isinstance(started, discord.Interaction) else started.channel.id
        monitor.recorder.record(
            CommandRan(
                name,
                "slash" if slash else "prefix",
                guild_id,
                channel_id or 0,
                user.id,
                instant_of(number),
                max(now - began, 0.0),
                error,
            )
        )

    def sweep(self, monitor: Monitor) -> None:
        """Record what failed without an event: discord.py tells of no failed slash command, only marks it."""
        now = monitor.clock.monotonic()
        for started in [started for _, started in self._began.values() if started.command_failed]:
            command = started.command
            self.ended(started, monitor, command.qualified_name if command else "", error=ErrorKind.UNKNOWN)
            self._began.pop(_id(started), None)

        for key in [key for key, (began, _) in self._began.items() if now - began > FORGET_AFTER]:
            del self._began[key]


def _is_command(started: Started) -> bool:
    return isinstance(started, commands.Context) or started.type is discord.InteractionType.application_command


def _id(started: Started) -> int:
    if isinstance(started, commands.Context):
        return started.message.id if started.interaction is None else started.interaction.id

    return started.id


def _guild_id(started: Started) -> int | None:
    if isinstance(started, discord.Interaction):
        return started.guild_id

    return started.guild.id if started.guild is not None else None
