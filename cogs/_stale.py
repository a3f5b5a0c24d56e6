"""Buttons and forms that nothing answers to any more: those of another version, and forms of before a restart."""

from __future__ import annotations

import secrets
from typing import Any

import discord

from ._answer import excuse, refuse
from ._interactions import OURS
from ._views import PERSISTENT

FORM = f"{OURS}form:"
_MINE = f"{FORM}{secrets.token_hex(4)}:"
"""How the ids of forms begin that this process opens: discord.py knows no others."""


def form_id() -> str:
    """An id for a new form."""
    return f"{_MINE}{secrets.token_hex(4)}"


async def turn_away(interaction: discord.Interaction[Any]) -> None:
    """Refuse it in the usual words, if it is stale. Raises nothing."""
    try:
        if stale(interaction):
            await refuse(interaction)
    except Exception as error:
        # The host's own error handler must not meet errors of ours; CancelledError passes.
        await excuse(interaction, error)


def stale(interaction: discord.Interaction[Any]) -> bool:
    """Whether it bears our mark, though no button, menu or form of ours takes it."""
    data: Any = interaction.data
    custom_id = str(data.get("custom_id", "")) if isinstance(data, dict) else ""
    if interaction.type is discord.InteractionType.modal_submit:
        return custom_id.startswith(FORM) and not custom_id.startswith(_MINE)

    if interaction.type is not discord.InteractionType.component or not custom_id.startswith(OURS):
        return False

    return not any(kind.__discord_ui_compiled_template__.fullmatch(custom_id) for kind in PERSISTENT)
