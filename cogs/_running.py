"""Commands, components and modals between their begin and their end: how long they took, and how they ended."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import OrderedDict
from typing import Any, TypeAlias

import discord
from discord.ext import commands

from monitoring.model import CommandRan, ErrorKind
from monitoring.monitor import Monitor
from monitoring.recording.failure import classify

from ._facts import instant_of
from ._interactions import invoked, kind_of, name_of, pressed_in

MOST = 1000
FORGET_AFTER = 900.0
"""Seconds after which a command that never ended is forgotten: its token is spent."""
UNANSWERED = 4.0
"""Seconds after which a component that nobody answered has failed: Discord waits for three."""

Started: TypeAlias = discord.Interaction[Any] | commands.Context[Any]

log = logging.getLogger(__name__)
_COMMAND = discord.InteractionType.application_command


class Running:
    """What began and has not ended; the oldest of more than a thousand is forgotten."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._clock = monitor.clock
        self._began: OrderedDict[int, tuple[float, Started]] = OrderedDict()
        self._over: OrderedDict[int, None] = OrderedDict()
        """Ids of what ended lately: a quick failure is heard of before its begin, and a hybrid command ends twice."""
        self._failed: dict[int, float] = {}
        """Commands that seem to have failed, and since when: why may be told a moment later."""
        self._tasks: dict[int, tuple[asyncio.Task[Any], Any]] = {}
        """Tasks of components and modals, and what is called when one ends."""

    def used(self, context: commands.Context[Any]) -> None:
        """Note the begin of a prefix or hybrid command in a guild."""
        if _guild_id(context) is not None:
            self._note(_id(context), context)

    def asked(self, interaction: discord.Interaction[Any]) -> None:
        """Note the begin of a slash command, context menu, component or modal in a guild."""
        if interaction.guild_id is None:
            return

        if interaction.type is _COMMAND:
            self._note(interaction.id, interaction)
        elif kind_of(interaction) and interaction.id not in self._over:
            self._note(interaction.id, interaction)
            task, owner = pressed_in(interaction)
            if task is not None:
                call = functools.partial(self._task_ended, interaction, name_of(interaction, owner))
                self._tasks[interaction.id] = task, call
                task.add_done_callback(call)

    def ended(self, started: Started, name: str, *, error: ErrorKind | None = None, at: float | None = None) -> None:
        """Record how something ended, now or at a monotonic time; what ended already is left as it was."""
        guild_id, number = _guild_id(started), _id(started)
        kind = _kind(started)
        if guild_id is None or not kind or not name or number in self._over:
            return

        self._over[number] = None
        if len(self._over) > MOST:
            self._over.popitem(last=False)

        now = self._clock.monotonic() if at is None else at
        began, _ = self._began.pop(number, (now, started))
        self._failed.pop(number, None)
        user = started.user if isinstance(started, discord.Interaction) else started.author
        channel_id = started.channel_id if isinstance(started, discord.Interaction) else started.channel.id
        took = max(now - began, 0.0)
        # To ask about oneself is no sign of life: a deletion would bring back whom it deleted.
        user_id = 0 if "privacy" in name.split() else user.id
        self._monitor.recorder.record(
            CommandRan(name, kind, guild_id, channel_id or 0, user_id, instant_of(number), took, error)
        )

    def failed(self, started: Started, error: BaseException, owner: object = None) -> None:
        """Record that something failed with an exception; `owner` is the view or modal it belongs to."""
        self.ended(started, _name(started, owner), error=classify(_first_cause(error)))

    def sweep(self) -> None:
        """Record what ended without an event. Once a second.

        discord.py marks a failed slash command, and of a context menu only its task is gone. Why may be told by a
        handler of the host that is at work, so each is recorded by the second sweep that finds it, as of the first.
        """
        now = self._clock.monotonic()
        over = {_id(started): started for _, started in self._began.values() if started.command_failed}
        over |= {menu.id: menu for menu in self._menus_without_task(now)}
        for number, started in over.items():
            since = self._failed.setdefault(number, now)
            if since < now:
                self._end(started, ErrorKind.UNKNOWN, since)

        for number, (began, started) in [*self._began.items()]:
            if now - began > FORGET_AFTER:
                self._drop(number)
            elif isinstance(started, discord.Interaction) and _answered_elsewhere(started, number in self._tasks):
                self._end(started, None, now) if started.response.is_done() else self._unanswered(started, began, now)

    def close(self) -> None:
        """Forget everything, and let go of discord.py's tasks."""
        for task, call in self._tasks.values():
            task.remove_done_callback(call)

        self._tasks.clear()
        self._began.clear()
        self._failed.clear()

    def _note(self, number: int, started: Started) -> None:
        if number in self._over:
            return

        self._began.setdefault(number, (self._clock.monotonic(), started))
        if len(self._began) > MOST:
            self._drop(next(iter(self._began)))

    def _drop(self, number: int) -> None:
        del self._began[number]
        self._failed.pop(number, None)
        if number in self._tasks:
            task, call = self._tasks.pop(number)
            task.remove_done_callback(call)

    def _end(self, started: Started, error: ErrorKind | None, at: float) -> None:
        self.ended(started, _name(started), error=error, at=at)
        if _id(started) in self._began:
            self._drop(_id(started))

    def _task_ended(self, interaction: discord.Interaction[Any], name: str, task: asyncio.Task[Any]) -> None:
        """A callback of a component or modal returned, or discord.py's own task broke off.

        What returned without an answer may still get one in time: the sweep waits for it.
        """
        try:
            self._tasks.pop(interaction.id, None)
            # Asked by its method, the task would take its exception for seen, and asyncio would no longer tell of it.
            error = asyncio.CancelledError() if task.cancelled() else getattr(task, "_exception", None)
            if error is not None or interaction.response.is_done():
                self.ended(interaction, name, error=None if error is None else classify(error))
        except Exception:
            log.exception("The end of a component could not be recorded")

    def _menus_without_task(self, now: float) -> list[discord.Interaction[Any]]:
        """Context menus whose task has ended, though nothing was said of them for a second."""
        menus = [
            started
            for began, started in self._began.values()
            if isinstance(started, discord.Interaction) and now - began > 1 and kind_of(started) == "context_menu"
        ]
        alive = {menu.id for menu in invoked(menus)} if menus else set()
        return [menu for menu in menus if menu.id not in alive]

    def _unanswered(self, interaction: discord.Interaction[Any], began: float, now: float) -> None:
        if now - began > UNANSWERED:
            self._end(interaction, ErrorKind.TIMEOUT, began + UNANSWERED)


def _answered_elsewhere(interaction: discord.Interaction[Any], known: bool) -> bool:
    """Whether it is a component or modal without a task of discord.py's: the host answers it by a way of its own."""
    return interaction.type is not _COMMAND and not known


def _kind(started: Started) -> str:
    if isinstance(started, commands.Context):
        return "prefix" if started.interaction is None else kind_of(started.interaction)

    return kind_of(started)


def _name(started: Started, owner: object = None) -> str:
    if isinstance(started, discord.Interaction):
        return name_of(started, owner)

    return started.command.qualified_name if started.command else ""


def _id(started: Started) -> int:
    if isinstance(started, commands.Context):
        return started.message.id if started.interaction is None else started.interaction.id

    return started.id


def _guild_id(started: Started) -> int | None:
    if isinstance(started, discord.Interaction):
        return started.guild_id

    return started.guild.id if started.guild is not None else None


def _first_cause(error: BaseException) -> BaseException:
    """What a command raised; discord.py wraps it once, in hybrid commands twice."""
    inner = getattr(error, "original", None)
    return _first_cause(inner) if isinstance(inner, Exception) else error
