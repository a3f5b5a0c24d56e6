"""The ops channel as a notifier: one message per incident, edited as it lives; digests and plain sentences."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any, TypeVar

import discord

from monitoring.analysis.incident_card import Card
from monitoring.errors import DeliveryError, UnknownName
from monitoring.incident import Notice
from monitoring.monitor import Monitor

from ._answer import SILENT, Reply, drawn, picture_file
from ._digest_embed import digest_embed
from ._format import cut
from ._incident_embed import ping_text, recovery_text
from ._late_embed import late_embed, late_numbers
from .alerts import card_reply

log = logging.getLogger(__name__)
SEND_WITHIN = 20.0
"""Seconds for one call to Discord; discord.py alone would retry for longer, or sleep through a rate limit."""
TRANSIENT = {408, 425, 429}
UNKNOWN_MESSAGE = 10008
LONGEST = 2000
FILE_LIMIT = 10 * 1024 * 1024
Result = TypeVar("Result")


class OpsChannel:
    """Tells notices in the ops channel. Raises DeliveryError; telling the same notice again does not tell it twice."""

    name = "discord"

    def __init__(self, client: discord.Client, monitor: Monitor, *, within: float = SEND_WITHIN) -> None:
        self._client = client
        self._monitor = monitor
        self._within = within

    async def deliver(self, notice: Notice) -> None:
        """Tell it, or raise DeliveryError saying whether trying again is of use."""
        tell = {
            "incident": self._incident,
            "recovery": self._recovery,
            "digest": self._digest,
            "late": self._late,
            "message": self._message,
        }.get(notice.kind)
        if tell is None:
            raise DeliveryError(f"Discord cannot tell a notice of kind {notice.kind}.", permanent=True)

        await tell(notice)

    async def _incident(self, notice: Notice) -> None:
        """Show the incident as it stands now; ping where it opened critical or became so."""
        card = await self._card(notice)
        ping = bool(notice.body.get("ping"))
        reply = await card_reply(self._monitor, card)
        if await self._edit(card, reply):
            if ping:
                # An edit pings nobody, so what became critical is said once more, below its message.
                await self._post(notice, Reply(discord.Embed()), content=ping_text(card), ping=True, below=card)

            return

        if not notice.body.get("quiet"):
            await self._open(notice, card, reply, ping=ping)

    async def _open(self, notice: Notice, card: Card, reply: Reply, *, ping: bool) -> None:
        """Post the incident's message, and remember where it is."""
        message = await self._post(notice, reply, content=ping_text(card) if ping else "", ping=ping)
        await self._monitor.told(card.incident.number, channel_id=message.channel.id, message_id=message.id)

    async def _recovery(self, notice: Notice) -> None:
        """Show that it is over in its message, and say so briefly below it without a sound."""
        card = await self._card(notice)
        await self._edit(card, await card_reply(self._monitor, card))
        if not notice.body.get("quiet"):
            await self._post(notice, Reply(discord.Embed()), content=recovery_text(card), below=card, silent=True)

    async def _digest(self, notice: Notice) -> None:
        """The digest of a local date with its picture."""
        digest = await self._monitor.digest(str(notice.body["date"]))
        picture = None if digest.quiet else await drawn(self._monitor, "overview", digest.overview)
        await self._post(notice, Reply(digest_embed(digest, late=bool(notice.body.get("late"))), picture))

    async def _late(self, notice: Notice) -> None:
        """What opened and closed while nothing could be sent, in one message; messages of before show the end too."""
        await self._post(notice, Reply(late_embed(notice.body)), silent=True)
        for number in late_numbers(notice.body):
            try:
                card = await self._monitor.card(number)
                await self._edit(card, await card_reply(self._monitor, card))
            except (DeliveryError, UnknownName) as error:
                # The news is told; an old message that cannot be edited must not have it told again.
                log.warning("The message of incident %d could not be brought up to date: %s", number, error)

    async def _message(self, notice: Notice) -> None:
        """A plain sentence."""
        await self._post(notice, Reply(discord.Embed()), content=str(notice.body.get("text", "")))

    async def _card(self, notice: Notice) -> Card:
        number = notice.body.get("number", notice.subject)
        try:
            return await self._monitor.card(int(str(number)))
        except UnknownName as error:
            raise DeliveryError(f"Incident {number} is not known any more.", permanent=True) from error

    async def _edit(self, card: Card, reply: Reply) -> bool:
        """Edit the incident's message; False where there is none, or somebody deleted it."""
        incident = card.incident
        if incident.message_id is None or incident.channel_id is None:
            return False

        files = _files(reply)
        channel = self._client.get_partial_messageable(incident.channel_id)
        message = channel.get_partial_message(incident.message_id)
        try:
            await self._in_time(
                message.edit(
                    content=ping_text(card) if card.face == "critical" else None,
                    embed=reply.embed,
                    attachments=files,
                    view=reply.view,
                    allowed_mentions=SILENT,
                )
            )
        except DeliveryError as error:
            if isinstance(error.__cause__, discord.NotFound):
                return False

            raise

        return True

    async def _post(
        self,
        notice: Notice,
        reply: Reply,
        *,
        content: str = "",
        ping: bool = False,
        below: Card | None = None,
        silent: bool = False,
    ) -> discord.Message:
        """Send one message that bears the notice's nonce, so that a second try is not a second message."""
        channel_id = below.incident.channel_id if below is not None else None
        channel_id = channel_id or self._monitor.ops_channel_id
        if channel_id is None:
            raise DeliveryError("No ops channel is set: ALERT_DISCORD_CHANNEL_ID.", permanent=True)

        roles = self._monitor.settings.ping_role_ids if ping else ()
        extra: dict[str, Any] = {"embed": reply.embed} if reply.embed else {}
        files = _files(reply)
        if files:
            extra["files"] = files

        if reply.view is not None:
            extra["view"] = reply.view

        channel = self._client.get_partial_messageable(channel_id)
        if below is not None and below.incident.message_id is not None:
            extra["reference"] = discord.MessageReference(
                message_id=below.incident.message_id, channel_id=channel_id, fail_if_not_exists=False
            )

        mentions = discord.AllowedMentions.none()
        mentions.roles = [discord.Object(role_id) for role_id in roles] if roles else False
        text = " ".join([*(f"<@&{role_id}>" for role_id in roles), content]).strip()
        return await self._in_time(
            channel.send(
                cut(text, LONGEST) or None, nonce=notice.nonce, silent=silent, allowed_mentions=mentions, **extra
            )
        )

    async def _in_time(self, call: Awaitable[Result]) -> Result:
        """Await one call to Discord within the time limit; what goes wrong becomes a DeliveryError."""
        try:
            async with asyncio.timeout(self._within):
                return await call
        except discord.RateLimited as error:
            raise DeliveryError("Discord limits the rate.", retry_after=error.retry_after) from error
        except discord.HTTPException as error:
            permanent = 400 <= error.status < 500 and error.status not in TRANSIENT
            text = f"Discord answered {error.status} ({error.code})."
            raise DeliveryError(text, permanent=permanent, retry_after=_retry_after(error)) from error
        except TimeoutError as error:
            raise DeliveryError(f"Discord did not answer within {self._within:g} s.") from error
        except Exception as error:
            # Cut connections raise whatever the HTTP library calls them; none of them is the notice's fault.
            raise DeliveryError(f"Discord cannot be reached ({type(error).__name__}).") from error


def _files(reply: Reply) -> list[discord.File]:
    """The reply's chart as an attachment, shown in its embed."""
    if reply.picture is None or len(reply.picture.png) > FILE_LIMIT:
        return []

    reply.embed.set_image(url=f"attachment://{reply.picture.name}")
    return [picture_file(reply.picture)]


def _retry_after(error: discord.HTTPException) -> float | None:
    """What a 429 says of when to come back, in seconds."""
    try:
        return float(error.response.headers["Retry-After"]) if error.status == 429 else None
    except (KeyError, ValueError):
        return None
