"""`/privacy export`, `opt-out`, `opt-in` and `delete`: answers, and the buttons below them that are one person's."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any, ClassVar

import discord
from discord import ButtonStyle

from monitoring.errors import StoreError
from monitoring.forgetting import handed_out
from monitoring.monitor import Monitor
from monitoring.rows import PersonRows

from ._answer import Reply, answer, desk_of, refuse
from ._privacy_embeds import ask_embed, deleted_embed, export_embed, kept_embed, opted_in_embed, opted_out_embed
from ._views import Press, persistent, view

Anything = discord.Interaction[Any]
KEY = r"(?P<key>[0-9a-f]{12})"
"""By which a button is known to be one person's."""
_SPARE = 64 * 1024
"""Bytes of an upload that are not the file."""


class Own(Press, template=r"mon:privacy:never"):
    """A button about one person, which nobody else can press, even where somebody made a copy of it."""

    thing: ClassVar[str] = ""

    async def callback(self, interaction: Anything) -> None:
        """Do it for the one whom it is about."""
        desk, user_id = desk_of(interaction.client), interaction.user.id
        if desk is None or not compare_digest(desk.monitor.privacy.mark(user_id, self.thing), self.parts["key"]):
            await refuse(interaction)
            return

        await answer(interaction, self.policy, lambda m: self.make(m, user_id), edit=True, chart=False)

    async def make(self, monitor: Monitor, user_id: int) -> Reply:
        """What is shown then."""
        raise NotImplementedError  # each kind has its own


@persistent
class DeleteSure(Own, template=rf"mon:privacy:{KEY}:delete"):
    """Deletes everything about the one who presses it."""

    policy: ClassVar[str] = "privacy:delete"
    thing: ClassVar[str] = "delete"

    async def make(self, monitor: Monitor, user_id: int) -> Reply:
        """What was deleted."""
        gone = await monitor.privacy.delete(user_id)
        out = monitor.privacy.opted_out(user_id)
        shown = deleted_embed(gone, monitor.clock.now(), of_you=True, opted_out=out)
        return Reply(shown, view=view(None if out else _opt_out(monitor, user_id)))


@persistent
class DeleteNot(Own, template=rf"mon:privacy:{KEY}:keep"):
    """Leaves everything as it is."""

    policy: ClassVar[str] = "privacy:keep"
    thing: ClassVar[str] = "keep"

    async def make(self, monitor: Monitor, user_id: int) -> Reply:
        """That nothing happened."""
        return Reply(kept_embed(), view=view())


@persistent
class OptOut(Own, template=rf"mon:privacy:{KEY}:opt_out"):
    """Keeps the one who presses it out of the recording from now on."""

    policy: ClassVar[str] = "privacy:opt_out"
    thing: ClassVar[str] = "opt_out"

    async def make(self, monitor: Monitor, user_id: int) -> Reply:
        """That it is so."""
        return await opt_out_page(monitor, user_id)


async def export_page(monitor: Monitor, user_id: int, limit: int) -> Reply:
    """Every row about this person as a file; `limit`: bytes that Discord takes."""
    rows = await monitor.privacy.rows(user_id)
    stored_as, now = monitor.user_hash.of(user_id), monitor.clock.now()
    kept = {"messages": monitor.settings.metrics_retention_days, "presences": 90, "backups": 7}
    told = handed_out(rows, stored_as=stored_as, at=now, opted_out=monitor.privacy.opted_out(user_id), kept=kept)
    content = json.dumps(told, ensure_ascii=False, indent=1).encode()
    name = f"about-you-{datetime.fromtimestamp(now / 1000, UTC):%Y%m%d-%H%M%S}.json"
    if len(content) > limit - _SPARE:
        name, content = f"{name}.gz", gzip.compress(content)

    return Reply(export_embed(rows, name=name, stored_as=stored_as), document=(name, content))


async def delete_page(monitor: Monitor, user_id: int) -> Reply:
    """What would be deleted, with a button that does it."""
    rows = await monitor.privacy.rows(user_id)
    if not _any(rows):
        return Reply(ask_embed(rows))

    mark = monitor.privacy.mark
    return Reply(
        ask_embed(rows),
        view=view(
            DeleteSure(
                f"mon:privacy:{mark(user_id, 'delete')}:delete", label="Delete it all", style=ButtonStyle.danger
            ),
            DeleteNot(f"mon:privacy:{mark(user_id, 'keep')}:keep", label="Keep it", style=ButtonStyle.secondary),
        ),
    )


async def opt_out_page(monitor: Monitor, user_id: int) -> Reply:
    """Opt out, and offer to delete what was stored before."""
    already = monitor.privacy.opted_out(user_id)
    await monitor.privacy.opt_out(user_id)
    try:
        rows = await monitor.privacy.rows(user_id)
    except StoreError:
        # It holds all the same, and is what was asked for; what is stored can be looked at later.
        rows = PersonRows()

    stored = len(rows.messages) + len(rows.presences) + len(rows.named_by)
    custom_id = f"mon:privacy:{monitor.privacy.mark(user_id, 'delete')}:delete"
    button = DeleteSure(custom_id, label="Delete that too", style=ButtonStyle.danger) if stored else None
    return Reply(opted_out_embed(already=already, stored=stored), view=view(button))


async def opt_in_page(monitor: Monitor, user_id: int) -> Reply:
    """Opt in again."""
    before = monitor.privacy.opted_out(user_id)
    await monitor.privacy.opt_in(user_id)
    return Reply(opted_in_embed(before=before, raw_days=monitor.settings.metrics_retention_days, hour_days=90))


def _opt_out(monitor: Monitor, user_id: int) -> OptOut:
    custom_id = f"mon:privacy:{monitor.privacy.mark(user_id, 'opt_out')}:opt_out"
    return OptOut(custom_id, label="Record nothing more of me", style=ButtonStyle.secondary)


def _any(rows: PersonRows) -> bool:
    return bool(rows.messages or rows.presences or rows.named_by)
