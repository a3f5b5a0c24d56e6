"""One way to answer for all commands, buttons and menus: test, defer, ask, show; failures become one friendly line."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import discord
from discord.ext import commands

from monitoring.errors import ChartError, StoreError, UnknownName
from monitoring.monitor import Monitor
from monitoring.picture import Picture

from ._embeds import REFUSAL, busy_embed
from ._format import cut
from ._known import Known
from ._pace import Pace
from ._permissions import may

log = logging.getLogger(__name__)
SILENT = discord.AllowedMentions.none()
ALT_LIMIT = 1024
ANSWER_WITHIN = 30.0
"""Seconds for figures and chart together; then the one who asked is told that the store is busy."""
FIRST_WITHIN, TOLD_WITHIN = 5.0, 20.0
"""Seconds for the first answer, which Discord takes for 3 s, and for what follows it."""
ANSWERED = 40060
"""Discord's code for an interaction that has been answered already."""
DESK = "Greenroom"
"""The name of the cog that holds the Monitor."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is shown: an embed, its chart if it could be drawn, what can be pressed below, and a file to take away."""

    embed: discord.Embed
    picture: Picture | None = None
    view: discord.ui.View | None = None
    document: tuple[str, bytes] | None = None
    """Its name and what is in it."""


class Desk(commands.Cog, name=DESK):
    """Holds what all cogs share: the Monitor, the names that each guild knows, and the pace of charts."""

    def __init__(self, bot: commands.Bot, monitor: Monitor) -> None:
        self.bot = bot
        self.monitor = monitor
        self.known = Known(monitor)
        self.pace = Pace()


def desk_of(client: discord.Client) -> Desk | None:
    """The cog that holds the Monitor; None where it is not loaded."""
    # A bot in shards is no `commands.Bot`; both have cogs.
    desk = client.get_cog(DESK) if isinstance(client, (commands.Bot, commands.AutoShardedBot)) else None
    return desk if isinstance(desk, Desk) else None


Make = Callable[[Monitor], Awaitable[Reply]]


async def answer(
    interaction: discord.Interaction[Any],
    thing: str,
    make: Make,
    *,
    ephemeral: bool = False,
    edit: bool = False,
    chart: bool = True,
    within: float = ANSWER_WITHIN,
) -> None:
    """Test whether `thing` is allowed, defer, make the reply and show it; `edit` shows it in the pressed message.

    Raises nothing: what fails becomes one friendly line for the one who asked, and a traceback in the log.
    """
    try:
        desk = desk_of(interaction.client)
        if desk is None or not may(interaction, desk.monitor, thing):
            await refuse(interaction)
            return

        wait = desk.pace.wait(interaction.guild_id or 0, desk.monitor.clock.monotonic()) if chart else 0
        if wait:
            await say(interaction, f"That was a lot of charts at once. Try again in {wait:.0f} s.")
            return

        await _defer(interaction, ephemeral=ephemeral, thinking=not edit)
        reply = await _in_time(make(desk.monitor), within)
        async with asyncio.timeout(TOLD_WITHIN):
            await show(interaction, reply)
    except Exception as error:
        # The host's own error handler must not meet errors of ours; CancelledError passes.
        await excuse(interaction, error)


async def _defer(interaction: discord.Interaction[Any], *, ephemeral: bool, thinking: bool) -> None:
    """Answer that the answer comes; without `thinking` it comes in place of the message that was pressed."""
    try:
        async with asyncio.timeout(FIRST_WITHIN):
            await interaction.response.defer(ephemeral=ephemeral and thinking, thinking=thinking)
    except discord.HTTPException as error:
        # discord.py tries again where the reply to its first try was lost; Discord has had the answer by then.
        if error.code != ANSWERED:
            raise


async def _in_time(making: Awaitable[Reply], within: float) -> Reply:
    """The reply; StoreError where it takes too long."""
    try:
        async with asyncio.timeout(within):
            return await making
    except TimeoutError as error:
        raise StoreError(f"no answer within {within:g} s") from error


async def show(interaction: discord.Interaction[Any], reply: Reply) -> None:
    """Put the reply into the deferred answer, or in place of the message whose button was pressed."""
    files = [picture_file(reply.picture)] if fits(reply.picture, interaction.filesize_limit) else []
    if files:
        reply.embed.set_image(url=f"attachment://{files[0].filename}")

    if reply.document is not None:
        name, content = reply.document
        files.append(discord.File(io.BytesIO(content), filename=name))

    await interaction.edit_original_response(
        embed=reply.embed, attachments=files, view=reply.view, allowed_mentions=SILENT
    )


def picture_file(picture: Picture | None) -> discord.File:
    """A chart as an attachment with its alt text."""
    assert picture is not None, "asked only where there is one"
    return discord.File(io.BytesIO(picture.png), filename=picture.name, description=cut(picture.alt, ALT_LIMIT))


def fits(picture: Picture | None, limit: int) -> bool:
    """Whether there is a picture, and Discord takes one of its size."""
    return picture is not None and len(picture.png) <= limit


async def drawn(monitor: Monitor, kind: str, value: object) -> Picture | None:
    """The chart, or None if it cannot be drawn: then the text goes out without it."""
    try:
        return await monitor.chart(kind, value, theme=monitor.settings.chart_theme)
    except ChartError as error:
        log.warning("The chart %s could not be drawn: %s", kind, error)
        return None


async def refuse(interaction: discord.Interaction[Any]) -> None:
    """Say that it is not there, or not for the one who asked."""
    await say(interaction, REFUSAL)


async def say(interaction: discord.Interaction[Any], text: str, embed: discord.Embed | None = None) -> None:
    """A short answer that only the one who asked sees, whatever was deferred before."""
    extra: dict[str, Any] = {"embed": embed} if embed is not None else {}
    if not interaction.response.is_done():
        try:
            await interaction.response.send_message(text or None, ephemeral=True, allowed_mentions=SILENT, **extra)
            return
        except discord.HTTPException as error:
            if error.code != ANSWERED:
                raise

    if interaction.type is discord.InteractionType.application_command:
        # A deferred answer is public or not from its start: it goes, so that the failure is not shown to all.
        with contextlib.suppress(discord.HTTPException):
            await interaction.delete_original_response()

    await interaction.followup.send(text, ephemeral=True, allowed_mentions=SILENT, **extra)


async def excuse(interaction: discord.Interaction[Any], error: Exception) -> None:
    """Tell the one who asked in one line; the log has the rest under the same short number. Raises nothing."""
    interaction.command_failed = True
    error = getattr(error, "original", error)
    number = secrets.token_hex(2)
    try:
        async with asyncio.timeout(TOLD_WITHIN):
            await _excuse(interaction, error, number)
    except Exception:
        # Discord itself is out of reach, or the token is spent: there is nobody left to tell.
        log.warning("Error %s could not be told", number, exc_info=True)


async def _excuse(interaction: discord.Interaction[Any], error: Exception, number: str) -> None:
    if isinstance(error, UnknownName):
        await refuse(interaction)
    elif isinstance(error, (TimeoutError, discord.NotFound)):
        # Answered too late, or what was answered to is gone: nobody looks there any more.
        log.warning("Error %s: Discord did not take an answer: %s", number, error)
    elif isinstance(error, StoreError):
        log.warning("Error %s: the store did not answer: %s", number, error)
        await say(interaction, "", busy_embed(number))
    else:
        log.error("Error %s in an answer", number, exc_info=error)
        await say(interaction, f"I could not answer that. The log says why, under error `{number}`.")
