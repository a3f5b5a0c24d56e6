"""`/monitoring forget`: an owner deletes what is stored about somebody who asked for it, or left."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import discord
from discord import ButtonStyle

from monitoring.monitor import Monitor
from monitoring.rows import Forgotten

from ._answer import Reply, answer
from ._deeds import noted
from ._privacy_embeds import ask_embed, deleted_embed, kept_embed, no_id_embed, number
from ._views import Press, persistent, view

Anything = discord.Interaction[Any]
USER = r"(?P<user>\d{15,20})"
_MENTION = re.compile(r"\s*(?:<@!?)?(\d{15,20})>?\s*")


async def forget_page(monitor: Monitor, user: discord.abc.User | None, typed: str) -> Reply:
    """What would be deleted about a person, with a button that does it."""
    found = _MENTION.fullmatch(typed)
    user_id = user.id if user is not None else int(found[1]) if found is not None else None
    if user_id is None:
        return Reply(no_id_embed())

    rows = await monitor.privacy.rows(user_id)
    shown = ask_embed(rows, of_you=False)
    if not any((rows.messages, rows.presences, rows.named_by)):
        return Reply(shown)

    shown.add_field(name="Who", value=f"<@{user_id}>", inline=False)
    return Reply(
        shown,
        view=view(
            ForgetSure(f"mon:forget:{user_id}:sure", label="Delete it all", style=ButtonStyle.danger),
            ForgetNot("mon:forget:keep", label="Keep it", style=ButtonStyle.secondary),
        ),
    )


@persistent
class ForgetSure(Press, template=rf"mon:forget:{USER}:sure"):
    """Deletes what is stored about one person."""

    policy: ClassVar[str] = "monitoring:forget"

    async def callback(self, interaction: Anything) -> None:
        """Delete it; written down is that it was done, not to whom."""
        user_id, who = int(self.parts["user"]), interaction.user.display_name

        async def make(monitor: Monitor) -> Reply:
            gone = await monitor.privacy.delete(user_id)
            await noted(monitor, "forget", who, f"Deleted what was stored about one person: {_counted(gone)}.")
            out = monitor.privacy.opted_out(user_id)
            return Reply(deleted_embed(gone, monitor.clock.now(), of_you=False, opted_out=out), view=view())

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class ForgetNot(Press, template=r"mon:forget:keep"):
    """Leaves everything as it is."""

    policy: ClassVar[str] = "monitoring:forget"

    async def callback(self, interaction: Anything) -> None:
        """Say so."""

        async def make(_: Monitor) -> Reply:
            return Reply(kept_embed(), view=view())

        await answer(interaction, self.policy, make, edit=True, chart=False)


def _counted(gone: Forgotten) -> str:
    return ", ".join((number(gone.messages, "message"), number(gone.hours, "hour"), number(gone.named, "mention")))
