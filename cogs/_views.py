"""Buttons and menus that outlive a restart: what they need is in their id, and permission is tested at every click."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

import discord
from discord.ui import Button, DynamicItem, Item, Select, View

from monitoring.safe_text import plain_text
from monitoring.window import SPAN_WORDS

from ._autocomplete import MOST, value_of

PERSISTENT: list[type[DynamicItem[Any]]] = []
"""Every kind of button and menu; registered when the extension loads, taken back when it unloads."""

Anything = discord.Interaction[Any]


class Press(DynamicItem[Button[View]], template=r"mon:never"):
    """A button whose id says what it does: `parts` are the named groups of its template."""

    policy: ClassVar[str] = ""

    def __init__(self, custom_id: str, **look: Any) -> None:
        look.setdefault("label", "…")
        super().__init__(Button(custom_id=custom_id, **look))
        found = re.fullmatch(self.template, custom_id)
        self.parts: dict[str, str] = {key: part or "" for key, part in found.groupdict().items()} if found else {}

    @classmethod
    async def from_custom_id(cls, interaction: Anything, item: Item[Any], match: re.Match[str], /) -> Press:
        """The button that was pressed, read from its id."""
        return cls(match.string)


class Choice(DynamicItem[Select[View]], template=r"mon:never"):
    """A menu whose id says what it chooses; the first value chosen counts."""

    policy: ClassVar[str] = ""

    def __init__(self, custom_id: str, **look: Any) -> None:
        super().__init__(Select(custom_id=custom_id, **look))
        found = re.fullmatch(self.template, custom_id)
        self.parts: dict[str, str] = {key: part or "" for key, part in found.groupdict().items()} if found else {}

    @property
    def chosen(self) -> str:
        """What was chosen; "" for nothing."""
        return self.item.values[0] if self.item.values else ""

    @classmethod
    async def from_custom_id(cls, interaction: Anything, item: Item[Any], match: re.Match[str], /) -> Choice:
        """The menu that was used, read from its id."""
        return cls(match.string)


def persistent(kind: type[Any]) -> type[Any]:
    """Mark a kind of button or menu for registration."""
    PERSISTENT.append(kind)
    return kind


def view(*items: Item[Any] | None) -> View:
    """A view of these items. discord.py is not to keep it: every item carries what it needs and is registered."""
    result = View(timeout=None)
    for item in items:
        if item is not None:
            result.add_item(item)

    # Sent as it is, discord.py would register its items again, also where the extension was unloaded meanwhile.
    result.stop()
    return result


def window_options(current: str) -> list[discord.SelectOption]:
    """The windows to choose from, with the present one marked."""
    return [
        discord.SelectOption(label=words, value=name, default=name == current) for name, words in SPAN_WORDS.items()
    ]


def name_options(names: Sequence[str]) -> list[discord.SelectOption]:
    """Names to choose from, at most 25."""
    return [discord.SelectOption(label=plain_text(name, 100), value=value_of(name)) for name in names[:MOST]]
