"""The steps of the setup by name, and the buttons that lead from one to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import discord
from discord import ButtonStyle

from monitoring.monitor import Monitor

from ._answer import Reply, answer
from ._views import Press, persistent

STEPS: dict[str, Callable[[Monitor], Reply]] = {}
"""What each step shows; filled by where they are made."""


@persistent
class ToStep(Press, template=r"mon:setup:to:(?P<step>place|roles|personas|done)"):
    """Goes to a step."""

    policy: ClassVar[str] = "monitoring:setup"

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show it in the place of this one."""
        step = STEPS[self.parts["step"]]

        async def make(monitor: Monitor) -> Reply:
            return step(monitor)

        await answer(interaction, self.policy, make, edit=True, chart=False)


def to(step: str, label: str, *, primary: bool = False) -> ToStep:
    """The button that leads to a step."""
    style = ButtonStyle.primary if primary else ButtonStyle.secondary
    return ToStep(f"mon:setup:to:{step}", label=label, style=style)
