"""Forms: opened in the first answer to a command or click, read as plain texts, and never lost by a mistake."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord.ui import Label, Modal, TextInput

from monitoring.monitor import Monitor

from ._answer import Reply, answer, desk_of, excuse, refuse
from ._format import cut
from ._permissions import may
from ._stale import form_id

Anything = discord.Interaction[Any]
Texts = dict[str, str]
OPENED_WITHIN = 2.5
"""Seconds; Discord takes the first answer for 3 s, and a form can only be the first."""
LONGEST = 4000


class Form(Modal):
    """A form of texts; what was typed goes to `use`, which answers the one who sent it."""

    def __init__(
        self,
        title: str,
        policy: str,
        use: Callable[[Monitor, Anything, Texts], Awaitable[Reply]],
        *,
        edit: bool = False,
        chart: bool = False,
    ) -> None:
        super().__init__(title=cut(title, 45), timeout=None, custom_id=form_id())
        self._policy = policy
        self._use = use
        self._edit = edit
        self._chart = chart
        self._inputs: dict[str, TextInput[Form]] = {}

    def ask(
        self, name: str, label: str, value: str, *, hint: str = "", long: bool = False, needed: bool = False
    ) -> None:
        """Add one text, filled in with what is known."""
        style = discord.TextStyle.paragraph if long else discord.TextStyle.short
        most = LONGEST if long else 200
        entry: TextInput[Form] = TextInput(
            style=style, custom_id=name, default=cut(value, most) or None, required=needed, max_length=most
        )
        self._inputs[name] = entry
        self.add_item(Label(text=label, description=hint or None, component=entry))

    @property
    def texts(self) -> Texts:
        """What was typed, by name."""
        return {name: (entry.value or "").strip() for name, entry in self._inputs.items()}

    async def on_submit(self, interaction: Anything, /) -> None:
        """Test again who sends it, and answer."""
        await answer(
            interaction,
            self._policy,
            lambda monitor: self._use(monitor, interaction, self.texts),
            ephemeral=True,
            edit=self._edit,
            chart=self._chart,
        )


async def open_form(interaction: Anything, thing: str, make: Callable[[Monitor], Awaitable[Form]]) -> None:
    """Show a form to one who may do `thing`. Raises nothing."""
    try:
        desk = desk_of(interaction.client)
        if desk is None or not may(interaction, desk.monitor, thing):
            await refuse(interaction)
            return

        async with asyncio.timeout(OPENED_WITHIN):
            await interaction.response.send_modal(await make(desk.monitor))
    except Exception as error:
        # The host's own error handler must not meet errors of ours; CancelledError passes.
        await excuse(interaction, error)
