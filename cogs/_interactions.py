"""What an interaction is: its kind, a name for it that no user chose, and the task in which discord.py answers it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any

import discord

Interaction = discord.Interaction[Any]

OURS = "mon:"
"""How the ids of the buttons and menus of this extension begin."""
LONGEST = 40
"""Characters of a name."""
_COMMAND, _COMPONENT = discord.InteractionType.application_command, discord.InteractionType.component
_MODAL = discord.InteractionType.modal_submit
_FIRST = re.compile(r"[A-Za-z0-9_-]+")
_PART = re.compile(r"[_-]+")
_WORD = re.compile(r"(?![0-9a-f]{8})[A-Za-z]+")
"""Part of a name that somebody wrote; what has digits or looks like a random number was made."""
_INVOKER = "CommandTree-invoker"
"""What discord.py calls the task of an application command."""


def kind_of(interaction: Interaction) -> str:
    """The kind that it is recorded as: slash, context_menu, component, modal; "" for others, and for our buttons."""
    if interaction.type is _COMMAND:
        return "slash" if _data(interaction).get("type", 1) == 1 else "context_menu"

    if interaction.type is not _COMPONENT and interaction.type is not _MODAL:
        return ""

    ours = str(_data(interaction).get("custom_id", "")).startswith(OURS)
    return "" if ours else "component" if interaction.type is _COMPONENT else "modal"


def name_of(interaction: Interaction, owner: object = None) -> str:
    """A command's name, or the first word of a custom id; "" where there is no such command.

    Where that word is a number or made at random, the class of `owner`, its view or modal, stands for it.
    """
    if interaction.type is _COMMAND:
        command = interaction.command
        return command.qualified_name if command is not None else ""

    word = first_word(str(_data(interaction).get("custom_id", "")))
    return word if word != "*" or owner is None else type(owner).__name__[:LONGEST]


def first_word(custom_id: str) -> str:
    """The word that a custom id begins with: "vote:123" is "vote", "page_2" is "page_*", "123:vote" is "*".

    What differs from one message or user to the next is left out, so that there are few names, and none private.
    """
    found = _FIRST.match(custom_id)
    words = []
    for part in _PART.split(found[0]) if found is not None else ():
        if part and (not _WORD.fullmatch(part) or len(part) > LONGEST):
            words.append("*")
            break

        words.append(part)

    name = "_".join(word for word in words if word)
    return name if 0 < len(name) <= LONGEST else "*"


def pressed_in(interaction: Interaction) -> tuple[asyncio.Task[Any] | None, object]:
    """The task that runs the callback of a component or modal, if it still does, and its view or modal.

    discord.py keeps these tasks in a set of its own. Where it no longer does, none is found, and that is all.
    """
    store = getattr(interaction._state, "_view_store", None)
    for task in tuple(getattr(store, "_ViewStore__tasks", ())):
        seen = _locals(task)
        if seen.get("interaction") is interaction:
            return task, owner_in(seen)

    return None, None


def owner_in(seen: dict[str, Any]) -> object:
    """The view or modal among the variables of one of discord.py's functions; None if there is none."""
    found = seen.get("self")
    return found if isinstance(found, discord.ui.View | discord.ui.LayoutView | discord.ui.Modal) else None


def invoked(interactions: Iterable[Interaction]) -> Iterator[Interaction]:
    """Those of application commands whose task still runs. Looks at every task of the loop: not for each event."""
    wanted = {id(interaction): interaction for interaction in interactions}
    for task in asyncio.all_tasks():
        if task.get_name() == _INVOKER:
            found = wanted.get(id(_locals(task).get("interaction")))
            if found is not None:
                yield found


def _locals(task: asyncio.Task[Any]) -> dict[str, Any]:
    """Variables of the function that a task runs; none once it has ended."""
    frame: FrameType | None = getattr(task.get_coro(), "cr_frame", None)
    return dict(frame.f_locals) if frame is not None else {}


def _data(interaction: Interaction) -> dict[str, Any]:
    data: Any = interaction.data
    return data if isinstance(data, dict) else {}
